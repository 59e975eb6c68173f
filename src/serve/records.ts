/** What the pages ask the records: every value is bound, every list has an end. */
import type { Endpoint } from '../model/endpoint.ts'
import { address, addresses, addressText, ids, integers, sql, texts, tuples } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { FlowRow, HostView } from './contacts/views.ts'
import type { NameView, Rows } from './views.ts'

/** What began in one step of time; microseconds since the epoch. */
export interface TimeBin {
  readonly start: number
  readonly count: number
}

/** Counts of flows in at most `bins` steps of equal length. */
export async function flowsInTime(store: Store, { from, to }: { from: number; to: number }, bins = 96) {
  const step = Math.max(60e6, Math.ceil((to - from) / bins / 60e6) * 60e6)
  const rows = await store.rows<{ bin: number; flows: number }>(sql`
    SELECT toFloat64(intDiv(start - ${from}, ${step})) AS bin, toFloat64(count()) AS flows
    FROM flow WHERE start >= ${from} AND start < ${to} GROUP BY bin ORDER BY bin`)
  return { step, bins: rows.map(({ bin, flows }) => ({ start: from + bin * step, count: flows })) }
}

/**
 * Records left out, in steps of `step` microseconds: those of an input are spread evenly over the time of its flows, as
 * a damaged record has no time. `timeless` are those of inputs without flows. The 10,000 inputs with the most count.
 */
