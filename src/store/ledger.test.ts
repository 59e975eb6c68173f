import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openEmbedded } from './embedded.ts'
import {
  forget,
  ledger,
  newLoad,
  prepare,
  publish,
  publishAll,
  removeUnfinished,
  showAllRows,
} from './ledger.ts'
import { beginLoad, beginLoads } from './load.ts'
import { schemaVersion } from './schema.ts'
import { raw, sql } from './sql.ts'
import type { Store } from './store.ts'

let store: Store
let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-ledger-'))
  store = await openEmbedded(folder)
  await prepare(store)
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const flow = (i: number, uid = `u${i}`) => ({
  position: i,
  start: 1e15 + i * 1e6,
  duration: 0,
  proto: 'tcp',
  client: '10.0.0.1',
  clientPort: 1000 + i,
  server: '192.0.2.1',
  serverPort: 80,
  packets: 2,
  bytes: 100,
  clientPackets: 1,
  clientBytes: 50,
  serverPackets: 1,
  serverBytes: 50,
  outcome: 'established',
  state: 'SF',
  service: '',
  uid,
  label: '',
})
const alert = (i: number) => ({
  position: i,
  start: 1e15,
  client: '10.0.0.1',
  server: '192.0.2.1',
  serverPort: 80,
  proto: 'tcp',
  uid: '',
  engine: 'suricata',
  signature: '1',
  message: 'm',
  category: '',
  severity: null,
})
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => flow(from + i))

const entry = (load: string, sha256 = load) => ({
  load,
  name: `it's\t${load}`,
  sha256,
  bytes: 12,
  format: 'test',
  rejects: { 'bad-time': 3 },
  rejectSamples: [{ reason: 'bad-time', position: 7, sample: 'a\t"b"\\\n' }],
})

async function loaded(rows: readonly object[], alerts: readonly object[] = []): Promise<string> {
  const load = beginLoad(store)
  await load.write('flow', rows)
  await load.write('alert', alerts)
  await load.flush()
  return load.load
}

const count = async (table: string): Promise<number> => {
  const [row] = await store.rows<{ n: number }>(sql`SELECT toFloat64(count()) AS n FROM ${raw(table)}`)
  return row?.n ?? -1
}

it('shows nothing of a load until it is published, then all of it in every table', async () => {
  const load = await loaded(range(0, 10), [alert(1)])
  expect([await count('flow'), await count('alert'), await count('flow_rows')]).toEqual([0, 0, 10])
  const row = await publish(store, entry(load))
  expect([await count('flow'), await count('alert')]).toEqual([10, 1])
  expect(row).toEqual({ ...entry(load), records: { flow: 10, alert: 1 }, duplicates: 0 })
  expect(await ledger(store)).toEqual([row])
})

it('publishes a load without rows', async () => {
  const row = await publish(store, entry(newLoad()))
  expect(row.records).toEqual({})
  expect(await ledger(store)).toEqual([row])
})

it('leaves out flows that a published load has, and keeps the other records', async () => {
  await publish(store, entry(await loaded(range(0, 10), [alert(1)])))
  const row = await publish(store, entry(await loaded(range(5, 15), [alert(1), alert(2)])))
  expect(row).toMatchObject({ records: { flow: 5, alert: 2 }, duplicates: 5 })
  expect([await count('flow'), await count('alert')]).toEqual([15, 3])
  expect(await count('(SELECT DISTINCT id FROM flow)')).toBe(15)
})

it('compares only what is one conversation: one microsecond or another uid is another flow', async () => {
  await publish(store, entry(await loaded([flow(1)])))
  const other = await publish(
    store,
    entry(await loaded([{ ...flow(1), start: 1e15 + 1e6 + 1 }, flow(1, 'v')])),
  )
  expect(other.duplicates).toBe(0)
  const same = await publish(store, entry(await loaded([{ ...flow(1), label: 'Botnet', bytes: 7 }])))
  expect(same).toMatchObject({ records: {}, duplicates: 1 })
})

it('keeps a flow that one input has twice', async () => {
  const row = await publish(store, entry(await loaded([flow(1), flow(1)])))
  expect(row).toMatchObject({ records: { flow: 2 }, duplicates: 0 })
})

it('finds duplicates between loads that are published together: the first keeps them', async () => {
  await publish(store, entry(await loaded(range(0, 3))))
  const [a, b, c] = [await loaded(range(2, 8)), await loaded(range(5, 9)), await loaded(range(100, 104))]
  const rows = await publishAll(store, [entry(a), entry(b), entry(c)])
  expect(rows.map(({ duplicates, records }) => [duplicates, records['flow']])).toEqual([
    [1, 5],
    [3, 1],
    [0, 4],
  ])
  const names = [a, b, c].map((load) => `it's\t${load}`)
  expect(rows.map(({ name }) => name)).toEqual(names)
  // A load without its duplicates has a new number; the ledger keeps its place.
  expect((await ledger(store)).slice(1).map(({ name }) => name)).toEqual(names)
  expect([await count('flow'), await count('(SELECT DISTINCT id FROM flow)')]).toEqual([13, 13])
})

it('does not compare with loads that never were published', async () => {
  await loaded(range(0, 10))
  expect(await publish(store, entry(await loaded(range(0, 10))))).toMatchObject({ duplicates: 0 })
})

it('shares inserts between loads', async () => {
  const loads = beginLoads(store)
  const [a, b] = [loads.begin(), loads.begin()]
  await a.write('flow', range(0, 2))
  await b.write('flow', range(2, 5))
  expect([a.rows(), b.rows(), await count('flow_rows')]).toEqual([2, 3, 0])
  await loads.flush()
  expect(await count('(SELECT DISTINCT _part FROM flow_rows)')).toBe(1)
  const rows = await publishAll(store, [entry(a.load), entry(b.load)])
  expect(rows.map(({ records }) => records['flow'])).toEqual([2, 3])
})

