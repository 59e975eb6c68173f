import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccusedHost, Answer, Botnet } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding } from '../model/finding.ts'
import type { TrueBotnet, Truth } from '../model/truth.ts'
import { micros, ratio } from '../model/units.ts'
import { adjustedRand } from './adjusted-rand.ts'
import { evaluate, shares } from './evaluate.ts'
import { evaluationText } from './text.ts'

const day = 86_400e6

const endpoint = (address: string, port = 80, protocol = 'tcp'): Endpoint => ({
  address,
  port,
  protocol,
  name: null,
})

const accused = (host: string, cnc: readonly Endpoint[] = []): AccusedHost => ({
  host,
  confidence: ratio(0.9),
  prior: -5,
  parts: [],
  wouldChange: [],
  severity: 'high',
  kinds: ['scan'],
  botnet: null,
  cnc,
  findings: [`f-${host}`],
})

const finding = (host: string): Finding => ({
  id: `f-${host}`,
  kind: 'scan',
  hosts: [host],
  from: micros(0),
  to: micros(day),
  severity: 'high',
  confidence: ratio(0.9),
  claim: `${host} scans.`,
  cnc: [],
  rally: null,
  evidence: [],
  doubts: ['it may not'],
})

const group = (id: string, hosts: readonly string[], cnc: readonly Endpoint[] = []): Botnet => ({
  id,
  hosts,
  cnc,
  rally: null,
  activities: ['scan'],
  topology: 'star',
  confidence: ratio(0.9),
  indicators: [],
})

function answer(hosts: readonly AccusedHost[], botnets: readonly Botnet[] = [], seen = 100): Answer {
  return {
    lifeCycles: [],
    tool: 'gannet',
    version: '0',
    analysis: {
      id: 'a',
      mode: 'default',
      from: micros(0),
      to: micros(day / 2),
      internal: ['10.0.0.0/8'],
      internalGuessed: false,
      options: {},
      epochs: [],
      names: {},
      blindSpots: [],
      hosts: seen,
    },
    inputs: [],
    hosts,
    suspects: [],
    contacts: [],
    botnets,
    findings: hosts.map(({ host }) => finding(host)),
  }
}

const botnet = (id: string, hosts: readonly string[], cnc: readonly string[] = []): TrueBotnet => ({
  id,
  family: 'irc',
  topology: 'star',
  hosts,
  cnc,
  activities: [],
})

const truth = (botnets: readonly TrueBotnet[], more: Partial<Truth> = {}): Truth => ({
  about: 'by hand',
  internal: ['10.0.0.0/8'],
  botnets,
  benign: null,
  from: 0,
  to: 2 * day,
  ...more,
})

const [a, b, c, d, e, f] = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'] as const

