import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRecords, type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import { parseNetworks } from '../../store/networks.ts'
import { contactEvidence, contactReasons } from './evidence.ts'
import { findContacts } from './find.ts'
import { historyFrom, isNew } from './history.ts'

const day = 86_400e6
const days = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('the history of a contact', () => {
  const host = { first: 0, days: days(0, 10) }

  it('counts days with a call, and the days of the host before the first', () => {
    const seen = [
      { first: 8.5 * day, days: [8, 9] },
      { first: 8.25 * day, days: [8] },
    ]
    expect(historyFrom('address', seen, host)).toEqual({
      by: 'address',
      first: 8.25 * day,
      days: 2,
      ofDays: 10,
      daysBefore: 8,
    })
  })

  it('is worth a word from seven days of the host on, and new after seven days without', () => {
    const from = (first: number) => historyFrom('name', [{ first: first * day, days: [first] }], host)
    expect(isNew(from(6)!)).toBe(false)
    expect(isNew(from(7)!)).toBe(true)
    const seen = [{ first: 0, days: [0] }]
    expect(historyFrom('name', seen, { first: 0, days: days(0, 6) })).toBeNull()
    expect(historyFrom('name', seen, { first: 0, days: days(0, 7) })).not.toBeNull()
    expect(historyFrom('name', [], host)).toBeNull()
    expect(historyFrom('name', seen, undefined)).toBeNull()
  })
})

describe('findings', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const client = '10.0.0.7'
  /** A call each ten minutes of some hours of a day, to one server. */
  const calls = (number: number, server: string, hours = 2): Given[] =>
    Array.from({ length: hours * 6 }, (_, i) => ({
      client,
      server,
      start: monday + number * day + i * 600e6,
      clientPort: 20_000 + i,
      clientBytes: 960,
      serverBytes: 800,
    }))
  const find = (to: number) =>
    findContacts(
      bench.store,
      { from: monday + (to - 1) * day, to: monday + to * day, internal: parseNetworks(['10.0.0.0/8']) },
      { analysis: 'test' },
    )
  const line = { threshold: 0.5, extent: { first: 0, last: 0 } }

  it('say that a contact is new after nine days, and since when another is kept up; the score is the same', async () => {
    await bench.hold({})
    for (const number of days(0, 9)) await addRecords(bench.store, { flow: calls(number, '203.0.113.1') })
    await addRecords(bench.store, { flow: [...calls(9, '203.0.113.1'), ...calls(9, '203.0.113.66', 20)] })

    const found = await find(10)
    const at = (server: string) => found.find(({ trace }) => trace.servers[0] === server)!
    expect(at('203.0.113.66').history).toMatchObject({
      first: monday + 9 * day,
      days: 1,
      ofDays: 10,
      daysBefore: 9,
    })
    expect(at('203.0.113.1').history).toMatchObject({ first: monday, days: 10, ofDays: 10, daysBefore: 0 })

    const reason = contactReasons(at('203.0.113.66')).at(-1)
    expect(reason).toEqual({
      feature: 'history',
      description:
        'first called on 2026-03-11 00:00:00 UTC, after 9 days without it; from then on 1 of 1 day',
      value: 1,
      logOdds: 0,
    })
    const evidence = contactEvidence(at('203.0.113.66'), line).find(({ kind }) => kind === 'history')!
    const { sql, params } = evidence.query
    expect(await bench.store.ask(sql, params)).toEqual([
      expect.objectContaining({ day: '2026-03-11', flows: expect.anything() }),
    ])
  })
})

describe('one day of records', () => {
  it('has no history', async () => {
    const bench = await openBench()
    await bench.hold({ flow: [{ client: '10.0.0.7', start: monday }] })
    const [only] = await findContacts(
      bench.store,
      { from: monday, to: monday + day, internal: parseNetworks(['10.0.0.0/8']) },
      { analysis: 'test' },
    )
    expect(only).not.toHaveProperty('history')
    expect(contactReasons(only!).every(({ feature }) => feature !== 'history')).toBe(true)
    await bench.close()
  })
})
