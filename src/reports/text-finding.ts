/** One finding, the stages and the inputs as lines of text. */
import type { Answer } from '../model/answer.ts'
import { type Technique, techniquesOf } from '../model/attack.ts'
import type { Finding } from '../model/finding.ts'
import { lifeStages } from '../model/life-cycle.ts'
import type { Micros } from '../model/units.ts'
import {
  explain,
  lifeSentence,
  sayBaseline,
  sayFeature,
  sayRally,
  stageNames,
} from '../model/words/explain.ts'
import { placeOf, sayReason } from '../model/words/rejects.ts'
import {
  sayConfidence,
  sayCount,
  sayEndpoint,
  sayInstant,
  sayMany,
  sayShare,
  saySpan,
} from '../model/words/say.ts'
import { printable } from './printable.ts'
import { rejectLines, repeatLines } from './summary.ts'
import { bullets, heading, headline, indented, labelled, type Page, plain } from './text-layout.ts'
import { clip } from './wrap.ts'

const SAMPLES = 3

export function block(
  finding: Finding,
  also: readonly Finding[],
  page: Page,
  techniques: readonly Technique[] = techniquesOf(finding),
): string[] {
  const claim = `${finding.claim.replace(/\.$/, '')}  (confidence ${sayConfidence(finding.confidence)})  ${finding.id}`
  const others = also.map(
    (each) => `${each.kind} ${each.hosts.length === 1 ? `by ${each.hosts[0]} ` : ''}${each.id}`,
  )

  return [
    ...headline(finding.severity, claim, page),
    ...labelled('hosts', finding.hosts.length > 1 ? [finding.hosts.join(', ')] : [], page),
    ...labelled('c&c', finding.cnc.map(sayEndpoint), page),
    ...labelled('rally', finding.rally ? [sayRally(finding.rally)] : [], page),
    ...labelled('because', finding.evidence.map(explain), page),
    ...labelled('unless', finding.doubts, page),
    ...labelled('att&ck', attackLine(techniques), page),
    ...labelled('also', others.length > 0 ? [others.join(', ')] : [], page),
  ]
}

const attackLine = (techniques: readonly Technique[]): string[] =>
  techniques.length > 0 ? [techniques.map(({ id, name }) => `${id} ${name}`).join(', ')] : []

/** How a verdict without a model was reached, what would have changed it, and the baseline's beside it. */
export function reckoning({ evidence }: Finding, page: Page): string[] {
  return evidence
    .filter((each) => each.kind === 'weighing')
    .flatMap((each) => [
      ...labelled('features', each.reasons.map(sayFeature), page),
      ...labelled('not if', each.wouldChange, page),
      ...labelled('baseline', [sayBaseline(each)], page),
    ])
}

/** How many members of a group are seen at each stage. */
export function stageCounts(hosts: readonly string[], { lifeCycles }: Answer, page: Page): string[] {
  const own = lifeCycles.filter(({ host }) => hosts.includes(host))
  const counts = lifeStages
    .map((stage) => ({
      stage,
      n: own.filter(({ stages }) => stages.some((each) => each.stage === stage)).length,
    }))
    .filter(({ n }) => n > 0)
  return labelled(
    'stages',
    counts.length > 0
      ? [counts.map(({ stage, n }) => `${stageNames[stage]} ${n} of ${hosts.length}`).join(', ')]
      : [],
    page,
  )
}

/** The stages of one host in time, and what they come to. */
export function stageLines(answer: Answer, host: string, page: Page): string[] {
  const cycle = answer.lifeCycles.find((each) => each.host === host)
  if (!cycle) return []

  const lines = cycle.stages.map(({ stage, first, last, times, what, counted }) => {
    const span = last > first ? ` for ${saySpan((last - first) as Micros)}` : ''
    const repeats = times > 1 ? ` (${sayMany(times, 'time')})` : ''
    return `${sayInstant(first)}${span}: ${stageNames[stage]}, ${what}${repeats}${counted ? '' : '; not counted'}`
  })

  return [
    ...heading('Stages of an infection', page),
    ...indented(lifeSentence(cycle), page),
    ...bullets(lines, page),
  ]
}

export function proof({ id, from, to, evidence }: Finding, page: Page): string[] {
  const flows = [...new Set(evidence.flatMap((each) => each.flows))]
  const commands = evidence.map(({ kind }, i) => `${kind}: gannet evidence ${id} ${i + 1} --db …`)
  return [
    ...labelled('when', [`${sayInstant(from)} to ${sayInstant(to)} UTC`], page),
    ...labelled('flows', flows.length > 0 ? [flows.join(', ')] : [], page),
    ...labelled('again', commands, page),
  ]
}

export function blindSpots({ analysis }: Answer, page: Page): string[] {
  if (analysis.blindSpots.length === 0) return []
  return [...heading('What these inputs cannot show', page), ...bullets(analysis.blindSpots, page)]
}

export function aboutInputs(answer: Answer, page: Page): string[] {
  const lines = blindSpots(answer, page)
  const rejects = rejectLines(answer.inputs)
  if (rejects.length > 0) lines.push('')

  for (const { text, format, samples } of rejects) {
    lines.push(...plain(text, page))
    for (const { reason, position, sample } of samples.slice(0, SAMPLES)) {
      const place = `at ${placeOf(format, position)}, ${printable(sayReason(reason))}`
      lines.push(clip(`  ${place}: ${printable(sample)}`, page.width))
    }
  }
  lines.push(...repeatLines(answer.inputs).flatMap((each) => plain(each, page)))
  return lines
}

export function filterTable({ analysis }: Answer, page: Page): string[] {
  const lines = heading('Flows before and after each filter', page)

  for (const epoch of analysis.epochs) {
    const when = `${sayInstant(epoch.from)} to ${sayInstant(epoch.to)} UTC`
    lines.push(...indented(`epoch ${epoch.number}, ${when}, ${sayMany(epoch.flows, 'flow')}`, page))
    for (const filter of epoch.filters) {
      const left =
        filter.in === 0 ? 'none came in' : `${sayShare((filter.in - filter.out) / filter.in)} left out`
      const counts = `${sayCount(filter.in)} → ${sayCount(filter.out)} (${left})`
      lines.push(clip(`    ${printable(filter.name)}: ${counts}`, page.width))
      lines.push(...indented(filter.doc, page, 8))
    }
    const { tcp, udp, tooFew } = epoch.cflows
    lines.push(
      ...indented(
        `C-flows: ${sayCount(tcp)} TCP, ${sayCount(udp)} UDP; ${sayCount(tooFew)} too short`,
        page,
        4,
      ),
    )
  }

  return lines
}
