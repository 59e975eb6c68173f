import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import type { Activity, ActivityType } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import { micros } from '../model/units.ts'
import { parseNetworks } from '../store/networks.ts'
import { busySlotsOf } from './busy-slots.ts'

const minute = 60_000_000
const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 1440 * minute,
  internal: parseNetworks(['10.0.0.0/8']),
}
const did = (
  type: ActivityType,
  { traits = [], from = 0, to = 0 }: { traits?: string[]; from?: number; to?: number },
): Activity => ({
  epoch: 0,
  type,
  detector: 'any',
  host: '10.0.0.5',
  first: micros(monday + from * minute),
  last: micros(monday + to * minute),
  times: 1,
  targets: 1,
  score: 1,
  traits,
  sample: [],
  flows: [],
})

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const mails = (servers: number, at: number, serverPort = 25): Given[] =>
  Array.from({ length: servers }, (_, i) => ({
    start: monday + at * minute + i,
    server: `198.51.100.${i}`,
    serverPort,
  }))
const slotsOf = async (activities: readonly Activity[], flow: readonly Given[] = []) => {
  await bench.hold({ flow })
  return [...(await busySlotsOf(bench.store, scope, activities))].map(([key, slots]) => [
    key,
    [...slots].sort(),
  ])
}

it('spam is when five servers were met in five minutes, and the slots beside', async () => {
  const flows = [...mails(5, 12), ...mails(4, 62), ...mails(9, 112, 8080)]
  expect(await slotsOf([did('spam', {})], flows)).toEqual([['spam 10.0.0.5', [1, 2, 3]]])
})

it('a scan is when the ports of it were tried', async () => {
  const flows = [...mails(6, 12, 445), ...mails(6, 62, 443)]
  expect(await slotsOf([did('scan', { traits: ['tcp/445'] })], flows)).toEqual([['scan 10.0.0.5', [1, 2, 3]]])
})

it('what is known by its ends alone is when it began and ended, if that was within the hour', async () => {
  expect(await slotsOf([did('download', { from: 10, to: 21 })])).toEqual([
    ['download 10.0.0.5', [1, 2, 3, 4, 5]],
  ])
  expect(await slotsOf([did('download', { from: 0, to: 60 })])).toHaveLength(1)
  expect(await slotsOf([did('download', { from: 0, to: 61 })])).toEqual([])
  // A scan over many ports says nothing of any one of them.
  const ports = Array.from({ length: 9 }, (_, i) => `tcp/${i}`)
  expect(await slotsOf([did('scan', { traits: ports, from: 10, to: 11 })])).toEqual([
    ['scan 10.0.0.5', [1, 2, 3]],
  ])
})
