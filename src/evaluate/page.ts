/** An evaluation as one page without script, in the style of the report. What failed comes first. */
import { scaleLinear } from 'd3-scale'
import { bottomAxis, figure, leftAxis } from '../reports/html/chart.ts'
import { html, type Markup, textOf } from '../reports/html/markup.ts'
import { pageStyle } from '../reports/html/page-style.ts'
import type { Curves, Interval } from './curves.ts'
import type { Evaluation } from './evaluate.ts'
import type { ExplainedAlarm, ExplainedMiss, Reason } from './why.ts'
import type { Timed } from './windows.ts'

export interface WholeEvaluation {
  readonly evaluation: Evaluation
  readonly curves: Curves
  /** The same for each peer, by name. */
  readonly peerCurves: readonly { readonly name: string; readonly curves: Curves }[]
  readonly timed: Timed
  readonly misses: readonly ExplainedMiss[]
  readonly falseAlarms: readonly ExplainedAlarm[]
  /** Accused hosts on which the truth is silent, with the reason of each: background that may or may not be right. */
  readonly unjudged: readonly { readonly host: string; readonly reasons: readonly Reason[] }[]
}

const percent = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)
const decimal = (value: number | null, digits = 3) => (value === null ? '–' : value.toFixed(digits))
const within = (interval: Interval | null, say: (value: number) => string = percent) =>
  interval === null ? '–' : `${say(interval.value)} (${say(interval.low)} to ${say(interval.high)})`

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

