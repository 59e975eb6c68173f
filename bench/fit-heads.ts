/** The two heads of the verdict from judged traces. */
import { type CallClues, callClues, type HeldClues, heldClues } from '../src/traces/clues.ts'
import type { Head } from '../src/traces/verdict.ts'
import type { JudgedCapture } from './beacon-samples.ts'
import { fitLogistic, type Sample } from './logistic.ts'

/** A real C&C trace counts as much as so many implants. */
const realWeight = 10
const campusWeight = 3

export function fitHeads(captures: readonly Captured[]): {
  calls: Head<keyof CallClues>
  held: Head<keyof HeldClues>
} {
  return { calls: fitHead(captures, 'calls', callClues), held: fitHead(captures, 'held', heldClues) }
}

/** What of a judged capture is used. */
export interface Captured {
  readonly capture: Pick<JudgedCapture['capture'], 'half'>
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
          ? (capture.half === undefined ? 1 : campusWeight) / innocent
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
      capture.half === undefined ? [] : traces.map(({ beacon }) => beacon.trace.client),
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
  readonly capture: { readonly half?: 0 | 1 }
}

/** A little over the highest log odds of an innocent trace outside the campus. */
const desktopLine = (innocent: readonly Innocent[]): number =>
  Math.max(...innocent.filter(({ capture }) => capture.half === undefined).map(({ odds }) => odds)) + 0.2

/** A little over the log odds that all but `accused` campus hosts stay under. */
function campusLine(innocent: readonly Innocent[], accused: number): number {
  const hosts = new Map<string, number>()
  for (const { odds, client, capture } of innocent)
    if (capture.half !== undefined)
      hosts.set(client, Math.max(hosts.get(client) ?? Number.NEGATIVE_INFINITY, odds))
  const highest = [...hosts.values()].sort((a, b) => b - a)
  return (highest[Math.floor(accused)] ?? Number.NEGATIVE_INFINITY) + 0.2
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
