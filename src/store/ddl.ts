/** The tables, from the records in `model/`. */
import { activityColumns } from '../model/activity.ts'
import { cclusterColumns } from '../model/ccluster.ts'
import { cflowColumns } from '../model/cflow.ts'
import { judgedColumns, queriedColumns } from '../model/queried.ts'
import type { Column, Columns, Kind } from '../model/record.ts'
import { type RecordName, records } from '../model/records.ts'
import {
  type AggregateName,
  aggregateColumns,
  aggregateNames,
  aggregatePartition,
  aggregateRows,
  aggregates,
} from './aggregates/tables.ts'
import {
  creation,
  everPublished,
  publishedRows,
  type TableShape,
  type ViewShape,
  viewing,
} from './tables/shape.ts'

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

/** How a column is packed: a hash cannot be, times lie near each other, all else repeats. */
const codecOf = ({ kind }: Column): string =>
  kind === 'id' ? 'NONE' : kind === 'time' ? 'Delta(8), ZSTD(1)' : 'ZSTD(1)'

/** How columns of records are kept: `small` on disk, or `quick` to write and read, of a database that is gone soon. */
type Packing = 'small' | 'quick'

const codecIn = (column: Column, packing: Packing): string => {
  if (packing === 'small') return ` CODEC(${codecOf(column)})`
  return column.kind === 'id' ? ' CODEC(NONE)' : ''
}

/** Columns as in DDL; `packing` for those of records, which are many. */
export const columnList = (columns: Columns, packing?: Packing): string =>
  Object.entries<Column>(columns)
    .map(([name, column]) => {
      const filled = column.derived ? ` DEFAULT ${column.derived}` : ''
      const codec = packing ? codecIn(column, packing) : ''
      return `\`${name}\` ${columnType(column)}${filled} COMMENT '${column.doc.replaceAll("'", '’')}'${codec}`
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

const positionCodec = ' CODEC(Delta(8), ZSTD(1))'

/**
 * A record table holds the rows of finished and unfinished imports alike; the view beside it, which every stage
 * reads, shows only rows of loads that the ledger lists. One row in the ledger is thus the whole of a commit.
 *
 * Loads are numbered in the order of time and a new load comes in parts of its own, so that least and greatest load of
 * each granule (`byLoad`) let the statements of an import skip what was there before it, however large that is.
 */
const recordTable = (name: RecordName, packing: Packing): TableShape => ({
  name: `${name}_rows`,
  columns: `load UInt64 COMMENT 'The import that wrote the row; see ledger.',
  position UInt64 COMMENT 'Line or record number in the input, from 1.'${packing === 'small' ? positionCodec : ''},
  ${columnList(records[name].columns, packing)},
  INDEX byLoad load TYPE minmax GRANULARITY 1`,
  // A day: what is older than --keep goes as whole partitions.
  partition: 'intDiv(start, 86400000000)',
  order: orders[name],
  settings: 'index_granularity = 8192',
  shardBy: 'client',
})

/** The view of a record as it is imported. */
export const recordView = (name: RecordName): ViewShape => ({
  name,
  select: publishedRows(`${name}_rows`),
  shardBy: 'client',
})

const aggregateTable = (name: AggregateName): TableShape => ({
  name: aggregateRows(name),
  columns: aggregateColumns(name),
  engine: 'AggregatingMergeTree',
  partition: `intDiv(hour, ${aggregatePartition})`,
  order: aggregates[name].order,
  shardBy: 'client',
})

/** Tables of the hourly aggregates. */
export const aggregateTables: readonly TableShape[] = aggregateNames.map(aggregateTable)

/** The view of an aggregate: rows of imports that the ledger lists, or listed before they were removed. */
export const aggregateView = (name: AggregateName): ViewShape => ({
  name,
  select: everPublished(aggregateRows(name)),
  shardBy: 'client',
})

const ledger: TableShape = {
  name: 'ledger',
  columns: `load UInt64, name String, sha256 String, bytes UInt64, format LowCardinality(String),
  imported Int64 COMMENT 'Microseconds since the epoch.',
  firstStart Nullable(Int64), lastStart Nullable(Int64),
  records Map(String, UInt64), duplicates UInt64, rejects Map(String, UInt64),
  rejectSamples String COMMENT 'JSON',
  turn UInt64 COMMENT 'Publications follow each other by it; see publish.ts.'`,
  order: 'load',
  // Tokens of inserts that a server remembers: two processes that publish at the same moment take turns by them.
  settings: 'non_replicated_deduplication_window = 10000',
}

/** What was imported and is no longer kept; its rows are gone. */
const removed: TableShape = {
  name: 'removed',
  columns: `load UInt64, name String, sha256 String, bytes UInt64, format LowCardinality(String),
  imported Int64, firstStart Int64, lastStart Int64, records Map(String, UInt64),
  removed Int64 COMMENT 'Microseconds since the epoch.',
  why LowCardinality(String) COMMENT 'age or disk'`,
  engine: 'ReplacingMergeTree',
  order: 'load',
}

/** Imports whose hourly aggregates were merged under a number of their own; see aggregates/merge.ts. */
export const mergedTable: TableShape = {
  name: 'merged',
  columns: `load UInt64 COMMENT 'The number of the merged rows.', loads Array(UInt64), turn UInt64`,
  order: 'load',
  settings: 'non_replicated_deduplication_window = 10000',
}

const queriedTables: readonly TableShape[] = [
  {
    name: 'queried',
    columns: `${columnList(queriedColumns)},
  print LowCardinality(String) COMMENT 'Which rules made the row.'`,
    engine: 'ReplacingMergeTree',
    order: 'query',
  },
  {
    name: 'judged',
    columns: `${columnList(judgedColumns)},
  print LowCardinality(String) COMMENT 'Which rules made the row.'`,
    engine: 'ReplacingMergeTree',
    order: 'registered',
  },
]

const analysisTables: readonly TableShape[] = [
  {
    name: 'machine_span',
    columns: 'address IPv6, begin Int64, machine IPv6',
    order: 'address, begin',
  },
  ...queriedTables,
  {
    name: 'analysis',
    columns: 'analysis String, made Int64, version LowCardinality(String), answer String, figures String',
    order: 'made',
  },
  {
    name: 'cflow',
    columns: columnList(cflowColumns),
    partition: 'analysis',
    order: 'analysis, epoch, client, server, serverPort, proto',
    shardBy: 'client',
  },
  {
    name: 'ccluster',
    columns: columnList(cclusterColumns),
    partition: 'analysis',
    order: 'analysis, epoch, fine, client',
    shardBy: 'client',
  },
  {
    name: 'activity',
    columns: `analysis String,
  ${columnList(activityColumns)}`,
    partition: 'analysis',
    order: 'analysis, epoch, host',
  },
]

const recordNames = Object.keys(records) as RecordName[]

const tablesIn = (packing: Packing): readonly TableShape[] => [
  ledger,
  removed,
  mergedTable,
  ...recordNames.map((name) => recordTable(name, packing)),
  ...aggregateTables,
  ...analysisTables,
]

/** Every table of a database. */
export const tables: readonly TableShape[] = tablesIn('small')

/** The same of one that is gone with its process: to pack and unpack records took 5 % of an analysis. */
export const temporaryTables: readonly TableShape[] = tablesIn('quick')

/** Views over them, which may be made again at any time. */
export const views: readonly ViewShape[] = [
  ...recordNames.map(recordView),
  ...aggregateNames.map(aggregateView),
]

/** Every statement that a new database of one engine needs, in order; each may be run again. */
export const schema: readonly string[] = [...tables.map(creation), ...views.map(viewing)]
