/** A month of which only the hourly aggregates are kept: slow callers beside honest software with as slow a clock. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRecords, type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import { seeded } from '../../math/random.ts'
import { removable, remove } from '../../store/ledger/retention.ts'
import { parseNetworks } from '../../store/networks.ts'
import { findSlow, type SlowContact } from './find.ts'
import { leastAccusing } from './judge.ts'

const hour = 3600e6
const day = 24 * hour
const days = 63

const random = seeded(15)
const between = (low: number, high: number) => low + random.next() * (high - low)

const flows: Given[] = []
const dns: Given[] = []

/** Calls at these moments, looked up before where it has a name. */
function calls(client: string, server: string, moments: readonly number[], rest: Given = {}, name?: string) {
  for (const moment of moments) {
    const start = Math.round(moment)
    if (name) dns.push({ start: start - 100_000, client, query: name, answers: [server] })
    flows.push({ client, server, start, bytes: 9000, clientBytes: 2000, serverBytes: 7000, ...rest })
  }
}

const every = (period: number, { from = 0, to = days * day, jitter = 0, at = 3.2 * hour } = {}) => {
  const moments: number[] = []
  for (let moment = from + at; moment < to; moment += period)
    moments.push(monday + moment + between(-jitter, jitter))
  return moments
}

const users = Array.from({ length: 14 }, (_, i) => `10.0.0.${i + 50}`)

/** People: sites of all kinds at any time of the day, on five days of a week. */
for (const user of users)
  for (let date = 0; date < days; date++) {
    if (date % 7 > 4) continue
    for (let i = 0; i < 12; i++) {
      const site = Math.floor(between(1, 200))
      const at = monday + date * day + between(8, 18) * hour
      calls(user, `198.51.100.${site}`, [at], {}, `www.site${site}kel.example`)
    }
  }

const minute = 60e6
// Implants: weekly and daily by address, every 36 h and two weeks under a name of a provider of dynamic DNS.
calls('10.0.0.50', '203.0.113.10', every(7 * day, { jitter: minute }))
calls('10.0.0.51', '203.0.113.11', every(day, { from: 10 * day, jitter: 5 * minute }), { serverPort: 8123 })
calls('10.0.0.52', '203.0.113.12', every(36 * hour, { jitter: 10 * minute }), {}, 'office7.duckdns.org')
// Every six hours, a tenth more or less, as a program of a desktop that is off at night and at weekends.
const desktop = seeded(16)
let next = 9 * hour
for (let date = 10; date < days; date++) {
  if (date % 7 > 4) continue
  const [on, off] = [
    date * day + (7 + 3 * desktop.next()) * hour,
    date * day + (20 + 3.5 * desktop.next()) * hour,
  ]
  const present = Array.from(
    { length: Math.floor((off - on) / (hour / 2)) },
    (_, i) => monday + on + (i * hour) / 2,
  )
  calls('10.0.0.59', '198.51.100.201', present, {}, 'www.site201kel.example')
  for (let at = Math.max(next, on + 2 * 60e6); at < off; at = next) {
    calls('10.0.0.59', '203.0.113.26', [monday + at], {}, 'cdn.quietly9.example')
    next = at + 6 * hour * (0.9 + 0.2 * desktop.next())
  }
}
calls('10.0.0.53', '203.0.113.13', every(14 * day, { jitter: minute }))
// Honest: an update check every four hours that all have, a person's site in the morning and after lunch, a popular name, a backup, a person's morning site, mail of one server a week.
for (const user of users)
  calls(user, '203.0.113.20', every(7 * day, { at: 12.1 * hour }), {}, 'updates.vendormark12.example')
for (const user of users.filter((each) => each !== '10.0.0.59'))
  calls(user, '203.0.113.27', every(4 * hour, { jitter: minute }), {}, 'check.vendormark13.example')
