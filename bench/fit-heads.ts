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
/** Share of the hosts of the tuning crowds that may be accused of each. */
const crowdShare = { calls: 0.012, retries: 0.003, held: 0.003 }

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

export const fitHeads = (
  captures: readonly Captured[],
): { calls: Head<keyof CallClues>; held: Head<keyof HeldClues> } => ({
  calls: fitHead(captures, 'calls', callClues),
  held: fitHead(captures, 'held', heldClues),
})

interface Labelled {
  readonly values: readonly number[]
  readonly positive: boolean
  readonly real: boolean
  readonly host: string
  readonly capture: Captured['capture']
}

function fitHead<Clue extends string>(
  captures: readonly Captured[],
  head: 'calls' | 'held',
  clues: Readonly<Record<Clue, { side: 'for' | 'against' }>>,
): Head<Clue> {
  const names = Object.keys(clues) as Clue[]
  const signs = names.map((name) => (clues[name].side === 'for' ? 1 : -1))
  const labelled = captures.flatMap((each) => labelledIn(each, head, names))
  const fit = (some: readonly Labelled[], rounds: number) =>
    fitLogistic(weighed(some), signs, { ridge: 0.001, rounds })
  const { bias, weights, loss } = fit(labelled, 2500)
  // Desktops hold few connections open, so that one left out says nothing on the line of held ones.
  const margin = 0.2 + (head === 'calls' ? surprise(labelled, (some) => fit(some, 600)) : 0)
  const at = (name: keyof CallClues) => names.indexOf(name as Clue)
  const judged = labelled.map((each) => ({ ...each, odds: oddsOf({ bias, weights }, each.values) }))
  const inVain = ({ values }: Labelled) => head === 'calls' && values[at('refused')]! > 0.5
  const watched = watchedIn(captures)
  const lines = {
    desktop: desktopLine(judged) + margin,
    crowd: crowdLine(
      judged.filter((each) => !inVain(each)),
      watched * crowdShare[head],
    ),
    inVain: crowdLine(judged.filter(inVain), watched * crowdShare.retries),
  }
  // What a crowd's line is above a desktop's goes into the weight of being one of many; and of that in vain.
  const many = Math.max(...labelled.map(({ values }) => values[at('amongMany')]!))
  const lower = (name: keyof CallClues, by: number) => {
    weights[at(name)] = Math.min(0, weights[at(name)]! - by / many)
  }
  lower('amongMany', lines.crowd - lines.desktop)
  if (head === 'calls') lower('vainAmongMany', lines.inVain - lines.crowd)
  const odds = judged
  const caught = odds.filter(({ positive, ...each }) => positive && each.odds > lines.desktop)
  console.error(head, {
    loss,
    margin,
    innocent: labelled.filter(({ positive }) => !positive).length,
    positive: labelled.filter(({ positive }) => positive).length,
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

function labelledIn<Clue extends string>(
  { capture, traces }: Captured,
  head: 'calls' | 'held',
  names: readonly Clue[],
): Labelled[] {
  return traces.flatMap(({ truth, beacon }) => {
    const found = beacon.clues[head] as Readonly<Record<Clue, number>> | null
    if (truth === 'unknown' || !found || beacon.standing.infrastructure !== null) return []
    return [
      {
        values: names.map((name) => found[name] ?? 0),
        positive: truth !== 'innocent',
        real: truth === 'cnc',
        host: `${capture.name} ${beacon.trace.client}`,
        capture,
      },
    ]
  })
}

/** Captures weigh alike, however many traces they have; a campus as so many desktops; both truths as much. */
function weighed(labelled: readonly Labelled[]): Sample[] {
  const innocent = new Map<Captured['capture'], number>()
  for (const { positive, capture } of labelled)
    if (!positive) innocent.set(capture, (innocent.get(capture) ?? 0) + 1)
  const captureWeight = ({ seed, crowd }: Captured['capture']) =>
    seed !== undefined ? simulatedWeight : crowd ? campusWeight : 1
  const samples = labelled.map(({ values, positive, real, capture }) => ({
    values,
    positive,
    weight: positive ? (real ? realWeight : 1) : captureWeight(capture) / innocent.get(capture)!,
  }))
  const share = (guilty: boolean) =>
    samples.filter(({ positive }) => positive === guilty).reduce((sum, { weight }) => sum + weight, 0)
  const balance = share(false) / share(true)
  return samples.map((each) => ({ ...each, weight: each.positive ? each.weight * balance : each.weight }))
}

const oddsOf = (
  { bias, weights }: { bias: number; weights: readonly number[] },
  values: readonly number[],
): number => values.reduce((sum, value, i) => sum + value * weights[i]!, bias)

interface Weighed extends Labelled {
  readonly odds: number
}

/** The highest log odds of an innocent trace outside the crowds. */
const desktopLine = (all: readonly Weighed[]): number =>
  Math.max(
    ...all
      .filter(({ positive, capture }) => !positive && capture.crowd === undefined)
      .map(({ odds }) => odds),
  )

/** By how much a desktop that is left out of the fit goes over the line of the others at most; at least 0. */
function surprise(
  labelled: readonly Labelled[],
  fit: (some: readonly Labelled[]) => { readonly bias: number; readonly weights: readonly number[] },
): number {
  const highest = (given: ReturnType<typeof fit>, all: readonly Labelled[]) =>
    desktopLine(all.map((each) => ({ ...each, odds: oddsOf(given, each.values) })))
  const desktops = new Set(
    labelled.flatMap(({ capture, positive }) => (capture.crowd || positive ? [] : [capture])),
  )
  return [...desktops].reduce((most, desktop) => {
    const others = labelled.filter(({ capture }) => capture !== desktop)
    const given = fit(others)
    const own = labelled.filter(({ capture }) => capture === desktop)
    return Math.max(most, highest(given, own) - highest(given, others))
  }, 0)
}

/** Hosts with traces in the tuning crowds. */
const watchedIn = (captures: readonly Captured[]): number =>
  new Set(
    captures.flatMap(({ capture, traces }) =>
      capture.crowd === undefined ? [] : traces.map(({ beacon }) => `${capture.name} ${beacon.trace.client}`),
    ),
  ).size

/** A little over the log odds that all but `accused` hosts of the crowds stay under. */
function crowdLine(all: readonly Weighed[], accused: number): number {
  const hosts = new Map<string, number>()
  for (const { positive, odds, host, capture } of all)
    if (!positive && capture.crowd !== undefined)
      hosts.set(host, Math.max(hosts.get(host) ?? Number.NEGATIVE_INFINITY, odds))
  const highest = [...hosts.values()].toSorted((a, b) => b - a)
  return (highest[Math.floor(accused)] ?? Number.NEGATIVE_INFINITY) + 0.2
}

const round = (value: number): number => Math.round(value * 1000) / 1000
