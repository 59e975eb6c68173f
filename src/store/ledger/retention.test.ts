import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { connLog } from '../../../test/fixtures/written-logs.ts'
import { importInputs } from '../../capture/import/import.ts'
import { openEmbedded } from '../embedded.ts'
import { prepare } from '../schema.ts'
import type { Store } from '../store.ts'
import { removable, remove, removedInputs } from './retention.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-retention-'))
let store: Store
beforeAll(async () => {
  store = await openEmbedded(join(folder, 'db'))
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const day = 86_400_000_000

/** Imports a log of 500 flows for each of these days. */
async function importDays(days: readonly number[]): Promise<void> {
  for (const number of days) {
    const path = join(folder, `day-${number}.log`)
    writeFileSync(path, logOf(number))
    await importInputs(store, [path])
  }
}

const epoch = 1_700_006_400

/** A log whose flows lie at noon of a day. */
const logOf = (number: number): string =>
  connLog(number * 1000, 500).replace(
    /^(\d{10})(\.\d+)/gm,
    (_, _seconds: string, rest: string) => `${epoch + number * 86_400 + 43_200}${rest}`,
  )

beforeEach(async () => {
  await store.run('DROP DATABASE gannet')
  await store.run('CREATE DATABASE gannet')
  await prepare(store)
  await importDays([0, 1, 2, 3, 4])
})

const flows = async () => (await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM flow'))[0]!.n
const names = (inputs: readonly { name: string }[]) => inputs.map(({ name }) => name.replace(/.*\//, ''))

it('finds what is older than the newest record by more than the time, and takes nothing away', async () => {
  expect(names(await removable(store, { keep: 2.5 * day }))).toEqual(['day-0.log', 'day-1.log'])
  expect(names(await removable(store, { keep: 3.5 * day }))).toEqual(['day-0.log'])
  expect(await removable(store, { keep: 5 * day })).toEqual([])
  expect(await removable(store, {})).toEqual([])
  expect(await flows()).toBe(2500)
})

it('removes them whole, frees their parts, and the ledger says what they were', async () => {
  await remove(store, await removable(store, { keep: 2.5 * day }))
  expect(await flows()).toBe(1500)
  expect(await store.rows('SELECT toFloat64(count()) AS n FROM flow_rows')).toEqual([{ n: 1500 }])
  const parts = `SELECT toFloat64(uniqExact(partition)) AS n FROM system.parts
    WHERE active AND database = 'gannet' AND table = 'flow_rows'`
  expect(await store.rows(parts)).toEqual([{ n: 3 }])
  const gone = await removedInputs(store)
  expect(names(gone)).toEqual(['day-0.log', 'day-1.log'])
  expect(gone[0]).toMatchObject({ why: 'age' })
  expect(names(await removedInputs(store, { from: gone[1]!.first, to: gone[1]!.last }))).toEqual([
    'day-1.log',
  ])
})

it('does not take in again what it removed', async () => {
  await remove(store, await removable(store, { keep: 2.5 * day }))
  await importDays([0, 1])
  expect(await flows()).toBe(1500)
  await importDays([5])
  expect(await flows()).toBe(2000)
})

it('removes the oldest until the rest fits the disk, but never the newest', async () => {
  const [size] = await store.rows<{ bytes: number }>(`SELECT toFloat64(sum(bytes_on_disk)) AS bytes
    FROM system.parts WHERE active AND database = 'gannet' AND endsWith(table, '_rows') AND NOT endsWith(table, 'hour_rows')`)
  const over = await removable(store, { maxDisk: Math.round(size!.bytes * 0.7) })
  expect(names(over)).toEqual(['day-0.log', 'day-1.log'])
  expect(over[0]).toMatchObject({ why: 'disk' })
  expect(names(await removable(store, { maxDisk: 1 }))).toHaveLength(4)
  expect(await removable(store, { maxDisk: size!.bytes * 2 })).toEqual([])
})

it('finishes what was cut short', async () => {
  const inputs = await removable(store, { keep: 2.5 * day })
  for (const left of [0, 1]) {
    let calls = left
    const failing: Store = {
      ...store,
      alter: async (table, change) => {
        if (calls-- === 0) throw new Error('cut')
        await store.alter(table, change)
      },
      byShard: async (work, needs) => {
        if (calls-- === 0) throw new Error('cut')
        return store.byShard(work, needs)
      },
    }
    await expect(remove(failing, inputs)).rejects.toThrow('cut')
    expect([1500, 2500]).toContain(await flows())
  }
  await remove(store, inputs)
  expect(await flows()).toBe(1500)
  expect(await store.rows('SELECT toFloat64(count()) AS n FROM flow_rows')).toEqual([{ n: 1500 }])
  expect(await removedInputs(store)).toHaveLength(2)
})
