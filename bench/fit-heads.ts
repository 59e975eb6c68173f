/** The two heads of the verdict from judged traces. */
import { type CallClues, callClues, type HeldClues, heldClues } from '../src/traces/clues.ts'
import type { Head } from '../src/traces/verdict.ts'
import type { JudgedCapture } from './beacon-samples.ts'
import { fitLogistic, type Sample } from './logistic.ts'

/** A real C&C trace counts as much as so many implants. */
const realWeight = 10
const campusWeight = 3
/** A simulated campus weighs little: it is there for what real tuning captures lack, many hosts that records name. */
const simulatedWeight = 0.3

export function fitHeads(captures: readonly Captured[]): {
  calls: Head<keyof CallClues>
  held: Head<keyof HeldClues>
} {
  const heads = { calls: fitHead(captures, 'calls', callClues), held: fitHead(captures, 'held', heldClues) }
  return raised(heads, captures)
}

type Heads = ReturnType<typeof fitHeads>

/**
 * Both heads' line for a crowd raised by the same step, so that no more than one host in a hundred of the tuning crowds
 * is accused and the order of traces stays as it was fitted.
 */
function raised(heads: Heads, captures: readonly Captured[]): Heads {
  const highest = new Map<string, number>()
  let many = 0
  for (const { capture, traces } of captures.filter((each) => each.capture.crowd)) {
    for (const { truth, beacon } of traces) {
      if (truth !== 'innocent' || beacon.standing.infrastructure !== null) continue
      const host = `${capture.name} ${beacon.trace.client}`
      for (const name of ['calls', 'held'] as const) {
        const clues = beacon.clues[name] as Readonly<Record<string, number>> | null
        if (!clues) continue
        many = Math.max(many, clues['amongMany'] ?? 0)
        highest.set(host, Math.max(highest.get(host) ?? Number.NEGATIVE_INFINITY, oddsIn(heads[name], clues)))
      }
    }
  }
  const odds = [...highest.values()].sort((x, y) => y - x)
  const step = Math.max(0, (odds[Math.floor(odds.length / 100)] ?? 0) + 0.2)
  console.error('crowd', { hosts: odds.length, accusedBefore: odds.filter((each) => each > 0).length, step })
  const lower = <H extends { weights: { amongMany: number } }>(head: H): H => ({
    ...head,
    weights: { ...head.weights, amongMany: round(head.weights.amongMany - step / many) },
  })
  return { calls: lower(heads.calls), held: lower(heads.held) }
}

const oddsIn = ({ bias, weights }: Head<string>, clues: Readonly<Record<string, number>>): number =>
  Object.entries(weights).reduce((sum, [clue, weight]) => sum + weight * (clues[clue] ?? 0), bias)

/** What of a judged capture is used. */
export interface Captured {
  readonly capture: Pick<JudgedCapture['capture'], 'name' | 'crowd' | 'seed'>
  readonly traces: readonly {
    readonly truth: string
    readonly beacon: {
      readonly clues: { readonly calls: object | null; readonly held: object | null }
      readonly standing: { readonly infrastructure: string | null }
      readonly trace: { readonly client: string }
    }
  }[]
}

function fitHead<Clue extends string>(
  captures: readonly Captured[],
  head: 'calls' | 'held',
  clues: Readonly<Record<Clue, { side: 'for' | 'against' }>>,
): Head<Clue> {
  const names = Object.keys(clues) as Clue[]
  const valuesOf = ({ beacon }: Captured['traces'][number]) => {
    const found = beacon.clues[head] as Readonly<Record<Clue, number>> | null
    return found && beacon.standing.infrastructure === null ? names.map((name) => found[name] ?? 0) : null
  }
  const labelled = captures.flatMap(({ capture, traces }) => {
    const usable = traces.flatMap((each) => {
      const values = each.truth === 'unknown' ? null : valuesOf(each)
      return values ? [{ ...each, values }] : []
    })
    const innocent = usable.filter(({ truth }) => truth === 'innocent').length
    return usable.map(({ truth, values, beacon }) => ({
      values,
      positive: truth !== 'innocent',
      real: truth === 'cnc',
      // Captures weigh alike, however many traces they have; the campus as so many desktops.
      weight:
        truth === 'innocent'
          ? (capture.seed !== undefined ? simulatedWeight : capture.crowd ? campusWeight : 1) / innocent
          : truth === 'cnc'
            ? realWeight
            : 1,
      capture,
      client: beacon.trace.client,
    }))
  })
  const share = (positive: boolean) =>
    labelled.filter((each) => each.positive === positive).reduce((sum, { weight }) => sum + weight, 0)
  const balance = share(false) / share(true)
  const samples: Sample[] = labelled.map((each) => ({
    ...each,
    weight: each.positive ? each.weight * balance : each.weight,
  }))
  const { bias, weights, loss } = fitLogistic(
    samples,
    names.map((name) => (clues[name]?.side === 'for' ? 1 : -1)),
    { ridge: 0.001 },
  )
  const oddsOf = (values: readonly number[]) =>
    values.reduce((sum, value, i) => sum + value * weights[i]!, bias)
  const innocent = labelled
    .filter(({ positive }) => !positive)
    .map((each) => ({ ...each, odds: oddsOf(each.values) }))
  const campusHosts = new Set(
    captures.flatMap(({ capture, traces }) =>
      capture.crowd === undefined ? [] : traces.map(({ beacon }) => beacon.trace.client),
    ),
  ).size
  const lines = {
    desktop: desktopLine(innocent),
    campus: campusLine(innocent, campusHosts / (head === 'calls' ? 10 : 50)),
  }
  const among = names.indexOf('amongMany' as Clue)
  // The campus' own line goes into the weight of being one of many.
  const many = Math.max(...innocent.map(({ values }) => values[among]!))
  weights[among] = Math.min(0, weights[among]! - (lines.campus - lines.desktop) / many)
  const caught = labelled.filter(({ positive, values }) => positive && oddsOf(values) > lines.desktop)
  console.error(head, {
    loss,
    innocent: innocent.length,
    positive: labelled.length - innocent.length,
    lines,
    caught: caught.length,
    real: labelled.filter(({ real }) => real).length,
    realCaught: caught.filter(({ real }) => real).length,
  })
  return {
    bias: round(bias - lines.desktop),
    weights: Object.fromEntries(names.map((name, i) => [name, round(weights[i]!)])) as Record<Clue, number>,
  }
}

interface Innocent {
  readonly odds: number
  readonly client: string
  readonly capture: { readonly crowd?: true }
}

/** A little over the highest log odds of an innocent trace outside the campus. */
const desktopLine = (innocent: readonly Innocent[]): number =>
  Math.max(...innocent.filter(({ capture }) => capture.crowd === undefined).map(({ odds }) => odds)) + 0.2

/** A little over the log odds that all but `accused` campus hosts stay under. */
function campusLine(innocent: readonly Innocent[], accused: number): number {
  const hosts = new Map<string, number>()
  for (const { odds, client, capture } of innocent)
    if (capture.crowd !== undefined)
      hosts.set(client, Math.max(hosts.get(client) ?? Number.NEGATIVE_INFINITY, odds))
  const highest = [...hosts.values()].sort((a, b) => b - a)
  return (highest[Math.floor(accused)] ?? Number.NEGATIVE_INFINITY) + 0.2
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