describe('hosts', () => {
  it('counts bots found, bots missed and clean hosts accused', () => {
    // 3 bots; 2 accused, and 1 clean host of 97 over 2 days.
    const { hosts, misses, falseAlarms } = evaluate(
      answer([accused(a), accused(b), accused(f)]),
      truth([botnet('x', [a, b, c])]),
    )
    expect(hosts).toMatchObject({
      truePositives: 2,
      falsePositives: 1,
      falseNegatives: 1,
      judged: 100,
      days: 2,
    })
    expect(hosts.precision).toBeCloseTo(2 / 3, 12)
    expect(hosts.recall).toBeCloseTo(2 / 3, 12)
    expect(hosts.f1).toBeCloseTo(2 / 3, 12)
    expect(hosts.falsePositivesPerHostDay).toBeCloseTo(1 / (97 * 2), 12)
    expect(misses).toEqual([{ host: c, botnet: 'x', family: 'irc' }])
    expect(falseAlarms).toEqual([{ host: f, claims: [`${f} scans.`] }])
  })

  it('says nothing where there is nothing to share out', () => {
    const { hosts, agreement, cncNamed } = evaluate(answer([]), truth([]))
    expect(hosts).toMatchObject({ precision: null, recall: null, f1: null, falsePositivesPerHostDay: 0 })
    expect(agreement).toBeNull()
    expect(cncNamed).toEqual({ known: 0, at: { 1: 0, 3: 0, 10: 0 } })
  })

  it('has recall 0 and no precision where bots are there and nobody is accused', () => {
    expect(evaluate(answer([]), truth([botnet('x', [a])])).hosts).toMatchObject({
      precision: null,
      recall: 0,
      f1: 0,
    })
  })

  it('judges internal hosts only where the rest is said to be clean', () => {
    const { hosts } = evaluate(answer([accused(a), accused('192.0.2.1')]), truth([botnet('x', [a])]))
    expect(hosts).toMatchObject({ falsePositives: 0, unjudged: ['192.0.2.1'] })
  })

  it('judges named hosts only where the clean ones are named', () => {
    const given = truth([botnet('x', [a])], { benign: [b, c], internal: [] })
    const { hosts } = evaluate(answer([accused(a), accused(b), accused(d)]), given)
    expect(hosts).toMatchObject({ judged: 3, truePositives: 1, falsePositives: 1, unjudged: [d] })
    expect(hosts.falsePositivesPerHostDay).toBeCloseTo(1 / (2 * 2), 12)
  })

  it('takes the days from the records where the truth has no times', () => {
    expect(evaluate(answer([]), truth([], { from: 0, to: 0 })).hosts.days).toBe(0.5)
  })

  it('counts a bot outside the internal networks', () => {
    expect(
      evaluate(answer([accused('2001:db8::1')]), truth([botnet('x', ['2001:db8::1'])])).hosts.truePositives,
    ).toBe(1)
  })

  it('knows IPv6 networks', () => {
    const given = truth([], { internal: ['2001:db8::/32'] })
    const { hosts } = evaluate(answer([accused('2001:db8::1'), accused('2001:db9::1')]), given)
    expect(hosts).toMatchObject({ falsePositives: 1, unjudged: ['2001:db9::1'] })
  })
})

describe('botnets', () => {
  it('matches each with the answered botnet that it shares most with', () => {
    // Jaccard: x-1 2/4, x-2 1/3, y-2 1/3, y-1 0: x takes 1, y takes 2.
    const given = truth([botnet('x', [a, b, c]), botnet('y', [e, f])])
    const { botnets, inventedBotnets } = evaluate(
      answer(
        [accused(a), accused(b), accused(d), accused(c), accused(e)],
        [group('2', [c, e]), group('1', [a, b, d]), group('3', [d])],
      ),
      given,
    )
    expect(botnets[0]).toMatchObject({
      match: '1',
      truePositives: 2,
      falsePositives: 1,
      falseNegatives: 1,
      accused: 3,
      strangers: [d],
    })
    expect(botnets[1]).toMatchObject({
      match: '2',
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 1,
      accused: 1,
      strangers: [c],
    })
    expect(botnets[0]?.f1).toBeCloseTo(4 / 6, 12)
    expect(inventedBotnets).toEqual(['3'])
  })

  it('gives one answered botnet to one true one only', () => {
    const given = truth([botnet('x', [a, b]), botnet('y', [c, d])])
    const { botnets } = evaluate(answer([], [group('1', [a, b, c, d])]), given)
    expect(botnets.map(({ match }) => match)).toEqual(['1', null])
    expect(botnets[0]).toMatchObject({ precision: 0.5, recall: 1 })
    expect(botnets[1]).toMatchObject({ precision: null, recall: 0 })
  })
})

