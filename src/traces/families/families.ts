/** Every trace against every family model: the path of the stage that knows families. */

import type { Endpoint } from '../../model/endpoint.ts'
import type { FamilyMatch } from '../../model/evidence.ts'
import type { Scope } from '../../model/networks.ts'
import type { Store } from '../../store/store.ts'
import { callsQuery } from '../calls-query.ts'
import { type Features, featureNames, featuresOf, plainFeaturesOf } from '../features.ts'
import { goesOutside, tracesIn, unionOf } from '../gather.ts'
import type { Trace } from '../trace.ts'
import { servicesOf } from './distinct.ts'
import type { FamilyModel } from './family-model.ts'
import { type Match, type MatchOptions, matchDefaults, matchFamilies, scoreOf } from './match.ts'

export interface FamilyHit {
  readonly trace: Trace
  readonly endpoint: Endpoint
  readonly features: Features
  readonly match: Match
  /** Other families over the line, best first. */
  readonly also: readonly string[]
}

/**
 * Traces over the line of some model, best score first; one a service, though it is seen by address and by name. A
 * trace is set against a model only when it has the calls that the model's own traces had to have. All scopes
 * are looked at together.
 */
export const findFamilies = async (
  store: Store,
  scopes: readonly Scope[],
  models: readonly FamilyModel[],
  options: Partial<MatchOptions> = {},
): Promise<FamilyHit[]> => (models.length === 0 ? [] : (await sweep(store, scopes, { models, options })).hits)

/** As `findFamilies` at alpha 0, for a line to be set by; with the traces looked at. Hosts of `left` have none. */
export const familyScores = (
  store: Store,
  scopes: readonly Scope[],
  models: readonly FamilyModel[],
  options: Partial<Pick<MatchOptions, 'minHits' | 'beta'>> = {},
  left: ReadonlySet<string> = new Set(),
): Promise<Sweep> => sweep(store, scopes, { models, options: { ...options, alpha: 0 }, left })

interface Sweep {
  readonly hits: FamilyHit[]
  readonly traces: number
}

async function sweep(
  store: Store,
  scopes: readonly Scope[],
  {
    models,
    options,
    left = new Set(),
  }: { models: readonly FamilyModel[]; options: Partial<MatchOptions>; left?: ReadonlySet<string> },
): Promise<Sweep> {
  const hits: FamilyHit[] = []
  let traces = 0
  for await (const trace of tracesFor(store, scopes, models)) {
    if (left.has(trace.client)) continue
    traces++
    const fit = fitting(trace, models)
    const features = worthwhile(trace, fit, options)
    const [match, ...others] = features ? matchFamilies(features, fit, options) : []
    if (!features || !match) continue
    const also = others.map(({ family }) => family)
    hits.push({ trace, endpoint: endpointOf(trace), features, match, also })
  }

  return { hits: bestOfEach(hits), traces }
}

async function* tracesFor(
  store: Store,
  scopes: readonly Scope[],
  models: readonly FamilyModel[],
): AsyncGenerator<Trace> {
  const scope = unionOf(scopes)
  const minCalls = Math.max(2, Math.min(...models.map(({ provenance }) => provenance.minCalls)))
  const withInternal = !(await goesOutside(store, scope))
  for await (const chunk of tracesIn(store, scope, { minCalls, withInternal }))
    for (const trace of chunk) if (trace.connections >= minCalls) yield trace
}

const fitting = ({ connections }: Trace, models: readonly FamilyModel[]): FamilyModel[] =>
  models.filter(({ provenance }) => connections >= provenance.minCalls)

/**
 * The features, or null where no model can match whatever the frequency is: it adds one hit and at most 1 to the
 * score, and its spectrum is what costs.
 */
function worthwhile(
  trace: Trace,
  models: readonly FamilyModel[],
  options: Partial<MatchOptions>,
): Features | null {
  const { alpha, minHits, beta } = { ...matchDefaults, ...options }
  const plain = plainFeaturesOf(trace)
  const possible = models.some((model) => {
    const { score, hits } = scoreOf(plain, model, beta)
    return score + 1 > alpha && hits.length + 1 >= minHits
  })
  return possible ? featuresOf(trace) : null
}

function bestOfEach(hits: readonly FamilyHit[]): FamilyHit[] {
  const seen = new Set<string>()
  return hits
    .toSorted((a, b) => b.match.score - a.match.score || a.trace.client.localeCompare(b.trace.client))
    .filter(({ trace }) => {
      const services = servicesOf(trace)
      const known = services.every((each) => seen.has(each))
      for (const each of services) seen.add(each)
      return !known
    })
}

const endpointOf = ({ servers, serverPort, proto, name }: Trace): Endpoint => ({
  address: servers[0]!,
  port: serverPort,
  protocol: proto,
  name,
})

/** The hit as a finding carries it. */
export const familyEvidence = ({ trace, endpoint, match }: FamilyHit): FamilyMatch => ({
  kind: 'family',
  endpoint,
  family: match.family,
  score: match.score,
  threshold: match.threshold,
  hits: match.hits,
  flows: trace.flows,
  query: callsQuery({ trace }),
})

/** Score over the most that the model could give: its best cluster of each feature, 1 for perfect calls. */
export function likenessOf({ match }: FamilyHit, models: readonly FamilyModel[]): number {
  const model = models.find(({ family }) => family === match.family)
  const best = featureNames.map((name) =>
    Math.max(0, ...(model?.features[name] ?? []).map(({ quality }) => quality)),
  )
  return Math.min(1, match.score / best.reduce((a, b) => a + b, 0))
}

/** All that a finding says of the hit. `calibrated` where no one set the line by hand and the folder has one. */
export function familyFactsOf(hit: FamilyHit, models: readonly FamilyModel[], calibrated: boolean) {
  const { trace, match, also } = hit
  return {
    host: trace.client,
    from: trace.firstStart,
    to: trace.lastEnd,
    evidence: familyEvidence(hit),
    likeness: likenessOf(hit, models),
    also,
    calibrated,
    trainedOn: models.find(({ family }) => family === match.family)?.provenance.used ?? 0,
  }
}
