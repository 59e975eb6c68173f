import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addRecords, type Bench, monday, openBench } from '../../../test/fixtures/records.ts'
import { removable, remove } from '../ledger/retention.ts'
import { forget, removeUnfinished } from '../ledger.ts'
import type { Store } from '../store.ts'
import { deferAggregates } from './fill.ts'
import { mergedAt, mergeHours } from './merge.ts'
import { removableHours, removeHours } from './retention.ts'
import { daysKept, haveDays, hostsSeen, namesSeen, nameText, servicesSeen, serviceText } from './seen.ts'
import { aggregateNames, aggregateRows } from './tables.ts'

let bench: Bench
let store: Store
beforeAll(async () => {
  bench = await openBench()
  store = bench.store
})
afterAll(() => bench.close())

beforeEach(async () => {
  await bench.hold({})
  for (const table of ['removed', ...aggregateNames.map(aggregateRows)])
    await store.run(`TRUNCATE TABLE ${table}`)
})

const hour = 3600e6
const day = 24 * hour
const client = '10.0.0.5'
const flow = (start: number, rest = {}) => ({ start, client, server: '203.0.113.9', ...rest })

const sums = async (table = 'service_hour') => {
  const [row] = await store.rows<{ flows: number; rows: number }>(
    `SELECT toFloat64(sum(${table === 'name_hour' ? 'times' : 'flows'})) AS flows, toFloat64(count()) AS rows FROM ${table}`,
  )
  return row
}

describe('aggregates of an import', () => {
  it('count flows, answers and bytes by client, service and hour', async () => {
    await addRecords(store, {
      flow: [
        flow(monday, { bytes: 100, clientBytes: 40, serverBytes: 60 }),
        flow(monday + hour - 1, { bytes: null, clientBytes: 1, serverBytes: 2, outcome: 'unanswered' }),
        flow(monday + hour, { bytes: null, clientBytes: null, serverBytes: null }),
        flow(monday, { serverPort: 80 }),
      ],
    })
    const rows =
      await store.rows(`SELECT serverPort, toFloat64(hour - ${monday}) AS hour, toFloat64(sum(flows)) AS flows,
      toFloat64(sum(answered)) AS answered, toFloat64(sum(bytes)) AS bytes, toFloat64(sum(clientBytes)) AS clientBytes,
      toFloat64(min(first)) - ${monday / 1e6} AS first FROM service_hour GROUP BY serverPort, hour ORDER BY serverPort, hour`)
    expect(rows).toEqual([
      { serverPort: 80, hour: 0, flows: 1, answered: 1, bytes: 4000, clientBytes: 1500, first: 0 },
      { serverPort: 443, hour: 0, flows: 2, answered: 1, bytes: 103, clientBytes: 41, first: 0 },
      { serverPort: 443, hour, flows: 1, answered: 1, bytes: 0, clientBytes: 0, first: 3600 },
    ])
  })

  it('have the names that led to an address, were greeted or were asked, and no others', async () => {
    const answers = ['203.0.113.9']
    await addRecords(store, {
      dns: [
        { start: monday, query: 'www.example.net', answers },
        { start: monday, query: 'gone.example.net', answers: [] },
        { start: monday, query: 'alias.example.net', answers: ['other.example.net'] },
        { start: monday, query: 'localhost', answers },
      ],
      tls: [{ start: monday + 1, serverName: 'www.example.net' }],
      http: [{ start: monday + 2, host: '203.0.113.9' }],
    })
    const rows = await store.rows('SELECT name, toFloat64(sum(times)) AS times FROM name_hour GROUP BY name')
    expect(rows).toEqual([{ name: 'www.example.net', times: 2 }])
  })

  it('are hidden while the ledger does not list it, and go when it never does', async () => {
    await addRecords(store, { flow: [flow(monday)] })
    await forget(store, await addRecords(store, { flow: [flow(monday + 1)] }))
    expect(await sums()).toEqual({ flows: 1, rows: 1 })
    expect(await sums('service_hour_rows')).toEqual({ flows: 2, rows: 2 })
    await removeUnfinished(store)
    expect(await sums('service_hour_rows')).toEqual({ flows: 1, rows: 1 })
  })

  it('leave out flows that another input had', async () => {
    const given = { flow: [flow(monday, { uid: 'a' }), flow(monday + 1, { uid: 'b' })] }
    await addRecords(store, given)
    await addRecords(store, { flow: [...given.flow, flow(monday + 2, { uid: 'c' })] })
    expect(await sums()).toMatchObject({ flows: 3 })
  })
})

