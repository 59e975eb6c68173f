/** Slow callers of which only the hourly aggregates are kept: no record has an address of their network any more. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addRecords, type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { defaults } from '../config.ts'
import { micros } from '../model/units.ts'
import { removable, remove } from '../store/ledger/retention.ts'
import { analyse } from './analyse.ts'

const hour = 3600e6
const day = 24 * hour
const weeks = 9

/** Before and behind each private network lies one that is used: none of them joins another. */
const sites = ['104.16.1', '185.60.1', '198.51.100']

const ordinary = (from: number): Given[] =>
  Array.from({ length: 200 }, (_, i) => ({
    client: `10.0.0.${20 + (i % 12)}`,
    server: `${sites[i % 3]}.${10 + ((i * 7) % 40)}`,
    start: from + i * 120e6,
  }))

const weekly: Given[] = Array.from({ length: weeks }, (_, week) => ({
  client: '192.168.5.5',
  server: '203.0.113.10',
  start: monday + week * 7 * day + 3.2 * hour,
  bytes: 9000,
  clientBytes: 2000,
  serverBytes: 7000,
}))

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

it('are found in a network that the kept records do not use', async () => {
  const until = monday + weeks * 7 * day
  const before = Array.from({ length: weeks * 7 - 1 }, (_, date) => ordinary(monday + date * day + 9 * hour))
  await bench.hold({ flow: [...before.flat(), ...weekly] })
  await addRecords(bench.store, { flow: ordinary(until - 10 * hour) })
  await remove(bench.store, await removable(bench.store, { keep: micros(day / 2) }))
  const kept = `SELECT toFloat64(count()) AS n FROM flow WHERE client = toIPv6('192.168.5.5')`
  expect(await bench.store.rows(kept)).toEqual([{ n: 0 }])

  const context = { version: 'test', inputs: [], progress: () => {}, isAlone: true }
  const { answer } = await analyse(bench.store, defaults, context)
  expect(answer.contacts.filter(({ host }) => host === '192.168.5.5')).toMatchObject([
    { address: '203.0.113.10', calls: weeks, reasons: [{ feature: 'slow-clock' }, {}, {}, {}] },
  ])
}, 60_000)