describe('C&C', () => {
  const first = endpoint('198.51.100.1')
  const second = endpoint('198.51.100.2', 6667)

  it.each([
    ['198.51.100.1:80/tcp', 1],
    ['198.51.100.2:6667/tcp', 2],
    ['198.51.100.2:6667', 2],
    ['198.51.100.2:6667/udp', null],
    ['198.51.100.2:6668/tcp', null],
  ])('%s is at rank %s', (server, rank) => {
    const { botnets } = evaluate(
      answer([], [group('1', [a, b], [first, second])]),
      truth([botnet('x', [a, b], [server])]),
    )
    expect(botnets[0]?.cncRank).toBe(rank)
  })

  it('asks the accused hosts where no botnet was answered, and takes the best', () => {
    const { botnets } = evaluate(
      answer([accused(a, [first, second]), accused(b, [second])]),
      truth([botnet('x', [a, b], ['198.51.100.2:6667/tcp'])]),
    )
    expect(botnets[0]?.cncRank).toBe(1)
  })

  it('counts botnets named among the first 1, 3 and 10, of those whose servers are known', () => {
    const list = Array.from({ length: 11 }, (_, i) => endpoint(`198.51.100.${i + 1}`))
    const at = (place: number) => [`198.51.100.${place}:80/tcp`]
    const hosts = [a, b, c, d, e]
    const { cncNamed } = evaluate(
      answer(
        [],
        hosts.map((host) => group(`g${host}`, [host], list)),
      ),
      truth([
        botnet('v', [a], at(1)),
        botnet('w', [b], at(3)),
        botnet('x', [c], at(4)),
        botnet('y', [d], at(11)),
        botnet('z', [e]),
      ]),
    )
    expect(cncNamed).toEqual({ known: 4, at: { 1: 1, 3: 2, 10: 3 } })
  })
})

describe('adjusted Rand', () => {
  it('is worked by hand', () => {
    // Pairs together in both 2, in a 6, in b 3; of 15. Expected 6*3/15 = 1.2, most 4.5: (2 - 1.2) / (4.5 - 1.2).
    expect(adjustedRand([1, 1, 1, 2, 2, 2], [1, 1, 2, 2, 3, 3])).toBeCloseTo(0.8 / 3.3, 12)
  })

  it('is 1 for the same partition under other names, 1 where all stand apart, and refuses unlike lengths', () => {
    expect(adjustedRand([1, 1, 2], ['b', 'b', 'a'])).toBe(1)
    expect(adjustedRand([1, 2, 3], [4, 5, 6])).toBe(1)
    expect(adjustedRand([], [])).toBe(1)
    expect(() => adjustedRand([1], [])).toThrow(RangeError)
  })

  it('is symmetric and at most 1', () => {
    const labels = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(labels, (pairs) => {
        const [left, right] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
        expect(adjustedRand(left, right)).toBeCloseTo(adjustedRand(right, left), 12)
        expect(adjustedRand(left, right)).toBeLessThanOrEqual(1 + 1e-12)
      }),
    )
  })

  it('of an answer takes hosts in no botnet as groups of one', () => {
    // Truth {a b c}{d e}, answer {a b}{d e f}, c alone: together in both 2, truth 4, answer 4, of 15.
    const { agreement } = evaluate(
      answer([], [group('1', [a, b]), group('2', [d, e, f])]),
      truth([botnet('x', [a, b, c]), botnet('y', [d, e])]),
    )
    expect(agreement).toBeCloseTo((2 - 16 / 15) / (4 - 16 / 15), 12)
  })
})

it('shares refuse negative counts', () => {
  expect(() => shares(-1, 0, 0)).toThrow(RangeError)
})

it('is rendered with misses and false alarms by name, and no control characters', () => {
  const bad = { ...accused(f), findings: ['gone\u001b[2J'] }
  const text = evaluationText(evaluate(answer([accused(a), bad]), truth([botnet('x', [a, b])])))
  expect(text).toContain('1 of 2 bots accused, 1 of 98 clean hosts too')
  expect(text).toContain('precision 50.0 %, recall 50.0 %, F1 50.0 %')
  expect(text).toContain(`  ${b}  of x (irc)`)
  expect(text).toContain('is not in the answer')
  expect(text).not.toContain('\u001b')
})
