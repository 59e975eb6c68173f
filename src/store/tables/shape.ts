/** Tables and views as values, so that one engine and a cluster each make them in their own way. */

export interface TableShape {
  readonly name: string
  /** Columns and indexes, as in DDL. */
  readonly columns: string
  /** `Replacing` keeps one row of each key; `Aggregating` merges the rows of each key. */
  readonly engine?: 'MergeTree' | 'ReplacingMergeTree' | 'AggregatingMergeTree'
  readonly order: string
  readonly partition?: string
  readonly settings?: string
  /**
   * The column by which a cluster spreads the rows over its shards: the address of the client, so that all rows of one
   * client lie together. Without it all rows lie on the first shard.
   */
  readonly shardBy?: string
}

export interface ViewShape {
  readonly name: string
  /** The SELECT that it stands for. */
  readonly select: string
  /** The column by which its rows are spread; absent where those of one client may lie on several shards. */
  readonly shardBy?: string
}

/** `ENGINE = …` and what follows it; `engine` is the name with its arguments. */
export const storageOf = (
  { engine = 'MergeTree', partition, order, settings }: TableShape,
  replicated = '',
): string =>
  [
    `ENGINE = ${replicated ? `Replicated${engine}(${replicated})` : engine}`,
    partition && `PARTITION BY ${partition}`,
    `ORDER BY (${order})`,
    settings && `SETTINGS ${settings}`,
  ]
    .filter(Boolean)
    .join(' ')

/** The statement that makes a table where it is absent. */
export const creation = (shape: TableShape): string =>
  `CREATE TABLE IF NOT EXISTS ${shape.name} (\n  ${shape.columns}\n) ${storageOf(shape)}`

/** The statement that makes, or replaces, a view. */
export const viewing = ({ name: view, select }: ViewShape): string =>
  `CREATE OR REPLACE VIEW ${view} AS ${select}`

/** The view of a record: rows of loads that the ledger lists. */
export const publishedRows = (rows: string): string =>
  `SELECT * FROM ${rows} WHERE load IN (SELECT load FROM ledger)`

/**
 * Loads whose hourly aggregates count: those that the ledger lists, or listed before they were removed, and those that
 * stand for several that were merged, in place of these.
 */
export const countedLoads = `SELECT load FROM (
    SELECT load FROM ledger UNION ALL SELECT load FROM removed UNION ALL SELECT load FROM merged)
  WHERE load NOT IN (SELECT arrayJoin(loads) FROM merged)`

/** Rows of such loads. */
export const everPublished = (rows: string): string => `SELECT * FROM ${rows} WHERE load IN (${countedLoads})`