it('counts what the engine selects, beside rows that were written', async () => {
  await store.run('CREATE TABLE source ENGINE = MergeTree ORDER BY n AS SELECT number AS n FROM numbers(5)')
  const load = beginLoad(store)
  await load.write('alert', [alert(1)])
  const text = raw(`''`)
  const values = {
    position: raw('n'),
    start: raw('1000000'),
    client: raw(`toIPv6('10.0.0.1')`),
    server: raw(`toIPv6('10.0.0.2')`),
    serverPort: raw('1'),
    proto: text,
    uid: text,
    engine: text,
    signature: raw('toString(n)'),
    message: text,
    category: text,
    severity: raw('NULL'),
  }
  expect(await load.insertSelect('alert', values, sql`source WHERE n < ${3}`)).toBe(3)
  expect(await load.insertSelect('alert', values, sql`source WHERE n > ${9}`)).toBe(0)
  expect(load.rows()).toBe(4)
  await expect(load.insertSelect('alert', {}, raw('source'))).rejects.toThrow(/no value for alert.position/)
})

it('passes on an insert that fails', async () => {
  const load = beginLoad(store)
  await load.write('flow', [{ ...flow(1), client: 'not an address' }])
  await expect(load.flush()).rejects.toThrow()
})

it('removes unfinished loads, in parts of their own and in parts merged with published ones', async () => {
  const published = await loaded(range(0, 10), [alert(1)])
  await publish(store, entry(published))
  await loaded(range(20, 30), [alert(2)])
  await store.run('OPTIMIZE TABLE flow_rows FINAL')
  await store.run('SYSTEM STOP MERGES flow_rows')
  await loaded(range(40, 50))
  expect(await count('flow_rows')).toBe(30)
  await store.run('SYSTEM START MERGES flow_rows')
  expect(await removeUnfinished(store)).toBe(21)
  expect([await count('flow_rows'), await count('alert_rows'), await count('flow')]).toEqual([10, 1, 10])
  expect(await removeUnfinished(store)).toBe(0)
})

it('removes what was begun before the clock went back', async () => {
  vi.setSystemTime(Date.now() + 10 * 86_400_000)
  await loaded(range(0, 3))
  vi.useRealTimers()
  expect(await removeUnfinished(store)).toBe(3)
})

it('forgets an input, whose rows go with the next clearing', async () => {
  const [a, b] = [await loaded(range(0, 2)), await loaded(range(5, 9))]
  await publishAll(store, [entry(a), entry(b)])
  await forget(store, a)
  expect((await ledger(store)).map(({ load }) => load)).toEqual([b])
  expect([await count('flow'), await removeUnfinished(store)]).toEqual([4, 2])
})

it('numbers loads upward, never twice', () => {
  const numbers = Array.from({ length: 5000 }, newLoad)
  expect(new Set(numbers).size).toBe(5000)
  expect(numbers.toSorted()).toEqual(numbers)
})

it.each([
  [1, 'a newer Gannet', 'Update Gannet'],
  [-1, 'an older Gannet', 'gannet migrate'],
])('says that tables are of another version, by %i', async (by, who, hint) => {
  await prepare(store)
  await store.run(`ALTER TABLE schema DELETE WHERE 1 SETTINGS mutations_sync = 1`)
  await store.run(sql`INSERT INTO schema SELECT ${schemaVersion + by}, ${'print'}`)
  await expect(prepare(store)).rejects.toMatchObject({
    code: 'database-version',
    message: expect.stringContaining(who),
    hint: expect.stringContaining(hint),
  })
})

it('says that tables of this version are not the same', async () => {
  await store.run(`ALTER TABLE schema DELETE WHERE 1 SETTINGS mutations_sync = 1`)
  await store.run(sql`INSERT INTO schema SELECT ${schemaVersion}, ${'print'}`)
  await expect(prepare(store)).rejects.toThrow(/another build of Gannet/)
})

it('looks for a new load only where it can be, however much was there before', async () => {
  const first = beginLoad(store)
  await first.write('flow', range(1, 40_001))
  await first.flush()
  await publish(store, { ...entry(first.load), rejects: {} })
  const second = beginLoad(store)
  await second.write('flow', range(50_001, 50_011))
  await second.flush()
  const plan = await store.rows<{ explain: string }>(
    `EXPLAIN indexes = 1 SELECT count() FROM flow_rows WHERE load IN (${second.load}) GROUP BY load`,
  )
  const at = plan.findIndex(({ explain }) => explain.includes('Name: byLoad'))
  expect(plan.slice(at).find(({ explain }) => explain.includes('Granules'))?.explain).toMatch(
    /Granules: 1\/[6-9]/,
  )
})

const flowsSeen = async () =>
  (await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM flow'))[0]!.n
const isFiltered = async () => {
  const [view] = await store.rows<{ select: string }>(
    "SELECT as_select AS select FROM system.tables WHERE database = currentDatabase() AND name = 'flow'",
  )
  return view!.select.includes('ledger')
}

it('shows all rows without a look at the ledger only where none is hidden', async () => {
  const load = beginLoad(store)
  await load.write('flow', range(0, 3))
  await load.flush()
  await showAllRows(store)
  expect([await flowsSeen(), await isFiltered()]).toEqual([0, true])

  await publish(store, entry(load.load))
  await showAllRows(store)
  expect([await flowsSeen(), await isFiltered()]).toEqual([3, false])
})
