/**
 * How a botnet is organised, and what would remain of it.
 *
 * The kinds are those of the primer (Ollmann, "Botnet communication topologies", Damballa 2009): star, multi-server,
 * hierarchical, random. Which facts of the contact graph tell them apart is fitted on simulated botnets
 * (`node bench/fit/fit-topology.ts --write`): a multinomial logistic score, and the line under which it stays
 * undecided.
 */
import type { DecidedTopology, Loss, StructureFact, Topology } from '../model/evidence.ts'
import { decidedTopologies } from '../model/evidence.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, type Ratio } from '../model/units.ts'
import { inside } from '../store/networks.ts'
import { addresses, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import {
  type ControlService,
  type GraphFact,
  type GraphFacts,
  type GraphRequest,
  graphFacts,
  measureGraph,
} from './graph.ts'
import fittedTopology from './topology.json' with { type: 'json' }
import type { Head } from './weights.ts'

export interface TopologyParameters {
  /** Confidence from which a kind is said; under it the topology is undecided. */
  readonly line: number
  readonly kinds: Readonly<Record<DecidedTopology, Head>>
}
export const fittedLines = fittedTopology as unknown as TopologyParameters

interface BotnetStructure {
  readonly topology: Topology
  readonly likeliest: DecidedTopology
  readonly confidence: Ratio
  readonly facts: readonly StructureFact[]
  readonly losses: readonly Loss[]
  /** Members that relay. */
  readonly relays: readonly string[]
  readonly query: Query
}

/** Structure of one group; null where nothing of its order was seen. */
export async function structureOf(
  store: Store,
  scope: Scope,
  request: GraphRequest,
  parameters: TopologyParameters = fittedLines,
): Promise<BotnetStructure | null> {
  if (request.members.length < 2 || request.services.length === 0) return null
  const measured = await measureGraph(store, scope, request)
  return {
    ...decide(measured, parameters),
    losses: lossesOf(request),
    relays: request.members.filter((each) => request.relays.includes(each)),
    query: linksOf(scope, request),
  }
}

/** The kind that the facts fit best, how well, and which facts led to it. */
export function decide(
  measured: GraphFacts,
  { line, kinds }: TopologyParameters = fittedLines,
): Pick<BotnetStructure, 'topology' | 'likeliest' | 'confidence' | 'facts'> {
  const odds = decidedTopologies.map((kind) => ({ kind, logOdds: scoreOf(measured, kinds[kind]) }))
  const [best, runnerUp] = odds.toSorted((a, b) => b.logOdds - a.logOdds) as [
    (typeof odds)[0],
    (typeof odds)[0],
  ]
  const confidence = 1 / odds.reduce((sum, { logOdds }) => sum + Math.exp(logOdds - best.logOdds), 0)

  const facts = (Object.keys(graphFacts) as GraphFact[]).map((fact): StructureFact => {
    const weight = (kinds[best.kind].weights[fact] ?? 0) - (kinds[runnerUp.kind].weights[fact] ?? 0)
    return {
      fact,
      doc: graphFacts[fact],
      value: rounded(measured[fact]),
      logOdds: rounded(weight * measured[fact]),
    }
  })

  return {
    topology: confidence >= line ? best.kind : 'undecided',
    likeliest: best.kind,
    confidence: clampRatio(rounded(confidence)),
    facts: facts.toSorted((a, b) => b.logOdds - a.logOdds),
  }
}

const rounded = (value: number) => Math.round(value * 1e3) / 1e3

const scoreOf = (measured: GraphFacts, { bias, weights }: Head): number =>
  (Object.keys(graphFacts) as GraphFact[]).reduce(
    (sum, fact) => sum + measured[fact] * (weights[fact] ?? 0),
    bias,
  )

/** For the servers that most members call: the share of members that still reach another when it is gone. */
export function lossesOf({ members, services }: Pick<GraphRequest, 'members' | 'services'>): Loss[] {
  const reached = new Map<string, number>()
  for (const { members: who } of services)
    for (const member of new Set(who)) reached.set(member, (reached.get(member) ?? 0) + 1)
  return services
    .toSorted((a, b) => b.members.length - a.members.length)
    .slice(0, 10)
    .map(({ address, port, protocol, name, members: who }) => {
      const lost = members.filter((each) => (reached.get(each) ?? 0) - (who.includes(each) ? 1 : 0) === 0)
      return {
        endpoint: { address, port, protocol, name },
        remaining: clampRatio(rounded(1 - lost.length / members.length)),
      }
    })
    .toSorted((a, b) => a.remaining - b.remaining)
}

const mostServers = 1000

/** Who calls whom: the rows that the facts were counted over. */
function linksOf({ from, to, internal }: Scope, { members, services }: GraphRequest): Query {
  const servers = [...new Set(services.map(({ address }: ControlService) => address))].slice(0, mostServers)
  return sql`
    SELECT if(${inside('client', internal)}, 'out', 'in') AS way, ${addressText('client')} AS caller,
      ${addressText('server')} AS called,
           serverPort, proto, count() AS flows, countIf(outcome IN ('refused', 'unanswered')) AS failed
    FROM flow WHERE start >= ${from} AND start < ${to}
      AND ((client IN (${addresses(members)}) AND server IN (${addresses(servers)}))
        OR (server IN (${addresses(members)}) AND client IN (${addresses(servers)})))
    GROUP BY client, server, serverPort, proto ORDER BY flows DESC, caller, called LIMIT 1000`
}
