/** What every report says about the reading itself: what was looked at, what was left out. */
import type { Answer, InputReport } from '../model/answer.ts'
import type { Micros } from '../model/units.ts'
import { sayRejects, unitOf } from '../model/words/rejects.ts'
import { sayCount, sayInstant, sayList, sayMany, sayRecords, saySpan } from '../model/words/say.ts'
import type { News } from './format.ts'

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** Each key's counts added up, in the order in which the keys first come. */
function totals(many: readonly Readonly<Record<string, number>>[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const each of many) {
    for (const [name, count] of Object.entries(each)) counts.set(name, (counts.get(name) ?? 0) + count)
  }
  return [...counts].filter(([, count]) => count > 0)
}

/** Inputs of one name as one. */
interface NamedInput extends InputReport {
  /** How many inputs had the name: a log that is followed is one each time that it has grown. */
  readonly times: number
}

/** Samples of one reason that are shown of a name. */
const samplesShown = 3

/** Inputs of one name and format as one with the sums, in the order of their first; the content is that of the last. */
export function byName(inputs: readonly InputReport[]): NamedInput[] {
  const groups = Map.groupBy(inputs, ({ name, format }) => `${format} ${name}`)

  return [...groups.values()].map((group) => {
    const samples = Map.groupBy(
      group.flatMap(({ rejectSamples }) => rejectSamples),
      ({ reason }) => reason,
    )
    return {
      ...(group.at(-1) as InputReport),
      times: group.length,
      records: Object.fromEntries(totals(group.map(({ records }) => records))),
      duplicates: group.reduce((all, { duplicates }) => all + duplicates, 0),
      rejects: Object.fromEntries(totals(group.map(({ rejects }) => rejects))),
      rejectSamples: [...samples.values()].flatMap((each) => each.slice(0, samplesShown)),
      known: group.every(({ known }) => known),
    }
  })
}

/** What was read, and from when to when. */
export function readSentence({ inputs: all, analysis }: Answer): string {
  const inputs = byName(all)
  const records = totals(inputs.map((input) => input.records)).map(([name, count]) => sayRecords(count, name))
  const read = `Read ${sayMany(inputs.length, 'input')}: ${records.length === 0 ? 'no records' : sayList(records, 8)}`
  if (analysis.from === null || analysis.to === null) return `${read}.`
  const span = saySpan((analysis.to - analysis.from) as Micros)
  return `${read}, ${sayInstant(analysis.from)} to ${sayInstant(analysis.to)} UTC (${span}).`
}

/** How many hosts were looked at, and how many are accused of what. */
export function accusedSentence(
  { hosts, botnets, findings, analysis }: Answer,
  { accusedInAll = hosts.length, opening }: News = {},
): string {
  if (opening !== undefined) return opening
  const looked = sayMany(analysis.hosts, 'internal host')
  if (hosts.length === 0 && accusedInAll > 0)
    return `No new findings: ${sayCount(accusedInAll)} of ${looked} accused by earlier ones.`
  if (hosts.length === 0 && analysis.hosts === 0) return unjudgedSentence(analysis)
  if (hosts.length === 0)
    return `Nothing found: ${analysis.hosts === 1 ? 'the only internal host is not' : `none of ${looked} is`} accused.`
  const groups = botnets.length === 0 ? '' : ` in ${sayMany(botnets.length, 'botnet')}`
  const grouped = hosts.filter((host) => host.botnet !== null).length
  const alone = hosts.length - grouped
  const split =
    botnets.length === 0
      ? ''
      : `: ${sayCount(grouped)}${groups}${alone > 0 ? `, ${sayCount(alone)} alone` : ''}`

  return `${sayCount(hosts.length)} of ${looked} accused${split} (${sayMany(findings.length, 'finding')}).`
}

/** What a match of threat lists against records that were analysed before has brought. */
export function threatsSentence({
  entries,
  hosts,
  news,
}: {
  readonly entries: number
  readonly hosts: number
  readonly news: number
}): string {
  const all = 'All findings: gannet findings.'
  if (entries === 0) return `No entry of the lists was met. ${all}`
  const met = `${sayMany(entries, 'entry', 'entries')} of the lists ${entries === 1 ? 'was' : 'were'} met`
  const fresh = news === 0 ? 'no new findings' : sayMany(news, 'new finding')
  return `${met} by ${sayMany(hosts, 'internal host')}: ${fresh}. ${all}`
}

/** Without a host that could be accused, silence says nothing about a network. */
const unjudgedSentence = ({ internal }: Answer['analysis']): string =>
  `Nothing was judged: no host of ${
    internal.length === 0 ? 'the internal networks' : sayList(internal, 3, 'other network')
  } was seen to start anything. Check --internal.`

