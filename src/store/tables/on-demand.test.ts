import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { storeContract } from '../../../test/contracts/store.ts'
import { oneChunk } from '../chunk.ts'
import { openEmbedded } from '../embedded.ts'
import { heldRecords } from '../epochs.ts'
import { prepare, prepareTemporary } from '../schema.ts'
import { sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { onDemand } from './on-demand.ts'

const folders: string[] = []
const opened: Store[] = []

async function openNew(): Promise<Store> {
  folders.push(mkdtempSync(join(tmpdir(), 'gannet-on-demand-')))
  return onDemand(await openEmbedded(folders.at(-1)!))
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('tables that are made when they are named', () => {
  let store: Store

  beforeEach(async () => {
    store = await openNew()
    opened.push(store)
    return () => opened.pop()!.close()
  })

  const existing = async () => {
    const rows = await store.rows<{ name: string }>(
      'SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name',
    )
    return rows.map(({ name }) => name)
  }

  it('makes none before, and of a view also what it reads', async () => {
    await prepareTemporary(store)
    await prepare(store)
    expect(await existing()).toEqual([])
    expect(await heldRecords(store)).toEqual([])

    expect(await store.rows('SELECT start FROM flow')).toEqual([])
    expect(await existing()).toEqual(['flow', 'flow_rows', 'ledger'])
    expect((await store.cells('SELECT toFloat64(start) AS start FROM http'))['start']).toHaveLength(0)
  })

  it('makes what is inserted into, joined or asked for twice at once, and not what is only altered', async () => {
    await prepareTemporary(store)
    await store.insert('removed', ['load'], oneChunk(Buffer.from('7\n')))
    await store.alter('machine_span', sql`DROP PARTITION ALL`)
    const both = 'SELECT toFloat64(count()) AS n FROM `dns` AS d LEFT JOIN cflow AS c ON d.client = c.client'
    expect(await Promise.all([store.rows(both), store.rows(both)])).toEqual([[{ n: 0 }], [{ n: 0 }]])
    expect(await store.rows('SELECT toFloat64(load) AS load FROM removed')).toEqual([{ load: 7 }])
    expect(await existing()).toEqual(['cflow', 'dns', 'dns_rows', 'ledger', 'removed'])
  })

  it('replaces a view before and after it was made, and drops what was and what was not', async () => {
    await store.create({ name: 'one', columns: 'n UInt8', order: 'n' })
    await store.view({ name: 'seen', select: 'SELECT 1 AS n' })
    await store.view({ name: 'seen', select: 'SELECT 2 AS n' })
    expect(await store.rows('SELECT n FROM seen')).toEqual([{ n: 2 }])
    await store.view({ name: 'seen', select: 'SELECT n FROM one' })
    expect(await store.rows('SELECT n FROM seen')).toEqual([])
    expect(await existing()).toEqual(['one', 'seen'])

    await store.create({ name: 'other', columns: 'n UInt8', order: 'n' })
    await store.drop('one')
    await store.drop('other')
    expect(await existing()).toEqual(['seen'])
    await expect(store.rows('SELECT n FROM other')).rejects.toThrow('other')
  })
})

storeContract('made on demand', openNew)
