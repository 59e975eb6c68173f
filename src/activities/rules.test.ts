import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, monday, openBench } from '../../test/fixtures/records.ts'
import type { Scope } from '../model/networks.ts'
import { micros } from '../model/units.ts'
import { parseNetworks } from '../store/networks.ts'
import { phraseOf, rules } from './rules.ts'
import { servingHosts } from './servers.ts'

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
    const serving = await servingHosts(bench.store, scope)
    expect(await bench.store.rows(rule.query({ ...scope, serving }, rule.defaults))).toEqual([])
  })
})

describe('a phrase about several hosts', () => {
  it('gives the counts of one as the most that any has', () => {
    const row = {
      epoch: 0,
      type: 'scan',
      host: '10.0.0.5',
      detector: 'failed-connections',
      first: micros(0),
      last: micros(1),
      times: 3,
      targets: 2092,
      traits: ['tcp/135', 'tcp/445'],
      sample: [],
      flows: [],
      score: 1,
    } as const
    expect(phraseOf(row)).toBe(
      'got no answer or a refusal in most connections: 2\u202f092 servers, on ports 135 and 445',
    )
    expect(phraseOf(row, 4)).toBe(
      'got no answer or a refusal in most connections: up to 2\u202f092 servers each, on ports 135 and 445',
    )
  })
})
