/**
 * What the rest of the network says about a server: who else talks to it, to its neighbours, on its port, and
 * whether anyone ever called it by a name. Innocent clocks are distinguished by this, not by a list.
 */
import type { Scope } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { addresses, addressText, raw, sql, texts } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'
import { outbound } from '../gather.ts'
import { serverNames } from '../names.ts'
import type { Trace } from '../trace.ts'

/** Of the whole scope. */
export interface Network {
  /** Internal hosts that sent anything outside. */
  readonly hosts: number
  /** Share of servers outside, of those on the web's ports, that some record gives a name; 0 without records. */
  readonly namedShare: number
}

/** Of one trace's service. */
export interface ServerProfile {
  /** Internal hosts that talk to the server, or to the name; at least 1. */
  readonly hosts: number
  /** Internal hosts that use the port outside, and servers they use it with. */
  readonly portHosts: number
  readonly portServers: number
  /** Servers used in the same /24 (IPv6: /48), itself among them. */
  readonly neighbours: number
  /** Servers outside that this client used, and ports over 1023 that it used there. */
  readonly clientServers: number
  readonly clientPorts: number
  /** Name by which any client knew the server; null where no record tells. */
  readonly name: string | null
  /** Whether it answers what every host asks by itself: DNS, or NTP in packets of NTP's size. */
  readonly infrastructure: 'dns' | 'ntp' | null
}

export interface Population {
  readonly network: Network
  profile(trace: Trace): ServerProfile
}

/** Servers to a statement. */
const batch = 5000

/** Facts on the servers of `traces`. */
export async function populationOf(
  store: Store,
  scope: Scope,
  { traces, withInternal }: { traces: readonly Trace[]; withInternal: boolean },
): Promise<Population> {
  const where = outbound(scope, withInternal)
  const servers = [...new Set(traces.flatMap((trace) => trace.servers))]
  const server = new Map<string, ServerRow>()

  for (let at = 0; at < servers.length; at += batch) {
    const rows = await store.rows<ServerRow>(serverFacts(where, servers.slice(at, at + batch)))
    for (const row of rows) server.set(row.server, row)
  }

  const ports = new Map(
    (await store.rows<PortRow>(portFacts(where))).map((row) => [`${row.serverPort}/${row.proto}`, row]),
  )
  const clients = new Map((await store.rows<ClientRow>(clientFacts(where))).map((row) => [row.client, row]))
  const names = new Set([
    ...traces.map(({ name }) => name ?? ''),
    ...[...server.values()].map(({ name }) => name),
  ])

  const nameHosts = new Map(
    (await store.rows<{ name: string; hosts: number }>(nameFacts([...names]))).map((row) => [
      row.name,
      row.hosts,
    ]),
  )

  const [network] = await store.rows<{ hosts: number; namedShare: number }>(networkFacts(where))

  return {
    network: { hosts: network?.hosts ?? 0, namedShare: network?.namedShare ?? 0 },
    profile: (trace) => profileOf(trace, { server, ports, clients, nameHosts }),
  }
}

interface ServerRow {
  readonly server: string
  readonly hosts: number
  readonly neighbours: number
  readonly name: string
  readonly dns: number
  readonly ntp: number
}

interface ClientRow {
  readonly client: string
  readonly servers: number
  readonly ports: number
}

interface PortRow {
  readonly serverPort: number
  readonly proto: string
  readonly hosts: number
  readonly servers: number
}

interface Facts {
  readonly server: ReadonlyMap<string, ServerRow>
  readonly ports: ReadonlyMap<string, PortRow>
  readonly clients: ReadonlyMap<string, ClientRow>
  readonly nameHosts: ReadonlyMap<string, number>
}

