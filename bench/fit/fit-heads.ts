/** The heads of the verdict from judged traces. */
import {
  type CallFeatures,
  callFeatures,
  type HeldFeatures,
  heldFeatures,
} from '../../src/traces/beacons/features.ts'
import type { Head, Heads } from '../../src/traces/beacons/verdict.ts'
import type { JudgedCapture } from '../samples/beacon-samples.ts'
import { fitLogistic, type Sample } from './logistic.ts'

/** A real C&C trace counts as much as this many implants. */
const realWeight = 10
/** Of a real crowd, beside desktops and beside simulated crowds. */
const realCrowdWeight = 3
/** Of a simulated crowd beside desktops: little, since it is there for many hosts that records name. */
const simulatedWeight = 0.3
/** Over a line, in log odds. */
const lineMargin = 0.2
/**
 * Share of the hosts of the tuning crowds that may be accused: of simulated clean days, with names and without, and of
 * the real background, two hours of which nobody knows what its odd callers are; of calls and of held connections each.
 */
const crowdShare = { simulated: 0.001, real: 0.02 }
/** Hosts of a simulated crowd that weighs 1; smaller ones weigh less. */
const largeCrowd = 300

/** What of a judged capture is used. */
export interface Captured {
  readonly capture: Pick<JudgedCapture['capture'], 'name' | 'crowd' | 'simulated'>
  readonly traces: readonly {
    readonly truth: string
    readonly beacon: {
      readonly features: { readonly calls: object | null; readonly held: object | null }
      readonly profile: { readonly infrastructure: string | null }
      readonly trace: { readonly client: string }
    }
  }[]
}

export const fitHeads = (
  captures: readonly Captured[],
): { calls: Heads<keyof CallFeatures>; held: Heads<keyof HeldFeatures> } => ({
  calls: fitHead(captures, 'calls', callFeatures),
  held: fitHead(captures, 'held', heldFeatures),
})

/** What only a crowd has, set by its lines. */
const lineFeatures = ['crowd', 'unnamedCrowd', 'vainInCrowd']
/** On a few machines the fit finds no more with these, and Emotet comes to the line (docs/method/beacons.md). */
const crowdFeatures = { calls: ['unbroken', 'peering', 'keptAlive'], held: ['peering'] }

function fitHead<Feature extends string>(
  captures: readonly Captured[],
  head: 'calls' | 'held',
  list: FeatureList<Feature>,
): Heads<Feature> {
  const crowds = captures.filter(({ capture }) => capture.crowd)
  return { few: fitFew(captures, head, list), many: fitMany(crowds, head, list) }
}

/** Where few hosts are watched: no benign trace of the desktops and infected hosts reaches the line. */
function fitFew<Feature extends string>(
  captures: readonly Captured[],
  head: 'calls' | 'held',
  list: FeatureList<Feature>,
): Head<Feature> {
  const labelled = labelledIn(captures, head, list)
  const samples = weighed(labelled, ({ simulated, crowd }) =>
    simulated ? simulatedWeight : crowd ? realCrowdWeight : 1,
  )
  // `crowd`, the first of them, takes up what benign traces of crowds have more of; it plays no part where few are
  // watched.
  const without = [...lineFeatures.slice(1), ...crowdFeatures[head]]
  const found = fitFeatures(samples, list, { ridge: 0.001, without })
  const judged = labelled.map((each) => ({ ...each, odds: oddsOf(found, each.values) }))
  const line = desktopLine(judged) + lineMargin
  report(`${head}, few`, judged, { line })
  const own = headOf(list, found, line)
  return { ...own, weights: { ...own.weights, crowd: 0 } }
}

/** In a crowd: this many hosts may be accused, of what is answered and of calls in vain each. */
function fitMany<Feature extends string>(
  captures: readonly Captured[],
  head: 'calls' | 'held',
  list: FeatureList<Feature>,
): Head<Feature> {
  const labelled = labelledIn(captures, head, list)
  const hosts = new Map(captures.map((each) => [each.capture, watchedIn([each])]))
  const samples = weighed(labelled, (capture) =>
    capture.simulated ? hosts.get(capture)! / largeCrowd : realCrowdWeight,
  )
  const found = fitFeatures(samples, list, { ridge: 0.0003, without: lineFeatures })
  const judged = labelled.map((each) => ({ ...each, odds: oddsOf(found, each.values) }))
  const refused = Object.keys(list).indexOf('refused')
  const lineOf = (of: (capture: Captured['capture']) => boolean, vain = false) => {
    const some = captures.filter(({ capture }) => of(capture))
    const own = new Set(some.map(({ capture }) => capture))
    const rest = judged.filter(
      ({ capture, values }) => own.has(capture) && (values[refused] ?? 0) > 0.5 === vain,
    )
    const share = some.every(({ capture }) => capture.simulated) ? crowdShare.simulated : crowdShare.real
    return crowdLine(rest, watchedIn(some) * share)
  }
  const line = lineOf(isNamed)
  const unnamed = Math.max(
    lineOf(isUnnamed),
    lineOf(({ simulated }) => simulated === undefined),
  )
  const inVain = Math.max(line, lineOf(isNamed, true))
  report(`${head}, many`, judged, { line, unnamed, inVain })
  const own = headOf(list, found, line)
  const lower = {
    unnamedCrowd: round(line - unnamed),
    vainInCrowd: round(line - inVain),
  }
  return {
    ...own,
    weights: Object.fromEntries(
      (Object.entries(own.weights) as [Feature, number][]).map(([name, weight]) => [
        name,
        (lower as Readonly<Record<string, number>>)[name] ?? weight,
      ]),
    ) as Record<Feature, number>,
  }
}

