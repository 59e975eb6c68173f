import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import type { Activity } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import { hour } from '../model/units.ts'
import { parseNetworks } from '../store/networks.ts'
import { findActivities, surveyActivities } from './find.ts'
import { rules } from './rules.ts'
import { servingHosts } from './servers.ts'

const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 24 * hour,
  internal: parseNetworks(['10.0.0.0/8']),
}

/** Thresholds so low that few records fire most rules; a rule then stands or falls by one record. */
const low: Readonly<Record<string, number>> = Object.fromEntries(
  rules.flatMap((rule) =>
    Object.keys(rule.defaults)
      .filter((option) => /In(5Minutes|Minute|15Minutes|Hour|Epoch)$|^packets$|^sum$/.test(option))
      .map((option) => [`${rule.name}.${option}`, 2]),
  ),
)

const start = fc.integer({ min: 0, max: 3 * hour }).map((after) => monday + after)
const client = fc.constantFrom('10.0.0.5', '10.0.0.6', '203.0.113.77')
const scanner = fc.constantFrom('10.0.0.5', '10.0.0.5', '10.0.0.6', '203.0.113.77')
const server = fc.constantFrom(...[1, 2, 3, 4, 5, 6].map((n) => `198.51.100.${n}`), '10.0.0.9', '192.0.2.25')
const anyFlow = fc.record({
  start,
  client: scanner,
  server,
  serverPort: fc.constantFrom(22, 25, 445, 2048),
  proto: fc.constantFrom('tcp', 'tcp', 'tcp', 'icmp'),
  outcome: fc.constantFrom('established', 'refused', 'unanswered', 'unanswered', 'unanswered', 'unknown'),
  clientPackets: fc.constantFrom(1, 5000),
})
const anyQuestion = fc.record({
  start,
  client,
  query: fc.constantFrom('kq3vz9xw7tbn.com', 'xz7qpwv4kjhg.net', 'example.net', 'mail.example.org'),
  queryType: fc.constantFrom('A', 'MX', 'NB'),
  responseCode: fc.constantFrom('NXDOMAIN', 'NOERROR'),
})
const anyFile = fc.record({ start, client, mimeType: fc.constantFrom('application/x-dosexec', 'text/plain') })
const anyMail = fc.record({
  start,
  client,
  sender: fc.constantFrom('a@one.example', 'b@two.example.net', 'c@three.test', 'nobody'),
})
const records = fc.record({
  flow: fc.array(anyFlow, { minLength: 20, maxLength: 40 }),
  dns: fc.array(anyQuestion, { minLength: 0, maxLength: 6 }),
  file: fc.array(anyFile, { minLength: 0, maxLength: 2 }),
  mail: fc.array(anyMail, { minLength: 0, maxLength: 4 }),
})

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

describe('the survey', () => {
  it('lets no rule be left out that would fire', async () => {
    const fired = new Set<string>()
    let leftOut = 0
    await fc.assert(
      fc.asyncProperty(records, async (given) => {
        await bench.hold(given)
        const all: Activity[] = []
        const serving = await servingHosts(bench.store, scope)
        for (const rule of rules) {
          const own = Object.keys(rule.defaults).map((option) => [
            option,
            low[`${rule.name}.${option}`] ?? rule.defaults[option]!,
          ])
          all.push(
            ...(await bench.store.rows<Activity>(rule.query({ ...scope, serving }, Object.fromEntries(own)))),
          )
        }
        expect((await findActivities(bench.store, scope, low)).activities).toEqual(all)
        for (const { detector } of all) fired.add(detector)
        leftOut +=
          rules.length - (await surveyActivities(bench.store, [scope], low)).get(monday)!.mayFire.size
      }),
      { numRuns: 3, seed: 20260302 },
    )
    // Else nothing was compared.
    expect([...fired].length).toBeGreaterThanOrEqual(5)
    expect(leftOut).toBeGreaterThan(0)
  }, 180_000)

  it('knows epochs apart', async () => {
    const next = { ...scope, epoch: 1, from: scope.to, to: scope.to + 24 * hour }
    const knocks = Array.from({ length: 20 }, (_, i) => ({
      start: next.from + i * 1e6,
      server: `198.51.${i}.7`,
      serverPort: 445,
      outcome: 'unanswered',
    }))
    const quiet: Given = { start: scope.to - 1, outcome: 'unknown' }
    await bench.hold({ flow: [quiet, ...knocks], dns: [{ start: next.to - 1 }] })
    const surveys = await surveyActivities(bench.store, [scope, next])
    expect([...surveys.get(scope.from)!.records]).toEqual(['flow'])
    expect([...surveys.get(next.from)!.records]).toEqual(['flow', 'dns'])
    expect(surveys.get(scope.from)!.unsaid).toHaveLength(1)
    expect(surveys.get(next.from)!.unsaid).toEqual([])
    const scans = (from: number) => surveys.get(from)!.mayFire.has('horizontal-scan')
    expect([scans(scope.from), scans(next.from)]).toEqual([false, true])
  })
})
