/** A cluster as a store: what it owes as every store does, and which clusters it refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster, whyNoServer } from '../../../test/clickhouse-server.ts'
import { storeContract } from '../../../test/contracts/store.ts'
import { prepare } from '../schema.ts'
import { sql } from '../sql.ts'
import { openCluster } from './cluster.ts'

const why = whyNoServer()

describe.skipIf(why)(why ? `a cluster (skipped: ${why})` : 'a cluster', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startCluster({ shards: 2 })
  })
  afterAll(() => cluster?.stop())

  storeContract('of two shards', () => openCluster(cluster.urls('contract'), 'both'))

  it('shows the same rows by way of each node, and spreads those that have a client', async () => {
    const stores = await Promise.all([0, 1].map((first) => openCluster(cluster.urls('rows', first), 'both')))
    const [one, other] = stores as [(typeof stores)[0], (typeof stores)[0]]
    await prepare(one)
    await prepare(other)
    await one.run(sql`INSERT INTO flow_rows (load, start, client)
      SELECT 1, number, toIPv6(concat('10.0.0.', toString(number % 200))) FROM numbers(1000)`)
    await one.run(sql`INSERT INTO machine_span (begin) SELECT number FROM numbers(10)`)

    for (const store of stores) {
      const count = (table: string) => store.rows(`SELECT toFloat64(count()) AS n FROM ${table}`)
      expect(await count('flow_rows')).toEqual([{ n: 1000 }])
      expect(await count('machine_span')).toEqual([{ n: 10 }])
      expect(await count('flow')).toEqual([{ n: 0 }])
    }

    const [first, second] = await one.byShard((shard) =>
      shard.rows<{ flows: number; spans: number }>(
        `SELECT toFloat64(count()) AS flows, (SELECT toFloat64(count()) FROM machine_span) AS spans FROM flow_rows`,
      ),
    )
    expect(first![0]!.flows + second![0]!.flows).toBe(1000)
    expect(Math.min(first![0]!.flows, second![0]!.flows)).toBeGreaterThan(300)
    expect([first![0]!.spans, second![0]!.spans]).toEqual([10, 10])

    await other.alter('machine_span', sql`DELETE WHERE begin < 4 SETTINGS mutations_sync = 1`)
    expect(await one.rows('SELECT toFloat64(count()) AS n FROM machine_span')).toEqual([{ n: 6 }])
    for (const store of stores) await store.close()
  })

  it('is refused under a name that the servers do not know, or with a node left out', async () => {
    await expect(openCluster(cluster.urls('x'), 'none')).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('knows no cluster none'),
    })
    const [first] = cluster.nodes
    await expect(openCluster(`${first!.url}/x,${first!.url}/x`, 'both')).rejects.toMatchObject({
      message: expect.stringContaining('no node of shard 2'),
    })
  })

  it('is refused where replicas have no keeper: what one of them has, the other would not', async () => {
    const replicated = await startCluster({ shards: 1, replicas: 2 })
    try {
      await expect(openCluster(replicated.urls('x'), 'both')).rejects.toMatchObject({
        code: 'option-invalid',
        message: expect.stringContaining('no keeper'),
      })
    } finally {
      await replicated.stop()
    }
  })
})
