import { describe, expect, it } from 'vitest'
import { UserError } from '../../errors.ts'
import type { Exchange } from '../exchange.ts'
import { recordsOf } from '../records.ts'
import type { Scenario } from '../scenario.ts'
import { crowdedCampus, lives, workingWeek } from './lives.ts'

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
