import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openEmbedded } from './embedded.ts'
import { busiestClient, internalNetworks } from './internal.ts'
import { prepare } from './ledger.ts'
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
