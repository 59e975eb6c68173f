import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { decidedTopologies } from '../model/finding.ts'
import type { Scope } from '../model/networks.ts'
import { parseNetworks } from '../store/networks.ts'
import { type ControlService, type GraphFacts, graphFacts, linkFacts, measureGraph } from './graph.ts'
import { decide, fittedLines, lossesOf, structureOf } from './topology.ts'

const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8']),
}
const members = Array.from({ length: 10 }, (_, i) => `10.0.0.${i + 1}`)
const service = (address: string, from: number, to: number, port = 443): ControlService => ({
  address,
  port,
  protocol: 'tcp',
  name: null,
  members: members.slice(from, to),
})
const request = (services: readonly ControlService[]) => ({ members, services, relays: [], talkers: [] })

describe('the links', () => {
  it('of a star are one server', () => {
    expect(linkFacts(request([service('45.0.0.1', 0, 10)]))).toMatchObject({
      cover: 1,
      second: 0,
      concentration: 1,
      shared: 1,
      mutual: 1,
      port: 1,
    })
  })

  it('of two servers with their own members have nothing in common', () => {
    const facts = linkFacts(request([service('45.0.0.1', 0, 5), service('45.0.0.2', 5, 10, 80)]))
    expect(facts).toMatchObject({ cover: 0.5, second: 0.5, concentration: 0.5, port: 0.5 })
    expect(facts.mutual).toBeCloseTo(20 / 45)
  })

  it('count relays and talkers among the members only', () => {
    const given = {
      ...request([service('45.0.0.1', 0, 10)]),
      relays: ['10.0.0.1', '10.9.9.9'],
      talkers: members,
    }
    expect(linkFacts(given)).toMatchObject({ relays: 0.5, strangers: 1 })
  })
})

describe('what would remain', () => {
  it('is nothing of a star, all where each member has a second server', () => {
    expect(lossesOf(request([service('45.0.0.1', 0, 10)]))[0]?.remaining).toBe(0)
    const two = lossesOf(request([service('45.0.0.1', 0, 10), service('45.0.0.2', 0, 10)]))
    expect(two.map(({ remaining }) => remaining)).toEqual([1, 1])
  })

  it('is told of the worst loss first', () => {
    const losses = lossesOf(request([service('45.0.0.1', 0, 8), service('45.0.0.2', 6, 10)]))
    expect(losses.map(({ endpoint, remaining }) => [endpoint.address, remaining])).toEqual([
      ['45.0.0.1', 0.4],
      ['45.0.0.2', 0.8],
    ])
  })
})

describe('the flows', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())
  const measure = async (flow: readonly Given[], services = [service('45.0.0.1', 0, 10)]) => {
    await bench.hold({ flow })
    return measureGraph(bench.store, scope, request(services))
  }
  const call = (more: Given = {}) => ({ client: '10.0.0.1', server: '45.0.0.1', ...more })

  it('say what fails, but for scans of another port', async () => {
    expect((await measure([call(), call({ outcome: 'unanswered' })])).failed).toBe(0.5)
    const scan = (n: number) =>
      Array.from({ length: n }, (_, i) =>
        call({ server: `46.0.0.${i}`, serverPort: 5555, outcome: 'unanswered' }),
      )
    expect((await measure([call(), ...scan(50)])).failed).toBe(0)
    expect((await measure([call(), ...scan(49)])).failed).toBeCloseTo(49 / 50)
  })

  it('say which members strangers call, from three strangers on', async () => {
    const calls = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ client: `46.0.0.${i}`, server: '10.0.0.2', serverPort: 8000 }))
    expect((await measure([call(), ...calls(2)])).called).toBe(0)
    expect((await measure([call(), ...calls(3)])).called).toBe(0.1)
    expect(
      (await measure([call(), { client: '45.0.0.1', server: '10.0.0.1', serverPort: 8000 }])).mutually,
    ).toBe(1)
    expect((await measure([call(), { client: '10.0.0.1', server: '10.0.0.2', serverPort: 443 }])).among).toBe(
      0.1,
    )
  })

  it('are asked for a structure only where two members call something', async () => {
    await bench.hold({ flow: [call()] })
    expect(await structureOf(bench.store, scope, { ...request([]), members })).toBeNull()
    const one = { ...request([service('45.0.0.1', 0, 1)]), members: members.slice(0, 1) }
    expect(await structureOf(bench.store, scope, one)).toBeNull()
    const found = await structureOf(bench.store, scope, request([service('45.0.0.1', 0, 10)]))
    expect(await bench.store.rows(found!.query)).toHaveLength(1)
  })
})

describe('the decision', () => {
  const none = Object.fromEntries(Object.keys(graphFacts).map((fact) => [fact, 0])) as unknown as GraphFacts
  const kinds = Object.fromEntries(
    decidedTopologies.map((kind) => [kind, { bias: 0, weights: kind === 'star' ? { cover: 4 } : {} }]),
  ) as unknown as typeof fittedLines.kinds

  it('is the likeliest kind at the line, and undecided under it', () => {
    const { confidence, facts } = decide({ ...none, cover: 1 }, { line: 0.5, kinds })
    expect(confidence).toBeCloseTo(Math.exp(4) / (Math.exp(4) + 3), 3)
    expect(facts[0]).toMatchObject({ fact: 'cover', value: 1, logOdds: 4 })
    expect(decide({ ...none, cover: 1 }, { line: 0.94, kinds }).topology).toBe('star')
    expect(decide({ ...none, cover: 1 }, { line: 0.95, kinds })).toMatchObject({
      topology: 'undecided',
      likeliest: 'star',
    })
  })

  it('of the fitted lines has a weight for facts of ours only', () => {
    for (const { weights } of Object.values(fittedLines.kinds))
      expect(Object.keys(weights).filter((fact) => !(fact in graphFacts))).toEqual([])
  })
})
