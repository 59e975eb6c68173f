import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeWithData, sharedData } from '../../test/shared-data.ts'
import type { Activity } from '../model/activity.ts'
import { micros } from '../model/units.ts'
import { generatedShare } from './generated-names.ts'
import { remarks } from './traits.ts'
import { activityVerdicts, weakActivities } from './verdicts.ts'

const did = (more: Partial<Activity>): Activity => ({
  epoch: 0,
  type: 'scan',
  detector: 'horizontal-scan',
  host: '10.0.0.5',
  first: micros(0),
  last: micros(0),
  times: 90,
  targets: 90,
  score: 3,
  traits: ['tcp/445'],
  sample: [],
  flows: [],
  ...more,
})
const hundred = { population: 100 }
const dga = (score: number, traits: readonly string[]) =>
  did({
    type: 'dga',
    detector: 'nxdomain-count',
    score,
    traits,
    targets: traits.length,
    sample: traits.slice(0, 2),
  })

describe('an indicator under the line', () => {
  it('is the strongest of its host and type, in proportion to what would accuse', () => {
    const found = weakActivities(
      [
        did({ score: 1 }),
        did({ score: 1.5, detector: 'vertical-scan' }),
        did({ score: 1, host: '10.0.0.6' }),
      ],
      hundred,
    )
    expect(found.map(({ activity, strength }) => [activity.host, activity.detector, strength])).toEqual([
      ['10.0.0.5', 'vertical-scan', 0.375],
      ['10.0.0.6', 'horizontal-scan', 0.25],
    ])
    expect(found[0]?.doubts.length).toBeGreaterThan(0)
  })

  it('is none where the host is accused of it, where it is the host’s duty, or where the type never accuses', () => {
    expect(
      weakActivities([did({ score: 2 }), did({ score: 1, detector: 'vertical-scan' })], hundred),
    ).toEqual([])
    expect(
      weakActivities([did({ type: 'spam', detector: 'mx-queries', traits: [remarks.mailOnly] })], hundred),
    ).toEqual([])
    expect(weakActivities([did({ type: 'download', detector: 'executable-download' })], hundred)).toEqual([])
  })
})