export function evaluationPage(whole: WholeEvaluation): string {
  const { evaluation } = whole

  const body = html`
<a class="skip" href="#main">To the result</a>
<header><h1>Evaluation</h1><p class="quiet">${evaluation.about}</p>
<p class="lead">${lead(evaluation)}</p></header>
<main id="main">
${missesSection(whole)}
${alarmsSection(whole)}
${hostsSection(whole)}
${curvesSection(whole)}
${botnetsSection(whole)}
${timeSection(whole)}
${unjudgedSection(whole)}
</main>`

  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>Evaluation</title>
<style>${pageStyle}</style></head>
<body>${textOf(body)}
</body></html>
`
}

function lead({ hosts }: Evaluation): string {
  const bots = hosts.truePositives + hosts.falseNegatives
  const days = (hosts.judged - bots) * hosts.days
  const alarms = hosts.falsePositives === 1 ? '1 clean host' : `${hosts.falsePositives} clean hosts`
  return (
    `${hosts.truePositives} of ${bots} bots were accused, and ` +
    `${alarms} wrongly, in ${days.toFixed(1)} clean host-days.`
  )
}

const table = (
  heads: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
  caption = '',
): Markup => html`
<div class="scroll" tabindex="0"><table class="stack">
${caption !== '' && html`<caption>${caption}</caption>`}
<thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead>
<tbody>${rows.map(
  ([first = '', ...rest]) =>
    html`<tr><th class="address">${first}</th>${rest.map(
      (cell, i) => html`<td
      data-name="${heads[i + 1] ?? ''}">${cell}</td>`,
    )}</tr>`,
)}</tbody></table></div>`

const reason = ({ stage, text }: Reason): Markup => html`<b>${stage}</b>: ${text} `

const most = 100

const more = (all: readonly unknown[]): Markup | false =>
  all.length > most && html`<p class="quiet">${all.length - most} more are in the JSON.</p>`

const missesSection = ({ misses }: WholeEvaluation): Markup => html`
<section><h2>Missed</h2>
${
  misses.length === 0
    ? html`<p>No bot was missed.</p>`
    : table(
        ['bot', 'of', 'lost as one of a group', 'lost alone'],
        misses
          .slice(0, most)
          .map(({ host, botnet, family, group, alone }) => [
            host,
            `${botnet} (${family})`,
            reason(group),
            reason(alone),
          ]),
        'Where each way to find it ended.',
      )
}${more(misses)}</section>`

const alarmsSection = ({ falseAlarms }: WholeEvaluation): Markup => html`
<section><h2>Falsely accused</h2>
${
  falseAlarms.length === 0
    ? html`<p>No clean host was accused.</p>`
    : table(
        ['host', 'claims', 'why'],
        falseAlarms
          .slice(0, most)
          .map(({ host, claims, reasons }) => [host, claims.join(' '), html`${reasons.map(reason)}`]),
      )
}${more(falseAlarms)}</section>`

function hostsSection({ evaluation: { hosts }, curves, peerCurves }: WholeEvaluation): Markup {
  const line = (name: string, own: Curves) => [
    name,
    within(own.precision),
    within(own.recall),
    within(own.f1),
    within(own.averagePrecision, decimal),
    within(own.areaUnderRoc, decimal),
  ]

  const perDay = hosts.days > 0 ? hosts.falsePositives / hosts.days : null

  return html`<section><h2>Hosts</h2>
${table(
  ['detector', 'precision', 'recall', 'F1', 'average precision', 'area under ROC'],
  [line('gannet', curves), ...peerCurves.map(({ name, curves: own }) => line(name, own))],
  '95 % intervals by bootstrap over hosts, bots and clean ones drawn apart.',
)}
<dl class="facts"><dt>judged</dt><dd>${hosts.judged} hosts, ${hosts.days.toFixed(2)} days</dd>
<dt>false alarms</dt>
<dd>${decimal(hosts.falsePositivesPerHostDay, 5)} per host-day, ${decimal(perDay, 2)} per day</dd></dl></section>`
}

function curvesSection({ curves, peerCurves }: WholeEvaluation): Markup {
  const all = [
    { name: 'gannet', style: 'accused', curves },
    ...peerCurves.slice(0, 1).map((each) => ({ ...each, style: 'rest' })),
  ]

  const pictures = [
    {
      id: 'pr',
      title: 'Precision against recall',
      x: 'recall',
      y: (p: Curves['points'][number]) => p.precision,
      at: (p: Curves['points'][number]) => p.recall,
    },
    {
      id: 'roc',
      title: 'ROC',
      x: 'clean hosts accused, share',
      y: (p: Curves['points'][number]) => p.recall,
      at: (p: Curves['points'][number]) => p.falsePositiveRate,
    },
  ]

  return html`<section><h2>Curves</h2><p
    class="quiet">Accused hosts come first, by confidence; then all others by their most suspicious contact.</p><div
      class="figures two">
${pictures.map(({ id, title, x, y, at }) => {
  const across = scaleLinear([0, 1], [40, 380])
  const up = scaleLinear([0, 1], [220, 12])
  const see = all
    .map(({ name, style }) => `${name}: ${style === 'accused' ? 'the red line' : 'the grey line'}`)
    .join('; ')
  return figure(id, {
    title,
    see: `${see}. A dot marks where hosts are accused.`,
    height: 262,
    drawing: html`${leftAxis(
      [0, 0.25, 0.5, 0.75, 1].map((value) => ({ at: up(value), label: String(value) })),
      40,
      380,
    )}
${bottomAxis(
  [0, 0.25, 0.5, 0.75, 1].map((value) => ({ at: across(value), label: String(value) })),
  { left: 40, right: 380, y: 224, name: x },
)}
${all.map(({ style, curves: { points } }) => {
  const places = points.map((point) => `${across(at(point)).toFixed(1)} ${up(y(point)).toFixed(1)}`)
  return html`<path class="line line-${style}" d="M${places.join('L')}"/>`
})}
${all.slice(0, 1).map(({ curves: { points } }) => {
  const last = points.findLast(({ score }) => score > 1)
  return last ? html`<circle class="fill-accused" r="4" cx="${across(at(last))}" cy="${up(y(last))}"/>` : ''
})}`,
  })
})}</div></section>`
}

function botnetsSection({
  evaluation: { botnets, cncNamed, agreement, inventedBotnets },
}: WholeEvaluation): Markup {
  return html`<section><h2>Botnets</h2>
${table(
  ['botnet', 'bots', 'accused', 'found as', 'precision', 'recall', 'F1', 'C&C rank'],

  botnets.map((each) => [
    `${each.id} (${each.family})`,
    String(each.size),
    String(each.accused),
    each.match ?? 'not found',
    percent(each.precision),
    percent(each.recall),
    percent(each.f1),
    each.cncRank === null ? '–' : String(each.cncRank),
  ]),
)}
<p>C&amp;C named first in ${cncNamed.at[1]} of ${cncNamed.known},
among 3 in ${cncNamed.at[3]}, among 10 in ${cncNamed.at[10]}.
Who belongs together: adjusted Rand ${decimal(agreement)}.
Botnets that do not exist: ${inventedBotnets.length}.</p></section>`
}

function timeSection({ timed: { windows, weighted, firstDetections } }: WholeEvaluation): Markup {
  const clock = (at: number) => new Date(at / 1000).toISOString().slice(5, 16).replace('T', ' ')

  const waits = [...Map.groupBy(firstDetections, ({ botnet }) => botnet)].map(([botnet, own]) => {
    const hours = own.flatMap((each) => (each.hours === null ? [] : [each.hours])).sort((a, b) => a - b)
    const at = (share: number) =>
      hours.length === 0
        ? '–'
        : `${hours[Math.min(hours.length - 1, Math.floor(share * hours.length))]!.toFixed(1)} h`
    return [botnet, `${hours.length} of ${own.length}`, at(0), at(0.5), at(1)]
  })

  return html`<section><h2>Time</h2>
${table(
  ['detector', 'FM1', 'TPR', 'FPR', 'precision', 'accuracy', 'tTP', 'tFN', 'tFP', 'tTN'],
  weighted.map(({ name, result }) => [
    name,
    decimal(result.FM1),
    decimal(result.TPR),
    decimal(result.FPR, 5),
    decimal(result.precision),
    decimal(result.accuracy),
    ...[result.tTP, result.tFN, result.tFP, result.tTN].map((each) => each.toFixed(1)),
  ]),
  'Time-weighted by frames of five minutes (Garcia et al. 2014); AllPositive accuses everybody always.',
)}
${table(
  [
    'from (UTC)',
    'bots that spoke',
    'flagged',
    'clean hosts that spoke',
    'flagged wrongly',
    'precision',
    'recall',
  ],
  windows.map((each) => [
    clock(each.from),
    String(each.bots),
    String(each.truePositives),
    String(each.clean),
    String(each.falsePositives),
    percent(each.precision),
    percent(each.recall),
  ]),
  'Window by window.',
)}
${table(
  ['botnet', 'detected', 'soonest', 'median', 'latest'],
  waits,
  'From the first call to the C&C until the records of the first finding were complete.',
)}</section>`
}

const unjudgedSection = ({ unjudged }: WholeEvaluation): Markup => html`
<section><h2>Accused, and the truth is silent</h2>
${
  unjudged.length === 0
    ? html`<p>None.</p>`
    : table(
        ['host', 'why'],
        unjudged.slice(0, most).map(({ host, reasons }) => [host, html`${reasons.map(reason)}`]),
      )
}${more(unjudged)}</section>`
