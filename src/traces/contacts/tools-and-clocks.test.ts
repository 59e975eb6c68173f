import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answered, call, client, featuresIn, scope } from '../../../test/fixtures/contact-calls.ts'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import { seeded } from '../../math/random.ts'
import { findContacts } from './find.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Other services of the client that answer, each with a name, all the day. */
function ordinary() {
  const sites = Array.from({ length: 12 }, (_, i) => `198.51.100.${100 + i}`)
  return {
    dns: sites.map((server, i) => answered(`www.blorpsite${i}.com`, server)),
    flow: sites.flatMap((server, i) =>
      Array.from({ length: 8 }, (_, n) => call(server, 60 + 300 * i + 3600 * n)),
    ),
  }
}

describe('ports of remote-control tools', () => {
  it('are few, over TCP, and none of a common service', async () => {
    const ports = { 2404: 1, 4444: 1, 4782: 1, 443: 0, 8080: 0, 5222: 0 }
    const flow = Object.keys(ports).map((port, i) => call(`203.0.113.${i}`, i, { serverPort: Number(port) }))
    const found = await featuresIn(bench, { flow })
    const [most, least] = [1 / Math.sqrt(5 / 3), 0]
    expect(Object.keys(ports).map((_, i) => found.get(`203.0.113.${i}`)!.toolPort)).toEqual(
      Object.values(ports).map((of) => (of === 1 ? most : least)),
    )
    const datagrams = await featuresIn(bench, {
      flow: [call('203.0.113.1', 1, { serverPort: 2404, proto: 'udp' })],
    })
    expect(datagrams.get('203.0.113.1')!.toolPort).toBe(0)
  })

  it('say less of a host that uses many odd ports', async () => {
    const many = Array.from({ length: 12 }, (_, i) => call(`198.51.100.${i}`, i, { serverPort: 20_000 + i }))
    const found = await featuresIn(bench, { flow: [...many, call('203.0.113.1', 50, { serverPort: 2404 })] })
    expect(found.get('203.0.113.1')!.toolPort).toBeCloseTo(1 / Math.sqrt(13 / 3), 6)
  })
})

describe('a sinkhole', () => {
  const sinkhole = '204.95.99.59'
  const times = (n: number, rest: Given = {}) =>
    Array.from({ length: n }, (_, i) => call(sinkhole, 60 * i, rest))

  it.each([
    [1, 0.5],
    [2, 0.75],
    [3, 1],
    [9, 1],
  ])('that answers %i times counts %f', async (n, value) => {
    const found = await featuresIn(bench, { flow: times(n) })
    expect(found.get(sinkhole)).toMatchObject({ sinkholed: value, threat: 1 })
  })

  it('that does not answer is known, and no more', async () => {
    const found = await featuresIn(bench, { flow: times(5, { outcome: 'unanswered' }) })
    expect(found.get(sinkhole)).toMatchObject({ sinkholed: 0, threat: 1 })
  })
})

describe('a strict clock', () => {
  const agent = '203.0.113.1'
  const named = [answered('agent.blorpcloud.com', agent)]
  const calls = (spread: number, rest: Given = {}) => {
    const random = seeded('strict')
    return Array.from({ length: 120 }, (_, i) =>
      call(agent, 60 + 60 * i + Math.round(spread * random.next()), rest),
    )
  }
  const strictOf = async (given: Parameters<Bench['hold']>[0]) =>
    (await featuresIn(bench, given)).get(agent)!.strict

  it('to a server with a name speaks for an agent', async () => {
    expect(await strictOf({ flow: calls(0), dns: named })).toBe(1)
  })

  it.each([
    ['of an address that nobody names', { flow: calls(0) }],
    ['with jitter', { flow: calls(15), dns: named }],
    ['of a few calls', { flow: calls(0).slice(0, 4), dns: named }],
    ['that is never answered', { flow: calls(0, { outcome: 'unanswered' }), dns: named }],
  ])('but not one %s', async (_, given) => {
    expect(await strictOf(given)).toBe(0)
  })
})

describe('a contact that was met and then no more', () => {
  const server = '203.0.113.1'
  const fleetingOf = async (flow: readonly Given[]) => {
    const { flow: others, dns } = ordinary()
    return (await featuresIn(bench, { flow: [...others, ...flow], dns })).get(server)!.fleeting
  }
  const met = (times: number, from = 600) => Array.from({ length: times }, (_, i) => call(server, from + i))

  it('counts the more the seldomer it was met', async () => {
    const [one, three, six] = [await fleetingOf(met(1)), await fleetingOf(met(3)), await fleetingOf(met(6))]
    expect(one).toBeGreaterThan(0.8)
    expect(three).toBeLessThan(one)
    expect(three).toBeGreaterThan(six)
    expect(six).toBe(0)
  })

  it('is not known of one that was met just before the records end, or held', async () => {
    expect(await fleetingOf(met(1, 28_700))).toBe(0)
    expect(await fleetingOf([call(server, 600, { duration: 28_000e6 })])).toBeLessThan(0.1)
  })
})

