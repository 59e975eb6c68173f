/**
 * Hourly aggregates: who called which service and which name, by the hour. They are kept when the records go, so that
 * a host and a service have a history that is longer than the records.
 *
 * A row belongs to its import, as a record does: it counts where the ledger lists the import, or lists it as removed.
 * The columns are states that merge: rows with the same key are added up by the engine, and may be added up again.
 */

interface AggregateColumn {
  readonly type: string
  readonly doc: string
}

interface Aggregate {
  readonly doc: string
  readonly columns: Readonly<Record<string, AggregateColumn>>
  /** Sorting key; rows of one key merge. */
  readonly order: string
}

const sum = (doc: string): AggregateColumn => ({ type: 'SimpleAggregateFunction(sum, UInt64)', doc })

const hourColumn: AggregateColumn = { type: 'Int64', doc: 'Beginning of the hour, in microseconds.' }
const client: AggregateColumn = { type: 'IPv6', doc: 'Address of the side that spoke first.' }
/** Seconds: microseconds would take a third of the disk. */
const first: AggregateColumn = {
  type: 'SimpleAggregateFunction(min, UInt32)',
  doc: 'When the first of them began, in whole seconds since 1970.',
}

export const aggregates = {
  service_hour: {
    doc: 'Flows of a client to a service in one hour. Kept longer than the flows.',
    columns: {
      hour: hourColumn,
      client,
      server: { type: 'IPv6', doc: 'Address of the side that answered, or was meant to.' },
      serverPort: { type: 'UInt16', doc: 'Port on the server; 0 where the transport has none.' },
      proto: { type: 'LowCardinality(String)', doc: 'Transport.' },
      flows: sum('Flows.'),
      answered: sum('Flows that the server answered.'),
      bytes: sum('IP bytes both ways, where the input says them.'),
      clientBytes: sum('IP bytes the client sent, where the input says them.'),
      first,
    },
    order: 'client, server, serverPort, proto, hour, load',
  },
  name_hour: {
    doc: 'A name that a client looked up with an address as the answer, or called by TLS or HTTP, in one hour.',
    columns: {
      hour: hourColumn,
      client,
      name: { type: 'String', doc: 'The name as the client had it.' },
      times: sum('Answered questions, handshakes and requests.'),
      first,
    },
    order: 'client, name, hour, load',
  },
} as const satisfies Readonly<Record<string, Aggregate>>

export type AggregateName = keyof typeof aggregates
export const aggregateNames = Object.keys(aggregates) as AggregateName[]

/** Columns as in DDL, with the import that the row belongs to. */
export const aggregateColumns = (name: AggregateName): string =>
  [
    "load UInt64 COMMENT 'The import that the row belongs to.'",
    ...Object.entries<AggregateColumn>(aggregates[name].columns).map(
      ([column, { type, doc }]) => `\`${column}\` ${type} COMMENT '${doc}' CODEC(${codecOf(type)})`,
    ),
  ].join(',\n  ')

const codecOf = (type: string): string =>
  type === 'Int64' ? 'Delta(8), ZSTD(1)' : type.includes('UInt32') ? 'Delta(4), ZSTD(1)' : 'ZSTD(1)'

/** The table of an aggregate, behind the view of its name. */
export const aggregateRows = (name: AggregateName): string => `${name}_rows`

/** Microseconds in a partition: aggregates go by whole weeks, and a year of them is some 50 parts. */
export const aggregatePartition = 7 * 86_400_000_000
