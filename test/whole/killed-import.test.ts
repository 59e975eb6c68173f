/** An import that is killed at any moment leaves all of a file or nothing of it. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Imported, importInputs } from '../../src/capture/import/import.ts'
import { records } from '../../src/model/records.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { ledger } from '../../src/store/ledger.ts'
import type { Store } from '../../src/store/store.ts'
import { connLog, writeLogs } from '../fixtures/written-logs.ts'

const { GANNET_KILLS = '12' } = process.env
const times = Number(GANNET_KILLS)
const longest = 240_000

const child = fileURLToPath(new URL('../fixtures/import-child.ts', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-killed-'))
const logs = writeLogs(join(scratch, 'logs'), { events: 60_000, small: 10 })
// Small files wait to be published together; a second copy of one of them publishes all that waits. So three
// publications: what is in conn.*, the large file, what is in late.*.
for (const name of ['conn.9.log', 'eve.json']) copyFileSync(join(logs, name), join(logs, `${name}.copy`))
for (let i = 0; i < 5; i++) writeFileSync(join(logs, `late.${i}.log`), connLog(1000 + i * 50, 50))
const inputs = 16
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Runs an import in another process and kills it so long after it began; gives how long it was let run. */
async function importKilled(folder: string, after: number): Promise<{ finished: boolean; lived: number }> {
  const running = spawn(process.execPath, [child, folder, logs], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: scratch },
  })
  const gone = new Promise<number | null>((done) => running.once('exit', done))
  await new Promise((done) => running.stdout.once('data', done))
  const began = performance.now()
  const code = await Promise.race([gone, sleep(after, 'late' as const)])
  running.kill('SIGKILL')
  await gone
  if (typeof code === 'number' && code !== 0) throw new Error(`the import failed by itself: ${code}`)
  return { finished: code !== 'late', lived: performance.now() - began }
}

/** What the views show of each input: rows by table. */
async function shown(store: Store): Promise<Record<string, Record<string, number>>> {
  const names = new Map((await ledger(store)).map(({ load, name }) => [load, name]))
  const found: Record<string, Record<string, number>> = {}
  for (const record of Object.keys(records)) {
    const rows = await store.rows<{ number: string; n: number }>(
      `SELECT toString(load) AS number, toFloat64(count()) AS n FROM ${record} GROUP BY load`,
    )
    for (const { number, n } of rows) {
      const input = names.get(number) ?? `load ${number}`
      found[input] = { ...found[input], [record]: n }
    }
  }
  return found
}

describe('an import that is killed', () => {
  let expected: Record<string, Record<string, number>> = {}
  let whole = 0

  beforeAll(async () => {
    const folder = join(scratch, 'uninterrupted')
    whole = (await importKilled(folder, longest)).lived
    const store = await openEmbedded(folder)
    expected = await shown(store)
    await store.close()
  })

  it('would by itself write to several tables', () => {
    expect(expected[join(logs, 'eve.json')]).toEqual({
      flow: 15_000,
      dns: 15_000,
      http: 15_000,
      alert: 15_000,
    })
    expect(expected[join(logs, 'conn.3.log')]).toEqual({ flow: 50 })
    expect(Object.keys(expected)).toHaveLength(inputs)
  })

  it(`leaves every file whole or out, ${times} times`, { timeout: 2 * longest }, async () => {
    const until = performance.now() + longest
    const seen: number[] = []
    let hidden = 0
    let folder = join(scratch, 'killed-0')
    for (let i = 0; i < times && performance.now() < until; i++) {
      const { finished } = await importKilled(folder, Math.random() * whole)
      const store = await openEmbedded(folder)
      const tables = await store.rows(
        `SELECT name FROM system.tables WHERE database = 'gannet' AND name = 'alert'`,
      )
      const found = tables.length > 0 ? await shown(store) : {}
      for (const [name, rows] of Object.entries(found))
        expect({ [name]: rows }).toEqual({ [name]: expected[name] })
      seen.push(Object.keys(found).length)
      if (tables.length > 0 && (await left(store)) > 0) hidden++
      if (i % 5 === 4) await completes(store)
      await store.close()
      if (finished || i % 5 === 4) folder = join(scratch, `killed-${i + 1}`)
    }
    process.stdout.write(`inputs seen after each kill: ${seen.join(' ')}; rows left hidden after ${hidden}\n`)
    expect(seen.some((n) => n > 0 && n < inputs)).toBe(true)
    expect(hidden).toBeGreaterThan(0)
  })

  async function left(store: Store): Promise<number> {
    const each = Object.keys(records).map(
      (record) => `SELECT count() AS n FROM ${record}_rows WHERE load NOT IN (SELECT load FROM ledger)`,
    )
    const [found] = await store.rows<{ n: number }>(
      `SELECT toFloat64(sum(n)) AS n FROM (${each.join(' UNION ALL ')})`,
    )
    return found?.n ?? 0
  }

  /** The next import brings the rest, and the one after it nothing. */
  async function completes(store: Store): Promise<void> {
    await importInputs(store, [logs])
    expect(await shown(store)).toEqual(expected)
    expect(await left(store)).toBe(0)
    const again: Imported = await importInputs(store, [logs])
    expect(again.inputs.every(({ known }) => known)).toBe(true)
    expect(await shown(store)).toEqual(expected)
  }
})
