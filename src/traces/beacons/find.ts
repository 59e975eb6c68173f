/** Traces to beacons: the model-free path of the stage. */
import type { Endpoint } from '../../model/endpoint.ts'
import type { Scope } from '../../model/networks.ts'
import { sql } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'
import { type GatherOptions, gatherDefaults, goesOutside, tracesIn, unionOf } from '../gather.ts'
import { isUnder } from '../names.ts'
import { type Trace, traceKey } from '../trace.ts'
import { joinedTraces } from './churn.ts'
import { type CallFeatures, callFeaturesOf, type HeldFeatures, heldFeaturesOf } from './features.ts'
import { type Network, type Population, populationOf, type ServerProfile } from './population.ts'
import { type Rhythm, rhythmOf } from './rhythm.ts'
import { type RitaScore, ritaOf } from './rita.ts'
import { beaconVerdict, fitted, type Parameters, type Verdict } from './verdict.ts'

export interface BeaconOptions extends Partial<Omit<GatherOptions, 'withInternal'>> {
  /** Also between internal hosts; when not given, only where nothing goes outside. */
  readonly withInternal?: boolean
  /** Beacons with a lower score are left out; the fitted threshold when not given. */
  readonly minScore?: number
  /** Traces whose population is looked up, those with most evidence first. */
  readonly maxCandidates?: number
  readonly parameters?: Parameters
}

export interface Beacon {
  readonly trace: Trace
  readonly endpoint: Endpoint
  readonly verdict: Verdict
  /** Confidence, 0 to 1. */
  readonly score: number
  readonly profile: ServerProfile
  readonly network: Network
  /** null for one held connection without calls. */
  readonly rhythm: Rhythm | null
  readonly features: { readonly calls: CallFeatures | null; readonly held: HeldFeatures | null }
  /** RITA's score of the same flows; null where RITA leaves the pair out. */
  readonly baseline: RitaScore | null
}

/**
 * Traces that are command and control as far as the records show, most confident first. All scopes are looked
 * at together, so that a weekly caller is found over many epochs.
 */
export async function findBeacons(
  store: Store,
  scopes: Scope | readonly Scope[],
  options: BeaconOptions = {},
): Promise<Beacon[]> {
  const parameters = options.parameters ?? fitted
  const { minScore = parameters.threshold, maxCandidates = 20_000 } = options
  const scope = unionOf('epoch' in scopes ? [scopes] : scopes)
  const withInternal = options.withInternal ?? !(await goesOutside(store, scope))
  const given = { ...gatherDefaults, ...options, withInternal }
  const candidates = await candidatesIn(store, scope, { ...given, maxCandidates })
  if (candidates.length === 0) return []
  const extent = await extentOf(store, scope)
  const population = await populationOf(store, scope, { traces: candidates, withInternal })
  const allowed = new Set(given.allow.names)
  const beacons = candidates.flatMap((trace) => {
    const beacon = beaconOf(trace, { population, extent, parameters, ...given })
    if (!beacon || beacon.score < minScore || isUnder(beacon.endpoint.name, allowed)) return []
    return [beacon]
  })

  return withoutDoubles(beacons.sort(byScore))
}

/** Traces with a clock, calls alike or a held connection; the strongest, where there are too many to look up. */
async function candidatesIn(
  store: Store,
  scope: Scope,
  { maxCandidates, ...options }: GatherOptions & { maxCandidates: number },
): Promise<Trace[]> {
  let kept: { trace: Trace; strength: number }[] = []
  for await (const chunk of tracesIn(store, scope, options)) {
    for (const trace of chunk) kept.push({ trace, strength: strengthOf(trace, options) })
    if (kept.length > maxCandidates)
      kept = kept.sort((a, b) => b.strength - a.strength).slice(0, maxCandidates)
  }
  const traces = kept.map(({ trace }) => trace)
  return [...traces, ...joinedTraces(traces)]
}

/** A rough order of interest that needs no look at other traces. */
function strengthOf(trace: Trace, { minCalls, longSeconds }: GatherOptions): number {
  const longest = trace.calls.duration.reduce((a, b) => Math.max(a, b), 0)
  const held = longest >= longSeconds ? Math.log(longest / longSeconds) : 0
  return Math.max(held, rhythmOf(trace.calls.start, minCalls)?.evidence ?? 0)
}

/** Microseconds: the first start and the last end in the scope. */
export async function extentOf(store: Store, scope: Scope): Promise<{ first: number; last: number }> {
  const [extent] = await store.rows<{ first: number; last: number }>(
    sql`SELECT min(start) AS first, max(start + duration) AS last FROM flow
        WHERE start >= ${scope.from} AND start < ${scope.to}`,
  )
  return extent ?? { first: scope.from, last: scope.to }
}

/** What a trace is judged in. */
export interface Setting extends GatherOptions {
  readonly population: Population
  readonly extent: { readonly first: number; readonly last: number }
  readonly parameters: Parameters
}

/** The verdict on one trace with its numbers; null where nothing speaks for C&C or against. */
export function beaconOf(trace: Trace, setting: Setting): Beacon | null {
  const { population, extent, parameters, minCalls, longSeconds } = setting
  const profile = population.profile(trace)
  const situation = { profile, network: population.network, extent }
  const calls = callFeaturesOf(trace, situation, minCalls)
  const held = heldFeaturesOf(trace, situation, longSeconds)
  const verdict = beaconVerdict({ profile, calls: calls?.features ?? null, held }, parameters)
  if (!verdict) return null

  return {
    trace,
    endpoint: {
      address: trace.servers[0]!,
      port: trace.serverPort,
      protocol: trace.proto,
      name: profile.name,
    },
    verdict,
    score: verdict.score,
    profile,
    network: population.network,
    rhythm: calls?.rhythm ?? null,
    features: { calls: calls?.features ?? null, held },
    baseline: trace.by === 'address' ? ritaOf(trace, extent) : null,
  }
}

const byScore = (a: Beacon, b: Beacon): number =>
  b.score - a.score || traceKey(a.trace).localeCompare(traceKey(b.trace))

/** One beacon for the same client and service, by address or by name: the first, and so the stronger. */
function withoutDoubles(beacons: readonly Beacon[]): Beacon[] {
  const seen = new Set<string>()
  return beacons.filter(({ trace }) => {
    const keys = trace.servers.map((server) =>
      [trace.client, server, trace.serverPort, trace.proto].join(' '),
    )
    const known = keys.every((key) => seen.has(key))
    for (const key of keys) seen.add(key)
    return !known
  })
}