describe('a verdict', () => {
  it('needs three times the threshold of the rule', () => {
    const ordinary = { traits: ['tcp/445', 'tcp/80'] }
    expect(activityVerdicts([did({ score: 2.99, ...ordinary })], hundred)).toEqual([])
    expect(activityVerdicts([did(ordinary)], hundred)).toHaveLength(1)
  })

  it('needs twice the line where all ports are ones that few clients have business at', () => {
    expect(activityVerdicts([did({ score: 1.99 })], hundred)).toEqual([])
    expect(activityVerdicts([did({ score: 2 })], hundred)).toMatchObject([
      {
        host: '10.0.0.5',
        type: 'scan',
        severity: 'medium',
        confidence: 0.5,
        claim: '10.0.0.5 scans: it tried 90 servers on port 445 that did not answer or refused.',
        detectors: ['horizontal-scan'],
      },
    ])
  })

  it('is surer the further it is over the line, and worse from a thousand targets on', () => {
    const [found] = activityVerdicts([did({ score: 20, targets: 1000 })], hundred)
    expect(found?.severity).toBe('high')
    expect(found?.confidence).toBeCloseTo(0.905) // 0.5 + 0.45 * (1 - 1/10)
    expect(activityVerdicts([did({ score: 20, targets: 999 })], hundred)[0]?.severity).toBe('medium')
  })

  it('is one for a host and a type, from its strongest rule', () => {
    const both = [did({ score: 4 }), did({ detector: 'vertical-scan', score: 6 })]
    expect(activityVerdicts(both, hundred)).toMatchObject([
      { detectors: ['vertical-scan', 'horizontal-scan'] },
    ])
  })

  it('is an indicator below the threshold where five hosts and 30% of them do the same', () => {
    const hosts = (n: number) => Array.from({ length: n }, (_, i) => did({ host: `10.0.1.${i}` }))
    const both = (n: number, population: number) => [
      activityVerdicts(hosts(n), { population }).length,
      weakActivities(hosts(n), { population }).map(({ strength }) => strength),
    ]
    expect(both(5, 16)).toEqual([0, [0.25, 0.25, 0.25, 0.25, 0.25]])
    expect(both(5, 17)).toEqual([5, []])
    expect(both(4, 8)).toEqual([4, []])
  })

  it('is never passed on downloads alone', () => {
    expect(
      activityVerdicts([did({ type: 'download', detector: 'executable-download', score: 99 })], hundred),
    ).toEqual([])
  })

  it('names where a spray of datagrams on a port of no service goes, and only that', () => {
    const to = (...traits: string[]) =>
      activityVerdicts([did({ traits, sample: ['203.0.113.1', '203.0.113.2'] })], hundred)[0]?.reportsTo
    const spray = ['203.0.113.1', '203.0.113.2'].map((address) => ({
      address,
      port: 6893,
      protocol: 'udp',
      name: null,
    }))
    expect(to('udp/6893')).toEqual(spray)
    expect(to('udp/6893', 'udp/6894')).toEqual([])
    expect(to('udp/1434')).toEqual([])
    expect(to('tcp/6893')).toEqual([])
    expect(to(remarks.insideOnly, 'udp/6893')).toEqual([])
  })

  it('is an indicator below the threshold where a machine surveys the site', () => {
    const ports = (n: number) => Array.from({ length: n }, (_, i) => `tcp/${400 + i}`)
    const machines = (n: number) => Array.from({ length: n }, (_, i) => `10.0.2.${i}/32`)
    const both = (more: Partial<Activity>) => [
      activityVerdicts([did({ score: 9, ...more })], hundred).length,
      weakActivities([did({ score: 9, ...more })], hundred).length,
    ]
    expect(both({ traits: [remarks.insideOnly, ...ports(4)] })).toEqual([0, 1])
    expect(both({ traits: [remarks.insideOnly, ...ports(3)] })).toEqual([1, 0])
    expect(both({ traits: ports(4) })).toEqual([1, 0])

    const vertical = (n: number) => ({
      detector: 'vertical-scan',
      traits: [remarks.insideOnly, ...machines(n)],
    })
    expect(both(vertical(10))).toEqual([0, 1])
    expect(both(vertical(9))).toEqual([1, 0])
    expect(both({ detector: 'vertical-scan', traits: machines(10) })).toEqual([1, 0])

    const sweep = did({ detector: 'icmp-sweep', score: 1, traits: [remarks.insideOnly] })
    const accused = activityVerdicts([did({ score: 9, ...vertical(10) }), sweep], hundred)
    expect(accused.map(({ detectors }) => detectors)).toEqual([['vertical-scan']])
  })

  it('is not passed on what some machine of every site is there to do', () => {
    const services = (n: number) => Array.from({ length: n }, (_, i) => `tcp/${i + 20}`)
    const inside = (traits: readonly string[], detector = 'horizontal-scan') =>
      activityVerdicts([did({ detector, score: 9, traits: ['(inside only)', ...traits] })], hundred).length
    expect(inside(services(3))).toBe(1)
    expect(inside(services(8))).toBe(0)
    expect(inside(['icmp/echo'], 'icmp-sweep')).toBe(0)
    expect(activityVerdicts([did({ score: 9, traits: services(8) })], hundred)).toHaveLength(1)
    const mail = (traits: readonly string[]) =>
      activityVerdicts([did({ type: 'spam', detector: 'many-mail-servers', score: 9, traits })], hundred)
        .length
    expect(mail(['198.51.100.1'])).toBe(1)
    expect(mail(['(mail only)', '198.51.100.1'])).toBe(0)
  })

  it('asks for twice as many failed names where they look like ordinary ones', () => {
    const random = Array.from({ length: 10 }, (_, i) => (i < 3 ? `xkqvzt${i}.com` : `flower${i}.com`))
    const ordinary = random.map((name, i) => (i === 0 ? 'flowerpot.com' : name))
    expect(activityVerdicts([dga(3, random)], hundred)[0]?.claim).toBe(
      '10.0.0.5 looks up generated domains (30% of them look generated): it looked up 10 non-existent domains (NXDOMAIN; xkqvzt0.com and xkqvzt1.com).',
    )
    expect(activityVerdicts([dga(5.9, ordinary)], hundred)).toEqual([])
    expect(activityVerdicts([dga(6, ordinary)], hundred)).toHaveLength(1)
  })
})

describe('generated names', () => {
  it.each([
    ['qwrtplk.net', 1],
    ['a1b.net', 1],
    ['abc123.net', 0],
    ['thelongestnamewithout.com', 1],
    ['the-longest-name-with-out.com', 0],
    ['xn--bcher-kva.de', 0],
    ['wikipedia.org', 0],
  ])('%s has %d', (name, share) => {
    expect(generatedShare([name])).toBe(share)
  })

  it('has no share of nothing', () => expect(generatedShare([])).toBe(0))
})

describeWithData('lists/opendns/opendns-random-domains.txt', 'generated names against ordinary ones', () => {
  const lines = (path: string) =>
    readFileSync(sharedData(path), 'utf8')
      .split('\n')
      .filter((line) => line.includes('.'))

  it('marks one ordinary name in eleven and most random ones', () => {
    expect(generatedShare(lines('lists/opendns/opendns-random-domains.txt'))).toBeLessThan(0.1)
    expect(generatedShare(lines('lists/opendns/opendns-top-domains.txt'))).toBeLessThan(0.1)
    expect(generatedShare(lines('names/dga/qakbot.txt'))).toBeGreaterThan(0.8)
    expect(generatedShare(lines('names/dga/ramnit.txt'))).toBeGreaterThan(0.6)
  })
})
