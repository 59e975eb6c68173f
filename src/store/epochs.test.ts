import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, monday, openBench } from '../../test/fixtures/records.ts'
import { epochsIn } from './epochs.ts'
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

it('goes by other records where there is no flow, or hardly any', async () => {
  await bench.hold({ dns: [{ start: monday }] })
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday, to: monday + 1 }])
  await bench.hold({ flow: [{ start: monday + 7 }, { start: monday + 107 }], dns: [{ start: monday }] })
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday + 7, to: monday + 108 }])
  // One flow to a resolver, whose questions go on for hours; then one that a clock put a year away.
  const asked = { flow: [{ start: monday }], dns: [{ start: monday + day / 4 }] }
  await bench.hold(asked)
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday, to: monday + day / 4 + 1 }])
  await bench.hold({ ...asked, dns: [{ start: monday + 365 * day }] })
  expect(await epochsIn(bench.store, 24)).toEqual([{ from: monday, to: monday + 1 }])
  await bench.hold({})
  expect(await epochsIn(bench.store, 24)).toEqual([])
})

it('counts the internal clients of all records', async () => {
  await bench.hold({
    flow: [{ client: '10.0.0.1' }],
    dns: [{ client: '10.0.0.1' }, { client: '10.0.0.2' }, { client: '192.0.2.1' }],
  })
  expect(await internalHosts(bench.store, { networks: parseNetworks(['10.0.0.0/8']), guessed: [] })).toBe(2)
})
