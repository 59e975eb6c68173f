/** Inputs that are read and wait to be published together, and those that were published before. */
import type { InputReport } from '../model/answer.ts'
import { type LedgerEntry, type LedgerRow, ledger, publishAll } from '../store/ledger.ts'
import { beginLoads, type Load } from '../store/load.ts'
import type { Store } from '../store/store.ts'

/** Inputs, rows and milliseconds after which what waits is published. */
const most = { inputs: 256, rows: 500_000, age: 2000 }

export interface Publisher {
  begin(): Load
  /** The report of an input whose content is in the database already; else null. */
  known(sha256: string, name: string): Promise<InputReport | null>
  /** Publishes the load now or with those that follow. */
  add(entry: LedgerEntry, rows: number): Promise<void>
  /** Publishes all that waits. */
  finish(): Promise<void>
  /** What became of each input, in order. */
  readonly reports: readonly InputReport[]
}

export async function createPublisher(store: Store): Promise<Publisher> {
  const published = new Map((await ledger(store)).map((row) => [row.sha256, row]))
  const loads = beginLoads(store)
  const reports: InputReport[] = []
  let waiting: LedgerEntry[] = []
  let rowCount = 0
  let since = 0
  const finish = async () => {
    const entries = waiting
    waiting = []
    rowCount = 0
    if (entries.length === 0) return
    await loads.flush()
    for (const row of await publishAll(store, entries)) {
      published.set(row.sha256, row)
      reports.push(reportOf(row))
    }
  }
  return {
    begin: loads.begin,
    async known(sha256, name) {
      if (waiting.some((entry) => entry.sha256 === sha256)) await finish()
      const row = published.get(sha256)
      if (!row) return null
      // Reports keep the order of the inputs.
      await finish()
      const report = { ...reportOf(row), name, known: true }
      reports.push(report)
      return report
    },
    async add(entry, rows) {
      if (waiting.length === 0) since = Date.now()
      waiting.push(entry)
      rowCount += rows
      const due = waiting.length >= most.inputs || rowCount >= most.rows || Date.now() - since >= most.age
      if (due) await finish()
    },
    finish,
    reports,
  }
}

const reportOf = (row: LedgerRow): InputReport => ({
  name: row.name,
  format: row.format,
  sha256: row.sha256,
  records: row.records,
  duplicates: row.duplicates,
  rejects: row.rejects,
  rejectSamples: row.rejectSamples,
  known: false,
})
