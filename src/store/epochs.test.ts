import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, monday, openBench } from '../../test/fixtures/records.ts'
import { micros } from '../model/units.ts'
import { epochsIn, recordsIn } from './epochs.ts'
import { internalHosts } from './internal.ts'
import { parseNetworks } from './networks.ts'

const day = 86_400e6
let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

it('is the whole of a recording shorter than an epoch, else aligned days that hold a flow', async () => {
  await bench.hold({ flow: [{ start: monday + 5 }, { start: monday + day + 4 }] })
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday + 5, to: monday + day + 5 }])
  await bench.hold({ flow: [{ start: monday + 5 }, { start: monday + 3 * day }] })
  expect(await epochsIn(bench.store, 24)).toEqual([
    { from: monday, to: monday + day },
    { from: monday + 3 * day, to: monday + 4 * day },
  ])
})

it('goes by other records where there is no flow', async () => {
  await bench.hold({ dns: [{ start: monday }] })
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday, to: monday + 1 }])
  await bench.hold({ dns: [{ start: monday + 5 }], mail: [{ start: monday + 2 * day }] })
  expect(await epochsIn(bench.store, 24)).toEqual([
    { from: monday, to: monday + day },
    { from: monday + 2 * day, to: monday + 3 * day },
  ])
  await bench.hold({})
  expect(await epochsIn(bench.store, 24)).toEqual([])
})

it('holds records about the flows in the epoch of the flows, as far as an epoch goes', async () => {
  const flow = [{ start: monday + 7 }, { start: monday + 107 }]
  await bench.hold({ flow, dns: [{ start: monday }], http: [{ start: monday + 110 }] })
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday, to: monday + 111 }])
  // An epoch and a twenty-fourth to the microsecond, and one over.
  const most = day + day / 24
  await bench.hold({ flow, alert: [{ start: monday + 7 + most - 1 }] })
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday + 7, to: monday + 7 + most }])
  await bench.hold({ flow, alert: [{ start: monday + 7 + most }] })
  expect(await epochsIn(bench.store, 24)).toEqual([
    { from: monday + 7, to: monday + 108 },
    { from: monday + 7 + most, to: monday + 8 + most },
  ])
  await bench.hold({ flow, alert: [{ start: monday + 107 - day }, { start: monday + 108 - day }] })
  expect(await epochsIn(bench.store, 24)).toEqual([
    { from: monday + 108 - 2 * day, to: monday + 108 - day },
    { from: monday + 108 - day, to: monday + 108 },
  ])
})

it('gives records far from the flows epochs of their own, and leaves the flows together', async () => {
  // Flows over midnight; records of years that a clock went wrong, before and after.
  const flow = [{ start: monday + day - 10 }, { start: monday + day + 10 }]
  await bench.hold({ flow, dns: [{ start: 5 }], mail: [{ start: monday + 365 * day }] })
  const epochs = await epochsIn(bench.store, 24)
  expect(epochs).toHaveLength(3)
  expect(epochs[1]).toEqual({ from: monday + day - 10, to: monday + day + 11 })
  expect(epochs[0]!.from).toBeLessThanOrEqual(5)
  expect(epochs[0]!.to).toBe(6)
  expect(epochs[2]!.from).toBeLessThanOrEqual(monday + 365 * day)
  expect(epochs[2]!.to).toBe(monday + 365 * day + 1)
  // Each is named by its number since 1970, and no two have the same.
  expect(new Set(epochs.map(({ from }) => Math.floor(from / day))).size).toBe(3)
})

it('counts the records of an epoch by kind', async () => {
  await bench.hold({
    flow: [{ start: monday }],
    dns: [{ start: monday }, { start: monday + 9 }, { start: monday + 10 }],
    mail: [{ start: monday - 1 }],
  })
  const counts = await recordsIn(bench.store, [
    { from: monday - 10, to: monday },
    { from: monday, to: monday + 10 },
    { from: monday + 10, to: monday + 20 },
  ])
  expect([...counts].toSorted(([a], [b]) => a - b)).toEqual([
    [monday - 10, { mail: 1 }],
    [monday, { flow: 1, dns: 2 }],
    [monday + 10, { dns: 1 }],
  ])
})

it('counts the internal clients of all records', async () => {
  await bench.hold({
    flow: [{ client: '10.0.0.1' }],
    dns: [{ client: '10.0.0.1' }, { client: '10.0.0.2' }, { client: '192.0.2.1' }],
  })
  expect(
    await internalHosts(bench.store, { networks: parseNetworks(['10.0.0.0/8']), guessed: [], clients6: [] }),
  ).toBe(2)
})

it('is what began within the last of the records alone, with --last', async () => {
  const days = [0, 1, 2].map((number) => ({ start: monday + number * day + day / 2 }))
  await bench.hold({ flow: days, dns: [{ start: monday + 2 * day + day / 2 + 7 }] })
  const newest = monday + 2 * day + day / 2 + 7
  expect(await epochsIn(bench.store, 24, micros(day))).toEqual([{ from: newest - 7, to: newest + 1 }])
  // To the microsecond: what began exactly so long before the newest is left out.
  expect(await epochsIn(bench.store, 24, micros(day + 7))).toEqual([{ from: newest - 7, to: newest + 1 }])
  expect(await epochsIn(bench.store, 24, micros(day + 8))).toEqual([
    { from: monday + day + day / 2, to: monday + 2 * day },
    { from: monday + 2 * day, to: monday + 3 * day },
  ])
})
