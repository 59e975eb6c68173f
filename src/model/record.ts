import type { Micros } from './units.ts'

/** What a column may hold, and the TypeScript type each kind reads back as. */
interface Kinds {
  /** 64-bit hash, as a decimal string. */
  id: string
  /** Microseconds since the Unix epoch. */
  time: Micros
  /** Microseconds elapsed. */
  span: Micros
  /** IPv4 or IPv6, in its usual text. */
  address: string
  port: number
  count: number
  number: number
  text: string
  /** Text with few distinct values. */
  word: string
  texts: readonly string[]
  counts: readonly number[]
  numbers: readonly number[]
  addresses: readonly string[]
  flag: boolean
}

export type Kind = keyof Kinds

export interface Column {
  readonly kind: Kind
  readonly doc: string
  /** True where an input may not say; absent means every input must. */
  readonly optional?: true
  /** SQL over the other columns that gives the value; readers do not write such a column. */
  readonly derived?: string
}

export type Columns = Readonly<Record<string, Column>>

/** Names of the columns that a reader writes. */
export const writtenColumns = (columns: Columns): string[] =>
  Object.keys(columns).filter((name) => columns[name]?.derived === undefined)

export type RowOf<C extends Columns> = {
  readonly [K in keyof C]: C[K] extends { optional: true } ? Kinds[C[K]['kind']] | null : Kinds[C[K]['kind']]
}
