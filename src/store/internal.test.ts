import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Networks, privateCidrs } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { openEmbedded } from './embedded.ts'
import { busiestClient, internalNetworks, withUnused } from './internal.ts'
import { prepare } from './ledger.ts'
import { inside, isSpecial, minus, outside, parseNetworks, special, union } from './networks.ts'
import { bound, join as joined, name, ofAnyRecords, sql } from './sql.ts'
import type { Store } from './store.ts'

let store: Store
let folder: string
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

type Pairs = readonly (readonly [client: string, server: string, outcome?: string])[]

/** The networks that flows between these pairs show. */
async function internalOf(pairs: Pairs) {
  folder = mkdtempSync(join(tmpdir(), 'gannet-internal-'))
  store = await openEmbedded(folder)
  await prepare(store)
  await store.run('DROP VIEW IF EXISTS flow')
  await store.run('DROP TABLE IF EXISTS flow')
  await store.run('CREATE TABLE flow (client IPv6, server IPv6, outcome String) ENGINE = Memory')
  const text = (address: string) => (address.includes(':') ? address : `::ffff:${address}`)
  const rows = pairs.map(
    ([client, server, outcome = 'established']) => `('${text(client)}', '${text(server)}', '${outcome}')`,
  )
  await store.run(`INSERT INTO flow VALUES ${rows.join(', ')}`)
  return internalNetworks(store, [])
}

async function guessed(pairs: Pairs) {
  return (await internalOf(pairs)).guessed
}

it('takes the side that speaks first where one client calls one server, whichever address is less', async () => {
  expect(await guessed([['147.32.80.37', '141.193.213.21']])).toEqual(['147.32.80.0/24'])
})

it('and the other way round', async () => {
  expect(await guessed([['141.193.213.21', '147.32.80.37']])).toEqual(['141.193.213.0/24'])
})

it('takes the network that most flows have an end in, though it is mostly called', async () => {
  const called = ['8.8.8.8', '9.9.9.9', '1.1.1.1'].map((client) => [client, '147.32.80.37'] as const)
  expect(await guessed(called)).toEqual(['147.32.80.0/24'])
})

it('tells nothing where private addresses explain half of the flows', async () => {
  expect(
    await guessed([
      ['10.0.0.1', '8.8.8.8'],
      ['141.193.213.21', '147.32.80.37'],
    ]),
  ).toEqual([])
})

/** A host of a home calls this many services, each of another network. */
const browsing = (client: string, n: number): Pairs =>
  Array.from({ length: n }, (_, i) => [client, `2a00:${i + 1}::1`] as const)

it('takes the /64 of global IPv6 clients beside private IPv4', async () => {
  const home: Pairs = [
    ['192.168.1.5', '8.8.8.8'],
    ['192.168.1.5', '9.9.9.9'],
    ...browsing('2001:db8:0:7::5', 5),
  ]
  const { networks, guessed, clients6 } = await internalOf(home)
  expect([guessed, clients6]).toEqual([[], ['2001:db8:0:7::/64']])
  expect(networks.cidrs).toContain('2001:db8:0:7::/64')
  expect(networks.cidrs).toContain('192.168.0.0/16')
})

const visitor: Pairs = Array.from({ length: 9 }, (_, i) => ['2001:db8:99::1', `2001:db8:0:7::${i}`] as const)
it.each<[string, Pairs]>([
  ['that calls too little', browsing('2001:db8:0:7::5', 4)],
  ['that calls one network only', visitor],
  ['whose calls fail', browsing('2001:db8:0:7::5', 9).map(([c, s]) => [c, s, 'unanswered'] as const)],
  [
    'that is called as well',
    [...browsing('2001:db8:0:7::5', 7), ...browsing('2001:db8:0:7::5', 2).map(([c, s]) => [s, c] as const)],
  ],
])('takes no /64 %s', async (_, pairs) => {
  expect((await internalOf(pairs)).clients6).toEqual([])
})

