/** Which hosts are ours: said by the user, or private, or told from the traffic. */
import { type Networks, privateCidrs, type Span } from '../model/networks.ts'
import { heldRecords, unionOf } from './epochs.ts'
import { inside, ipv4, merged, parseNetworks, spansOf, special, textOf } from './networks.ts'
import { address, join, name, raw, sql } from './sql.ts'
import type { Store } from './store.ts'

export interface Internal {
  readonly networks: Networks
  /** The networks that the traffic showed, where private ranges do not explain it; else empty. */
  readonly guessed: readonly string[]
  /** Networks of global IPv6 addresses whose hosts behave as clients of a site; empty where the user names networks. */
  readonly clients6: readonly string[]
}

/**
 * The internal networks. Without `given`, private ranges; but where most flows have no private end, the prefix that
 * most flows have an end in is taken too, since a capture is made where every flow passes one network. Global IPv6
 * addresses are taken where they behave as the clients of a site: IPv6 has no private range that a site must use.
 */
export async function internalNetworks(store: Store, given: readonly string[]): Promise<Internal> {
  if (given.length > 0) return { networks: parseNetworks(given), guessed: [], clients6: [] }

  const own = parseNetworks(privateCidrs)
  const [row] = await store.rows<{ flows: number; explained: number }>(sql`
    SELECT toFloat64(count()) AS flows,
      toFloat64(countIf(${inside('client', own)} OR ${inside('server', own)})) AS explained FROM flow`)
  const { flows = 0, explained = 0 } = row ?? {}
  const clients6 = await clientNetworks6(store)
  const guessed = flows === 0 || explained >= flows / 2 ? [] : await prefixes(store, flows)
  const added = [...guessed, ...clients6]
  return {
    networks: added.length > 0 ? parseNetworks([...privateCidrs, ...added]) : own,
    guessed,
    clients6,
  }
}

/** What the hosts of a /64 do when it is a network of clients. */
const clientThresholds = {
  /** Answered calls to other networks. */
  calls: 5,
  /** Networks (/48) called. */
  networks: 3,
  /** Calls made over calls taken. */
  ratio: 4,
  /** Networks that are taken at most. */
  most: 256,
} as const

/**
 * The /64s of global addresses that call hosts of several other networks and are hardly called themselves. A server is
 * called; a scanner outside calls one site; both stay outside.
 */
async function clientNetworks6(store: Store): Promise<string[]> {
  const { calls, networks, ratio, most } = clientThresholds
  const prefix = (column: string, bits: number) => raw(`tupleElement(IPv6CIDRToRange(${column}, ${bits}), 1)`)
  const rows = await store.rows<{ prefix: string }>(sql`
    WITH talks AS (
      SELECT ${prefix('client', 64)} AS speaker, ${prefix('server', 64)} AS listener,
        ${prefix('server', 48)} AS place, ${prefix('client', 48)} AS own
      FROM flow
      WHERE ${inside('client', globals6)} AND ${inside('server', globals6)} AND outcome IN ('established', 'unknown'))
    SELECT toString(made.speaker) AS prefix FROM (
      SELECT speaker, count() AS n, uniqExact(place) AS places FROM talks WHERE place != own GROUP BY speaker
      HAVING n >= ${calls} AND places >= ${networks}) AS made
    LEFT JOIN (SELECT listener, count() AS n FROM talks WHERE place != own GROUP BY listener) AS taken
      ON made.speaker = taken.listener
    WHERE made.n >= ${ratio} * taken.n ORDER BY made.n DESC, prefix LIMIT ${most}`)
  return rows.map((row) => `${row.prefix}/64`)
}

/** Global unicast (RFC 4291), in which every public IPv6 address lies. */
const globals6 = parseNetworks(['2000::/3'])

/**
 * The /16 (IPv4) or /48 (IPv6) that over half of all flows have an end in, made as narrow as its hosts let it. Of
 * two that have an end in equally many, such as those of one client and its one server, the one that speaks first.
 */