/** What decisions took out of the list and what they confirm, as sentences; none where there is nothing to say. */
export function decidedSentences({ decided }: Answer): string[] {
  if (!decided) return []
  const { allowed, allowedHosts, confirmed, expired, warnings } = decided
  const without = allowedHosts.length > 0 ? `; not accused for it: ${sayList(allowedHosts, 5)}` : ''
  const quiet = confirmed.filter(({ accused }) => !accused).map(({ host }) => host)
  const as = quiet.length === 1 ? 'a bot' : 'bots'
  const accused = confirmed.length - quiet.length

  return [
    ...(allowed.length > 0 ? [`Decisions allow ${sayMany(allowed.length, 'finding')}${without}.`] : []),
    ...(accused > 0
      ? [`${sayMany(accused, 'accused host')} confirmed as ${accused === 1 ? 'a bot' : 'bots'}.`]
      : []),
    ...(quiet.length > 0 ? [`Confirmed as ${as}, but without a finding: ${sayList(quiet, 5)}.`] : []),
    ...(expired.length > 0
      ? [`${sayMany(expired.length, 'decision')} expired: ${sayList(expired, 5)}.`]
      : []),
    ...warnings.map((each) => `${each}.`),
  ]
}

/** What the analysis looked at; said where it found nothing, so that silence can be told from blindness. */
export function lookedAt({ analysis }: Answer): string[] {
  const { epochs, internal, internalGuessed } = analysis
  const cflows = totals(epochs.map(({ cflows: { tcp, udp } }) => ({ tcp, udp })))
  const groups = epochs.reduce((total, epoch) => total + epoch.cclusters.fine, 0)
  const activities = totals(epochs.map((epoch) => epoch.activities)).map(
    ([name, count]) => `${name} ${sayCount(count)}`,
  )
  const guessed = internalGuessed ? ' (guessed from the traffic; set them with --internal)' : ''
  const total = cflows.reduce((sum, [, count]) => sum + count, 0)
  const planes = cflows.map(([name, count]) => `${sayCount(count)} ${name.toUpperCase()}`)

  return [
    `Internal networks: ${internal.length === 0 ? 'none' : sayList(internal, 8)}${guessed}.`,
    'Traffic (C-plane): ' +
      `${planes.length === 0 ? 'no' : sayList(planes)} ${total === 1 ? 'C-flow' : 'C-flows'} ` +
      `in ${sayMany(epochs.length, 'epoch')}, ${sayMany(groups, 'group')} with similar traffic.`,
    `Activities (A-plane): ${activities.length === 0 ? 'none seen' : activities.join(', ')}.`,
  ]
}

interface RejectLine {
  /** `3 of 120 314 records rejected in conn.log: 2 cut short or malformed, 1 without a valid time`. */
  readonly text: string
  readonly format: string
  readonly samples: InputReport['rejectSamples']
}

/** Exports, in which a flow is made of several records. */
const ofHalves = new Set(['netflow', 'nfdump'])

/** One line for each name of an input that had bad records. */
export function rejectLines(inputs: readonly InputReport[]): RejectLine[] {
  return byName(inputs)
    .filter((input) => sum(input.rejects) > 0)
    .map((input) => ({
      text: rejectedOf(input),
      format: input.format,
      samples: input.rejectSamples.filter(({ reason }) => reason !== 'remark'),
    }))
}

/** Counts what was left out in its own unit; the total is given where what was kept counts in the same. */
function rejectedOf({ name, format, records, rejects, duplicates }: InputReport): string {
  const rejected = sum(rejects)
  const all = rejected + sum(records) + duplicates
  const reasons = totals([rejects]).toSorted((a, b) => b[1] - a[1])

  const unit = unitOf(format)
  if (unit === 'entry') {
    const why = reasons.map(([reason, count]) => `${reason} (${sayCount(count)})`).join('; ')
    return `${sayCount(rejected)} of ${sayMany(all, 'entry', 'entries')} left out of ${name}: ${why}`
  }

  const why = sayRejects(reasons)
  // Of captures, packets are left out and flows are kept.
  if (unit === 'packet') return `${sayMany(rejected, 'packet')} left out of ${name}: ${why}`
  const total = ofHalves.has(format)
    ? sayMany(rejected, 'record')
    : `${sayCount(rejected)} of ${sayMany(all, 'record')}`
  return `${total} rejected in ${name}: ${why}`
}

/** Inputs that were read otherwise than they say, or added less than they hold: read before, or in another one too. */
export function repeatLines(inputs: readonly InputReport[]): string[] {
  return byName(inputs).flatMap((input) => [
    ...input.rejectSamples
      .filter(({ reason }) => reason === 'remark')
      .map(({ sample }) => `${input.name}: ${sample}.`),
    ...(input.known ? [`${input.name} had been read before; it was not read again.`] : []),
    ...(input.duplicates > 0
      ? [
          `${sayMany(input.duplicates, 'flow')} of ${input.name} came from another input too and counted once.`,
        ]
      : []),
  ])
}
