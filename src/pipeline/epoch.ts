/** One epoch of the records: C-plane, A-plane, their correlation, and how the groups are organised. */
import {
  activityTrafficOf,
  activityVerdicts,
  busySlotsOf,
  clusterActivities,
  countedRecords,
  excuse,
  findActivities,
  minHashesOf,
  phraseOf,
  weakActivities,
} from '../activities/index.ts'
import { type Cplane, makeCplane } from '../cflows/index.ts'
import { type Cclusters, makeCclusters, servicesOf } from '../clusters/index.ts'
import type { AnalysisOptions } from '../config.ts'
import { correlate } from '../correlations/index.ts'
import {
  type At,
  activityFinding,
  activityIndicator,
  type BotnetFinding,
  botnetFinding,
  cncOf,
  type DoneActivity,
  type GroupFacts,
  peerFinding,
  relayFinding,
} from '../findings/index.ts'
import type { Activity } from '../model/activity.ts'
import type { EpochReport } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import type { Scope } from '../model/networks.ts'
import { micros } from '../model/units.ts'
import { keepActivities } from '../store/analyses.ts'
import { cplaneTable } from '../store/cplane.ts'
import { sql } from '../store/sql.ts'
import {
  findPeers,
  findRelays,
  type MayHold,
  type PeerHost,
  peerLine,
  type Relay,
  structureOf,
} from '../structures/index.ts'

import type { Context, EpochResult, Work } from './context.ts'
import type { Surveyed } from './survey.ts'
import { together } from './together.ts'

/**
 * Epochs since 1970: names an epoch in ids, the same when more records come in and the epochs are cut anew. A window of
 * one epoch that moves with the newest record is the same window from one analysis to the next.
 */
function epochKeyOf({ from }: Scope, { epochHours, last }: AnalysisOptions): number {
  const length = Math.round(epochHours * 3.6e9)
  return last !== undefined && last <= length ? movingWindow : Math.floor(from / length)
}

const movingWindow = -1

export async function analyseEpoch(
  work: Work,
  scope: Scope,
  surveyed: Surveyed,
  progress: Context['progress'],
): Promise<EpochResult> {
  const { store, options, id: analysis, allow } = work
  progress('cflows', 0)
  const cplane = await makeCplane(store, scope, { ...options, analysis, allow }, surveyed.counts)
  progress('activities', 0.3)
  const { activities: seen, blind } = await findActivities(store, scope, options.rules, surveyed.activities)
  const activities = excuse(seen, options)
  await keepActivities(store, analysis, activities)
  progress('clusters', 0.5)
  const activityTraffic = options.mode === 'paper' ? [] : activityTrafficOf(activities)

  const clusterOptions = {
    analysis,
    epoch: scope.epoch,
    mode: options.mode,
    seed: options.seed,
    activityTraffic,
  }

  const talked = cplane.flows > 0 && cplane.quiet === null
  const paper = options.mode === 'paper'
  const [cclusters, services, structures] = await together(work, [
    async () => (talked ? makeCclusters(store, clusterOptions) : { coarse: 0, fine: 0, shapes: [] }),
    async () => (talked && !paper ? servicesOf(store, clusterOptions) : []),
    async () => {
      if (work.context.inTurn) progress('structures', 0.6)
      return structuresIn(work, scope, surveyed.structures)
    },
  ])
  progress('correlations', 0.9)
  const busySlots = paper ? new Map() : await busySlotsOf(store, scope, activities)
  const minHashes = paper ? new Map() : await minHashesOf(store, scope, activities)
  const { clusters: aclusters, singles } = clusterActivities(activities, { paper, busySlots, minHashes })
  const population = talked ? await cplaneClients(work) : (cplane.quiet?.clients ?? 0)
  const planes = { activities: aclusters, communications: [...cclusters.shapes, ...services], population }
  work.context.planes?.(planes)
  const { groups, tree, scores } = correlate(planes, { ...options, similarity: 'together' })
  const done = activities.map(withPhrases)
  progress('structures', 0.92)
  const at = { store, analysis, scope }
  const epochKey = epochKeyOf(scope, options)
  const facts = { epochKey, threshold: options.threshold, population, activities: done }
  const botnets = await Promise.all(groups.map((group) => botnetIn(at, { ...facts, group, structures })))
  const findings = activityFindings(done, population, epochKey)
  const weakIndicators = weakActivities(done, { population }).map(({ activity, ...rest }) =>
    activityIndicator({
      ...rest,
      activity: { ...activity, did: phraseOf(activity), recordsOf: countedRecords },
    }),
  )
  const report = reportOf(scope, { cplane, cclusters, activities, aclusters: aclusters.length })
  const generators = [...aclusters, ...singles].filter(({ type }) => type === 'dga').map(({ hosts }) => hosts)

  return {
    scope,
    report,
    blind,
    flowless: cplane.flows > 0 ? {} : surveyed.records,
    botnets,
    findings: [...findings, ...lonelyFindings(structures, epochKey)],
    weakIndicators,
    tree,
    scores,
    cplane,
    activities: done,
    generators,
  }
}

