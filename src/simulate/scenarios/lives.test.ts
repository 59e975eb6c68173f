import { describe, expect, it } from 'vitest'
import { UserError } from '../../errors.ts'
import type { Exchange } from '../exchange.ts'
import { recordsOf } from '../records.ts'
import type { Scenario } from '../scenario.ts'
import { crowdedCampus, lives, workingMonth, workingWeek } from './lives.ts'
import { scaled } from './scaled.ts'

/** The bots of a scenario and the servers that they need, with nobody else in the network. */
const botsAlone = (scenario: Scenario): Scenario => ({
  ...scenario,
  surroundings: [],
  populations: scenario.populations
    .filter(({ role }) => ['staff', 'student', 'resident', 'lab', 'resolver', 'proxy'].includes(role))
    .map((each) => ({ ...each, moves: 0, habits: [] })),
})
const hour = 3600e6
const outside = (scenario: Scenario) => (address: string) => !address.startsWith(`${scenario.prefix}.`)

describe('a life over days', () => {
  const { records, truth } = recordsOf(botsAlone(workingWeek), 3, { order: 'by-start' })
  const all = [...records]
  const [staged, proxied] = truth.botnets
  const ofStaged = all.filter(({ origin }) => origin === 'staged-1')
  const dayOf = ({ start }: Exchange) => Math.floor((start - truth.from) / (24 * hour))

  it('begins with a page and a program, in the hours in which its bots come in', () => {
    const programs = ofStaged.filter(({ http }) => http?.some(({ uri }) => uri === '/l/a.exe'))
    expect(programs.length).toBeGreaterThanOrEqual(5)
    for (const { client, start } of programs) {
      expect((start - truth.from) / hour).toBeGreaterThan(8)
      const calls = ofStaged.filter((each) => each.client === client && each.http?.[0]?.uri.endsWith('/r'))
      // Four machines of the branch share an address, and one of them may have been first.
      if (programs.filter((each) => each.client === client).length === 1)
        expect(Math.min(...calls.map((each) => each.start))).toBeGreaterThan(start - 60e6)
    }
  })

  it('calls another server each day, and acts on other days than it came in', () => {
    const reports = ofStaged.filter(({ http }) => http?.[0]?.uri.endsWith('/r'))
    const byDay = Map.groupBy(reports, dayOf)
    for (const [, own] of byDay) expect(new Set(own.map(({ server }) => server)).size).toBe(1)
    expect(new Set(reports.map(({ server }) => server)).size).toBe(byDay.size)
    expect(byDay.size).toBeGreaterThanOrEqual(4)
    const acts = (port: number) =>
      new Set(ofStaged.filter(({ serverPort }) => serverPort === port).map(dayOf))
    expect([...acts(445)].every((day) => day >= 1)).toBe(true)
    expect([...acts(25)].every((day) => day >= 2)).toBe(true)
    expect(acts(445).size).toBeGreaterThan(0)
    expect(acts(25).size).toBeGreaterThan(0)
  })

  it('behind a proxy shows its calls twice: to the proxy, and from it to the server', () => {
    const own = all.filter(({ origin }) => origin === 'staged-2')
    const isOutside = outside(workingWeek)
    const lab = new Set(proxied!.hosts)
    expect(own.filter((each) => lab.has(each.client) && [80, 443].includes(each.serverPort))).toEqual([])
    const inside = own.filter((each) => lab.has(each.client) && each.serverPort === 3128)
    const passedOn = own.filter(({ client, serverPort }) => !lab.has(client) && serverPort === 80)
    expect(inside.length).toBeGreaterThan(50)
    expect(passedOn.length).toBe(inside.length)
    expect(passedOn.every(({ server }) => isOutside(server))).toBe(true)
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length)
    expect(staged!.hosts.some((host) => lab.has(host))).toBe(false)
  })

  it('wants a proxy that is there', () => {
    const without = {
      ...workingWeek,
      populations: workingWeek.populations.filter(({ role }) => role !== 'proxy'),
    }
    expect(() => [...recordsOf(botsAlone(without), 3).records]).toThrow(UserError)
  })
})

