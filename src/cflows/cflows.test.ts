import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allowNothing } from '../model/allowlist.ts'
import { openEmbedded } from '../store/embedded.ts'
import { prepare } from '../store/ledger.ts'
import { parseNetworks } from '../store/networks.ts'
import { sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { makeCplane } from './cplane.ts'

let folder: string
let store: Store
const minute = 60_000_000
const internal = parseNetworks(['10.0.0.0/8'])
const scope = { epoch: 0, from: 0, to: 24 * 60 * minute, internal }
const options = { analysis: 'a1', minFlows: 3, f1: true, f2: true, f3: true, allow: allowNothing }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gannet-cflows-'))
  store = await openEmbedded(folder)
  await prepare(store)
  await store.run(sql`INSERT INTO ledger (load) VALUES (1)`)
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  for (const table of ['flow_rows', 'tls_rows', 'cflow']) await store.run(`TRUNCATE TABLE ${table}`)
})

interface Given {
  at: number
  client?: string
  server?: string
  port?: number
  clientPort?: number
  proto?: string
  duration?: number
  packets?: number | null
  bytes?: number | null
  outcome?: string
}

async function flows(given: readonly Given[]) {
  const lines = given.map(
    (
      {
        at,
        client = '10.0.0.7',
        server = '203.0.113.9',
        port = 443,
        clientPort,
        proto = 'tcp',
        duration = 1_000_000,
        packets = 10,
        bytes = 1000,
        outcome = 'established',
      },
      i,
    ) =>
      [
        1,
        i + 1,
        at,
        duration,
        proto,
        `::ffff:${client}`,
        clientPort ?? 40_000 + i,
        `::ffff:${server}`,
        port,
        packets ?? '\\N',
        bytes ?? '\\N',
        outcome,
      ].join('\t'),
  )
  const names = [
    'load',
    'position',
    'start',
    'duration',
    'proto',
    'client',
    'clientPort',
    'server',
    'serverPort',
    'packets',
    'bytes',
    'outcome',
  ]
  await store.insert(
    'flow_rows',
    names,
    (async function* () {
      yield Buffer.from(`${lines.join('\n')}\n`)
    })(),
  )
}

const cflow = () =>
  store.rows<Record<string, never>>('SELECT * FROM cflow ORDER BY client, server, serverPort')

