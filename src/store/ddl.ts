/** The tables, from the records in `model/`. */
import { activityColumns } from '../model/activity.ts'
import { cclusterColumns } from '../model/ccluster.ts'
import { cflowColumns } from '../model/cflow.ts'
import { judgedColumns, queriedColumns } from '../model/queried.ts'
import type { Column, Columns, Kind } from '../model/record.ts'
import { type RecordName, records } from '../model/records.ts'

const types: Readonly<Record<Kind, string>> = {
  id: 'UInt64',
  time: 'Int64',
  span: 'Int64',
  address: 'IPv6',
  port: 'UInt16',
  count: 'UInt64',
  number: 'Float64',
  text: 'String',
  word: 'LowCardinality(String)',
  texts: 'Array(String)',
  counts: 'Array(UInt64)',
  numbers: 'Array(Float64)',
  addresses: 'Array(IPv6)',
  flag: 'Bool',
}

/** The ClickHouse type of a column. */
export const columnType = ({ kind, optional }: Column): string =>
  optional ? `Nullable(${types[kind]})` : types[kind]

export const columnList = (columns: Columns): string =>
  Object.entries<Column>(columns)
    .map(([name, column]) => {
      const filled = column.derived ? ` DEFAULT ${column.derived}` : ''
      return `\`${name}\` ${columnType(column)}${filled} COMMENT '${column.doc.replaceAll("'", '’')}'`
    })
    .join(',\n  ')

const orders: Readonly<Record<RecordName, string>> = {
  flow: 'client, server, serverPort, proto, start',
  dns: 'client, start',
  http: 'client, start',
  tls: 'client, start',
  file: 'client, start',
  mail: 'client, start',
  alert: 'client, start',
  lease: 'client, start',
}

/**
 * A record table holds the rows of finished and unfinished imports alike; the view beside it, which every stage
 * reads, shows only rows of loads that the ledger lists. One row in the ledger is thus the whole of a commit.
 *
 * Loads are numbered in the order of time and a new load comes in parts of its own, so that least and greatest load of
 * each granule (`byLoad`) let the statements of an import skip what was there before it, however large that is.
 */
function recordTable(name: RecordName): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${name}_rows (
  load UInt64 COMMENT 'The import that wrote the row; see ledger.',
  position UInt64 COMMENT 'Line or record number in the input, from 1.',
  ${columnList(records[name].columns)},
  INDEX byLoad load TYPE minmax GRANULARITY 1
) ENGINE = MergeTree PARTITION BY intDiv(start, 2592000000000) ORDER BY (${orders[name]})
SETTINGS index_granularity = 8192`,
    `CREATE VIEW IF NOT EXISTS ${name} AS SELECT * FROM ${name}_rows WHERE load IN (SELECT load FROM ledger)`,
  ]
}

const ledger = `CREATE TABLE IF NOT EXISTS ledger (
  load UInt64, name String, sha256 String, bytes UInt64, format LowCardinality(String),
  imported Int64 COMMENT 'Microseconds since the epoch.',
  firstStart Nullable(Int64), lastStart Nullable(Int64),
  records Map(String, UInt64), duplicates UInt64, rejects Map(String, UInt64),
  rejectSamples String COMMENT 'JSON'
) ENGINE = MergeTree ORDER BY load`

const analysisTables = [
  `CREATE TABLE IF NOT EXISTS machine_span (address IPv6, begin Int64, machine IPv6)
  ENGINE = MergeTree ORDER BY (address, begin)`,
  `CREATE TABLE IF NOT EXISTS queried (
  ${columnList(queriedColumns)},
  print LowCardinality(String) COMMENT 'Which rules made the row.'
) ENGINE = ReplacingMergeTree ORDER BY query`,
  `CREATE TABLE IF NOT EXISTS judged (
  ${columnList(judgedColumns)},
  print LowCardinality(String) COMMENT 'Which rules made the row.'
) ENGINE = ReplacingMergeTree ORDER BY registered`,
  `CREATE TABLE IF NOT EXISTS analysis (
  analysis String, made Int64, version LowCardinality(String), answer String, figures String
) ENGINE = MergeTree ORDER BY made`,
  `CREATE TABLE IF NOT EXISTS cflow (
  ${columnList(cflowColumns)}
) ENGINE = MergeTree PARTITION BY analysis ORDER BY (analysis, epoch, client, server, serverPort, proto)`,
  `CREATE TABLE IF NOT EXISTS ccluster (
  ${columnList(cclusterColumns)}
) ENGINE = MergeTree PARTITION BY analysis ORDER BY (analysis, epoch, fine, client)`,
  `CREATE TABLE IF NOT EXISTS activity (
  analysis String,
  ${columnList(activityColumns)}
) ENGINE = MergeTree PARTITION BY analysis ORDER BY (analysis, epoch, host)`,
]

/** Every statement that a new database needs, in order; each may be run again. */
export const schema: readonly string[] = [
  ledger,
  ...(Object.keys(records) as RecordName[]).flatMap(recordTable),
  ...analysisTables,
]