describe('a pace', () => {
  /** Calls over a day, 300 s apart on average, each interval drawn within a share of it to either side. */
  const looseAt = async (jitter: number, draw?: () => number) => {
    const random = seeded('pace')
    const other = draw ?? (() => 1 - jitter + 2 * jitter * random.next())
    const starts: number[] = []
    for (let at = 60; at < 86_000; at += Math.round(300 * other())) starts.push(at)
    const { dns, flow } = ordinary()
    const own = starts.map((at) => call('203.0.113.1', at))
    const found = await featuresIn(bench, { dns, flow: [...flow, ...own] })
    return found.get('203.0.113.1')!.loose
  }

  it('is that of a sleep with jitter up to 60 % to either side', async () => {
    expect(await looseAt(0.01)).toBeLessThan(0.1)
    for (const jitter of [0.3, 0.5, 0.6]) expect(await looseAt(jitter)).toBeGreaterThan(0.8)
  })

  it('is none where calls come at random', async () => {
    expect(await looseAt(0.9)).toBeLessThan(0.2)
    const random = seeded('random pace')
    expect(await looseAt(1, () => -Math.log(1 - random.next()))).toBeLessThan(0.2)
  })
})

it('a contact lasts as long as it calls, also behind the calls that are kept', async () => {
  const fast = Array.from({ length: 6000 }, (_, i) => call('203.0.113.1', 5 * i))
  const { flow, dns } = ordinary()
  const found = await featuresIn(bench, { flow: [...flow, ...fast], dns })
  expect(found.get('203.0.113.1')!.lasting).toBeGreaterThan(0.95)
})

it('a program that takes orders from a chat service stands out alone and beside one other who uses it', async () => {
  const server = '203.0.113.1'
  const dns = [client, '10.0.0.8'].map((each) => ({ ...answered('discord.com', server), client: each }))
  const polls = Array.from({ length: 1500 }, (_, i) => call(server, 20 * i + (i % 7)))
  const person = [3000, 3100, 9000].map((seconds) =>
    call(server, seconds, { client: '10.0.0.8', serverBytes: 90_000 }),
  )

  for (const flow of [polls, [...polls, ...person]]) {
    await bench.hold({ flow, dns })
    const found = await findContacts(bench.store, scope, { analysis: 'tools' })
    expect(found.find(({ trace }) => trace.client === client)!.features.abnormal).toBeGreaterThan(0.8)
  }
})

it('mail to a server of nobody known counts of a host that hands it to few, and not of a mail server', async () => {
  const uploads = async (servers: number) => {
    const flow = Array.from({ length: servers }, (_, i) => call(`203.0.113.${i + 1}`, i, { serverPort: 25 }))
    return (await featuresIn(bench, { flow })).get('203.0.113.1')!.upload
  }
  const [one, two, five, many] = [await uploads(1), await uploads(2), await uploads(5), await uploads(20)]
  expect([one, two, many]).toEqual([1, 1, 0])
  expect(five).toBeGreaterThan(0.2)
  expect(five).toBeLessThan(0.8)
})

it('mail to many counts where the host began it when a program had come', async () => {
  const uploadAfter = async (mimeType: string, wait: number) => {
    const flow = Array.from({ length: 20 }, (_, i) =>
      call(`203.0.113.${i + 1}`, wait + i, { serverPort: 25 }),
    )
    const fetched = { client, server: '198.51.100.9', start: monday, host: 'files.blorpsta.top', mimeType }
    return (await featuresIn(bench, { flow, http: [fetched] })).get('203.0.113.1')!.upload
  }
  expect(await uploadAfter('application/x-dosexec', 60)).toBe(1)
  expect(await uploadAfter('application/x-dosexec', 4000)).toBe(0)
  expect(await uploadAfter('text/html', 60)).toBe(0)
})

it('a protocol that the records do not tell is odd on the web where they tell most others', async () => {
  const { flow, dns } = ordinary()
  const wrongOf = async (service: string) => {
    const others = flow.map((each) => ({ ...each, service }))
    const found = await featuresIn(bench, { flow: [...others, call('203.0.113.1', 700)], dns })
    return found.get('203.0.113.1')!.wrongProtocol
  }
  expect([await wrongOf('ssl'), await wrongOf('')]).toEqual([0.5, 0])
})
