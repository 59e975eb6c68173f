/** What a database shows of each input, row by row, for comparison with that of a run that nobody disturbed. */
import { records } from '../../src/model/records.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { ledger } from '../../src/store/ledger.ts'
import type { Store } from '../../src/store/store.ts'

/**
 * By input: its line in the ledger, and of each kind of record the number of rows and the sum of a hash of every
 * column of every row, so that no row can be another, come twice or be absent.
 */
export type Snapshot = Readonly<Record<string, string>>

export async function snapshotOf(store: Store): Promise<Snapshot> {
  const [tables] = await store.rows<{ n: number }>(
    `SELECT toFloat64(count()) AS n FROM system.tables WHERE database = 'gannet' AND name = 'alert'`,
  )
  if (!tables?.n) return {}
  const inputs = await ledger(store)
  const shown = new Map(inputs.map(({ load }) => [load, [] as string[]]))
  for (const record of Object.keys(records)) {
    const rows = await store.rows<{ number: string; n: number; hash: string }>(
      `SELECT toString(load) AS number, toFloat64(count()) AS n, toString(sum(sipHash64(* EXCEPT (load)))) AS hash
       FROM ${record} GROUP BY load ORDER BY load`,
    )
    for (const { number, n, hash } of rows) {
      const input = shown.get(number)
      if (!input) throw new Error(`rows of load ${number}, which the ledger does not have`)
      input.push(`${n} ${record} ${hash}`)
    }
  }
  return Object.fromEntries(
    inputs.map(({ load, name, sha256, rejects, duplicates }) => [
      name,
      [sha256.slice(0, 12), JSON.stringify(rejects), `${duplicates} duplicates`, ...shown.get(load)!].join(
        ', ',
      ),
    ]),
  )
}

let before: Promise<unknown> = Promise.resolve()

/** Opens a folder that no process holds. The engine holds one at a time in a process: others wait. */
export function withStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const done = before.then(async () => {
    const store = await openEmbedded(folder)
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  })
  before = done.catch(() => {})
  return done
}

/** What a folder shows that no process holds. */
export const snapshotIn = (folder: string): Promise<Snapshot> => withStore(folder, snapshotOf)

/** What is not as in the undisturbed run; null where all that is shown is. `whole`: nothing may be absent. */
export function difference(found: Snapshot, expected: Snapshot, whole: boolean): string | null {
  for (const [name, rows] of Object.entries(found))
    if (rows !== expected[name]) return `${name} shows ${rows}, not ${expected[name] ?? 'nothing'}`
  const absent = Object.keys(expected).filter((name) => found[name] === undefined)
  return whole && absent.length > 0 ? `${absent.join(', ')} absent` : null
}