describe('aggregates of a temporary database', () => {
  it('are made when they are first asked for, and by each import after that', async () => {
    deferAggregates(store)
    await addRecords(store, { flow: [flow(monday), flow(monday + day)] })
    expect(await haveDays(store, 3)).toBe(false)
    expect(await sums('service_hour_rows')).toEqual({ flows: 0, rows: 0 })

    expect(await haveDays(store, 2)).toBe(true)
    expect(await sums()).toEqual({ flows: 2, rows: 2 })
    await addRecords(store, { flow: [flow(monday + 2 * day)] })
    expect(await haveDays(store, 3)).toBe(true)
    expect(await sums('service_hour_rows')).toEqual({ flows: 3, rows: 3 })
  })

  it('are there for whoever asks about a host', async () => {
    deferAggregates(store)
    await addRecords(store, { flow: [flow(monday)] })
    const hosts = { hosts: [client], until: Number.MAX_SAFE_INTEGER }
    expect([...(await hostsSeen(store, 'service_hour', hosts)).keys()]).toEqual([client])
  })
})

describe('history', () => {
  beforeEach(async () => {
    for (const number of [0, 1, 3, 20]) {
      await addRecords(store, {
        flow: [flow(monday + number * day), flow(monday + number * day + hour)],
        dns: [{ start: monday + number * day, client, query: 'a.example.net', answers: ['203.0.113.9'] }],
      })
    }
    await addRecords(store, {
      flow: [flow(monday + 3 * day + 5.5e6, { server: '198.51.100.1', serverPort: 53 })],
    })
  })

  const service = { client, server: '203.0.113.9', port: 443, protocol: 'tcp' }
  const dayOf = (number: number) => monday / day + number

  it('outlives the records, until it is too old itself', async () => {
    await remove(store, await removable(store, { keep: 5 * day }))
    expect(await store.rows('SELECT toFloat64(count()) AS n FROM flow')).toEqual([{ n: 2 }])
    expect(await sums()).toMatchObject({ flows: 9 })
    await removeUnfinished(store)
    expect(await sums()).toMatchObject({ flows: 9 })

    // By whole weeks: days 0 to 2 are of one that ends on Wednesday, day 3 of the next.
    const removed = await removableHours(store, 17.5 * day)
    expect(removed.map(({ table, rows }) => [table, rows])).toEqual([
      ['service_hour', 4],
      ['name_hour', 2],
    ])
    await removeHours(store, removed)
    expect(await sums()).toMatchObject({ flows: 5 })
    expect(await removableHours(store, 17.5 * day)).toEqual([])
    expect(await daysKept(store)).toBe(2)
  })

  it('says when a host, a service and a name were first seen, and on which days', async () => {
    const until = Number.MAX_SAFE_INTEGER
    expect(await daysKept(store)).toBe(4)
    const hosts = await hostsSeen(store, 'service_hour', { hosts: [client, '10.0.0.6'], until })
    expect([...hosts]).toEqual([[client, { first: monday, days: [0, 1, 3, 20].map(dayOf) }]])
    const names = await namesSeen(store, {
      names: [{ client, name: 'a.example.net' }],
      until: monday + 2 * day,
    })
    expect(names.get(nameText({ client, name: 'a.example.net' }))).toEqual({
      first: monday,
      days: [0, 1].map(dayOf),
    })
    const other = { client, server: '198.51.100.1', port: 53, protocol: 'tcp' }
    const seen = await servicesSeen(store, { services: [service, other, { ...other, port: 54 }], until })
    expect([...seen.keys()].sort()).toEqual([service, other].map(serviceText).sort())
    expect(seen.get(serviceText(other))).toEqual({ first: monday + 3 * day + 5e6, days: [dayOf(3)] })
  })
})

