/**
 * Machines that change their address, told by DHCP leases: a client with short leases is one host, not six.
 *
 * An address belongs to whom it was leased last. Each machine with several addresses is known by one of them, the first
 * that no other machine ever had; a machine without such a one stays as it is. The views that every stage reads
 * then show the machine's address as `client`, for as long as the machine had the other; the rows themselves are
 * not touched.
 */
import { type RecordName, records } from '../model/records.ts'
import { type AggregateName, aggregateNames, aggregateRows, aggregates } from '../store/aggregates/tables.ts'
import { oneChunk } from '../store/chunk.ts'
import { aggregateView, recordView } from '../store/ddl.ts'
import { tablesWithRows } from '../store/epochs.ts'
import { addressText, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { everPublished, publishedRows } from '../store/tables/shape.ts'
import { encoder } from '../store/tsv.ts'

interface Lease {
  readonly start: number
  readonly address: string
  /** Hardware address. */
  readonly mac: string
}

/** From `begin` on, and until the next span of the address, the machine known by `machine` has `address`. */
interface AddressSpan {
  readonly address: string
  readonly begin: number
  readonly machine: string
}

/** A machine with several addresses. */
export interface Mover {
  /** The address by which it is known. */
  readonly machine: string
  /** The others, in order of their leases. */
  readonly others: readonly string[]
}

/** The spans of all addresses that movers had, and the movers. Leases may come in any order. */
export function spansOf(leases: readonly Lease[]): { spans: AddressSpan[]; movers: Mover[] } {
  const ordered = leases.toSorted((a, b) => a.start - b.start)
  const owners = new Map<string, Set<string>>()
  const had = new Map<string, Set<string>>()
  for (const { address, mac } of ordered) {
    owners.set(address, (owners.get(address) ?? new Set()).add(mac))
    had.set(mac, (had.get(mac) ?? new Set()).add(address))
  }

  const known = new Map<string, string>()
  for (const [mac, all] of had) {
    const own = [...all].find((address) => owners.get(address)?.size === 1)
    if (all.size > 1 && own !== undefined) known.set(mac, own)
  }

  const moved = new Set([...known.keys()].flatMap((mac) => [...(had.get(mac) ?? [])]))
  const spans = [...Map.groupBy(ordered, ({ address }) => address)]
    .filter(([address]) => moved.has(address))
    .flatMap(([address, own]) =>
      own
        .filter(({ mac }, i) => i === 0 || own[i - 1]?.mac !== mac)
        .map(({ start, mac }, i) => ({
          address,
          begin: i === 0 ? 0 : start,
          machine: known.get(mac) ?? address,
        })),
    )
  const movers = [...known].map(([mac, machine]) => ({
    machine,
    others: [...(had.get(mac) ?? [])].filter((address) => address !== machine),
  }))
  return { spans, movers }
}

/** Records that are distinguished by client; leases name addresses as they were. */
const mapped = (Object.keys(records) as RecordName[]).filter((record) => record !== 'lease')

const columns = {
  address: { kind: 'address', doc: '' },
  begin: { kind: 'time', doc: '' },
  machine: { kind: 'address', doc: '' },
} as const

/** Lets every stage see each machine that changed its address as one client. Gives these machines. */
export async function identifyMachines(store: Store): Promise<readonly Mover[]> {
  if ((await tablesWithRows(store, ['lease_rows', 'machine_span'])).size === 0) return []

  const leases = await store.rows<Lease>(sql`
    SELECT toFloat64(start) AS start, ${addressText('client')} AS address, mac FROM lease WHERE mac != ''`)
  const { spans, movers } = spansOf(leases)
  const [before] = await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM machine_span')
  if (spans.length === 0 && !before?.n) return []

  await store.alter('machine_span', raw('DROP PARTITION ALL'))
  const names = Object.keys(columns)
  await store.insert('machine_span', names, oneChunk(encoder(columns, names)(spans)))
  const moved = spans.length > 0
  for (const record of mapped)
    await store.view(moved ? { name: record, select: mappedRecords(record) } : recordView(record))
  for (const each of aggregateNames)
    await store.view(moved ? { name: each, select: mappedAggregates(each) } : aggregateView(each))
  return movers
}

const mappedRecords = (record: RecordName): string =>
  mappedRows(publishedRows(`${record}_rows`), {
    all: ['load', 'position', ...Object.keys(records[record].columns)],
    at: 'own.start',
  })

const mappedAggregates = (aggregate: AggregateName): string =>
  mappedRows(everPublished(aggregateRows(aggregate)), {
    all: ['load', ...Object.keys(aggregates[aggregate].columns)],
    at: 'toInt64(own.first) * 1000000',
  })

/** The rows of a SELECT, each with the machine that had the client's address at the time `at`. */
function mappedRows(
  rows: string,
  { all, at }: { readonly all: readonly string[]; readonly at: string },
): string {
  const listed = all.map((column) =>
    column === 'client'
      ? "if(span.machine = toIPv6('::'), own.client, span.machine) AS client"
      : `own.\`${column}\` AS \`${column}\``,
  )

  return `SELECT ${listed.join(', ')}
    FROM (${rows}) AS own
    ASOF LEFT JOIN machine_span AS span ON own.client = span.address AND ${at} >= span.begin`
}
