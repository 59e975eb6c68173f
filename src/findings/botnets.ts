/** A detected group as a finding: what the members share on both planes, said with its numbers. */
import type { Activity, ActivityType } from '../model/activity.ts'
import type { Group } from '../model/correlation.ts'
import type { Evidence, Structure, Topology } from '../model/evidence.ts'
import type { Finding, Severity } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, type Micros, micros } from '../model/units.ts'
import { sayList } from '../model/words/say.ts'
import { addressText, ids, sql } from '../store/sql.ts'
import type { ToldActivity } from './activities.ts'
import { type At, endpointsOf, flowsTo, type RankedEndpoint } from './endpoints.ts'
import { identify, shown } from './identity.ts'
import { likenesses, sharedServices } from './shared-traffic.ts'

/** An activity with its phrase, for one host and for several: "tried 412 servers", "tried up to 412 servers each". */
export type DoneActivity = ToldActivity & {
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

/** Services that may be the C&C of the group: all, and the best, which are shown. */
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
    ...(await likenesses(at, facts)),
    ...(await sharedServices(at, facts)),
    ...group.activities.flatMap((type) => activityEvidence(done, type)),
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
      claim: claimOf(group, { done, endpoints, evidence }),
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

interface Claimed {
  readonly done: readonly DoneActivity[]
  readonly endpoints: readonly RankedEndpoint[]
  readonly evidence: readonly Evidence[]
}

/** What the members share and do; of what only some of them do, how many. */
function claimOf({ hosts, activities }: Group, { done, endpoints, evidence }: Claimed): string {
  const servers = endpoints.length === 1 ? 'the same server' : 'the same servers'
  const calling = new Set(endpoints.flatMap(({ members }) => members)).size
  const alike = new Set(evidence.flatMap((each) => (each.kind === 'likeness' ? each.peers : []))).size
  const acting = (type: ActivityType) =>
    new Set(done.filter((each) => each.type === type).map(({ host }) => host)).size
  const of = (n: number, what: string) =>
    n === hosts.length ? `they ${what}` : `${n} of them ${n === 1 ? what.replace(/^\w+/, '$&s') : what}`

  const parts = [
    ...(calling === 0 ? [] : [of(calling, `contact ${servers}`)]),
    ...(alike === 0 ? [] : [of(alike, 'have similar traffic')]),
    ...activities.map((type) => of(acting(type), verbs[type])),
  ]
  return `${hosts.length} hosts act as one botnet: ${sayList(parts, parts.length)}.`
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

/**
 * One sentence per activity type. The phrase is that of the host that did most. Several rules can see the same
 * connections of a host, so its times are those of the rule that counted most, never the sum over rules.
 */
export function activityEvidence(done: readonly DoneActivity[], type: ActivityType): Evidence[] {
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
      query: shown(worst.recordsOf(rows)),
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
