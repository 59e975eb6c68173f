import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import { inlined } from '../../model/inlined.ts'
import { parseNetworks } from '../../store/networks.ts'
import { familyEvidence, familyScores, findFamilies, likenessOf } from './families.ts'
import { type FamilyModel, modelFormat } from './family-model.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const scope = { epoch: 0, from: monday, to: monday + 86400e6, internal: parseNetworks(['10.0.0.0/8']) }
const calls = (
  rest: Given = {},
  { count = 12, sizes = [400] }: { count?: number; sizes?: number[] } = {},
): Given[] =>
  Array.from({ length: count }, (_, i) => ({
    client: '10.0.0.7',
    server: '203.0.113.66',
    serverPort: 80,
    clientPort: 50_000 + i,
    start: monday + i * 100e6,
    duration: 2e6,
    clientBytes: sizes[i % sizes.length]!,
    serverBytes: 900,
    state: 'SF',
    ...rest,
  }))

const cluster = (mean: number, quality = 1) => [{ mean, sd: 0, size: 3, quality }]
/** Calls every 100 s of 2 s, 400 B sent and 900 B received. */
const drip = (rest: Partial<FamilyModel['features']> = {}, minCalls = 10, family = 'drip'): FamilyModel => ({
  format: modelFormat,
  family,
  provenance: { from: ['test'], traces: 3, used: 3, minCalls, beta: 2.5, minQuality: 0.3 },
  features: {
    interval: cluster(100),
    duration: cluster(2),
    sent: cluster(400),
    received: cluster(900),
    frequency: [],
    ...rest,
  },
})

describe('findFamilies', () => {
  it('scores the sum over hits of cluster quality times the quality of the calls', async () => {
    // Sent 360 and 440: mean 400, sd 40, exp(-2.5 * 0.1) = 0.7788; the others are exact. 0.5 + 1 + 0.7788 + 1.
    await bench.hold({ flow: calls({}, { sizes: [360, 440] }) })
    const models = [drip({ interval: cluster(100, 0.5) })]
    const [hit, ...others] = await findFamilies(bench.store, [scope], models)
    expect(others).toEqual([])
    expect(hit?.match).toMatchObject({ family: 'drip', hits: ['interval', 'duration', 'sent', 'received'] })
    expect(hit?.match.score).toBeCloseTo(0.5 + 2 + Math.exp(-0.25), 9)
    expect(likenessOf(hit!, models)).toBeCloseTo((2.5 + Math.exp(-0.25)) / 3.5, 9)
    expect(hit?.endpoint).toMatchObject({ address: '203.0.113.66', port: 80, protocol: 'tcp' })
    const { query, flows } = familyEvidence(hit!)
    expect(flows.length).toBeGreaterThan(0)
    expect(await bench.store.rows(inlined(query))).toHaveLength(12)
  })

  it('asks for the score over alpha and for the hits, each just on and just off its line', async () => {
    await bench.hold({ flow: calls() })
    const found = async (options: { alpha?: number; minHits?: number }) =>
      (await findFamilies(bench.store, [scope], [drip()], options)).length
    expect(await found({ alpha: 3.99 })).toBe(1)
    expect(await found({ alpha: 4 })).toBe(0)
    expect(await found({ minHits: 4 })).toBe(1)
    expect(await found({ minHits: 5 })).toBe(0)
  })

  it('counts the frequency, which the first four features alone would not let match', async () => {
    await bench.hold({ flow: calls({}, { count: 60 }) })
    const models = [drip({ duration: [], received: [], frequency: cluster(0.01) })]
    const [hit] = await findFamilies(bench.store, [scope], models, { alpha: 2.9 })
    expect(hit?.match.hits).toEqual(['interval', 'sent', 'frequency'])
    expect(hit?.match.score).toBeCloseTo(3, 9)
  })

  it('sets a trace only against models whose own traces had as few calls', async () => {
    await bench.hold({ flow: calls({}, { count: 9 }) })
    expect(await findFamilies(bench.store, [scope], [drip()])).toEqual([])
    const models = [drip(), drip({}, 9, 'short')]
    const hits = await findFamilies(bench.store, [scope], models)
    expect(hits.map(({ match, also }) => [match.family, also])).toEqual([['short', []]])
  })

  it('names the best family, then the others over the line', async () => {
    await bench.hold({ flow: calls() })
    const models = [drip({ sent: [] }, 10, 'like'), drip()]
    const [hit] = await findFamilies(bench.store, [scope], models)
    expect([hit?.match.family, hit?.also]).toEqual(['drip', ['like']])
  })

  it('says once what is seen by address and by name', async () => {
    const dns = [{ client: '10.0.0.7', start: monday - 1, query: 'cc.example', answers: ['203.0.113.66'] }]
    await bench.hold({ flow: calls(), dns })
    expect(await findFamilies(bench.store, [scope], [drip()])).toHaveLength(1)
  })
})

it('familyScores counts traces, and keeps those with hits enough under any line', async () => {
  const other = calls({ server: '203.0.113.9', clientBytes: 9000, serverBytes: 90 })
  await bench.hold({ flow: [...calls(), ...other] })
  const { hits, traces } = await familyScores(bench.store, [scope], [drip()])
  expect(traces).toBe(2)
  expect(hits.map(({ endpoint }) => endpoint.address)).toEqual(['203.0.113.66'])
})
