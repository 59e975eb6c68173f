/**
 * The answer as one self-contained page, with pictures.
 *
 * It holds no script and asks no network for anything, and says so in its content security policy: text that a
 * bot wrote can be looked at and can do nothing. Every picture is drawn here as SVG, in CSS colours.
 */
import type { Answer, Figures, HostVerdict } from '../../model/answer.ts'
import { worstFirst } from '../../model/rank.ts'
import { signed } from '../../model/words/explain.ts'
import { sayConfidence, sayMany } from '../../model/words/say.ts'
import type { News, OutputFormat } from '../format.ts'
import { accusedSentence, decidedSentences, lookedAt, readSentence } from '../summary.ts'
import { botnetSection } from './botnet.ts'
import { badge, endpoints, figures, findingCard } from './finding.ts'
import { readingSection } from './inputs.ts'
import { type Markup, html as markup, textOf } from './markup.ts'
import { pageStyle } from './page-style.ts'
import { stagesPicture } from './stages.ts'
import { timelinePicture } from './timeline.ts'

/** Findings whose pictures are drawn; the page of a large network stays small enough to open. */
const MOST_DRAWN = 60

const policy =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

export function renderHtml(answer: Answer, drawn: Figures, news: News = {}): string {
  const { hosts, botnets } = answer

  const body = markup`
<a class="skip" href="#main">To the findings</a>
<header><h1>${title(answer, news)}</h1>
<p class="lead">${accusedSentence(answer, news)}</p><p>${readSentence(answer)}</p>
${decidedSentences(answer).map((each) => markup`<p>${each}</p>`)}
${lookedAt(answer).map((each) => markup`<p class="quiet">${each}</p>`)}
</header>
${contents(answer)}
<main id="main">
${hosts.length > 0 && hostsSection(answer)}
${botnets.map((botnet, i) =>
  botnetSection(botnet, `botnet-${i}`, { answer, drawn, linkTo: (at) => linkTo(answer, at) }),
)}
${aloneSection(answer, drawn)}
${findingsSection(answer, drawn)}
${suspectsSection(answer)}
${readingSection(answer)}
</main>
<footer><p class="quiet">Made by gannet ${answer.version}. Nothing on this page was fetched from anywhere.</p></footer>`

  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${textOf(markup`${title(answer, news)}`)}</title>
<style>${pageStyle}</style></head>
<body>${textOf(body)}
</body></html>
`
}

export const html = {
  name: 'html',
  doc: 'One self-contained page with pictures.',
  extension: 'html',
  render: renderHtml,
} as const satisfies OutputFormat

function title({ hosts, analysis }: Answer, { accusedInAll = 0, opening }: News): string {
  if (hosts.length > 0) return `${sayMany(hosts.length, 'host')} accused`
  if (opening !== undefined || accusedInAll > 0) return 'No new findings'
  return analysis.hosts === 0 ? 'Nothing was judged' : 'No bots found'
}

const contents = ({ hosts, botnets, findings }: Answer): Markup => markup`
<nav aria-label="Contents"><ul>
${hosts.length > 0 && markup`<li><a href="#hosts">Accused hosts</a></li>`}
${botnets.map((botnet, i) => markup`<li><a href="#botnet-${String(i)}">Botnet ${botnet.id}</a></li>`)}
${findings.length > 0 && markup`<li><a href="#findings">Findings</a></li>`}
<li><a href="#read">What was read</a></li><li><a href="#blind">What cannot be seen</a></li>
</ul></nav>`

const linkTo = ({ findings }: Answer, at: number): Markup =>
  markup`<a href="#finding-${String(at)}">${findings[at]?.kind ?? ''} <span
    class="mono">${findings[at]?.id ?? ''}</span></a>`

function hostsSection(answer: Answer): Markup {
  const { hosts, botnets, findings } = answer

  const rows = hosts.map((accused, i) => {
    const about = accused.findings
      .map((id) => findings.findIndex((finding) => finding.id === id))
      .filter((at) => at >= 0)
    const botnet = botnets.findIndex(({ id }) => id === accused.botnet)
    return markup`<tr id="host-${String(i)}"><th scope="row" class="mono address">${accused.host}</th>
<td class="beside">${badge(accused.severity)}</td><td data-name="Confidence">${verdictCell(accused)}</td>
<td data-name="Botnet">${
      botnet >= 0
        ? markup`<a class="mono"
  href="#botnet-${String(botnet)}">${accused.botnet}</a>`
        : 'alone'
    }</td>
<td data-name="C&amp;C">${accused.cnc.length > 0 ? endpoints(accused.cnc, 3) : 'not seen'}</td>
<td data-name="Why">${about.map((at, n) => markup`${n > 0 && ', '}${linkTo(answer, at)}`)}</td></tr>`
  })

  return markup`
<section id="hosts" aria-labelledby="hosts-h"><h2 id="hosts-h">Accused hosts, worst first</h2>
<table class="stack"><thead><tr><th scope="col">Host</th><th scope="col">Severity</th><th
  scope="col">Confidence</th><th scope="col">Botnet</th><th scope="col">Command and control</th><th
    scope="col">Why</th></tr></thead>
<tbody>${rows}</tbody></table></section>`
}

/** The confidence, and in a fold what it is made of and what would change it. */
const verdictCell = ({
  confidence,
  prior,
  parts,
  wouldChange,
}: HostVerdict): Markup => markup`<details><summary>${sayConfidence(confidence)}</summary>
<ul>${parts.map(
  ({ kind, strength, logOdds, description }) =>
    markup`<li>${kind} ${strength.toFixed(2)} (${signed(logOdds)}): it ${description}</li>`,
)}<li>${signed(prior)} before any indicator</li></ul>
${
  wouldChange.length > 0 &&
  markup`<p>What would change it:</p><ul>${wouldChange.map((each) => markup`<li>${each}</li>`)}</ul>`
}</details>`

/** Suspects that the page lists. */
const MOST_SUSPECTS = 20

function suspectsSection({ suspects }: Answer): Markup {
  const shown = suspects.filter(({ confidence }) => confidence >= 0.05).slice(0, MOST_SUSPECTS)
  if (shown.length === 0) return markup``
  const rows = shown.map(
    (suspect) => markup`<tr><th scope="row" class="mono address">${suspect.host}</th>
<td data-name="Confidence">${verdictCell(suspect)}</td><td
  data-name="Seen">${suspect.parts.map(({ description }, i) => markup`${i > 0 && '; '}${description}`)}</td></tr>`,
  )
  return markup`
<section id="suspects" aria-labelledby="suspects-h"><h2 id="suspects-h">Below the threshold, most suspect first</h2>
<p>Nobody here is accused: what was seen of these hosts is too little, alone and together.</p>
<table class="stack"><thead><tr><th scope="col">Host</th><th scope="col">Confidence</th><th
  scope="col">Seen</th></tr></thead>
<tbody>${rows}</tbody></table></section>`
}

/** Stages and timelines of hosts that are in no botnet. */
function aloneSection({ botnets, hosts, lifeCycles }: Answer, { timelines }: Figures): Markup {
  const lonely = lifeCycles.filter(
    ({ host, declared }) =>
      !botnets.some((botnet) => botnet.hosts.includes(host)) &&
      (declared || hosts.some((accused) => accused.host === host)),
  )
  const alone = timelines
    .filter(({ subject }) => !botnets.some(({ id }) => id === subject))
    .slice(0, MOST_DRAWN)
  const pictures = alone.map((timeline) => {
    const picture = timelinePicture(timeline)
    return picture && { ...picture, title: `${timeline.subject}: ${picture.title.toLowerCase()}` }
  })
  const stages = stagesPicture(lonely)
  if (stages === null && pictures.every((each) => each === null)) return markup``

  return markup`
<section id="alone" aria-labelledby="alone-h"><h2
  id="alone-h">Hosts alone</h2>${figures('alone', [stages, ...pictures])}</section>`
}

function findingsSection({ findings, hosts }: Answer, drawn: Figures): Markup {
  if (findings.length === 0) return markup``
  const ranked = findings
    .map((finding, at) => ({ finding, at }))
    .toSorted((a, b) => worstFirst(a.finding, b.finding))
  const rowOf = (host: string) => {
    const at = hosts.findIndex((each) => each.host === host)
    return at < 0 ? null : `host-${at}`
  }
  const cards = ranked.map(({ finding, at }, i) => {
    const beacon = i < MOST_DRAWN ? (drawn.beacons.find((each) => each.finding === finding.id) ?? null) : null
    return findingCard(finding, { anchor: `finding-${at}`, rowOf, beacon })
  })
  const undrawn =
    findings.length > MOST_DRAWN && markup`<p>Pictures are drawn for the worst ${MOST_DRAWN}.</p>`

  return markup`
<section id="findings" aria-labelledby="findings-h"><h2
  id="findings-h">Findings, worst first</h2>${undrawn}${cards}</section>`
}
