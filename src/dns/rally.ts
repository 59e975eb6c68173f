/**
 * How bots find their C&C: the rendezvous that the DNS records show for an endpoint.
 *
 * Damballa's primer ("Botnet communication topologies", 2009) names the ways: a fixed address, fixed names, IP flux
 * (single and double), domain flux (wildcards and generated names). A tunnel needs none of them: the resolver is
 * the way; nor does a bot of an overlay, which keeps a list of peers.
 */

import type { Endpoint } from '../model/endpoint.ts'
import type { Rally } from '../model/finding.ts'
import { heldRecords } from '../store/epochs.ts'
import { addresses, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { AnsweredName } from './dga-rendezvous.ts'
import { nameOf } from './domain-name.ts'
import type { Flux } from './fast-flux.ts'
import type { Span } from './partitions.ts'
import type { Tunnel } from './tunnels.ts'
import type { Wildcard } from './wildcards.ts'

export interface RallyFacts {
  readonly tunnels: readonly Tunnel[]
  readonly fluxes: readonly Flux[]
  readonly wildcards: readonly Wildcard[]
  /** Names that generators led to. */
  readonly answered: readonly AnsweredName[]
}

/** Before a call within this many microseconds a client must have asked the DNS, for an answer to explain it. */
const rememberedFor = 24 * 3600e6

interface RallyQuestion {
  readonly hosts: readonly string[]
  /** The C&C, the most telling first. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]]
  /** True where the endpoints are peers of one overlay. */
  readonly overlay: boolean
  readonly facts: RallyFacts
}

/**
 * How `hosts` found the first of `endpoints`; null where the DNS records cannot tell, since these hosts asked
 * nothing that was recorded.
 */
export async function rallyOf(
  store: Store,
  span: Pick<Span, 'from' | 'to'>,
  { hosts, endpoints, overlay, facts }: RallyQuestion,
): Promise<Rally | null> {
  const [endpoint] = endpoints
  const { asked, names } = await askedBy(store, span, { hosts, address: endpoint.address })
  if (names.length === 0 && endpoint.name !== null && nameOf(endpoint.name).registered !== '')
    return rallyBy([endpoint.name], facts)
  if (names.length === 0 && overlay) return { method: 'peers', names: [] }
  if (names.length === 0) return asked ? { method: addressesOf(endpoints), names: [] } : null

  return rallyBy(endpoint.name === null ? names : [endpoint.name, ...names], facts)
}

/** How many answers the hosts got, and the names whose answers hold the address, those of most hosts first. */
async function askedBy(
  store: Store,
  { from, to }: Pick<Span, 'from' | 'to'>,
  { hosts, address }: { readonly hosts: readonly string[]; readonly address: string },
): Promise<{ asked: number; names: readonly string[] }> {
  if (!(await heldRecords(store)).includes('dns')) return { asked: 0, names: [] }

  const own = sql`client IN (${addresses(hosts)})`
  const [found] = await store.rows<{ asked: number; names: [string, number][] }>(sql`
    SELECT toFloat64(count()) AS asked, (
      SELECT arraySort(x -> (-x.2, x.1), groupArray((query, n))) FROM (
        SELECT query, toFloat64(uniqExact(client)) AS n FROM dns
        WHERE start >= ${from - rememberedFor} AND start < ${to} AND ${own} AND has(answers, ${address})
        GROUP BY query)) AS names
    FROM dns WHERE start >= ${from - rememberedFor} AND start < ${to} AND ${own} AND responseCode != ''`)
  return { asked: found?.asked ?? 0, names: (found?.names ?? []).map(([name]) => name) }
}

const addressesOf = (endpoints: readonly Endpoint[]): Rally['method'] =>
  new Set(endpoints.filter(({ name }) => name === null).map(({ address }) => address)).size > 1
    ? 'addresses'
    : 'address'

/** The method that these names show, the strangest first. */
function rallyBy(names: readonly string[], facts: RallyFacts): Rally {
  const owners = names.map((name) => nameOf(name).registered)
  const has = (registered: string) => owners.includes(registered)
  const by = (method: Rally['method'], some: readonly string[]): Rally => ({
    method,
    names: [...new Set(some)].slice(0, 5),
  })
  const made = facts.answered.filter(({ registered }) => has(registered))

  if (made.length > 0)
    return by(
      'generated-names',
      made.map(({ endpoint, registered }) => endpoint.name ?? registered),
    )

  const tunnel = facts.tunnels.find(({ registered }) => has(registered))
  if (tunnel) return by('tunnel', [tunnel.registered])
  const flux = facts.fluxes.find(({ query, registered }) => names.includes(query) || has(registered))
  if (flux) return by(flux.kind === 'double' ? 'double-flux' : 'ip-flux', [flux.query])
  const wildcard = facts.wildcards.find(({ registered }) => has(registered))
  if (wildcard) return by('wildcard', [`*.${wildcard.registered}`])

  return by('name', names)
}