it('aggregates of one load are written once, though a publication is repeated', async () => {
  let turns = 0
  // A server on which another process takes the first turn: the row with its token is not there.
  const contended: Store = {
    ...store,
    kind: 'server',
    insert: async (table, ...rest) => {
      if (table === 'ledger' && turns++ === 0) return
      await store.insert(table, ...rest)
    },
  }
  await addRecords(contended, { flow: [flow(monday)] })
  expect(turns).toBe(2)
  expect(await sums()).toEqual({ flows: 1, rows: 1 })
})

describe('merging', () => {
  const shown = () =>
    store.rows('SELECT * EXCEPT load FROM service_hour ORDER BY client, server, hour, first')
  const totals = (table: string) =>
    store.rows(
      `SELECT client, server, toFloat64(hour) AS hour, toFloat64(sum(flows)) AS flows, toFloat64(sum(bytes)) AS bytes,
        toFloat64(min(first)) AS first FROM ${table} GROUP BY client, server, hour ORDER BY client, server, hour`,
    )

  beforeEach(async () => {
    await store.run('TRUNCATE TABLE merged')
    for (let minute = 0; minute < 5; minute++)
      await addRecords(store, {
        flow: [
          flow(monday + minute * 60e6, { bytes: 100 }),
          flow(monday + hour + minute * 60e6, { client: '10.0.0.6' }),
        ],
        dns: [{ start: monday + minute * 60e6, client, query: 'a.example.net', answers: ['203.0.113.9'] }],
      })
  })

  it('makes one row of each key and hour, with the same sums', async () => {
    const before = await totals('service_hour')
    expect(await sums()).toEqual({ flows: 10, rows: 10 })
    // One import more is that of `hold`, which has no record.
    expect(await mergeHours(store, 7)).toBe(0)
    expect(await mergeHours(store, 6)).toBe(6)
    expect(await sums()).toEqual({ flows: 10, rows: 2 })
    expect(await totals('service_hour')).toEqual(before)
    expect(await sums('name_hour')).toEqual({ flows: 5, rows: 1 })
    expect(await shown()).toHaveLength(2)

    // What was merged goes, and another import counts beside it.
    await removeUnfinished(store)
    expect(await sums('service_hour_rows')).toEqual({ flows: 10, rows: 2 })
    await addRecords(store, { flow: [flow(monday + 6 * 60e6, { bytes: 100 })] })
    expect(await sums()).toEqual({ flows: 11, rows: 3 })
    expect(await mergeHours(store, 2)).toBe(0)
  })

  it('counts nothing twice, and loses nothing, when it dies at any statement', async () => {
    const before = await totals('service_hour')
    for (let left = 0; ; left++) {
      let statements = left
      const cut = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
        return async (...args: A): Promise<R> => {
          if (statements-- === 0) throw new Error('cut')
          return work(...args)
        }
      }
      const failing: Store = {
        ...store,
        insert: cut(store.insert),
        byShard: (work, needs) => store.byShard((shard) => work({ ...shard, run: cut(shard.run) }), needs),
      }
      const done = await mergeHours(failing, 5).catch(() => null)
      expect(await totals('service_hour')).toEqual(before)
      await removeUnfinished(store)
      expect(await totals('service_hour')).toEqual(before)
      if (done !== null) {
        expect(left).toBe(3)
        break
      }
    }
  })

  it('is given up where another process took the turn', async () => {
    const late: Store = {
      ...store,
      insert: (table, ...rest) => (table === 'merged' ? Promise.resolve() : store.insert(table, ...rest)),
    }
    expect(await mergeHours(late, 5)).toBe(0)
    await removeUnfinished(store)
    expect(await sums('service_hour_rows')).toEqual({ flows: 10, rows: 10 })
  })

  it('keeps the hours of an import whose records are removed', async () => {
    await mergeHours(store, 5)
    await addRecords(store, { flow: [flow(monday + 9 * day)] })
    await remove(store, await removable(store, { keep: 5 * day }))
    await removeUnfinished(store)
    expect(await sums()).toEqual({ flows: 11, rows: 3 })
  })
})

it('an import merges the aggregates of those before it when there are many', async () => {
  await store.run('TRUNCATE TABLE merged')
  await bench.hold({})
  for (let i = 1; i < mergedAt; i++) await addRecords(store, { flow: [flow(monday + i * 1e6)] })
  expect(await sums()).toEqual({ flows: mergedAt - 1, rows: 1 })
})
