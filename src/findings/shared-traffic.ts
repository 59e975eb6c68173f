/** What traffic the members of a group share: shapes of C-flows, and services. */
import type { CCluster, Group, Term } from '../model/correlation.ts'
import type { Likeness, Rarity } from '../model/evidence.ts'
import { addresses, addressText, sql } from '../store/sql.ts'
import { type At, clientsOf, flowsTo, type RankedEndpoint } from './endpoints.ts'
import { shown } from './identity.ts'

/** The group, the hosts with C-flows, and its services: the best, named, and all. */
interface GroupTraffic {
  readonly group: Group
  readonly population: number
  readonly endpoints: { readonly shown: readonly RankedEndpoint[]; readonly all: readonly RankedEndpoint[] }
}

/** The shape clusters that made the group, the most telling three. */
export async function likenesses(
  at: At,
  { group, population, endpoints }: GroupTraffic,
): Promise<Likeness[]> {
  const shapes = group.terms
    .flatMap((term) => (term.plane === 'A-C' && term.b.kind === 'shape' ? [term] : []))
    .sort((x, y) => x.expected - y.expected || y.worth - x.worth)
  const best = [...new Map(shapes.map((term) => [term.b.id, term])).values()].slice(0, 3)
  return Promise.all(
    best.map((term) => likeness(at, { group, population, term, endpoints: endpoints.shown })),
  )
}

/** The services that made the group, the most telling three: how many hosts contact each. */
export async function sharedServices(
  at: At,
  { group, population, endpoints }: GroupTraffic,
): Promise<Rarity[]> {
  const services = group.terms
    .flatMap((term) => (term.plane === 'A-C' && term.b.kind === 'service' ? [term] : []))
    .sort((x, y) => x.expected - y.expected || y.worth - x.worth)
  const best = [...new Map(services.map(({ b }) => [b.id, b])).values()].slice(0, 3)

  return Promise.all(
    best.flatMap(({ id, hosts }) =>
      [...endpoints.shown, ...endpoints.all]
        .filter(({ address, port, protocol }) => id === `${address} ${port}/${protocol}`)
        .slice(0, 1)
        .map(async ({ address, port, protocol, name }): Promise<Rarity> => {
          const endpoint = { address, port, protocol, name }
          const { flows } = await flowsTo(at, group.hosts, [endpoint])
          return {
            kind: 'rarity',
            endpoint,
            hosts: hosts.length,
            ofHosts: population,
            flows,
            query: shown(clientsOf(at.scope, endpoint)),
          }
        }),
    ),
  )
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
