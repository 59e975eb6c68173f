import type { Micros } from './units.ts'

/** A value bound on the server; its ClickHouse type comes from the value, never from the text around it. */
export type Param = string | number | boolean | null | readonly string[] | readonly number[] | Typed | Query

/** A value whose ClickHouse type cannot be told from its JavaScript type. Made by `store/sql.ts`. */
export interface Typed {
  readonly type: string
  readonly value: string | number | boolean | readonly (string | number)[]
}

/** SQL text cut at its bound values. Made by the `sql` tag; a `Query` inside a `Query` is spliced. */
export interface Query {
  readonly parts: readonly string[]
  readonly params: readonly Param[]
  /** The same for any records, where this one is simpler by what those of the database are. */
  readonly ofAnyRecords?: Query
}

/** A half-open stretch of time, [from, to). */
export interface Window {
  readonly from: Micros
  readonly to: Micros
}