export async function rejectsInTime(
  store: Store,
  { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
): Promise<{ readonly bins: readonly TimeBin[]; readonly timeless: number }> {
  const inputs = await store.rows<{ first: number | null; last: number | null; n: number }>(sql`
    SELECT toFloat64(firstStart) AS first, toFloat64(lastStart) AS last,
           toFloat64(arraySum(mapValues(rejects))) AS n
    FROM ledger WHERE n > 0 ORDER BY n DESC, load LIMIT 10000`)
  const binAt = (time: number) => Math.floor((time - from) / step)
  const counts = new Map<number, number>()
  let timeless = 0

  for (const { first, last, n } of inputs) {
    if (first === null || last === null) timeless += n
    else {
      const [begin, end] = [binAt(Math.max(first, from)), binAt(Math.min(last, to - 1))]
      const share = n / (binAt(last) - binAt(first) + 1)
      for (let bin = begin; bin <= end; bin++) counts.set(bin, (counts.get(bin) ?? 0) + share)
    }
  }

  const bins = [...counts].sort(([a], [b]) => a - b)
  return { bins: bins.map(([bin, count]) => ({ start: from + bin * step, count })), timeless }
}

/** Flows from a host to a service, first ones first. */
export async function flowsBetween(
  store: Store,
  { host, endpoint }: { readonly host: string; readonly endpoint: Omit<Endpoint, 'name'> },
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<Rows<FlowRow>> {
  const where = sql`client = ${address(host)} AND server = ${address(endpoint.address)}
    AND serverPort = ${endpoint.port} AND proto = ${endpoint.protocol}`
  const [[counted], rows] = await Promise.all([
    store.rows<{ n: number }>(sql`SELECT toFloat64(count()) AS n FROM flow WHERE ${where}`),
    store.rows<Omit<FlowRow, 'input'> & { readonly load: string }>(sql`
    SELECT toString(load) AS load, toFloat64(position) AS position, toString(id) AS id,
           toFloat64(start) AS start, toFloat64(duration) AS duration,
           toFloat64(clientPort) AS clientPort, toFloat64(clientBytes) AS sent, toFloat64(serverBytes) AS received,
           toFloat64(packets) AS packets, outcome, state, uid
    FROM flow WHERE ${where} ORDER BY start, id LIMIT ${limit} OFFSET ${offset}`),
  ])

  const inputs = await inputNames(store, [...new Set(rows.map(({ load }) => load))])
  return {
    total: counted?.n ?? 0,
    offset,
    rows: rows.map(({ load, ...row }) => ({ ...row, input: inputs.get(load) ?? '' })),
  }
}

/** Names of inputs by the number of their load. */
async function inputNames(store: Store, loads: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (loads.length === 0) return new Map()
  const rows = await store.rows<{ number: string; name: string }>(
    sql`SELECT toString(load) AS number, name FROM ledger WHERE load IN ${ids(loads)}`,
  )
  return new Map(rows.map(({ number, name }) => [number, name]))
}

type Service = Omit<Endpoint, 'name'>

export const serviceKey = ({ address: at, port, protocol }: Service): string => `${at} ${port}/${protocol}`

/** Of each service: when anybody called it first, in microseconds, and how many hosts call it. */
export async function prevalenceOf(
  store: Store,
  services: readonly Service[],
): Promise<ReadonlyMap<string, { readonly firstSeen: number; readonly callers: number }>> {
  const all = [...new Map(services.map((each) => [serviceKey(each), each])).values()]
  if (all.length === 0) return new Map()

  const servers = addresses(all.map((each) => each.address))
  const keys = tuples(
    servers,
    integers(all.map(({ port }) => port)),
    texts(all.map(({ protocol }) => protocol)),
  )

  const rows = await store.rows<Service & { firstSeen: number; callers: number }>(sql`
    SELECT ${addressText('server')} AS address, toUInt32(serverPort) AS port, proto AS protocol,
           toFloat64(min(start)) AS firstSeen, toFloat64(uniqExact(client)) AS callers
    FROM flow
    WHERE server IN ${servers} AND (server, serverPort, proto) IN ${keys}
    GROUP BY server, serverPort, proto`)
  return new Map(rows.map((row) => [serviceKey(row), row]))
}

/** Rows of a list on the page of a host. */
const fewListed = 20

/** Names that a host asked for: first those that do not exist, then those asked most. */
export const namesAskedBy = (store: Store, host: string): Promise<HostView['names'][number][]> =>
  store.rows<HostView['names'][number]>(sql`
    SELECT query AS name, toFloat64(count()) AS times, toFloat64(countIf(responseCode = 'NXDOMAIN')) AS failed
    FROM dns WHERE client = ${address(host)} AND query != ''
    GROUP BY query ORDER BY failed DESC, times DESC, name LIMIT ${fewListed}`)

/** Services of a host that answered others. */
export const servedBy = (store: Store, host: string): Promise<HostView['served'][number][]> =>
  store.rows<HostView['served'][number]>(sql`
    SELECT toUInt32(serverPort) AS port, proto AS protocol, toFloat64(uniqExact(client)) AS callers,
           toFloat64(count()) AS flows
    FROM flow WHERE server = ${address(host)} AND outcome = 'established'
    GROUP BY serverPort, proto ORDER BY callers DESC, flows DESC, port LIMIT ${fewListed}`)

/** Hosts that call a service. */
export async function callersOf(store: Store, endpoint: Omit<Endpoint, 'name'>): Promise<number> {
  const [row] = await store.rows<{ n: number }>(sql`
    SELECT toFloat64(uniqExact(client)) AS n FROM flow
    WHERE server = ${address(endpoint.address)} AND serverPort = ${endpoint.port} AND proto = ${endpoint.protocol}`)
  return row?.n ?? 0
}

const listed = 200

/** Questions for one name: who asked, and what was answered. */
export async function questionsFor(
  store: Store,
  name: string,
): Promise<
  Pick<NameView, 'questions' | 'failed' | 'askers' | 'answers'> & { readonly starts: readonly number[] }
> {
  // At once: while an analysis runs, each may wait for a statement of it.
  const [[counted], askers, answers, starts] = await Promise.all([
    store.rows<{ questions: number; failed: number }>(sql`
    SELECT toFloat64(count()) AS questions, toFloat64(countIf(responseCode = 'NXDOMAIN')) AS failed
    FROM dns WHERE query = ${name}`),
    store.rows<NameView['askers'][number]>(sql`
    SELECT ${addressText('client')} AS host, toFloat64(count()) AS times, toFloat64(min(start)) AS first,
           toFloat64(max(start)) AS last
    FROM dns WHERE query = ${name} GROUP BY client ORDER BY times DESC, host LIMIT ${listed}`),
    store.rows<NameView['answers'][number]>(sql`
    SELECT answer, toFloat64(count()) AS times, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM dns ARRAY JOIN answers AS answer WHERE query = ${name}
    GROUP BY answer ORDER BY first, answer LIMIT ${listed}`),
    store.rows<{ start: number }>(
      sql`SELECT toFloat64(start) AS start FROM dns WHERE query = ${name} ORDER BY start LIMIT 5000`,
    ),
  ])

  return {
    questions: counted?.questions ?? 0,
    failed: counted?.failed ?? 0,
    askers,
    answers,
    starts: starts.map(({ start }) => start),
  }
}
