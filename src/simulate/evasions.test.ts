import { describe, expect, it } from 'vitest'
import { UserError } from '../errors.ts'
import { evasions } from './evasions.ts'
import type { Exchange } from './exchange.ts'
import { recordsOf } from './records.ts'
import type { Hiding, Scenario } from './scenario.ts'

/**
 * Machines that do nothing of their own, in two botnets: one talks over HTTP and sends mail, one over IRC and
 * scans.
 */
const sandbox = (evasions: readonly Hiding[], days = 1): Scenario => ({
  name: 'sandbox',
  doc: '',
  begins: '2025-03-04T00:00:00Z',
  hours: 24 * days,
  prefix: '10.70',
  domain: 'sandbox.example',
  populations: [
    { role: 'resolver', count: 1, systems: ['linux'], habits: [] },
    { role: 'thing', count: 12, systems: ['windows'], habits: [] },
  ],
  surroundings: [],
  botnets: [
    { id: 'http', family: 'http-fixed', size: 4, among: ['thing'], evasions },
    { id: 'irc', family: 'irc', size: 4, among: ['thing'], evasions },
    { id: 'p2p', family: 'p2p', size: 2, among: ['thing'], evasions },
  ],
})

const of = (evasion: string, strength: number, days?: number) => {
  const { records, truth } = recordsOf(sandbox([{ evasion, strength }], days), 4, { order: 'by-start' })
  return { all: [...records], truth }
}

const plain = of('packets', 0)
const talk = (all: readonly Exchange[], origin = 'http') =>
  all.filter((each) => each.origin === origin && each.http !== undefined)
const mail = (all: readonly Exchange[]) => all.filter(({ serverPort }) => serverPort === 25)
const scans = (all: readonly Exchange[]) =>
  all.filter(({ origin, state }) => origin === 'irc' && (state === 'S0' || state === 'REJ'))
const spreadOf = (values: readonly number[]) => {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length) / mean
}
const gapsOf = (all: readonly Exchange[]) => {
  const gaps = [...Map.groupBy(talk(all), ({ client }) => client).values()].flatMap((own) =>
    own.slice(1).map((each, i) => (each.start - own[i]!.start) / 1e6),
  )
  return gaps.filter((gap) => gap < 7200)
}

describe('every evasion', () => {
  for (const { name } of evasions) {
    it(`${name} does nothing at strength 0`, () => {
      const { all, truth } = of(name, 0)
      expect(all.length).toBe(plain.all.length)
      expect(JSON.stringify(all) === JSON.stringify(plain.all)).toBe(true)
      expect(truth).toEqual(plain.truth)
    })

    it(`${name} leaves records that a sensor could have written`, () => {
      const { all, truth } = of(name, 1)
      const odd = all.filter(
        (each) =>
          each.start < truth.from ||
          each.end >= truth.to ||
          each.end < each.start ||
          !Number.isSafeInteger(
            each.start + each.end + each.clientIpBytes + each.serverIpBytes + each.clientPackets,
          ) ||
          each.clientIpBytes > 1500 * each.clientPackets ||
          each.serverIpBytes > 1500 * each.serverPackets ||
          (each.clientPayload ?? 0) + 28 * each.clientPackets > each.clientIpBytes ||
          (each.http ?? []).reduce((sum, note) => sum + note.responseBody, 0) > (each.serverPayload ?? 0),
      )
      expect(odd.slice(0, 2)).toEqual([])
      expect(JSON.stringify(all) === JSON.stringify(plain.all)).toBe(false)
    })
  }

  it('has to exist, with a strength from 0 to 1', () => {
    expect(() => of('invisibility', 0.5)).toThrow(UserError)
    expect(() => of('padding', 1.01)).toThrow(UserError)
  })
})