function profileOf(trace: Trace, facts: Facts): ServerProfile {
  const rows = trace.servers.map((each) => facts.server.get(each)).filter((row) => row !== undefined)
  const port = facts.ports.get(`${trace.serverPort}/${trace.proto}`)
  const name = trace.name ?? rows.map((row) => row.name).find((each) => each !== '') ?? null
  const most = (of: (row: ServerRow) => number) => Math.max(0, ...rows.map(of))

  return {
    hosts: Math.max(
      1,
      most((row) => row.hosts),
      name === null ? 0 : (facts.nameHosts.get(name) ?? 0),
    ),
    portHosts: Math.max(1, port?.hosts ?? 0),
    portServers: Math.max(1, port?.servers ?? 0),
    neighbours: Math.max(
      1,
      most((row) => row.neighbours),
    ),
    clientServers: Math.max(1, facts.clients.get(trace.client)?.servers ?? 0),
    clientPorts: Math.max(1, facts.clients.get(trace.client)?.ports ?? 0),
    name,
    infrastructure: most((row) => row.dns) > 0 ? 'dns' : most((row) => row.ntp) > 0 ? 'ntp' : null,
  }
}

/** The /24 of an IPv4 address in ::ffff:0:0/96, the /48 of an IPv6 one, as its first address. */
const subnet = (column: string): string =>
  `IPv6CIDRToRange(${column}, if(startsWith(toString(${column}), '::ffff:'), 120, 48)).1`

const serverFacts = (where: Query, servers: readonly string[]): Query => sql`
  SELECT ${addressText('s')} AS server, hosts, neighbours, name, dns, ntp FROM (
    SELECT a.server AS s, hosts, dns, ntp, neighbours, n.name AS name FROM (
      SELECT server, any(${raw(subnet('server'))}) AS net, uniqExact(client) AS hosts,
        countIf(serverPort IN (53, 853) OR service = 'dns') > 0 AS dns,
        countIf(proto = 'udp' AND serverPort = 123) > 0
          AND countIf(proto = 'udp' AND serverPort = 123 AND bytes / packets NOT BETWEEN 48 AND 110) = 0 AS ntp
      FROM flow WHERE server IN ${addresses(servers)} AND ${where} GROUP BY server) AS a
    LEFT ANY JOIN (SELECT ${raw(subnet('server'))} AS net, uniqExact(server) AS neighbours FROM flow
      WHERE ${where} GROUP BY net) AS b
      ON a.net = b.net
    LEFT ANY JOIN ${serverNames} AS n ON a.server = n.server)`

const portFacts = (where: Query): Query => sql`
  SELECT serverPort, toString(p) AS proto, hosts, servers FROM (
    SELECT serverPort, proto AS p, uniqExact(client) AS hosts, uniqExact(server) AS servers
    FROM flow WHERE ${where} GROUP BY serverPort, p)`

const clientFacts = (where: Query): Query => sql`
  SELECT ${addressText('c')} AS client, servers, ports FROM (
    SELECT client AS c, uniqExact(server) AS servers, uniqExactIf(serverPort, serverPort > 1023) AS ports
    FROM flow WHERE ${where} GROUP BY c)`

/** Every use of a name by a client. */
const namesUsed: Query = sql`
  SELECT client, query AS name FROM dns UNION ALL SELECT client, serverName AS name FROM tls
  UNION ALL SELECT client, host AS name FROM http`

/** Clients that asked for, or called, each name. */
const nameFacts = (names: readonly string[]): Query => sql`
  SELECT name, uniqExact(client) AS hosts FROM (${namesUsed})
  WHERE name != '' AND name IN ${texts(names)} GROUP BY name`

const networkFacts = (where: Query): Query => sql`
  SELECT uniqExact(client) AS hosts,
    ifNotFinite(uniqExactIf(f.server, n.name != ''
      AND serverPort IN (80, 443)) / uniqExactIf(f.server, serverPort IN (80, 443)), 0) AS namedShare
  FROM (SELECT client, server, serverPort FROM flow WHERE ${where} AND outcome = 'established') AS f
  LEFT ANY JOIN ${serverNames} AS n ON f.server = n.server`