describe('C-flows', () => {
  it('gather the flows of one client to one service, with moments per flow and per active hour', async () => {
    // Two flows in the first hour, one in the third; the second hour is empty and gives no sample (pitfall 3).
    await flows([
      { at: 0, packets: 2, bytes: 200, duration: 1_000_000 },
      { at: 30 * minute, packets: 4, bytes: 800, duration: 2_000_000 },
      { at: 150 * minute, packets: 6, bytes: 600, duration: 0 },
    ])
    const { cflows, cuts } = await makeCplane(store, scope, options)
    expect(cflows).toEqual({ tcp: 1, udp: 0, tooFew: 0 })
    const [row] = await cflow()
    expect(row).toMatchObject({ flows: 3, fphMean: 1.5, fphVariance: 0.25, ppfMean: 4 })
    expect(row!['ppfVariance']).toBeCloseTo(8 / 3, 9)
    expect(row!['bppMean']).toBeCloseTo((100 + 200 + 100) / 3, 9)
    // A duration of 0 is taken as 1 ms (pitfall 7): 200 B/s, 400 B/s, 600,000 B/s.
    expect(row!['bpsMean']).toBeCloseTo((200 + 400 + 600_000) / 3, 6)
    // Type 7 quantiles of 2, 4, 6: at 25 % 3, at 50 % 4, at 90 % 5.6.
    expect(cuts.ppf[4]).toBeCloseTo(3, 9)
    expect(cuts.ppf[7]).toBeCloseTo(4, 9)
    expect(cuts.ppf[11]).toBeCloseTo(5.6, 9)
  })

  it('count samples in 13 right-closed bins; equal cuts leave bins empty (pitfall 4)', async () => {
    await flows([2, 4, 6].map((packets, i) => ({ at: i * minute, packets })))
    await makeCplane(store, scope, options)
    const [row] = await cflow()
    // Cuts: 2.2 … 2.8 3 3.2 3.6 4 4.4 4.8 5.2 5.6. 2 is under the first; 4 is in (3.6, 4]; 6 over the last.
    expect(row!['ppfBins']).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    // All hours have 3 flows: every cut is 3, and (…, 3] is the first bin.
    expect(row!['fphBins']).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('leave out a pair that met fewer than the least number of times', async () => {
    await flows([{ at: 0 }, { at: minute }, { at: 0, port: 80 }, { at: 1, port: 80 }, { at: 2, port: 80 }])
    const { cflows } = await makeCplane(store, scope, options)
    expect(cflows).toEqual({ tcp: 1, udp: 0, tooFew: 1 })
    expect(await cflow()).toMatchObject([{ serverPort: 80, flows: 3 }])
    expect((await makeCplane(store, { ...scope, epoch: 1 }, { ...options, minFlows: 1 })).cflows.tcp).toBe(2)
  })

  it('take flows without counts as flows without those samples', async () => {
    await flows([1, 2, 3].map((i) => ({ at: i * minute, bytes: null })))
    await makeCplane(store, scope, options)
    const [row] = await cflow()
    expect(row).toMatchObject({ flows: 3, ppfMean: 10, bppMean: 0, bpsMean: 0 })
    expect(row!['bppBins']).toEqual(Array.from({ length: 13 }, () => 0))
  })

  it('take flows without packets, as some exporters write them', async () => {
    await flows([1, 2, 3].map((i) => ({ at: i * minute, packets: i === 1 ? 0 : null, bytes: 500 })))
    await makeCplane(store, scope, options)
    const [row] = await cflow()
    expect(row).toMatchObject({ flows: 3, ppfMean: 0, bppMean: 0, bpsMean: 500 })
  })

  it.each([
    ['all are sorted', {}],
    ['few are, and all are held', { sortedUpTo: 0 }],
    ['few are, and none is held', { sortedUpTo: 0, heldUpTo: 0 }],
  ])('take time-out fragments of one connection as one flow (pitfall 28), where %s', async (_, size) => {
    const hour = 60 * minute
    await flows([0, 1, 2].map((i) => ({ at: i * hour, duration: hour - 100, clientPort: 5000, packets: 7 })))
    await flows([0, 1, 2].map((i) => ({ at: i * hour, duration: 1, clientPort: 5001, port: 80 })))
    await flows([{ at: 0, clientPort: 5002, port: 8080, packets: 9 }])
    await makeCplane(store, scope, { ...options, minFlows: 1, ...size })
    expect(await cflow()).toMatchObject([
      { serverPort: 80, flows: 3 },
      { serverPort: 443, flows: 1, ppfMean: 21 },
      { serverPort: 8080, flows: 1, ppfMean: 9, bpsMean: 1000 },
    ])
  })
})

describe('C-plane filters', () => {
  it('say what each left out, in order', async () => {
    await flows([
      { at: 0 },
      { at: 1, outcome: 'unknown' },
      { at: 2, outcome: 'unanswered' },
      { at: 3, outcome: 'refused' },
      { at: 4, client: '203.0.113.9', server: '10.0.0.7' },
      { at: 5, server: '10.0.0.9' },
      { at: 6, server: '224.0.0.251', proto: 'udp' },
      { at: 7, proto: 'icmp' },
    ])
    const { filters, flows: all } = await makeCplane(store, scope, options)
    expect(all).toBe(8)
    expect(filters.map(({ name, in: into, out }) => [name, into, out])).toEqual([
      ['transport', 8, 7],
      ['F1', 7, 4],
      ['F2', 4, 2],
    ])
  })

  it('can each be switched off', async () => {
    await flows([{ at: 0 }, { at: 1, outcome: 'unanswered' }, { at: 2, server: '10.0.0.9' }])
    const off = await makeCplane(store, scope, { ...options, f1: false, f2: false, minFlows: 1 })
    expect(off.filters.map(({ name }) => name)).toEqual(['transport'])
    expect(off.cflows.tcp).toBe(2)
  })

  it('allow by network, and by the only names a client knew the server by', async () => {
    await flows([
      { at: 0, server: '198.51.100.1' },
      { at: 1, server: '203.0.113.9' },
      { at: 2, server: '203.0.113.10' },
      { at: 3, server: '203.0.113.11' },
    ])
    const called = [
      ['203.0.113.9', 'www.example.com'],
      ['203.0.113.10', 'www.example.com'],
      ['203.0.113.10', 'evil.test'],
      ['203.0.113.11', 'notexample.com'],
    ]
    await store.insert(
      'tls_rows',
      ['load', 'position', 'start', 'client', 'server', 'serverName'],
      (async function* () {
        yield Buffer.from(
          `${called.map(([server, name], i) => [1, i, i, '::ffff:10.0.0.7', `::ffff:${server}`, name].join('\t')).join('\n')}\n`,
        )
      })(),
    )
    const allow = { names: ['example.com'], networks: parseNetworks(['198.51.100.0/24']) }
    const { filters } = await makeCplane(store, scope, { ...options, allow, minFlows: 1 })
    expect(filters.at(-1)).toMatchObject({ name: 'F3', in: 4, out: 2 })
    expect((await cflow()).map(({ server }) => server)).toEqual([
      '::ffff:203.0.113.10',
      '::ffff:203.0.113.11',
    ])
  })
})
