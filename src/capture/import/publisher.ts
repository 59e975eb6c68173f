/** Inputs that are read and wait to be published together, and those that were published before. */
import type { InputReport } from '../../model/answer.ts'
import { removedContents } from '../../store/ledger/retention.ts'
import { type LedgerEntry, type LedgerRow, ledger, publishAll } from '../../store/ledger.ts'
import { beginLoads, type Loads } from '../../store/load.ts'
import type { Store } from '../../store/store.ts'
import { createContents, type KnownContents } from './known-contents.ts'

/** Inputs, rows and milliseconds after which what waits is published. */
const most = { inputs: 256, rows: 500_000, age: 2000 }

/** The place of an input's report among the others. */
export type Slot = number

export interface Publisher {
  readonly loads: Loads
  /** A place for the next input. */
  reserve(): Slot
  /** What the database has, and what waits to be published. */
  contents(): KnownContents
  /** Says that the content of an input is in the database already. */
  known(slot: Slot, sha256: string, name: string): Promise<void>
  /** Publishes the load now or with those that follow. */
  add(slot: Slot, entry: LedgerEntry, rows: number): Promise<void>
  /** Publishes all that waits. */
  finish(): Promise<void>
  /** What became of each input, in order; forgets it. */
  take(): InputReport[]
}

export async function createPublisher(store: Store): Promise<Publisher> {
  const published = new Map<string, LedgerRow>()
  const contents = createContents()

  for (const row of [...(await removedContents(store)), ...(await ledger(store))]) {
    published.set(row.sha256, row)
    contents.add(row)
  }

  const loads = beginLoads(store)
  let reports: (InputReport | undefined)[] = []
  let slots = 0
  let waiting: { entry: LedgerEntry; slot: Slot }[] = []
  let rowCount = 0
  let since = 0

  const finish = async () => {
    const now = waiting
    waiting = []
    rowCount = 0
    if (now.length === 0) return
    await loads.flush()
    const rows = await publishAll(
      store,
      now.map(({ entry }) => entry),
    )
    for (const [i, row] of rows.entries()) {
      published.set(row.sha256, row)
      const { name } = now[i]!.entry
      reports[now[i]!.slot] = { ...reportOf(row), name, known: row.known ?? false }
    }
  }

  return {
    loads,
    reserve: () => slots++,
    contents: () => contents,
    async known(slot, sha256, name) {
      if (waiting.some(({ entry }) => entry.sha256 === sha256)) await finish()
      const row = published.get(sha256)
      if (!row) throw new RangeError(`${sha256} is not published`)
      reports[slot] = { ...reportOf(row), name, known: true }
    },
    async add(slot, entry, rows) {
      if (waiting.length === 0) since = Date.now()
      waiting.push({ entry, slot })
      contents.add(entry)
      rowCount += rows
      const due = waiting.length >= most.inputs || rowCount >= most.rows || Date.now() - since >= most.age
      if (due) await finish()
    },
    finish,
    take() {
      const done = reports.filter((each) => each !== undefined)
      reports = []
      slots = 0
      return done
    },
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
