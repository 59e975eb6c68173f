import type { Query } from '../model/query.ts'
import type { TableShape, ViewShape } from './tables/shape.ts'

/** A column of a result as one array: a typed array for numbers, strings for 64-bit integers and text. */
export type ResultColumns = Readonly<Record<string, ArrayLike<number> | readonly unknown[]>>

/** A column of which each cell is made when it is asked for: by row, undefined behind the last. */
export interface Cells {
  readonly length: number
  at(row: number): unknown
}

export type ResultCells = Readonly<Record<string, Cells>>

/**
 * The engine. Two adapters keep this contract (`test/contracts/store.ts`): the embedded engine over a folder,
 * and a ClickHouse server over HTTP. Statements are the same text for both.
 */
export interface Store {
  /** As a person would name it: the folder or the address. */
  readonly where: string
  readonly kind: 'embedded' | 'server'
  /** Shards of a cluster; 1 for one engine. */
  readonly shards: number
  /** Whether no statement has named the table yet, so that it has no row; only where tables are made when named. */
  isUnmade?(table: string): boolean
  /** Runs a statement that returns no rows. */
  run(query: Query | string): Promise<void>
  /** All rows, as objects. 64-bit integers are numbers where they are safe; cast ids with toString. */
  rows<Row = Record<string, unknown>>(query: Query | string): Promise<Row[]>
  /**
   * Rows of a statement that a person typed, with values for its `{name:Type}`. It may read only; the embedded store
   * reads only from then on.
   */
  ask(statement: string, params: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>[]>
  /** All rows, by column, without a JavaScript object a row. Numbers come as Float64Array. */
  columns(query: Query | string): Promise<ResultColumns>
  /**
   * The same columns, with text and lists made row by row when they are asked for: for results of many rows. A list of
   * numbers is a view: who keeps one of a few rows copies it, or holds the result of all.
   */
  cells(query: Query | string): Promise<ResultCells>
  /** Rows as tab-separated bytes, in the order of `columns`. A chunk must end at a row's end. */
  insert(
    table: string,
    columns: readonly string[],
    chunks: AsyncIterable<Uint8Array>,
    settings?: InsertSettings,
  ): Promise<void>
  /**
   * Lets the engine parse a file: `use` gets a table expression to splice after FROM, with the columns of
   * `file.structure` and `row`, the line or record number from 1. The text of the file is never in a statement.
   */
  parse<T>(file: TextFile, use: (table: Query) => Promise<T>): Promise<T>
  /**
   * Names and types of the columns of a file that says them itself, such as Parquet.
   * @throws UserError input-damaged when the file is not what it seems.
   */
  describe(path: string, format: string): Promise<{ readonly name: string; readonly type: string }[]>
  /** Writes the rows of a query to a new file on this machine. */
  save(query: Query, file: SavedFile): Promise<void>
  /** Makes a table where it is absent; of a cluster, on every node. */
  create(table: TableShape): Promise<void>
  /** Removes a table, where there is one, and its rows. */
  drop(table: string): Promise<void>
  /** Makes a view, in place of one of that name. */
  view(view: ViewShape): Promise<void>
  /** `ALTER TABLE`: `change` is what follows the name. */
  alter(table: string, change: Query): Promise<void>
  /**
   * Does the work on each shard at the same time, with a store whose spread tables hold that shard's rows alone. One
   * engine is one shard. With `machines`, work that needs all records of a client together: it is done once, on all
   * rows, while a client's records lie on several shards because the machine changed its address.
   */
  byShard<T>(
    work: (shard: Pick<Store, 'run' | 'rows'>) => Promise<T>,
    needs?: { readonly machines?: boolean },
  ): Promise<readonly T[]>
  close(): Promise<void>
}

interface InsertSettings {
  /** An insert with the token of an earlier one into the same table adds nothing. Servers only. */
  readonly token?: string
}

interface SavedFile {
  /** Absolute path of our own making, where no file is. */
  readonly path: string
  /** A ClickHouse output format: TSV, CSV, JSONEachRow, Parquet … */
  readonly format: string
  /** Settings of the format, of our own making. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** A file that the engine is to parse. */
export interface TextFile {
  /** Absolute path; gzip is detected from the content by the caller. */
  readonly path: string
  readonly gzip: boolean
  /** A ClickHouse input format: LineAsString, TSV, CSV … */
  readonly format: string
  /** Column list as in DDL, of our own making: `c1 String, c2 String`; names of an input are quoted in it. */
  readonly structure: string
  /**
   * Where names of the columns are the input's: how many there are. The table then has `t`, a tuple of their
   * texts (Nullable(String)) in the order of `structure`, in place of columns.
   */
  readonly columns?: number
  /** Settings of the parser, of our own making. */
  readonly settings?: Readonly<Record<string, string | number>>
}
