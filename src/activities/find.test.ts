import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, monday, openBench } from '../../test/fixtures/records.ts'
import type { Scope } from '../model/networks.ts'
import { parseNetworks } from '../store/networks.ts'
import { excuse, findActivities } from './find.ts'
import { rules } from './rules.ts'

const scope: Scope = {
  epoch: 2,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8']),
}
const knocks = Array.from({ length: 20 }, (_, i) => ({
  start: monday + i * 1e6,
  server: `198.51.${i}.7`,
  serverPort: 445,
  outcome: 'unanswered',
}))
const mail = Array.from({ length: 20 }, (_, i) => ({
  start: monday + i * 1e6,
  client: '10.0.0.6',
  server: `198.51.${i}.7`,
  serverPort: 25,
}))

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

describe('findActivities', () => {
  it('runs every rule that has records, and says what the others would need', async () => {
    await bench.hold({ flow: [...knocks, ...mail] })
    const { activities, blind } = await findActivities(bench.store, scope)
    expect(activities.map(({ host, detector }) => [host, detector])).toEqual([
      ['10.0.0.5', 'horizontal-scan'],
      ['10.0.0.5', 'failed-connections'],
      ['10.0.0.6', 'many-mail-servers'],
    ])
    expect(blind).toContain('exploits: there are no alerts of Suricata or Snort, and no Zeek notices')
    expect(blind).not.toContain('mail to many servers, a sign of spam: there are no flows')
    await bench.hold({})
    const all = await findActivities(bench.store, scope)
    expect(all.activities).toEqual([])
    expect(all.blind).toEqual([...new Set(rules.map((rule) => rule.blind))])
  })

  it('says what the records leave unsaid', async () => {
    await bench.hold({ flow: [{ outcome: 'unknown' }], dns: [{ responseCode: '' }] })
    const { blind } = await findActivities(bench.store, scope)
    expect(blind).toContain(
      'scans, except by their rate: the flows do not say whether a connection was answered',
    )
    expect(blind).toContain('generated names: the DNS records have no response codes')
  })

  it('names of each rule the thing that is not shown, and why', () => {
    for (const { blind } of rules) expect(blind).toMatch(/^[^:]+: there are no [^:]+$/)
  })

  it('says that flows are of sampled packets, and only then', async () => {
    const about = async (state: string) => {
      await bench.hold({ flow: [{ state }] })
      return (await findActivities(bench.store, scope)).blind.filter((each) =>
        each.includes('sampled packets'),
      )
    }
    expect(await about('1:1000')).toHaveLength(1)
    expect(await about('1:?')).toHaveLength(1)
    expect(await about('SF')).toEqual([])
  })

  it('takes thresholds by rule and option', async () => {
    await bench.hold({ flow: knocks })
    const names = async (given: Record<string, number>) =>
      (await findActivities(bench.store, scope, given)).activities.map(({ detector }) => detector)
    expect(await names({ 'horizontal-scan.serversIn5Minutes': 21 })).toEqual(['failed-connections'])
    expect(await names({ 'horizontal-scan.serversIn5Minutes': 10 })).toContain('horizontal-scan')
    await expect(names({ 'horizontal-scan.servers': 1 })).rejects.toThrow(/no activity rule has/)
    await expect(names({ 'horizontal-scan.serversInHour': Number.NaN })).rejects.toThrow(/is NaN/)
  })

  it('looks at its own epoch only', async () => {
    await bench.hold({ flow: knocks })
    const before = { ...scope, from: scope.from - 86_400e6, to: scope.from }
    expect((await findActivities(bench.store, before)).activities).toEqual([])
  })
})

describe('excuse', () => {
  it('leaves out what the excused are there for, and nothing else', async () => {
    await bench.hold({ flow: [...knocks, ...mail] })
    const { activities } = await findActivities(bench.store, scope)
    const left = (who: Parameters<typeof excuse>[1]) =>
      new Set(excuse(activities, who).map(({ type }) => type))
    expect(left({})).toEqual(new Set(['scan', 'spam']))
    expect(left({ mailServers: ['10.0.0.6'] })).toEqual(new Set(['scan']))
    expect(left({ scanners: ['10.0.0.6'] })).toEqual(new Set(['scan', 'spam']))
    expect(left({ scanners: ['10.0.0.5'] })).toEqual(new Set(['spam']))
  })
})
