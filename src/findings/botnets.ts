/** A detected group as a finding: what the members share on both planes, said with its numbers. */
import type { Activity, ActivityType } from '../model/activity.ts'
import type { CCluster, Group, Term } from '../model/correlation.ts'
import type { Evidence, Likeness, Structure, Topology } from '../model/evidence.ts'
import type { Finding, Severity } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, type Micros, micros } from '../model/units.ts'
import { sayList } from '../model/words/say.ts'
import { addresses, addressText, ids, sql } from '../store/sql.ts'
import { type At, endpointsOf, flowsOf, flowsTo, type RankedEndpoint } from './endpoints.ts'
import { identify, shown } from './identity.ts'

/** An activity with its phrase, for one host and for several: "tried 412 servers", "tried up to 412 servers each". */
export type DoneActivity = Activity & {
  readonly did: string
  readonly allDid: (hosts: number) => string
}

export interface GroupFacts {
  /** Names the epoch in ids; see `epochKeyOf` in pipeline.ts. */
  readonly epochKey: number
  readonly group: Group
  readonly threshold: number
  /** Hosts with C-flows. */
  readonly population: number
  /** Activities of all hosts in the epoch. */
  readonly activities: readonly DoneActivity[]
  readonly endpoints: { readonly shown: readonly RankedEndpoint[]; readonly all: readonly RankedEndpoint[] }
  /** How it is organised; null where nothing of its order was seen. */
  readonly structure: StructureFacts | null
}

/** What the structures stage says of the group. */
interface StructureFacts extends Omit<Structure, 'kind' | 'members' | 'flows' | 'query'> {
  readonly query: Query
}

export interface BotnetFinding {
  readonly finding: Finding
  /** The C&C as far as it can be told, best first. */
  readonly endpoints: readonly RankedEndpoint[]
  readonly topology: Topology
  readonly structure: StructureFacts | null
  readonly activities: readonly ActivityType[]
}

const structureEvidence = ({ hosts }: Group, { query, ...facts }: StructureFacts): Structure => ({
  ...facts,
  kind: 'structure',
  members: hosts.length,
  flows: [],
  query: shown(query),
})

/** How bad each activity is, if true. */
const badness: Readonly<Record<ActivityType, Severity>> = {
  scan: 'high',
  spam: 'high',
  exploit: 'high',
  dga: 'high',
  download: 'medium',
}

/** What the members did that made them a group. */
const doneBy = (group: Group, activities: readonly DoneActivity[]): DoneActivity[] =>
  activities.filter(({ host, type }) => group.hosts.includes(host) && group.activities.includes(type))

/** Services that may be the C&C of the group: all, and the best that are told. */
export async function cncOf(at: At, group: Group, activities: readonly DoneActivity[]) {
  const fetched = doneBy(group, activities).filter(({ type }) => type === 'download')
  return endpointsOf(at, group, await serversOf(at, fetched))
}

/** Writes the finding of one group. */
export async function botnetFinding(at: At, facts: GroupFacts): Promise<BotnetFinding> {
  const { group, activities, structure } = facts
  const done = doneBy(group, activities)
  const endpoints = facts.endpoints.shown

  const evidence: Evidence[] = [
    await crossPlane(at, facts, endpoints),
    ...(await likenesses(at, facts, endpoints)),
    ...group.activities.flatMap((type) => activityEvidence(at, done, type)),
    ...(structure === null ? [] : [structureEvidence(group, structure)]),
  ]

  const types = [...new Set(done.map(({ type }) => type))]
  const cnc = endpoints.map(({ address, port, protocol, name }) => ({ address, port, protocol, name }))
  const { from, to } = spanOf(at, done)

  return {
    endpoints,
    topology: structure?.topology ?? 'undecided',
    structure,
    activities: group.activities,
    finding: {
      id: identify('f', ['botnet', [...group.hosts].sort(), facts.epochKey]),
      kind: 'botnet',
      hosts: group.hosts,
      from,
      to,
      severity: types.some((type) => badness[type] === 'high') ? 'high' : 'medium',
      confidence: confidenceOf(group),
      claim: claimOf(group, cnc.length),
      cnc,
      rally: null,
      evidence,
      doubts: doubtsOf(group),
    },
  }
}

/** Servers of the flows that activities cite: where programs were fetched from. */
async function serversOf({ store }: At, activities: readonly Activity[]): Promise<string[]> {
  const flows = activities.flatMap((each) => each.flows)
  if (flows.length === 0) return []
  const rows = await store.rows<{ peer: string }>(
    sql`SELECT DISTINCT ${addressText('server')} AS peer FROM flow WHERE id IN (${ids(flows)})`,
  )
  return rows.map(({ peer }) => peer)
}

function claimOf({ hosts, activities }: Group, endpoints: number): string {
  const acts = sayList(
    activities.map((type) => verbs[type]),
    activities.length,
  )
  const traffic = endpoints > 0 ? 'they have similar traffic to the same servers and' : 'they all'
  return `${hosts.length} hosts act as one botnet: ${traffic} ${acts}.`
}

const verbs: Readonly<Record<ActivityType, string>> = {
  scan: 'scan',
  spam: 'send mail to many servers',
  download: 'download the same programs',
  exploit: 'raise the same alerts',
  dga: 'look up the same non-existent domains',
}

/**
 * From how unlikely the strongest overlap is by chance: 0.5 where one such is to be expected, near 1 where none is.
 * Downloads are weak evidence (BotMiner 2008, section 3.5: w(A) of downloads is low), so a group that only downloads
 * is held lower.
 */