const withPhrases = (activity: Activity): DoneActivity => ({
  ...activity,
  did: phraseOf(activity),
  allDid: (hosts) => phraseOf(activity, hosts),
  recordsOf: countedRecords,
})

/** Findings of what hosts did, whoever they belong to. */
const activityFindings = (done: readonly DoneActivity[], population: number, epochKey: number): Finding[] =>
  activityVerdicts(done, { population }).map((verdict) => {
    const basis = done.filter(
      ({ host, detector }) => host === verdict.host && verdict.detectors.includes(detector),
    )
    return activityFinding({ ...verdict, basis: basis.toSorted((a, b) => b.score - a.score) }, epochKey)
  })

/** The finding of one group, with its C&C and how it is organised. */
async function botnetIn(
  at: At,
  { structures, ...facts }: Omit<GroupFacts, 'endpoints' | 'structure'> & { readonly structures: Structures },
): Promise<BotnetFinding> {
  const endpoints = await cncOf(at, facts.group, facts.activities)
  const structure = await structureOf(at.store, at.scope, {
    members: facts.group.hosts,
    services: endpoints.all,
    relays: structures.relays.map(({ host }) => host),
    p2pHosts: structures.p2pHosts,
  })
  return botnetFinding(at, { ...facts, endpoints, structure })
}

const lonelyFindings = ({ relays, peers }: Structures, epochKey: number): Finding[] => [
  ...relays.map((relay) => relayFinding(relay, epochKey)),
  ...peers.map(({ facts, ...peer }) => peerFinding({ ...peer, from: facts.first, to: facts.last }, epochKey)),
]

const noStructures: Structures = { relays: [], peers: [], p2pHosts: [] }

interface Structures {
  /** Hosts that pass on what strangers send; one of each host, the surest. */
  readonly relays: readonly Relay[]
  /** Hosts of an overlay of bots. */
  readonly peers: readonly PeerHost[]
  /** Every host with peer-to-peer talk, whatever for. */
  readonly p2pHosts: readonly string[]
}

/** BotMiner's paper has none of it; its mode leaves it out. */
async function structuresIn({ store, options }: Work, scope: Scope, may: MayHold): Promise<Structures> {
  if (options.mode === 'paper') return noStructures
  const talk = may.peers ? await findPeers(store, scope) : []
  const relays = may.relays ? await findRelays(store, scope) : []
  const first = <T extends { readonly host: string }>(all: readonly T[]): T[] => [
    ...new Map(all.toReversed().map((each) => [each.host, each])).values(),
  ]
  return {
    relays: first(relays.filter(({ accused }) => accused)),
    peers: first(talk.filter(({ score }) => score >= peerLine.threshold)),
    p2pHosts: [...new Set(talk.map(({ host }) => host))],
  }
}

async function cplaneClients({ store, id }: Work): Promise<number> {
  const [row] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniqExact(client)) AS n FROM ${cplaneTable(id)}`,
  )
  return row?.n ?? 0
}

interface Counted {
  readonly cplane: Cplane
  readonly cclusters: Cclusters
  readonly activities: readonly { readonly type: string }[]
  readonly aclusters: number
}

function reportOf(
  { epoch, from, to }: Scope,
  { cplane, cclusters, activities, aclusters }: Counted,
): EpochReport {
  const byType = Map.groupBy(activities, ({ type }) => type)

  return {
    number: epoch,
    from: micros(from),
    to: micros(to),
    flows: cplane.flows,
    clients: cplane.clients,
    filters: cplane.filters,
    cflows: cplane.cflows,
    cclusters: { coarse: cclusters.coarse, fine: cclusters.fine },
    activities: Object.fromEntries([...byType].map(([type, rows]) => [type, rows.length])),
    aclusters,
  }
}