describe('a month', () => {
  /** The bots without those that talk much. */
  const slow = (scenario: Scenario): Scenario => ({
    ...botsAlone(scenario),
    botnets: scenario.botnets.filter(({ family }) => family.startsWith('slow-')),
  })
  const { records, truth } = recordsOf(slow(workingMonth), 5)
  const all = [...records]
  const hoursBetween = (family: string) => {
    const calls = all.filter(({ origin, serverPort }) => origin.startsWith(family) && serverPort === 443)
    return [...Map.groupBy(calls, ({ client }) => client).values()].flatMap((own) =>
      own.slice(1).map((each, i) => (each.start - own[i]!.start) / hour),
    )
  }

  it.each([
    ['slow-hours', 6 * 0.9],
    ['slow-days', 24 - 0.1],
    ['slow-weeks', 168 - 1.1],
  ])('%s call no sooner than their pause, and later where the machine was off', (family, least) => {
    const pauses = hoursBetween(family)
    expect(pauses.length).toBeGreaterThan(5)
    expect(Math.min(...pauses)).toBeGreaterThan(least)
  })

  it('has bots that come in on different days, and none that calls before', () => {
    const machines = truth.botnets.flatMap((botnet) =>
      botnet.machines!.map((machine) => ({ ...machine, origin: botnet.id })),
    )
    const days = new Set(machines.map(({ since }) => Math.floor((since - truth.from) / (24 * hour))))
    expect(days.size).toBeGreaterThan(3)
    for (const { since, addresses, origin } of machines) {
      const own = new Set(addresses.map(({ address }) => address))
      const calls = all.filter((each) => each.origin === origin && own.has(each.client))
      expect(calls.length).toBeGreaterThan(0)
      if (own.size === 1 || machines.filter((each) => each.origin === origin).length === 1)
        expect(Math.min(...calls.map(({ start }) => start))).toBeGreaterThanOrEqual(since)
    }
  })

  it('tells each address of a bot with the time that it had it', () => {
    const moving: Scenario = {
      ...slow(workingMonth),
      populations: botsAlone(workingMonth).populations.map((each) =>
        each.role === 'student' ? { ...each, moves: 0.4 } : each,
      ),
      botnets: [{ id: 'moved', family: 'http-fixed', size: 4, among: ['student'] }],
    }
    const { records, truth } = recordsOf(moving, 6, { days: 6 })
    const [{ machines, hosts }] = truth.botnets as [(typeof truth.botnets)[number]]
    expect(machines!.some(({ addresses }) => addresses.length > 1)).toBe(true)
    expect(new Set(machines!.flatMap(({ addresses }) => addresses.map(({ address }) => address)))).toEqual(
      new Set(hosts),
    )
    for (const { addresses } of machines!) {
      expect(addresses[0]!.from).toBe(truth.from)
      expect(addresses.at(-1)!.to).toBe(truth.to)
      for (const [i, { from }] of addresses.slice(1).entries()) expect(addresses[i]!.to).toBe(from)
    }
    const wrong = Array.from(records).filter(
      ({ origin, client, start }) =>
        origin === 'moved' &&
        !machines!.some(({ addresses }) =>
          addresses.some((own) => own.address === client && own.from <= start && start < own.to),
        ),
    )
    expect(wrong).toEqual([])
  })

  it('is quieter at the weekend and in the night', () => {
    const { records, truth } = recordsOf(workingMonth, 5, { hosts: 40, days: 5, bots: false })
    const isWork = ({ client, server }: Exchange) =>
      client.startsWith('10.47.') && !server.startsWith('10.47.')
    const counts = { night: 0, workday: 0, weekend: 0 }
    for (const each of records) {
      if (!isWork(each)) continue
      const at = (each.start - truth.from) / hour
      // The first of October 2025 was a Wednesday: the fourth and the fifth day are free.
      if (at >= 72) counts.weekend++
      else counts.workday++
      if (at < 72 && at % 24 < 6) counts.night++
    }
    expect(counts.weekend / 2).toBeLessThan((0.8 * counts.workday) / 3)
    expect(counts.night / 6).toBeLessThan((0.5 * counts.workday) / 24)
  })

  it('made shorter has its bots come in sooner', () => {
    expect(scaled(workingMonth, { days: 15.5 }).botnets.map(({ arrives }) => arrives?.[1])).toEqual(
      workingMonth.botnets.map(({ arrives }) => arrives![1] / 2),
    )
    expect(scaled(workingMonth, { hosts: 80 }).botnets.map(({ arrives }) => arrives)).toEqual(
      workingMonth.botnets.map(({ arrives }) => arrives),
    )
  })
})

describe('a sensor that sees a part', () => {
  const alone = botsAlone(crowdedCampus)
  const { seen: _, ...whole } = alone
  const all = recordsOf(whole, 4)
  const part = recordsOf(alone, 4)
  const bots = (truth: typeof all.truth) => truth.botnets.flatMap(({ hosts }) => hosts)

  it('shows what it sees as it is, and names no bot that it does not see', () => {
    const [records, seen] = [[...all.records], [...part.records]]
    const share = bots(part.truth).length / bots(all.truth).length
    expect(share).toBeGreaterThan(0.35)
    expect(share).toBeLessThan(0.85)
    const named = new Set(bots(part.truth))
    const unseen = new Set(bots(all.truth).filter((host) => !named.has(host)))
    const uids = new Set(seen.map(({ uid }) => uid))
    const resolvers = new Set(records.filter(({ dns }) => dns).map(({ server }) => server))
    const bySeen = records.filter(({ client }) => named.has(client))
    const byUnseen = records.filter(({ client, server }) => unseen.has(client) && !resolvers.has(server))
    expect(bySeen.filter(({ uid }) => !uids.has(uid))).toEqual([])
    expect(byUnseen.filter(({ uid }) => uids.has(uid))).toEqual([])
  })

  it('has every family of its list, each with bots', () => {
    expect(all.truth.botnets.map(({ family }) => family)).toEqual(
      crowdedCampus.botnets.map(({ family }) => family),
    )
    const origins = new Set([...all.records].map(({ origin }) => origin))
    expect(origins).toEqual(new Set(crowdedCampus.botnets.map(({ id }) => id)))
  })

  it('lets two bots share a handful of contacts where there is no common list', () => {
    const calls = [...all.records].filter(
      ({ origin, proto }) => origin.startsWith('mutual') && proto === 'udp',
    )
    const peers = [
      ...Map.groupBy(
        calls.filter(({ dns }) => !dns),
        ({ client }) => client,
      ).values(),
    ].map((own) => new Set(own.map(({ server, serverPort }) => `${server} ${serverPort}`)))
    const shared = peers.flatMap((one, i) => peers.slice(i + 1).map((other) => one.intersection(other).size))
    const mean = shared.reduce((sum, each) => sum + each, 0) / shared.length
    expect(peers.length).toBe(10)
    expect(mean).toBeGreaterThan(2)
    expect(mean).toBeLessThan(15)
    expect([...peers.reduce((common, each) => common.intersection(each))]).toEqual([])
  })
})

it('their clean days have no record of a bot', () => {
  for (const scenario of lives) {
    const { records, truth } = recordsOf(botsAlone(scenario), 3, { bots: false })
    expect([...records].filter(({ origin }) => origin !== '')).toEqual([])
    expect(truth.botnets).toEqual([])
  }
})
