/** A store over HTTP to a cluster: two real servers on this machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, startServer, type TestServer, whyNoServer } from '../../test/clickhouse-server.ts'
import { connLog } from '../../test/fixtures/written-logs.ts'
import { importInputs } from '../capture/import/import.ts'
import { openServer } from './server.ts'
import { sql } from './sql.ts'
import type { Store } from './store.ts'

const why = whyNoServer()
describe.skipIf(why)(why ? `two servers (skipped: ${why})` : 'two servers', () => {
  const servers: TestServer[] = []
  const stores: Store[] = []
  const folder = mkdtempSync(join(tmpdir(), 'gannet-cluster-'))
  beforeAll(async () => {
    const ports = [await freePort(), await freePort()]
    const shards = ports.map((port) => [port])
    servers.push(...(await Promise.all(ports.map((tcpPort) => startServer({ shards, tcpPort })))))
    for (const { url } of servers) stores.push(await openServer(`${url}/gannet`))
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    for (const server of servers) await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('answer a grouped question over both as one does over all', async () => {
    const [first] = stores as [Store]
    const values = sql`SELECT number AS n, number % 100 AS client, (number * 7919) % 10007 AS size FROM numbers(200000)`
    for (const store of stores)
      await store.run(
        'CREATE TABLE part (n UInt64, client UInt64, size UInt64) ENGINE = MergeTree ORDER BY client',
      )
    await first.run(
      'CREATE TABLE both AS part ENGINE = Distributed(both, currentDatabase(), part, cityHash64(client))',
    )
    await first.run('CREATE TABLE whole AS part ENGINE = MergeTree ORDER BY client')
    await first.run(sql`INSERT INTO both SETTINGS distributed_foreground_insert = 1 ${values}`)
    await first.run(sql`INSERT INTO whole ${values}`)

    const counts = await Promise.all(
      stores.map(
        async (store) =>
          (await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM part'))[0]?.n ?? 0,
      ),
    )
    expect(counts.reduce((a, b) => a + b, 0)).toBe(200_000)
    expect(Math.min(...counts)).toBeGreaterThan(50_000)

    const grouped = (table: 'both' | 'whole') =>
      first.columns(`SELECT client, count() AS flows, quantilesExact(0.25, 0.5, 0.75)(size) AS sizes
                     FROM ${table} GROUP BY client ORDER BY client`)
    const answer = await grouped('both')
    expect(answer['client']).toHaveLength(100)
    expect(answer).toEqual(await grouped('whole'))
  })

  it('take an import whole, once, and show it to another process at once', async () => {
    const path = join(folder, 'conn.log')
    writeFileSync(path, connLog(0, 3000))
    const [store] = stores as [Store]
    const imported = await importInputs(store, [path])
    expect(imported.inputs[0]).toMatchObject({ records: { flow: 3000 }, known: false })
    expect((await importInputs(store, [path])).inputs[0]).toMatchObject({ known: true })
    const other = await openServer(`${servers[0]?.url}/gannet`)
    expect(await other.rows('SELECT toFloat64(count()) AS n FROM flow')).toEqual([{ n: 3000 }])
    expect(await other.rows(`SELECT name FROM system.tables WHERE name LIKE 'upload%'`)).toEqual([])
    await other.close()
  })

  it('take a long stream in bounded memory, in the order of its chunks', async () => {
    const [store] = stores as [Store]
    await store.run('CREATE TABLE long (n UInt64, text String) ENGINE = MergeTree ORDER BY n')
    const chunks = 200
    const perChunk = 5000
    const filler = 'x'.repeat(180)
    let most = 0
    async function* stream() {
      for (let c = 0; c < chunks; c++) {
        let text = ''
        for (let i = 0; i < perChunk; i++) text += `${c * perChunk + i}\t${filler}\n`
        most = Math.max(most, process.memoryUsage().arrayBuffers)
        yield Buffer.from(text)
      }
    }
    const before = process.memoryUsage().arrayBuffers
    await store.insert('long', ['n', 'text'], stream())
    const bytes = chunks * perChunk * 187
    expect(most - before).toBeLessThan(bytes / 3)
    expect(
      await store.rows('SELECT toFloat64(count()) AS rows, toFloat64(max(n)) AS last FROM long'),
    ).toEqual([{ rows: chunks * perChunk, last: chunks * perChunk - 1 }])
  })
})
