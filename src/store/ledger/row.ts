/** A row of the ledger: one import. */
import { raw } from '../sql.ts'

export interface LedgerRow {
  readonly load: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly format: string
  /** Rows by kind of record. */
  readonly records: Readonly<Record<string, number>>
  /** Flows left out because an earlier input has them. */
  readonly duplicates: number
  readonly rejects: Readonly<Record<string, number>>
  readonly rejectSamples: readonly { reason: string; position: number; sample: string }[]
}

/** What is known of a load before it is published. */
export type LedgerEntry = Omit<LedgerRow, 'records' | 'duplicates'>

/** What the ledger says of a load, with numbers that JavaScript can hold. */
export const ledgerSelection = raw(`toString(load) AS load, name, sha256, toFloat64(bytes) AS bytes, format,
  mapApply((k, v) -> (k, toFloat64(v)), records) AS records, toFloat64(duplicates) AS duplicates,
  mapApply((k, v) -> (k, toFloat64(v)), rejects) AS rejects, rejectSamples`)

export const readLedgerRow = (row: LedgerRow & { rejectSamples: string }): LedgerRow => ({
  ...row,
  rejectSamples: JSON.parse(row.rejectSamples),
})
