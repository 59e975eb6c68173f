/** The two heads of the verdict from judged traces. */
import { type CallClues, callClues, type HeldClues, heldClues } from '../src/traces/clues.ts'
import type { Head } from '../src/traces/verdict.ts'
import type { JudgedCapture } from './beacon-samples.ts'
import { fitLogistic, type Sample } from './logistic.ts'

/** A real C&C trace counts as much as so many implants; a desktop's trace as so many of the campus. */
const realWeight = 8
const desktopWeight = 10

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
  const labelled = captures.flatMap(({ capture, traces }) =>
    traces.flatMap((each) => {
      const values = each.truth === 'unknown' ? null : valuesOf(each)
      if (!values) return []
      const positive = each.truth !== 'innocent'
      const weight = positive
        ? each.truth === 'cnc'
          ? realWeight
          : 1
        : capture.half === undefined
          ? desktopWeight
          : 1
      return [{ values, positive, weight, capture, client: each.beacon.trace.client }]
    }),
  )
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
  const line = lineOver(
    labelled.filter(({ positive }) => !positive).map((each) => ({ ...each, odds: oddsOf(each.values) })),
  )
  const caught = labelled.filter(({ positive }) => positive)
  console.error(
    head,
    'loss',
    loss.toFixed(4),
    'innocent',
    labelled.length - caught.length,
    'positive',
    caught.length,
    'line',
    line.toFixed(2),
    'caught',
    caught.filter(({ values }) => oddsOf(values) > line).length,
    'real caught',
    caught.filter(({ weight, values }) => weight > 1 && oddsOf(values) > line).length,
    'of',
    caught.filter(({ weight }) => weight > 1).length,
  )
  return {
    bias: round(bias - line),
    weights: Object.fromEntries(names.map((name, i) => [name, round(weights[i]!)])) as Record<Clue, number>,
  }
}

/** The log odds that clear every desktop and all but one in fifty campus hosts, and a little more. */
function lineOver(innocent: readonly { odds: number; client: string; capture: { half?: 0 | 1 } }[]): number {
  const desktops = Math.max(
    ...innocent.filter(({ capture }) => capture.half === undefined).map(({ odds }) => odds),
  )
  const campus = new Map<string, number>()
  for (const { odds, client, capture } of innocent)
    if (capture.half !== undefined)
      campus.set(client, Math.max(campus.get(client) ?? Number.NEGATIVE_INFINITY, odds))
  const highest = [...campus.values()].sort((a, b) => b - a)
  return Math.max(desktops, highest[Math.floor(highest.length / 50)] ?? desktops) + 0.2
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
