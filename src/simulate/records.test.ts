import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../errors.ts'
import type { Exchange } from './exchange.ts'
import { recordsOf } from './records.ts'
import type { Scenario } from './scenario.ts'
import { campusDay } from './scenarios/campus-day.ts'
import { paperDaySize } from './scenarios/paper-day.ts'

/** The campus with an eighth of its people. */
const small: Scenario = {
  ...campusDay,
  name: 'small',
  populations: campusDay.populations.map((each) => ({
    ...each,
    count: Math.ceil(each.count / (each.count > 20 ? 8 : 4)),
  })),
  surroundings: [{ behaviour: 'radiate', options: { perHour: 0.3, knocksPerHour: 20 } }],
}

const seeds = fc.integer({ min: 0, max: 1000 })
const text = (each: Exchange) => JSON.stringify(each)
const inside = (address: string) => address.startsWith('10.20.')

const firstHundred = (seed: number) => Iterator.from(recordsOf(small, seed).records).take(100)

/** The first pair that differs; the whole lists would take an hour to print. */
function difference(a: Iterable<Exchange>, b: Iterable<Exchange>) {
  const [left, right] = [[...a].map(text), [...b].map(text)]
  const at = left.findIndex((each, i) => each !== right[i])
  return at < 0 && left.length === right.length ? null : { at, left: left.at(at), right: right.at(at) }
}

describe('the same seed', () => {
  it('gives the same records, whichever are read first', () => {
    const first = recordsOf(small, 3)
    const again = [...recordsOf(small, 3).records]
    expect(difference(first.records, again)).toBeNull()
    expect(difference(first.records, again)).toBeNull()
    expect(first.truth).toEqual(recordsOf(small, 3).truth)
  })

  it('gives other records than another seed', () => {
    expect(difference(firstHundred(3), firstHundred(4))).toMatchObject({ at: 0 })
  })
})

describe('without bots', () => {
  it('needs no hosts for the botnets that are left out', () => {
    const size = { hosts: 30, days: 0.3 }
    expect(() => recordsOf('campus-day', 11, size)).toThrow(/needs \d+ hosts/)
    const { records } = recordsOf('campus-day', 11, { ...size, bots: false })
    expect(records[Symbol.iterator]().next().done).toBe(false)
  })

  it('leaves exactly the innocent records, in their order', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = [...recordsOf(small, seed).records]
        const clean = recordsOf(small, seed, { bots: false })
        const benign = all.filter(({ origin }) => origin === '')
        expect(difference(clean.records, benign)).toBeNull()
        expect(all.length).toBeGreaterThan(benign.length)
        expect(clean.truth.botnets).toEqual([])
      }),
      { numRuns: 1 },
    )
  })
})

describe('every record', () => {
  it('is one that a sensor could have written', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { records, truth } = recordsOf(small, seed)
        const uids = new Set<string>()
        let last = 0
        let count = 0
        const wrong: string[] = []
        for (const each of records) {
          count++
          uids.add(each.uid)
          wrong.push(...complaints(each, truth.from, truth.to).map((what) => `${what}: ${text(each)}`))
          if (each.end < last) wrong.push(`out of order: ${text(each)}`)
          last = each.end
        }
        expect(wrong.slice(0, 3)).toEqual([])
        expect(uids.size).toBe(count)
        expect(count).toBeGreaterThan(10_000)
      }),
      { numRuns: 2 },
    )
  })
})

const least = { tcp: 40, udp: 28, icmp: 28 }

/** What is impossible about a record. */
function complaints(each: Exchange, from: number, to: number): string[] {
  const {
    clientPackets,
    serverPackets,
    clientIpBytes,
    serverIpBytes,
    clientPayload,
    serverPayload,
    state,
    history,
  } = each
  const lone = clientPackets + serverPackets === 1
  const rules: Record<string, boolean> = {
    'within the day': each.start >= from && each.end < to && each.end >= each.start,
    'whole microseconds': Number.isSafeInteger(each.start) && Number.isSafeInteger(each.end),
    'whole counts': [
      clientPackets,
      serverPackets,
      clientIpBytes,
      serverIpBytes,
      clientPayload ?? 0,
      serverPayload ?? 0,
    ].every((n) => Number.isSafeInteger(n) && n >= 0),
    'the client speaks': clientPackets >= 1,
    'headers fit':
      clientIpBytes >= clientPackets * least[each.proto] &&
      serverIpBytes >= serverPackets * least[each.proto],
    'packets fit the wire': clientIpBytes <= clientPackets * 1500 && serverIpBytes <= serverPackets * 1500,
    'payload and headers add up': (clientPayload ?? 0) + clientPackets * least[each.proto] <= clientIpBytes,
    'a lone packet has no payload count and no length':
      lone === (clientPayload === null) && (!lone || each.end === each.start),
    'ports are ports': [each.clientPort, each.serverPort].every(
      (port) => Number.isInteger(port) && port >= 0 && port <= 65_535,
    ),
    'somebody is at home': inside(each.client) || inside(each.server),
    'nobody talks to himself': each.client !== each.server,
    'S0 has no answer': state !== 'S0' || (serverPackets === 0 && serverIpBytes === 0),
    'REJ has a bare answer': state !== 'REJ' || (serverPackets >= 1 && serverPayload === 0),
    'SF has both sides': state !== 'SF' || (clientPackets >= 1 && serverPackets >= 1),
    'D stands for payload': each.proto !== 'tcp' || history.includes('D') === (clientPayload ?? 0) > 0,
    'd stands for payload': each.proto !== 'tcp' || history.includes('d') === (serverPayload ?? 0) > 0,
    'F stands for a closing':
      each.proto !== 'tcp' || (state === 'SF') === (history.includes('F') && history.includes('f')),
    'bodies are part of the payload':
      (each.http ?? []).reduce((sum, { responseBody }) => sum + responseBody, 0) <= (serverPayload ?? 0),
    'questions go to port 53': each.dns === undefined || each.serverPort === 53,
    'a name that is not has no answers': each.dns?.code !== 'NXDOMAIN' || each.dns.answers.length === 0,
    'one time to live an answer':
      each.dns === undefined ||
      each.dns.answers.length === each.dns.ttls.length ||
      each.dns.answers.length === 0,
  }
  return Object.keys(rules).filter((name) => !rules[name])
}

