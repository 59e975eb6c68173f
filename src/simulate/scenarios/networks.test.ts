import { describe, expect, it } from 'vitest'
import { UserError } from '../../errors.ts'
import type { Exchange } from '../exchange.ts'
import { recordsOf } from '../records.ts'
import { campusNetwork, homeNetwork, networks, officeNetwork, providerSegment } from './networks.ts'
import { scaled } from './scaled.ts'

const hostsOf = ({ populations }: { populations: readonly { count: number }[] }) =>
  populations.reduce((sum, { count }) => sum + count, 0)

describe('the size of a network', () => {
  it('is what is asked for, within what groups of machines allow', () => {
    for (const scenario of networks)
      for (const hosts of [60, 200, 1000])
        expect(Math.abs(hostsOf(scaled(scenario, { hosts })) - hosts), scenario.name).toBeLessThanOrEqual(12)
  })

  it('leaves servers as they are, gives them more to do, and never grows a botnet', () => {
    const large = scaled(campusNetwork, { hosts: 2000 })
    const relay = ({ populations }: typeof large) => populations.find(({ role }) => role === 'mail-server')
    expect(relay(large)?.count).toBe(1)
    expect(relay(large)?.habits.at(-1)?.options?.['perHour']).toBeGreaterThan(700)
    expect(large.botnets).toEqual(campusNetwork.botnets)
    expect(scaled(campusNetwork, { hosts: 60 }).botnets.every(({ size }) => size === 2)).toBe(true)
  })

  it('cannot be smaller than its servers', () => {
    expect(() => scaled(campusNetwork, { hosts: 15 })).toThrow(UserError)
  })
})

/** Innocent records of a network, made small. */
const clean = (scenario: (typeof networks)[number], size: { hosts: number; days?: number }) => [
  ...recordsOf(scenario, 5, { ...size, bots: false, order: 'by-start' }).records,
]

const perDay = (records: readonly Exchange[], from: number, wanted: (each: Exchange) => boolean) => {
  const counts: number[] = []
  for (const each of records.filter(wanted)) {
    const day = Math.floor((each.start - from) / 86_400e6)
    counts[day] = (counts[day] ?? 0) + 1
  }
  return counts
}

describe('a working week', () => {
  it('is quieter at the desks on Saturday and Sunday, and the clocks are those of the place', () => {
    const records = clean(officeNetwork, { hosts: 30, days: 6 })
    const from = Date.parse('2025-02-03T23:00:00Z') * 1000
    expect(records[0]!.start).toBeGreaterThanOrEqual(from)
    const [tuesday, , , , saturday, sunday] = perDay(records, from, ({ service }) => service === 'smb')
    expect(tuesday).toBeGreaterThan(20)
    expect(saturday! + (sunday ?? 0)).toBeLessThan(tuesday! / 4)
  })
})

describe('addresses', () => {
  it('are shared by the devices behind a router, and the truth names them once', () => {
    const small = scaled(providerSegment, { hosts: 120 })
    const lines = small.populations.reduce((sum, { count, behind = 1 }) => sum + Math.ceil(count / behind), 0)
    const { records, truth } = recordsOf(small, 5)
    const seen = new Set([...records].map(({ client }) => client).filter((each) => each.startsWith('10.43.')))
    expect(seen.size).toBeLessThanOrEqual(lines)
    expect(seen.size).toBeGreaterThan(lines / 2)
    for (const { hosts } of truth.botnets) expect(new Set(hosts).size).toBe(hosts.length)
  })

  it('of hosts that move change over night, never two hosts with one address at a time', () => {
    const phones = scaled(
      {
        ...homeNetwork,
        populations: homeNetwork.populations.map((each) =>
          each.role === 'phone' ? { ...each, count: 24, moves: 0.6 } : each,
        ),
      },
      { days: 3 },
    )
    const stays = clean(phones, { hosts: 50, days: 3 })
    const first = new Set(
      stays.filter(({ start }) => start < stays[0]!.start + 14_400e6).map(({ client }) => client),
    )
    const last = new Set(
      stays.filter(({ start }) => start > stays[0]!.start + 190_000e6).map(({ client }) => client),
    )
    expect(
      [...last].filter((each) => each.startsWith('192.168.') && !first.has(each)).length,
    ).toBeGreaterThan(3)
  })
})

it('hosts are as unlike as the spread says: few giants, many quiet ones', () => {
  const records = clean(officeNetwork, { hosts: 80 })
  const web = new Map<string, number>()
  for (const { client, serverPort } of records)
    if (client.startsWith('10.41.') && (serverPort === 443 || serverPort === 80))
      web.set(client, (web.get(client) ?? 0) + 1)
  const sorted = [...web.values()].sort((a, b) => a - b)
  expect(sorted.at(-1)! / sorted[sorted.length >> 1]!).toBeGreaterThan(5)
})