describe('what each does', () => {
  const packetCounts = (all: readonly Exchange[]) =>
    new Set(talk(all).map((each) => each.clientPackets + each.serverPackets)).size

  it('packets: more spread, the payload as it was', () => {
    const { all } = of('packets', 1)
    expect(packetCounts(all)).toBeGreaterThan(2 * packetCounts(plain.all))
    expect(talk(all).map((each) => each.serverPayload)).toEqual(
      talk(plain.all).map((each) => each.serverPayload),
    )
  })

  it('bytes: other payloads in as many packets', () => {
    const { all } = of('bytes', 1)
    expect(talk(all).map((each) => each.clientPackets)).toEqual(
      talk(plain.all).map((each) => each.clientPackets),
    )
    expect(spreadOf(talk(all).map((each) => each.clientPayload!))).toBeGreaterThan(0.2)
    expect(spreadOf(talk(plain.all).map((each) => each.clientPayload!))).toBeLessThan(0.05)
  })

  it('padding: thousands of bytes, growing with the strength', () => {
    const mean = (strength: number) => {
      const own = talk(of('padding', strength).all)
      return own.reduce((sum, each) => sum + each.clientPayload!, 0) / own.length
    }
    expect(mean(1)).toBeGreaterThan(12_000)
    expect(mean(0.5)).toBeLessThan(mean(1) * 0.7)
  })

  it('intervals: from a clock to a Poisson process of the same mean', () => {
    const clock = gapsOf(plain.all)
    const poisson = gapsOf(of('intervals', 1).all)
    expect(spreadOf(clock)).toBeLessThan(0.15)
    expect(spreadOf(poisson)).toBeGreaterThan(0.8)
    expect(spreadOf(poisson)).toBeLessThan(1.2)
    expect(poisson.length / clock.length).toBeGreaterThan(0.8)
  })

  it('slow scan and slow spam: a tenth at a third, each its own activity only', () => {
    const scan = of('slow-scan', 1 / 3).all
    const spam = of('slow-spam', 1 / 3).all
    expect(scans(scan).length / scans(plain.all).length).toBeCloseTo(0.1, 1)
    expect(mail(scan)).toEqual(mail(plain.all))
    expect(mail(spam).length / mail(plain.all).length).toBeCloseTo(0.1, 1)
    expect(scans(spam).length).toBe(scans(plain.all).length)
  })

  it('tasking: bots that scanned one port scan many', () => {
    const ports = (all: readonly Exchange[]) =>
      new Set(
        scans(all)
          .filter(({ serverPort }) => serverPort < 6000)
          .map(({ serverPort }) => serverPort),
      ).size
    expect(ports(of('tasking', 1).all)).toBeGreaterThan(ports(plain.all))
  })

  it('delay: orders on one day, activities on the next', () => {
    const { all, truth } = of('delay', 1, 2)
    const second = truth.from + 86_400e6
    expect(talk(all).filter(({ start }) => start >= second)).toEqual([])
    expect(mail(all).filter(({ start }) => start < second)).toEqual([])
    expect(mail(all).length).toBeGreaterThan(50)
  })

  it('allowlisted: to a site that everybody visits, which the truth names', () => {
    const { all, truth } = of('allowlisted', 1)
    const cnc = new Set(truth.botnets[0]!.cnc)
    const calls = all.filter((each) => each.origin === 'http' && each.tls !== undefined)
    expect(calls.length).toBeGreaterThan(200)
    expect(calls.every(({ server, serverPort }) => cnc.has(`${server}:${serverPort}/tcp`))).toBe(true)
    expect(talk(all)).toEqual([])
  })

  it('churn: 60 servers one after the other, which the truth names', () => {
    const { all, truth } = of('churn', 1)
    const cnc = new Set(truth.botnets[0]!.cnc)
    expect(cnc.size).toBe(60)
    const servers = new Set(talk(all).map(({ server, serverPort }) => `${server}:${serverPort}/tcp`))
    expect(servers.size).toBeGreaterThan(40)
    expect([...servers].every((each) => cnc.has(each))).toBe(true)
  })

  it('mimicry: no call at another time or of another size than telemetry has', () => {
    const { all } = of('mimicry', 1)
    const calls = all.filter((each) => each.origin === 'http' && each.service === 'ssl')
    expect(calls.length).toBeGreaterThan(100)
    expect(calls.length).toBeLessThan(talk(plain.all).length)
    expect(Math.min(...calls.map((each) => each.clientPayload!))).toBeGreaterThan(1500)
  })
})