calls(
  '10.0.0.60',
  '203.0.113.28',
  every(day, { at: 9 * hour, jitter: hour / 2 }),
  {},
  'forum.hobbyhub6.example',
)
calls(
  '10.0.0.60',
  '203.0.113.28',
  every(day, { at: 13 * hour, jitter: hour / 2 }),
  {},
  'forum.hobbyhub6.example',
)
calls('10.0.0.54', '203.0.113.21', every(day, { jitter: minute }), {}, 'swscan.apple.com')
calls(
  '10.0.0.55',
  '203.0.113.22',
  every(7 * day, { jitter: minute }),
  { bytes: 4e9, clientBytes: 3.9e9, serverBytes: 1e8 },
  'backup.keeperforge3.example',
)
calls(
  '10.0.0.56',
  '203.0.113.23',
  every(day, { at: 8.5 * hour, jitter: hour }),
  {},
  'news.morninghub5.example',
)
calls('10.0.0.57', '203.0.113.24', every(7 * day, { jitter: minute }), {}, 'licence.makerware8.example')
calls('10.0.0.58', '203.0.113.25', every(7 * day, { jitter: minute }), { serverPort: 25 })

let bench: Bench
let found: SlowContact[]
const until = monday + days * day
const internal = parseNetworks(['10.0.0.0/8'])

beforeAll(async () => {
  bench = await openBench()
  await bench.hold({})
  const before = (records: Given[]) => records.filter(({ start }) => Number(start) < until - day)
  const after = (records: Given[]) => records.filter(({ start }) => Number(start) >= until - day)
  await addRecords(bench.store, { flow: before(flows), dns: before(dns) })
  await addRecords(bench.store, { flow: after(flows), dns: after(dns) })
  await remove(bench.store, await removable(bench.store, { keep: day / 2 }))
  found = await findSlow(bench.store, { internal, from: until - day, to: until })
})
afterAll(() => bench.close())

const of = (server: string) => found.filter(({ trace }) => trace.servers.includes(`203.0.113.${server}`))
const accused = () => found.filter(({ verdict }) => verdict.score >= 0.5).map(({ trace }) => trace.client)

describe('a month of aggregates', () => {
  it('accuses implants that call weekly, daily, every 36 and every six hours, and nobody else', async () => {
    const old = `SELECT toFloat64(count()) AS n FROM flow WHERE start < ${until - 2 * day}`
    expect(await bench.store.rows(old)).toEqual([{ n: 0 }])
    expect(accused().sort()).toEqual(['10.0.0.50', '10.0.0.51', '10.0.0.52', '10.0.0.59'])
  })

  it('tells the period, the coverage and the name', () => {
    const [weekly] = of('10')
    expect(weekly!.figures.timing.period / 86_400).toBeCloseTo(7, 1)
    expect(weekly!.figures.timing).toMatchObject({ coverage: 1, visits: 9 })
    expect(weekly!.trace).toMatchObject({ name: null, servers: ['203.0.113.10'], by: 'address' })
    expect(of('12')[0]!.trace).toMatchObject({ name: 'office7.duckdns.org', by: 'name' })
  })

  it('lists few visits and does not accuse by them', () => {
    const [fortnightly] = of('13')
    const { timing } = fortnightly!.figures
    expect(timing.visits).toBeLessThan(leastAccusing(timing))
    expect(fortnightly!.verdict.score).toBeLessThan(0.5)
    expect(fortnightly!.verdict.score).toBeGreaterThan(0.1)
  })

  it('puts honest schedules under the line, with what clears them', () => {
    const clearing = (server: string) =>
      of(server)[0]!.verdict.reasons.flatMap(({ feature, logOdds }) => (logOdds < 0 ? [feature] : []))
    expect(clearing('21')).toContain('popular')
    expect(clearing('22')).toContain('bulk')
    expect(clearing('24')).toContain('old')
    expect(found.find(({ trace }) => trace.name === 'updates.vendormark12.example')?.figures.callers).toBe(14)
    expect(of('27')).toHaveLength(13)
    // Neither a person's routine nor the delivery of mail is a clock.
    expect([...of('23'), ...of('25'), ...of('28')]).toEqual([])
  })

  it('finds nothing in a few days', async () => {
    expect(await findSlow(bench.store, { internal, from: monday, to: monday + 2 * day })).toEqual([])
  })
})
