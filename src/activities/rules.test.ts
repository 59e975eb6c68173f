import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, monday, openBench } from '../../test/fixtures/records.ts'
import type { Scope } from '../model/networks.ts'
import { parseNetworks } from '../store/networks.ts'
import { rules } from './rules.ts'

const scope: Scope = {
  epoch: 3,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8', '2001:db8:1::/48']),
}

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  it('binds on the engine, and says nothing of nothing', async () => {
    await bench.hold({})
    expect(await bench.store.rows(rule.query(scope, rule.defaults))).toEqual([])
  })
})
