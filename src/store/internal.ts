/** Which hosts are ours: said by the user, or private, or told from the traffic. */
import { type Networks, privateCidrs } from '../model/networks.ts'
import { type RecordName, records } from '../model/records.ts'
import { inside, parseNetworks } from './networks.ts'
import { join, name, sql } from './sql.ts'
import type { Store } from './store.ts'

export interface Internal {
  readonly networks: Networks
  /** The networks that the traffic showed, where private ranges do not explain it; else empty. */
  readonly guessed: readonly string[]
}

/**
 * The internal networks. Without `said`, private ranges; but where most flows have no private end, the prefix that
 * most flows have an end in is taken too, since a capture is made where every flow passes one network.
 */
export async function internalNetworks(store: Store, said: readonly string[]): Promise<Internal> {
  if (said.length > 0) return { networks: parseNetworks(said), guessed: [] }
  const own = parseNetworks(privateCidrs)
  const [row] = await store.rows<{ flows: number; explained: number }>(sql`
    SELECT toFloat64(count()) AS flows, toFloat64(countIf(${inside('client', own)} OR ${inside('server', own)})) AS explained FROM flow`)
  const { flows = 0, explained = 0 } = row ?? {}
  if (flows === 0 || explained >= flows / 2) return { networks: own, guessed: [] }
  const guessed = await prefixes(store, flows)
  return { networks: parseNetworks([...privateCidrs, ...guessed]), guessed }
}

/**
 * The /16 (IPv4) or /48 (IPv6) that over half of all flows have an end in, made as narrow as its hosts let it. Of two that
 * have an end in equally many, such as those of one client and its one server, the one that speaks first.
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
        ${{ parts: [v4('client', 3)], params: [] }}, ${{ parts: [v4('server', 3)], params: [] }}]))) AS prefix FROM flow)
    GROUP BY prefix ORDER BY n DESC, prefix LIMIT 1`)
  const only = narrow[0]
  return [only && only.n >= 0.9 * best.n ? `${only.prefix}.0/24` : `${best.prefix}.0.0/16`]
}

/** Internal hosts that any record shows as a client. */
export async function internalHosts(store: Store, { networks }: Internal): Promise<number> {
  const clients = (Object.keys(records) as RecordName[]).map(
    (record) => sql`SELECT client FROM ${name(record)}`,
  )
  const [row] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniqExact(client)) AS n FROM (${join(clients, ' UNION ALL ')}) WHERE ${inside('client', networks)}`,
  )
  return row?.n ?? 0
}
