/** An activity days after the C&C call, each seen by another analysis of the last day. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRecords, type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { defaults } from '../config.ts'
import { micros } from '../model/units.ts'
import { analyse } from './analyse.ts'

const day = 86_400e6
const hour = 3600e6
const bot = '10.0.0.7'

const honest = (from: number): Given[] =>
  Array.from({ length: 480 }, (_, i) => ({
    client: `10.0.0.${20 + (i % 12)}`,
    server: `203.0.113.${10 + ((i * 7) % 40)}`,
    start: from + i * 180e6 + ((i * 7919) % 90) * 1e6,
    clientBytes: 500 + ((i * 31) % 900),
    serverBytes: 5000 + ((i * 977) % 60_000),
  }))

const beacon = (from: number): Given[] =>
  Array.from({ length: 400 }, (_, i) => ({
    client: bot,
    server: '203.0.113.66',
    serverPort: 4444,
    start: from + i * 120e6,
    clientBytes: 960,
    serverBytes: 800,
  }))

const scan = (from: number): Given[] =>
  Array.from({ length: 4000 }, (_, i) => ({
    client: bot,
    server: `198.51.${(i >> 8) % 256}.${i % 256}`,
    serverPort: 445,
    start: from + i * 1e6,
    outcome: 'unanswered',
    state: 'S0',
    serverPackets: 0,
    serverBytes: 0,
    clientPackets: 1,
    clientBytes: 40,
  }))

describe('an activity days after the C&C call', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const analysed = async (last?: number) => {
    const options = { ...defaults, internal: ['10.0.0.0/8'], ...(last ? { last: micros(last) } : {}) }
    const context = { version: 'test', inputs: [], progress: () => {} }
    return (await analyse(bench.store, options, context)).answer
  }
  const partsOf = (answer: Awaited<ReturnType<typeof analysed>>) =>
    answer.hosts.find(({ host }) => host === bot)?.parts.map(({ kind }) => kind) ?? []

  it('joins its host within 14 days, and no longer', async () => {
    const start = monday + 9 * hour
    await bench.hold({ flow: [...honest(start), ...beacon(start)] })
    expect(partsOf(await analysed(day))).toEqual(['beacon'])

    await addRecords(bench.store, { flow: [...honest(start + 5 * day), ...scan(start + 5 * day)] })
    const joined = await analysed(day)
    expect(partsOf(joined).sort()).toEqual(['beacon', 'scan'])
    const parts = joined.hosts.find(({ host }) => host === bot)!.parts
    expect(parts.find(({ kind }) => kind === 'beacon')).toMatchObject({
      strength: 0.49,
      description: expect.stringContaining('(until 2026-03-02)'),
    })
    expect(joined.findings.filter(({ hosts }) => hosts.includes(bot)).map(({ kind }) => kind)).toEqual([
      'scan',
    ])

    // What was joined is not said again as if it had been seen on that day.
    await addRecords(bench.store, { flow: [...honest(start + 18 * day), ...scan(start + 18 * day)] })
    expect(partsOf(await analysed(day))).toEqual(['scan'])
  }, 120_000)

  it('joins what was found days of the records ago, though all was analysed on one day of the clock', async () => {
    const start = monday + 9 * hour
    await bench.hold({ flow: [...honest(start), ...beacon(start)] })
    await analysed(day)
    for (const later of [1, 2, 3]) {
      await addRecords(bench.store, { flow: honest(start + later * day) })
      expect(partsOf(await analysed(day))).toEqual([])
    }

    await addRecords(bench.store, { flow: [...honest(start + 5 * day), ...scan(start + 5 * day)] })
    expect(partsOf(await analysed(day)).sort()).toEqual(['beacon', 'scan'])
  }, 120_000)

  it('does not join in an analysis of all records, which has both', async () => {
    const answer = await analysed()
    expect(partsOf(answer).sort()).toEqual(['beacon', 'scan'])
    expect(
      answer.hosts.flatMap(({ parts }) => parts).filter(({ description }) => description.includes('(until')),
    ).toEqual([])
  }, 120_000)
})