async function prefixes(store: Store, flows: number): Promise<string[]> {
  const v4 = (column: string, octets: number) =>
    `arrayStringConcat(arraySlice(splitByChar('.', substring(toString(${column}), 8)), 1, ${octets}), '.')`

  const rows = await store.rows<{ prefix: string; n: number }>({
    parts: [
      `SELECT prefix, toFloat64(count()) AS n FROM (
         SELECT ${v4('client', 2)} AS speaker, arrayJoin(arrayDistinct(arrayFilter(p -> p != '', [${[
           'client',
           'server',
         ]
           .map((column) => `if(startsWith(toString(${column}), '::ffff:'), ${v4(column, 2)}, '')`)
           .join(', ')}]))) AS prefix FROM flow)
       GROUP BY prefix ORDER BY n DESC, countIf(speaker = prefix) DESC, prefix LIMIT 1`,
    ],
    params: [],
  })

  const best = rows[0]
  if (!best || best.n < flows / 2) return []

  const narrow = await store.rows<{ prefix: string; n: number }>(sql`
    SELECT prefix, toFloat64(count()) AS n FROM (
      SELECT arrayJoin(arrayDistinct(arrayFilter(p -> startsWith(p, ${`${best.prefix}.`}), [
        ${{ parts: [v4('client', 3)], params: [] }}, ${{ parts: [v4('server', 3)], params: [] }}]))) AS prefix
          FROM flow)
    GROUP BY prefix ORDER BY n DESC, prefix LIMIT 1`)

  const only = narrow[0]

  return [only && only.n >= 0.9 * best.n ? `${only.prefix}.0/24` : `${best.prefix}.0.0/16`]
}

/** Ranges above which no statement asks between which of them the addresses lie. */
const mostRanges = 100

/**
 * The networks, with what addresses no record has, told apart at the ends of these, of the special networks and of
 * IPv4. An analysis compares addresses in some fifty statements, most of them with networks that a site does not use.
 * As they are where records may still come: in a server, and in a folder that the caller does not have for itself.
 */
export async function withUnused(
  store: Store,
  networks: Networks,
  { isAlone = false }: { readonly isAlone?: boolean },
): Promise<Networks> {
  const ranges = [networks, special, ipv4].flatMap(spansOf)
  if (!isAlone || store.kind === 'server' || ranges.length > mostRanges) return networks
  const edges = ranges.flatMap(([first, last]) => [first, last + 1n]).filter((edge) => edge < 2n ** 128n)
  const begins = [...new Set([0n, ...edges])].toSorted((a, b) => (a < b ? -1 : 1))

  const kinds = await heldRecords(store)
  const all = unionOf(
    kinds,
    (kind) => sql`SELECT DISTINCT client AS one FROM ${name(kind)}
      UNION ALL SELECT DISTINCT server AS one FROM ${name(kind)}`,
  )
  const above = begins.map((begin) => sql`toFloat64(countIf(one >= ${address(textOf(begin))}))`)
  const [row] = await store.rows<{ counts: readonly number[] }>(
    sql`SELECT [${join(above, ', ')}] AS counts FROM (${all})`,
  )
  const counts = row?.counts ?? []

  const unused = begins.flatMap((begin, i): Span[] =>
    counts[i] === (counts[i + 1] ?? 0) ? [[begin, (begins[i + 1] ?? 2n ** 128n) - 1n]] : [],
  )
  return { ...networks, unused: merged(unused) }
}

/** Internal hosts that any record shows as a client; of records from `from` on, in microseconds. */
export async function internalHosts(
  store: Store,
  { networks }: Internal,
  { from }: { from?: number } = {},
): Promise<number> {
  const within = from === undefined ? raw('true') : sql`start >= ${from}`
  const clients = unionOf(
    await heldRecords(store),
    (kind) => sql`SELECT client FROM ${name(kind)} WHERE ${within}`,
  )
  const [row] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniqExact(client)) AS n FROM (${clients})
      WHERE ${inside('client', networks)}`,
  )
  return row?.n ?? 0
}

/** The address at which most flows start, with their share of all; null without flows. */
export async function busiestClient(
  store: Store,
  { from }: { from?: number } = {},
): Promise<{ readonly address: string; readonly share: number } | null> {
  const [row] = await store.rows<{ address: string; share: number }>(sql`
    SELECT replaceRegexpOne(toString(client), '^::ffff:', '') AS address, n / (sum(n) OVER ()) AS share
    FROM (SELECT client, count() AS n FROM flow WHERE ${from === undefined ? raw('true') : sql`start >= ${from}`}
      GROUP BY client)
    ORDER BY n DESC, address LIMIT 1`)
  return row ?? null
}
