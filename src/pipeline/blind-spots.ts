import { hour, type Micros } from '../model/units.ts'
import { sayCount, sayList, sayMany, sayRecords, sayShare } from '../model/words/say.ts'
import type { Internal } from '../store/internal.ts'
import { staleNote } from '../traces/families/model-files.ts'
import type { EpochResult, StageResults } from './context.ts'
import type { Mover } from './machines.ts'

export const blindSpotsOf = ({ results, threats, models, internal, movers }: StageResults): string[] => [
  ...new Set([
    ...guessNote(internal),
    ...clientNote(internal),
    ...moverNotes(movers),
    ...flowlessNote(results),
    ...farNote(
      results.map(({ report, flowless }) => ({ ...report, records: recordsOf(flowless) + report.flows })),
    ),
    ...staleNote(models),
    ...threats.warnings,
    ...blindIn(results),
  ]),
]

/**
 * What the records of the epochs leave unsaid. Of epochs with flows where there are any: an epoch without has not much
 * beside what brought it about. What only some epochs are blind to is said to be of these.
 */
function blindIn(results: readonly EpochResult[]): string[] {
  const talked = results.filter(({ report }) => report.flows > 0)
  const spots = new Set((talked.length > 0 ? talked : results).flatMap(({ blind }) => blind))
  return [...spots].map((each) => {
    const n = results.filter(({ blind }) => blind.includes(each)).length
    return n === results.length ? each : `${each} (${sayCount(n)} of ${sayMany(results.length, 'epoch')})`
  })
}

/** How many records lie in epochs without a flow, where other epochs have flows. */
function flowlessNote(results: readonly EpochResult[]): string[] {
  const without = results.filter(({ report }) => report.flows === 0)
  if (without.length === 0 || without.length === results.length) return []
  const counts = new Map<string, number>()
  for (const { flowless } of without)
    for (const [record, n] of Object.entries(flowless)) counts.set(record, (counts.get(record) ?? 0) + n)
  const counted = sayList(
    [...counts].map(([record, n]) => sayRecords(n, record)),
    8,
  )
  return [`${counted} lie outside the time of the flows and are judged without them`]
}

/** Where no host was judged: whose networks these records may be of. */
export const unjudgedNote = (
  busiest: { readonly address: string; readonly share: number } | null,
): string[] => [
  'No host of the internal networks starts anything here, so no host was judged. Check --internal' +
    (busiest ? `: ${sayShare(busiest.share)} of the flows start at ${busiest.address}.` : '.'),
]

const clientNote = ({ clients6 }: Internal): string[] =>
  clients6.length === 0
    ? []
    : [
        `Taken as internal, since their hosts behave as clients: ${sayList(clients6)}. Override with --internal.`,
      ]

/** Machines that are named. */
const mostMovers = 20

/** Which addresses count as one host. */
const moverNotes = (movers: readonly Mover[]): string[] => [
  ...movers
    .slice(0, mostMovers)
    .map(
      ({ machine, others }) => `By its DHCP leases ${machine} was ${sayList(others)} too, which count as it`,
    ),
  ...(movers.length > mostMovers
    ? [`${sayMany(movers.length - mostMovers, 'other machine')} changed their address too`]
    : []),
]

const guessNote = ({ guessed }: Internal): string[] =>
  guessed.length === 0
    ? []
    : [
        `No private addresses in this traffic: ${guessed.join(', ')} looks internal and is taken as such. ` +
          'Set other networks with --internal.',
      ]

const recordsOf = (flowless: Readonly<Record<string, number>>): number =>
  Object.values(flowless).reduce((sum, n) => sum + n, 0)

/** Days without a record after which what comes is far from what was before, and the most that may lie far. */
const far = { days: 30, share: 0.01 } as const

interface Filled {
  readonly from: Micros
  readonly to: Micros
  readonly records: number
}

/**
 * That a few records lie far from the time of all others: a clock that was not set, a damaged line, or somebody who
 * wants an analysis of a hundred years. They are analysed, in epochs of their own, and are no reason to trust the
 * time they name.
 */
export function farNote(epochs: readonly Filled[]): string[] {
  const stretches: Filled[][] = []
  for (const epoch of epochs) {
    const last = stretches.at(-1)?.at(-1)
    if (last && epoch.from - last.to <= far.days * 24 * hour) stretches.at(-1)!.push(epoch)
    else stretches.push([epoch])
  }
  const sizes = stretches.map((own) => own.reduce((sum, { records }) => sum + records, 0))
  const all = sizes.reduce((sum, n) => sum + n, 0)
  const most = Math.max(...sizes)
  if (stretches.length < 2 || all - most > far.share * all) return []

  const others = stretches.filter((_, i) => sizes[i] !== most).map(([first]) => dayOf(first!.from))
  const subject = `${sayMany(all - most, 'record')} ${all - most === 1 ? 'lies' : 'lie'}`
  return [
    `${subject} more than ${far.days} days from the time of all others ` +
      `(${sayList(others, 3, 'other time')}): their clocks may be wrong`,
  ]
}

const dayOf = (time: Micros): string => new Date(time / 1000).toISOString().slice(0, 10)