type FeatureList<Feature extends string> = Readonly<Record<Feature, { side: string }>>

interface Weights {
  readonly bias: number
  readonly weights: readonly number[]
}

/** Weights with the signs of the list; those of `without` are 0. */
function fitFeatures<Feature extends string>(
  samples: readonly Sample[],
  list: FeatureList<Feature>,
  { ridge, without }: { ridge: number; without: readonly string[] },
): Weights {
  const names = Object.keys(list) as Feature[]
  const used = names.filter((name) => !without.includes(name))
  const own = samples.map((each) => ({
    ...each,
    values: used.map((name) => each.values[names.indexOf(name)]!),
  }))
  const signs = used.map((name) => (list[name].side === 'for' ? 1 : -1))
  const { bias, weights } = fitLogistic(own, signs, { ridge, rounds: 2500 })
  return { bias, weights: names.map((name) => weights[used.indexOf(name)] ?? 0) }
}

const headOf = <Feature extends string>(
  list: FeatureList<Feature>,
  { bias, weights }: Weights,
  line: number,
): Head<Feature> => ({
  bias: round(bias - line),
  weights: Object.fromEntries(Object.keys(list).map((name, i) => [name, round(weights[i]!)])) as Record<
    Feature,
    number
  >,
})

function report(head: string, judged: readonly Weighed[], lines: Readonly<Record<string, number>>): void {
  const first = Object.values(lines)[0]!
  const malicious = judged.filter(({ positive }) => positive)
  const caught = malicious.filter(({ odds }) => odds > first)
  const real = (some: readonly Weighed[]) => some.filter((each) => each.real).length
  console.error(head, {
    lines,
    benign: judged.length - malicious.length,
    positive: malicious.length,
    caught: caught.length,
    real: real(malicious),
    realCaught: real(caught),
  })
}

interface Labelled {
  readonly values: readonly number[]
  readonly positive: boolean
  readonly real: boolean
  readonly host: string
  readonly capture: Captured['capture']
}

function labelledIn<Feature extends string>(
  captures: readonly Captured[],
  head: 'calls' | 'held',
  list: FeatureList<Feature>,
): Labelled[] {
  const names = Object.keys(list) as Feature[]
  return captures.flatMap(({ capture, traces }) =>
    traces.flatMap(({ truth, beacon }) => {
      const found = beacon.features[head] as Readonly<Record<Feature, number>> | null
      if (truth === 'unknown' || !found || beacon.profile.infrastructure !== null) return []
      return [
        {
          values: names.map((name) => found[name] ?? 0),
          positive: truth !== 'benign',
          real: truth === 'cnc',
          host: `${capture.name} ${beacon.trace.client}`,
          capture,
        },
      ]
    }),
  )
}

/** Captures weigh alike however many traces they have, but for `weightOf`; both truths as much. */
function weighed(
  labelled: readonly Labelled[],
  weightOf: (capture: Captured['capture']) => number,
): Sample[] {
  const benign = new Map<Captured['capture'], number>()
  for (const { positive, capture } of labelled)
    if (!positive) benign.set(capture, (benign.get(capture) ?? 0) + 1)
  const samples = labelled.map(({ values, positive, real, capture }) => ({
    values,
    positive,
    weight: positive ? (real ? realWeight : weightOf(capture)) : weightOf(capture) / benign.get(capture)!,
  }))
  const share = (malicious: boolean) =>
    samples.filter(({ positive }) => positive === malicious).reduce((sum, { weight }) => sum + weight, 0)
  const balance = share(false) / share(true)
  return samples.map((each) => ({ ...each, weight: each.positive ? each.weight * balance : each.weight }))
}

const oddsOf = ({ bias, weights }: Weights, values: readonly number[]): number =>
  values.reduce((sum, value, i) => sum + value * weights[i]!, bias)

interface Weighed extends Labelled {
  readonly odds: number
}

/** The highest log odds of a benign trace outside the crowds. */
const desktopLine = (all: readonly Weighed[]): number =>
  Math.max(
    ...all
      .filter(({ positive, capture }) => !positive && capture.crowd === undefined)
      .map(({ odds }) => odds),
  )

/** Hosts with traces in the tuning crowds. */
const watchedIn = (captures: readonly Captured[]): number =>
  new Set(
    captures.flatMap(({ capture, traces }) =>
      capture.crowd === undefined ? [] : traces.map(({ beacon }) => `${capture.name} ${beacon.trace.client}`),
    ),
  ).size

const isUnnamed = ({ simulated }: Captured['capture']): boolean => simulated?.format !== undefined
const isNamed = ({ simulated }: Captured['capture']): boolean =>
  simulated !== undefined && simulated.format === undefined

/** A little over the log odds that all but `accused` hosts of the crowds stay under. */
function crowdLine(all: readonly Weighed[], accused: number): number {
  const hosts = new Map<string, number>()
  for (const { positive, odds, host, capture } of all)
    if (!positive && capture.crowd !== undefined)
      hosts.set(host, Math.max(hosts.get(host) ?? Number.NEGATIVE_INFINITY, odds))
  const highest = [...hosts.values()].toSorted((a, b) => b - a)
  return (highest[Math.floor(accused)] ?? Number.NEGATIVE_INFINITY) + lineMargin
}

const round = (value: number): number => Math.round(value * 1000) / 1000
