import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openEmbedded } from './embedded.ts'
import { internalNetworks } from './internal.ts'
import { prepare } from './ledger.ts'
import type { Store } from './store.ts'

let store: Store
let folder: string
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The networks told from flows between these pairs. */
async function guessed(pairs: readonly (readonly [client: string, server: string])[]) {
  folder = mkdtempSync(join(tmpdir(), 'gannet-internal-'))
  store = await openEmbedded(folder)
  await prepare(store)
  await store.run('DROP VIEW IF EXISTS flow')
  await store.run('DROP TABLE IF EXISTS flow')
  await store.run('CREATE TABLE flow (client IPv6, server IPv6) ENGINE = Memory')
  const rows = pairs.map(([client, server]) => `('::ffff:${client}', '::ffff:${server}')`)
  await store.run(`INSERT INTO flow VALUES ${rows.join(', ')}`)
  return (await internalNetworks(store, [])).guessed
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