describe('the truth', () => {
  const { records, truth } = recordsOf(small, 5)
  const all = [...records]
  const byBots = all.filter(({ origin }) => origin !== '')

  it('names disjoint botnets of the sizes asked for', () => {
    const hosts = truth.botnets.flatMap((botnet) => botnet.hosts)
    expect(truth.botnets.map((botnet) => botnet.hosts.length)).toEqual([6, 5, 4, 8])
    expect(new Set(hosts).size).toBe(hosts.length)
    expect(hosts.every(inside)).toBe(true)
  })

  it('is all that the bots’ records come from', () => {
    const botnetOf = new Map(
      truth.botnets.flatMap(({ id, hosts }) => hosts.map((host) => [host, id] as const)),
    )
    expect(
      byBots.every(({ client, server, origin }) => (botnetOf.get(client) ?? botnetOf.get(server)) === origin),
    ).toBe(true)
    expect(new Set(byBots.map(({ client }) => client).filter((host) => botnetOf.has(host))).size).toBe(
      botnetOf.size,
    )
  })

  it('names C&C servers that every bot meets and no innocent program does', () => {
    for (const { id, cnc, hosts } of truth.botnets) {
      const servers = new Set(cnc)
      const met = all.filter(({ server, serverPort, proto }) =>
        servers.has(`${server}:${serverPort}/${proto}`),
      )
      expect(new Set(met.map(({ origin }) => origin))).toEqual(new Set([id]))
      expect(new Set(met.map(({ client }) => client))).toEqual(new Set(hosts))
    }
  })

  it('leaves the bots’ hosts their own traffic', () => {
    const own = new Set(all.filter(({ origin }) => origin === '').map(({ client }) => client))
    expect(truth.botnets.flatMap(({ hosts }) => hosts).filter((host) => !own.has(host))).toEqual([])
  })
})

describe('what is not there', () => {
  const codeOf = (make: () => unknown) => {
    try {
      make()
    } catch (error) {
      return error instanceof UserError ? error.code : String(error)
    }
    return 'made'
  }
  const botnet = { id: 'x', family: 'irc', size: 1, among: ['staff'] as const }

  it.each([
    ['scenario', 'no-such', 'scenario-invalid'],
    ['behaviour', { ...small, surroundings: [{ behaviour: 'no-such' }] }, 'scenario-invalid'],
    ['family', { ...small, botnets: [{ ...botnet, family: 'no-such' }] }, 'scenario-invalid'],
    ['number of hosts', { ...small, botnets: [{ ...botnet, size: 1e6 }] }, 'scenario-invalid'],
    ['nothing', { ...small, botnets: [botnet] }, 'made'],
  ])('%s', (_, scenario, code) => {
    expect(codeOf(() => recordsOf(scenario, 1))).toBe(code)
  })

  it('a seed must be whole', () => {
    expect(codeOf(() => recordsOf(small, 0.5))).toBe('option-invalid')
  })
})

describe('the paper’s day', () => {
  it('has the flows and C-flows of Day 4, in order of time', () => {
    const cflows = { tcp: new Set<string>(), udp: new Set<string>(), icmp: new Set<string>() }
    const clients = new Set<string>()
    let flows = 0
    let last = 0
    for (const each of recordsOf('paper-day', 1).records) {
      flows++
      if (each.start < last) throw new Error('out of order')
      last = each.start
      clients.add(each.client)
      cflows[each.proto].add(`${each.client} ${each.server} ${each.serverPort}`)
    }
    expect({ flows, clients: clients.size, tcp: cflows.tcp.size, udp: cflows.udp.size }).toEqual({
      ...paperDaySize,
    })
  })
})