function confidenceOf({ terms, activities }: Group) {
  const least = Math.min(1, ...terms.map(({ expected }) => expected))
  const sure = 1 - 0.5 * 2 ** (Math.log10(Math.max(least, 1e-12)) / 2)
  return clampRatio(
    Math.round(100 * sure * (activities.every((type) => type === 'download') ? 0.7 : 1)) / 100,
  )
}

const spanOf = ({ scope }: At, done: readonly Activity[]): { from: Micros; to: Micros } => ({
  from: micros(Math.max(scope.from, Math.min(...done.map(({ first }) => first), scope.to))),
  to: micros(Math.min(scope.to, Math.max(...done.map(({ last }) => last), scope.from))),
})

async function crossPlane(
  at: At,
  { group, threshold }: GroupFacts,
  endpoints: readonly RankedEndpoint[],
): Promise<Evidence> {
  const { flows, query } = await flowsTo(at, group.hosts, endpoints)
  return {
    kind: 'cross-plane',
    scores: group.scores.map((score) => Math.round(score * 1e4) / 1e4),
    threshold,
    flows,
    query: shown(query),
  }
}

/** The shape clusters that made the group, the most telling three. */
async function likenesses(
  at: At,
  { group, population }: GroupFacts,
  endpoints: readonly RankedEndpoint[],
): Promise<Likeness[]> {
  const shapes = group.terms
    .flatMap((term) => (term.plane === 'A-C' && term.b.kind === 'shape' ? [term] : []))
    .sort((x, y) => x.expected - y.expected || y.worth - x.worth)
  const best = [...new Map(shapes.map((term) => [term.b.id, term])).values()].slice(0, 3)
  return Promise.all(best.map((term) => likeness(at, { group, population, term, endpoints })))
}

interface LikenessFacts {
  readonly group: Group
  readonly population: number
  readonly term: Term & { readonly b: CCluster }
  readonly endpoints: readonly RankedEndpoint[]
}

async function likeness(at: At, { group, population, term, endpoints }: LikenessFacts): Promise<Likeness> {
  const { store, analysis, scope } = at
  const members = term.shared.filter((host) => group.hosts.includes(host))

  const query = sql`
    SELECT ${addressText('client')} AS host, ${addressText('server')} AS peer, serverPort, proto, flows,
      fphMean, ppfMean, bppMean, bpsMean
    FROM cflow INNER JOIN (
      SELECT client, server, serverPort, proto FROM ccluster
      WHERE analysis = ${analysis} AND epoch = ${scope.epoch} AND fine = ${term.b.id}
    ) AS label USING (client, server, serverPort, proto)
    WHERE analysis = ${analysis} AND epoch = ${scope.epoch} AND client IN (${addresses(members)})
    ORDER BY host, flows DESC`

  const [row] = await store.rows<{
    fph: number
    ppf: number
    bpp: number
    bps: number
    called: [string, number][]
  }>(sql`
    SELECT quantileExact(fphMean) AS fph, quantileExact(ppfMean) AS ppf, quantileExact(bppMean) AS bpp,
      quantileExact(bpsMean) AS bps,
           groupUniqArray(tuple(peer, toUInt32(serverPort))) AS called FROM (${query})`)

  const { fph = 0, ppf = 0, bpp = 0, bps = 0, called = [] } = row ?? {}
  const own = endpoints.filter(({ address, port }) =>
    called.some(([server, at_]) => server === address && Number(at_) === port),
  )
  const { flows } = await flowsTo(at, members, own.length > 0 ? own : endpoints)

  return {
    kind: 'likeness',
    peers: members,
    clusterHosts: term.b.hosts.length,
    ofHosts: population,
    endpoints: own.map(({ address, port, protocol, name }) => ({ address, port, protocol, name })),
    flowsPerHour: fph,
    packetsPerFlow: ppf,
    bytesPerPacket: bpp,
    bytesPerSecond: bps,
    flows,
    query: shown(query),
  }
}

/**
 * One sentence per activity type. The phrase is that of the host that did most. Several rules can see the same
 * connections of a host, so its times are those of the rule that counted most, never the sum over rules.
 */
export function activityEvidence(
  { scope }: Pick<At, 'scope'>,
  done: readonly DoneActivity[],
  type: ActivityType,
): Evidence[] {
  const rows = done
    .filter((row) => row.type === type)
    .toSorted((a, b) => b.score - a.score || (a.host < b.host ? -1 : 1))
  // A rule that cites flows can be followed back to them.
  const worst = rows.find(({ flows }) => flows.length > 0) ?? rows[0]
  if (!worst) return []
  const timesOf = new Map<string, number>()
  for (const { host, times } of rows) timesOf.set(host, Math.max(times, timesOf.get(host) ?? 0))

  return [
    {
      kind: 'activity',
      activity: type,
      detector: worst.detector,
      did: timesOf.size === 1 ? worst.did : worst.allDid(timesOf.size),
      hosts: [...timesOf.keys()],
      times: [...timesOf.values()].reduce((sum, times) => sum + times, 0),
      first: micros(Math.min(...rows.map(({ first }) => first))),
      last: micros(Math.max(...rows.map(({ last }) => last))),
      flows: worst.flows.slice(0, 10),
      query: shown(flowsOf({ from: worst.first, to: Math.min(worst.last + 1, scope.to) }, worst.host)),
    },
  ]
}

function doubtsOf({ activities }: Group): [string, ...string[]] {
  const each: Readonly<Record<ActivityType, string>> = {
    scan: 'they are your own vulnerability scanners or monitoring systems',
    spam: 'they are mail servers or send a newsletter',
    download: 'they installed the same program from the same server, for example in a software rollout',
    exploit: 'the signature is known to misfire here',
    dga: 'they run the same software that looks up random names, such as a browser extension or a security agent',
  }
  const [first, ...rest] = activities.map((type) => each[type])
  return [first ?? 'they run the same software', ...rest]
}
