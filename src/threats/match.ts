/**
 * Threat lists set against what is stored: which internal host met which indicator.
 *
 * The indicators become a table and the engine joins it: distinct outside addresses and distinct names are looked up
 * first (exactly, by prefix length, by parent name), then the records that hold what was found. So a list may change
 * without a new import, and the cost is one pass over the distinct values and one over the records that matched.
 *
 * Only what an internal host asked for counts: a listed scanner that calls in accuses nobody here.
 */

import type { InputReport } from '../model/answer.ts'
import { oneChunk } from '../store/chunk.ts'
import { inside } from '../store/networks.ts'
import { name, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { encoder } from '../store/tsv.ts'
import { columns, gather, type Matching, type ThreatRequest, type Threats } from './hits.ts'
import { type IndicatorType, type Listed, nothing } from './indicator.ts'
import { readThreatList } from './lists.ts'
import type { ListSettings } from './reading.ts'

/** Reads the lists and sets them against the records. @throws UserError list-invalid. */
export async function matchThreats(store: Store, request: ThreatRequest): Promise<Threats> {
  const { key, paths, scope, isSharedName, isAllowed } = request
  const names = { indicators: `threat_${key}`, hits: `threat_hit_${key}` }
  const tables = { indicators: name(names.indicators), hits: name(names.hits) }
  const drop = async () => {
    for (const table of Object.values(names)) await store.drop(table)
  }
  await drop()

  try {
    await store.create({
      name: names.indicators,
      columns: `number UInt32, type LowCardinality(String), address IPv6, bits UInt8,
      name String, path String, port UInt16, proto LowCardinality(String), below Bool, text String,
      list LowCardinality(String), description String, listed Nullable(Int64)`,
      order: 'type',
    })
    await store.create({
      name: names.hits,
      columns: 'kind LowCardinality(String), address IPv6, name String, path String, number UInt32',
      order: 'kind, address, name',
    })
    const reports = await fill(store, names.indicators, {
      paths,
      settings: { from: scope.from, isSharedName, isAllowed },
    })
    const types = await store.rows<{ type: IndicatorType }>(
      sql`SELECT DISTINCT type FROM ${tables.indicators}`,
    )
    const present = new Set(types.map(({ type }) => type))
    await findHits(store, { ...tables, scope, present })
    return { reports, ...(await gather(store, { ...tables, scope })) }
  } finally {
    await drop()
  }
}

interface Filling {
  readonly paths: readonly string[]
  readonly settings: ListSettings
}

/** What a column holds where it is left out: as the engine has it. */
const empty: { readonly [column in keyof Listed]?: unknown } = {
  ...nothing,
  text: '',
  description: '',
  listed: null,
}

/** Whether the text of the list is that of the name or the address: of most entries. */
const isSaidElsewhere = ({ text, name, address }: Listed): boolean =>
  name === '' ? address.length === text.length + 7 && address.endsWith(text) : text === name

/** Columns without which the batch cannot be written. */
function unusedOf(names: readonly string[], batch: readonly Listed[]): string[] {
  const used = new Set(names)
  return Object.keys(columns).filter((column) => {
    const given = column as keyof Listed
    return !used.has(column) && (!(column in empty) || batch.some((each) => each[given] !== empty[given]))
  })
}

/** Rows that are inserted together. */
const rowsAtOnce = 100_000

async function fill(store: Store, table: string, { paths, settings }: Filling): Promise<InputReport[]> {
  const reports: InputReport[] = []
  let names: string[] = []
  let encode = encoder(columns, names)
  let waiting: Buffer[] = []
  let [number, inserted] = [0, 0]

  const insert = async () => {
    if (waiting.length === 0) return
    await store.insert(table, names, oneChunk(Buffer.concat(waiting)))
    waiting = []
    inserted = number
  }

  /** Most lists fill few columns, and one that is left out is not written and read again a million times. */
  const widen = async (batch: readonly Listed[]) => {
    const more = unusedOf(names, batch)
    if (more.length === 0) return
    await insert()
    names = [...names, ...more]
    encode = encoder(columns, names)
  }

  for (const path of paths) {
    const take = async (batch: readonly Listed[]) => {
      // A copy of each would take as long as to encode it.
      for (const each of batch) {
        each.number = ++number
        if (isSaidElsewhere(each)) each.text = ''
      }
      await widen(batch)
      waiting.push(encode(batch))
      if (number - inserted >= rowsAtOnce) await insert()
    }
    reports.push(await readThreatList(path, settings, take))
  }

  await insert()
  return reports
}

/** Which values of the records match which indicator: (kind of value, address, name, number). */
async function findHits(store: Store, { indicators, hits, scope, present }: Matching): Promise<void> {
  const during = sql`start >= ${scope.from} AND start < ${scope.to} AND ${inside('client', scope.internal)}`
  const servers = sql`(SELECT DISTINCT server FROM flow WHERE ${during} AND NOT ${inside('server', scope.internal)})`
  const into = sql`INSERT INTO ${hits} (kind, address, name, path, number)`

  if (present.has('address') || present.has('service'))
    await store.run(sql`${into} SELECT 'address', server, '', '', number FROM ${servers} AS met
      INNER JOIN (SELECT address AS server, number FROM ${indicators}
        WHERE type IN ('address', 'service')) AS listed USING (server)`)

  if (present.has('network'))
    await store.run(sql`${into} SELECT 'address', server, '', '', number FROM (
        SELECT server, arrayJoin((SELECT groupUniqArray(bits) FROM ${indicators} WHERE type = 'network')) AS bits,
               tupleElement(IPv6CIDRToRange(server, bits), 1) AS address FROM ${servers}) AS met
      INNER JOIN (SELECT address, bits, number FROM ${indicators}
        WHERE type = 'network') AS listed USING (address, bits)`)

  if (present.has('name')) {
    const asked = sql`(SELECT DISTINCT lower(trimRight(replaceRegexpOne(given, ':[0-9]+$', ''), '.')) AS name FROM (
      SELECT query AS given FROM dns WHERE ${during} UNION ALL SELECT serverName AS given FROM tls WHERE ${during}
      UNION ALL SELECT host AS given FROM http WHERE ${during}) WHERE given != '')`
    await store.run(sql`${into} SELECT 'name', '::', name, '', number FROM (
        SELECT name, splitByChar('.', name) AS parts,
               arrayJoin(arrayMap(i -> arrayStringConcat(arraySlice(parts, i), '.'),
                 range(1, least(length(parts), 40) + 1))) AS parent
        FROM ${asked}) AS met
      INNER JOIN (SELECT name AS parent, below, number FROM ${indicators} WHERE type = 'name') AS listed USING (parent)
      WHERE below OR name = parent`)
  }

  if (present.has('url'))
    await store.run(sql`${into} SELECT 'url', '::', name, path, number FROM (
        SELECT DISTINCT lower(replaceRegexpOne(host, ':[0-9]+$', '')) AS name, uri AS path FROM http
          WHERE ${during}) AS met
      INNER JOIN (SELECT name, path, number FROM ${indicators} WHERE type = 'url') AS listed USING (name, path)`)

  if (present.has('hash'))
    await store.run(sql`${into} SELECT 'hash', '::', name, '', number FROM (
        SELECT DISTINCT lower(hash) AS name FROM file WHERE ${during} AND hash != '') AS met
      INNER JOIN (SELECT name, number FROM ${indicators} WHERE type = 'hash') AS listed USING (name)`)
}
