import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../test/fixtures/records.ts'
import { cplaneTable } from '../store/cplane.ts'
import { sql } from '../store/sql.ts'
import { servicesOf } from './cluster.ts'

let bench: Bench
const table = cplaneTable('a1')
const hour = 3_600_000_000

beforeAll(async () => {
  bench = await openBench()
  await bench.store.run(sql`CREATE TABLE ${table} (
    client IPv6, server IPv6, serverPort UInt16, proto LowCardinality(String), start Int64, duration Int64
  ) ENGINE = MergeTree ORDER BY start`)
})
afterAll(() => bench.close())
beforeEach(() => bench.store.run(sql`TRUNCATE TABLE ${table}`))

/** One flow of `client` in each of the hours, to one service; and two that make the recording a day long. */
async function calls(given: Readonly<Record<string, readonly number[]>>, seconds = 1) {
  const row = (client: string, server: string, at: number, length: number) =>
    `('::ffff:${client}', '::ffff:${server}', 443, 'tcp', ${at}, ${length})`
  const flows = Object.entries(given).flatMap(([client, hours]) =>
    hours.map((at) => row(client, '203.0.113.9', at * hour + 5, seconds * 1e6)),
  )
  const ends = [row('10.0.0.99', '198.51.100.1', 0, 0), row('10.0.0.99', '198.51.100.1', 24 * hour, 0)]
  await bench.store.run(`INSERT INTO cplane_a1 VALUES ${[...flows, ...ends].join(', ')}`)
  return servicesOf(bench.store, { analysis: 'a1', activityTraffic: [] })
}

describe('services', () => {
  it('are the hosts that call one, two at least', async () => {
    expect(await calls({ '10.0.0.1': [1], '10.0.0.2': [2] })).toEqual([
      { id: '203.0.113.9 443/tcp', kind: 'service', hosts: ['10.0.0.1', '10.0.0.2'], kept: false },
    ])
    await bench.store.run(sql`TRUNCATE TABLE ${table}`)
    expect(await calls({ '10.0.0.1': [1] })).toEqual([])
  })

  const keptOf = async (given: Parameters<typeof calls>[0], seconds = 1) => {
    await bench.store.run(sql`TRUNCATE TABLE ${table}`)
    return (await calls(given, seconds)).map(({ kept }) => kept)
  }

  it('are kept up where two clients and half of all come back in three parts of 24', async () => {
    expect(await keptOf({ '10.0.0.1': [1, 5, 9], '10.0.0.2': [2, 3, 4] })).toEqual([true])
    expect(await keptOf({ '10.0.0.1': [1, 5, 9], '10.0.0.2': [2, 3] })).toEqual([false])
    const some = { '10.0.0.1': [1, 5, 9], '10.0.0.2': [2, 3, 4], '10.0.0.3': [1], '10.0.0.4': [1] }
    expect(await keptOf(some)).toEqual([true])
    expect(await keptOf({ ...some, '10.0.0.5': [1] })).toEqual([false])
  })

  it('are kept up where they are held for as long', async () => {
    expect(await keptOf({ '10.0.0.1': [1], '10.0.0.2': [2] }, 3 * 3600)).toEqual([true])
    expect(await keptOf({ '10.0.0.1': [1], '10.0.0.2': [2] }, 3 * 3600 - 1)).toEqual([false])
  })
})
