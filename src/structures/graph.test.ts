import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { decidedTopologies } from '../model/evidence.ts'
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
const request = (services: readonly ControlService[]) => ({ members, services, relays: [], p2pHosts: [] })

describe('the fitted weights', () => {
  it.each(Object.entries(fittedLines.kinds))('of a %s are those of the facts', (_, { weights }) => {
    expect(Object.keys(weights)).toEqual(Object.keys(graphFacts))
  })
})

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

  it('are weighed by how much a member keeps each up; what it keeps up less than half as much is left out', () => {
    const services = [
      service('45.0.0.1', 0, 10),
      ...Array.from({ length: 20 }, (_, i) => service(`46.0.0.${i}`, 0, 10)),
    ]
    const keeping = (least: number) =>
      linkFacts(request(services), (_, { address }) => (address === '45.0.0.1' ? 60 : least))
    expect(keeping(29)).toMatchObject({
      main: 1,
      next: 0,
      concentration: 1,
      mutual: 1,
      servers: linkFacts(request(services)).servers,
    })
    expect(keeping(30).main).toBeCloseTo(60 / 660)
    expect(keeping(30).next).toBeCloseTo(30 / 660)
    expect(linkFacts(request(services)).concentration).toBeCloseTo(1 / 21)
    const apart = linkFacts(
      request([service('45.0.0.1', 0, 10), service('45.0.0.2', 0, 10)]),
      (member, { address }) => ((member === '10.0.0.1') === (address === '45.0.0.1') ? 9 : 1),
    )
    expect(apart).toMatchObject({ cover: 1, second: 1, main: 0.9, next: 0.1 })
    expect(apart.mutual).toBeCloseTo(36 / 45)
  })

  it('count relays and talkers among the members only', () => {
    const given = {
      ...request([service('45.0.0.1', 0, 10)]),
      relays: ['10.0.0.1', '10.9.9.9'],
      p2pHosts: members,
    }
    expect(linkFacts(given)).toMatchObject({ relays: 0.5, externalPeers: 1 })
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

  const at = (minute: number, more: Given = {}) => call({ start: monday + minute * 60e6, ...more })
  const lost = { outcome: 'unanswered', duration: 0 }

  it('say which servers never answer a member that calls them three times, but for scans of another port', async () => {
    const calls = (n: number, more: Given = {}) => Array.from({ length: n }, () => call(more))
    const gone = { server: '45.0.0.2', ...lost }
    expect((await measure([...calls(3), ...calls(2, gone)])).silent).toBe(0)
    expect((await measure([...calls(3), ...calls(3, gone)])).silent).toBe(0.5)
    expect((await measure([...calls(3), ...calls(3, gone), call({ server: '45.0.0.2' })])).silent).toBe(0)
    const other = { ...gone, client: '10.0.0.2', outcome: 'refused' }
    expect((await measure([...calls(3), ...calls(2, gone), ...calls(3, other)])).silent).toBe(0.5)
    const scan = (n: number) =>
      Array.from({ length: n }, (_, i) =>
        calls(3, { server: `46.0.0.${i}`, serverPort: 5555, ...lost }),
      ).flat()
    expect((await measure([...calls(3), ...scan(50)])).silent).toBe(0)
    expect((await measure([...calls(3), ...scan(49)])).silent).toBeCloseTo(49 / 50)
  })

  it('say which server is kept up: by answers in slots of ten minutes, or by how long it is held', async () => {
    const two = [service('45.0.0.1', 0, 1), service('45.0.0.2', 0, 1)]
    const polled = Array.from({ length: 6 }, (_, i) => at(10 * i))
    const once = (more: Given) => at(0, { server: '45.0.0.2', ...more })
    expect((await measure([...polled, once({})], two)).main).toBe(1)
    const inVain = [0, 10, 20, 30, 40, 50].map((minute) => once({ start: monday + minute * 60e6, ...lost }))
    expect((await measure([...polled, ...inVain], two)).main).toBe(1)
    expect((await measure([...polled, once({ duration: 3600e6 })], two)).main).toBeCloseTo(0.5)
    expect((await measure([...polled, once({ duration: 1790e6 })], two)).main).toBe(1)
  })

  it('of a held channel whose server goes away, and is called on and on, remain those of a star', async () => {
    const irc = members
      .slice(0, 4)
      .map((client) => ({ client, server: '45.0.0.1', serverPort: 6667 }) as const)
    const held = irc.flatMap((each) =>
      [0, 60, 120, 180].map((minute) => at(minute, { ...each, duration: 3590e6 })),
    )
    const retried = irc.flatMap((each) =>
      Array.from({ length: 30 }, (_, i) => at(250 + 8 * i, { ...each, ...lost })),
    )
    const asked = { ...request([service('45.0.0.1', 0, 4, 6667)]), members: members.slice(0, 4) }
    await bench.hold({ flow: [...held, ...retried] })
    const facts = await measureGraph(bench.store, scope, asked)
    expect(facts).toMatchObject({ cover: 1, silent: 0 })
    expect(facts).toEqual(
      await bench.hold({ flow: held }).then(() => measureGraph(bench.store, scope, asked)),
    )
    expect(decide(facts).topology).toBe('star')
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

it('has a measured fact for every weight of the fitted topology', () => {
  const facts = Object.keys(graphFacts)
  const weights = Object.values(fittedLines.kinds).flatMap(({ weights }) => Object.keys(weights))
  expect(weights.length).toBeGreaterThan(20)
  expect(weights.filter((each) => !facts.includes(each))).toEqual([])
})
