import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { addressText, sql } from '../store/sql.ts'
import { identifyMachines, spansOf } from './machines.ts'

const lease = (start: number, address: string, mac: string) => ({ start, address, mac })

describe('spans of addresses', () => {
  it('belong to whom the address was leased last, from the beginning for the first', () => {
    const { spans, movers } = spansOf([
      lease(10, '10.0.0.1', 'a'),
      lease(20, '10.0.0.1', 'a'),
      lease(30, '10.0.0.2', 'a'),
      lease(50, '10.0.0.2', 'b'),
    ])
    expect(movers).toEqual([{ machine: '10.0.0.1', others: ['10.0.0.2'] }])
    expect(spans).toEqual([
      { address: '10.0.0.1', begin: 0, machine: '10.0.0.1' },
      { address: '10.0.0.2', begin: 0, machine: '10.0.0.1' },
      { address: '10.0.0.2', begin: 50, machine: '10.0.0.2' },
    ])
  })

  it('name a machine by an address that no other had; one without is left as it is', () => {
    const swapped = [lease(1, 'x', 'a'), lease(2, 'y', 'a'), lease(3, 'x', 'b'), lease(4, 'y', 'b')]
    expect(spansOf(swapped)).toEqual({ spans: [], movers: [] })
    expect(spansOf([...swapped, lease(5, 'z', 'b')]).movers).toEqual([{ machine: 'z', others: ['x', 'y'] }])
  })

  it('are none where every machine keeps its address', () => {
    expect(spansOf([lease(1, 'x', 'a'), lease(2, 'y', 'b'), lease(3, 'x', 'a')]).spans).toEqual([])
  })
})

describe('the views of the records', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const hour = 3600e6
  const given = (at: number, client: string, mac: string): Given => ({
    start: monday + at * hour,
    client,
    mac,
  })
  const call = (at: number, client: string): Given => ({ start: monday + at * hour, client })
  const callers = async () => {
    const rows = await bench.store.rows<{ client: string }>(
      sql`SELECT ${addressText('client')} AS client FROM flow ORDER BY start`,
    )
    return rows.map(({ client }) => client)
  }

  it('show a machine that moved as one client, and the next one at its address as another', async () => {
    const flow = [call(1, '10.0.0.5'), call(4, '10.0.0.6'), call(8, '10.0.0.6'), call(9, '10.0.0.7')]
    await bench.hold({
      flow,
      dns: [call(5, '10.0.0.6')],
      lease: [given(0, '10.0.0.5', 'aa'), given(3, '10.0.0.6', 'aa'), given(7, '10.0.0.6', 'bb')],
    })
    expect(await identifyMachines(bench.store)).toEqual([{ machine: '10.0.0.5', others: ['10.0.0.6'] }])
    expect(await callers()).toEqual(['10.0.0.5', '10.0.0.5', '10.0.0.6', '10.0.0.7'])
    const [asked] = await bench.store.rows<{ n: number }>(
      "SELECT toFloat64(count()) AS n FROM dns WHERE client = toIPv6('::ffff:10.0.0.5')",
    )
    expect(asked?.n).toBe(1)
    const hours = await bench.store.rows<{ client: string }>(
      sql`SELECT ${addressText('client')} AS client FROM service_hour ORDER BY hour`,
    )
    expect(hours.map(({ client }) => client)).toEqual(['10.0.0.5', '10.0.0.5', '10.0.0.6', '10.0.0.7'])
  })

  it('show addresses again when the leases are gone', async () => {
    await bench.hold({ flow: [call(1, '10.0.0.5'), call(4, '10.0.0.6')] })
    expect(await identifyMachines(bench.store)).toEqual([])
    expect(await callers()).toEqual(['10.0.0.5', '10.0.0.6'])
  })
})
