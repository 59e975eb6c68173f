/** The flows that a finding rests on, and the files of them. */

import { writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { flowForms, selected } from '../capture/convert/flow-formats.ts'
import type { WantedFlow } from '../capture/pcap/cut-capture.ts'
import type { Finding } from '../model/finding.ts'
import { inlined } from '../model/inlined.ts'
import type { Query } from '../model/query.ts'
import { csvRow } from '../reports/csv.ts'
import { address, addresses, ids, join, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** Flows of one pack. */
export const mostFlows = 200_000

interface PackedFlows {
  /** Flows that were chosen; at most `mostFlows`. */
  readonly flows: readonly WantedFlow[]
  /** All there are. */
  readonly of: number
  /** Loads of the inputs that they come from. */
  readonly loads: readonly string[]
}

/**
 * Writes `csv` and `parquet`, with the same flows: those that the evidence cites, those that its statements list, and
 * all calls of its hosts to its C&C in its time.
 */
export async function writeFlows(
  store: Store,
  finding: Finding,
  { csv, parquet }: { readonly csv: string; readonly parquet: string },
): Promise<PackedFlows> {
  const chosen = await chosenBy(store, finding)
  const [counted] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(count()) AS n FROM flow WHERE ${chosen}`,
  )
  const rows = await store.rows<FlowRow>(sql`
    SELECT input, number AS id, startMicros, durationMicros, ${selected(form('csv'))}
    FROM ${rowsOf(chosen)} ORDER BY startMicros, number`)

  const names = ['id', ...Object.keys(form('csv').columns)]
  await writeFile(
    csv,
    [names, ...rows.map((row) => names.map((name) => cell(row[name])))].map(csvRow).join(''),
  )
  await store.save(
    sql`SELECT number AS id, ${selected(form('parquet'))} FROM ${rowsOf(chosen)}
        ORDER BY startMicros, number`,
    { path: parquet, format: 'Parquet' },
  )

  return {
    flows: rows.map((row) => ({
      start: row.startMicros,
      duration: row.durationMicros,
      proto: row.proto,
      client: row.client,
      clientPort: row.clientPort,
      server: row.server,
      serverPort: row.serverPort,
    })),
    of: counted?.n ?? 0,
    loads: [...new Set(rows.map(({ input }) => input))],
  }
}

/** The rows apart: the columns of a form have names of the table's. */
const rowsOf = (chosen: Query): Query =>
  sql`(SELECT *, toString(load) AS input, toString(id) AS number, toFloat64(start) AS startMicros,
              toFloat64(duration) AS durationMicros
       FROM flow WHERE ${chosen} ORDER BY startMicros, number LIMIT ${mostFlows})`

type FlowRow = Readonly<Record<string, unknown>> &
  Omit<WantedFlow, 'start' | 'duration'> & {
    readonly input: string
    readonly startMicros: number
    readonly durationMicros: number
  }

const form = (name: 'csv' | 'parquet') => flowForms.find((each) => each.name === name)!

const cell = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

async function chosenBy(store: Store, finding: Finding): Promise<Query> {
  const cited = new Set(finding.evidence.flatMap(({ flows }) => flows))
  for (const statement of new Set(finding.evidence.map(({ query }) => inlined(query))))
    for (const id of await listedBy(store, statement)) cited.add(id)
  const parts = [...(cited.size > 0 ? [sql`id IN ${ids([...cited])}`] : []), ...callsOf(finding)]
  return parts.length > 0 ? sql`(${join(parts, ' OR ')})` : raw('false')
}

/** Ids of the flows that a statement lists by their ids. */
async function listedBy(store: Store, statement: string): Promise<readonly string[]> {
  if (!/^\s*SELECT toString\(id\) AS flow,/.test(statement)) return []
  const rows = await store.rows<{ flow: string }>(raw(`SELECT flow FROM (${statement})`))
  return rows.map(({ flow }) => flow)
}

/** Calls of the accused to their C&C, in the time of the finding. */
function callsOf({ hosts, cnc, from, to }: Finding): Query[] {
  const places = cnc.filter(({ address: text }) => isIP(text) > 0)
  if (places.length === 0) return []
  const each = places.map(
    (place) =>
      sql`(server = ${address(place.address)} AND serverPort = ${place.port} AND proto = ${place.protocol})`,
  )
  return [
    sql`(client IN ${addresses(hosts)} AND start >= ${from} AND start <= ${to} AND (${join(each, ' OR ')}))`,
  ]
}