it('names the address at which most flows start, with its share', async () => {
  await internalOf([
    ['192.0.2.7', '203.0.113.1'],
    ['198.51.100.4', '203.0.113.1'],
    ['192.0.2.7', '203.0.113.2'],
    ['2001:db8::1', '2001:db8::2'],
  ])
  expect(await busiestClient(store)).toEqual({ address: '192.0.2.7', share: 0.5 })
  await store.run('TRUNCATE TABLE flow')
  expect(await busiestClient(store)).toBeNull()
})

describe('addresses that no record has', () => {
  const alone = { isAlone: true }
  const used = [
    '10.20.1.1',
    '10.255.255.255',
    '11.0.0.0',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.168.7.7',
    '224.0.0.251',
    '255.255.255.255',
    '8.8.8.8',
    '2001:db8::1',
    'ff02::fb',
    '::',
  ]
  const pairs = used.map((one, i) => [one, used[(i * 5 + 3) % used.length]!] as const)

  /** Flows for which each condition holds, in their order. */
  const chosen = async (networks: Networks) => {
    const conditions = [
      inside('client', networks),
      inside('server', networks),
      isSpecial('client', networks),
      outside('server', networks),
      inside('client', minus(networks, special)),
      inside('server', union(networks, parseNetworks(['8.8.8.0/24', '9.0.0.0/8']))),
    ]
    const [row] = await store.rows<Record<string, unknown>>(
      sql`SELECT ${joined(
        conditions.map((each, i) => sql`groupArray(toUInt8(${each})) AS ${name(`condition${i}`)}`),
        ', ',
      )} FROM (SELECT * FROM flow ORDER BY client, server)`,
    )
    return row
  }

  it.each([
    [privateCidrs],
    [['10.0.0.0/8']],
    [['10.20.1.1', '10.20.1.2', '192.168.7.0/24', '2001:db8::/32']],
    [['0.0.0.0/0', '::/0']],
    [['203.0.113.0/24']],
    [[]],
  ])('change no answer of a statement about %j', async (cidrs) => {
    await internalOf(pairs)
    const networks = parseNetworks(cidrs)
    const known = await withUnused(store, networks, alone)

    expect(known.unused?.length).toBeGreaterThan(0)
    expect(await chosen(known)).toEqual(await chosen(networks))
  })

  it('leave fewer comparisons, but all of them in a statement that is kept', async () => {
    await internalOf([
      ['10.1.1.1', '8.8.8.8'],
      ['10.1.1.2', '255.255.255.255'],
    ])
    const networks = parseNetworks(privateCidrs)
    const known = await withUnused(store, networks, alone)
    const comparisons = (query: Query) => bound(query).text.match(/[<>]=/g)?.length ?? 0

    expect(comparisons(inside('client', known))).toBe(2)
    expect(comparisons(outside('server', known))).toBe(1)
    expect(
      bound(inside('server', await withUnused(store, parseNetworks(['192.168.0.0/16']), alone))).text,
    ).toBe('false')
    const kept = sql`SELECT client FROM flow WHERE ${outside('server', known)}`
    expect(bound(ofAnyRecords(kept))).toEqual(
      bound(sql`SELECT client FROM flow WHERE ${outside('server', networks)}`),
    )
  })

  it('are not looked for where records may still come, or among very many networks', async () => {
    await internalOf(pairs)
    const networks = parseNetworks(privateCidrs)
    expect(await withUnused(store, networks, {})).toBe(networks)
    expect(await withUnused({ ...store, kind: 'server' }, networks, alone)).toBe(networks)
    expect((await withUnused(store, networks, alone)).unused?.length).toBeGreaterThan(0)

    const many = parseNetworks(Array.from({ length: 200 }, (_, i) => `10.${i}.0.1`))
    expect(await withUnused(store, many, alone)).toBe(many)
  })
})
