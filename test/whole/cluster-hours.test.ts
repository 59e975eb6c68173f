/** Hourly aggregates of many imports on three shards: merged, and read for slow callers, as on one engine. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPlace } from '../../src/cli/database.ts'
import type { Place } from '../../src/cli/flags.ts'
import type { Answer } from '../../src/model/answer.ts'
import { mergedAt } from '../../src/store/aggregates/merge.ts'
import { prepare } from '../../src/store/ledger.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { findContacts } from '../../src/traces/contacts/find.ts'
import { startCluster, surviving, type TestCluster, whyNoServer } from '../clickhouse-server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-shards-'))
const why = whyNoServer()
let cluster: TestCluster

const gannet = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(join(root, 'gannet'), args, { maxBuffer: 256e6 })
  return stdout
}

/** 2026-03-02 00:00 UTC, in seconds. */
const monday = Date.UTC(2026, 2, 2) / 1000
const hour = 3600

const bot = '10.0.0.9'
const head = `#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tconn
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state
`

/** A log of each eight hours: twelve hosts that call all kinds of servers, and one that calls its own every 30 hours. */
function logs(into: string): number {
  mkdirSync(into)
  const files = mergedAt + 1
  for (let file = 0; file < files; file++) {
    const from = monday + file * 8 * hour
    const rows: [number, string, string, number][] = Array.from({ length: 24 }, (_, i) => [
      from + i * 1190 + ((i * 7919 + file * 31) % 1000),
      i % 12 === 0 ? bot : `10.0.0.${20 + (i % 12)}`,
      `203.0.113.${10 + ((i * 7 + file * 11) % 90)}`,
      443,
    ])
    for (let at = monday + 9 * 24 * hour + 1800; at < from + 8 * hour; at += 30 * hour)
      if (at >= from) rows.push([at + (at % 50), bot, '198.51.100.77', 4321])
    const lines = rows
      .sort(([a], [b]) => a - b)
      .map(([at, client, server, port], i) =>
        [
          at,
          `C${file}x${i}`,
          client,
          40_000 + i,
          server,
          port,
          'tcp',
          '-',
          1,
          900,
          700 + ((i * 977) % 5000),
          'SF',
        ].join('\t'),
      )
    writeFileSync(join(into, `conn.${String(file).padStart(2, '0')}.log`), `${head}${lines.join('\n')}\n`)
  }
  return files
}

describe.skipIf(why)(why ? `hours on three shards (skipped: ${why})` : 'hours on three shards', () => {
  beforeAll(async () => {
    cluster = await startCluster({ shards: 3 })
  }, 120_000)
  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are merged, and show a slow caller, as on one engine', async () => {
    const records = join(folder, 'records')
    const files = logs(records)
    const one = ['--db', join(folder, 'one')]
    const shards = ['--url', cluster.urls('hours', 1), '--cluster', 'both']
    const said: string[] = []

    for (const place of [one, shards]) {
      await surviving(cluster, () => gannet('import', records, ...place))
      const rows = await gannet('sql', 'SELECT sum(flows) AS flows, count() AS n FROM service_hour', ...place)
      const merged = await gannet('sql', 'SELECT sum(length(loads)) AS loads FROM merged', ...place)
      const answer = await surviving(cluster, () => gannet('analyze', '--last', '24h', '--json', ...place))
      expect(JSON.parse(merged)).toEqual({ loads: files })
      said.push(rows + answer.replace(/,\n( *)"decided": (?:null|\{\n(?:\1 .*\n)*\1\})/, ''))
      const { findings } = JSON.parse(answer) as Answer
      const slow = findings.find(({ hosts }) => hosts.includes(bot))
      expect(slow?.evidence.map(({ kind }) => kind)).toContain('slow-rhythm')
    }
    expect(said[1]).toBe(said[0])
  })

  it('give the same contacts in chunks of clients as one engine gives at once', async () => {
    const internal = parseNetworks(['10.0.0.0/8'])
    const contacts = async (place: Place, chunkFlows: number) => {
      const store = await openPlace(place)
      try {
        await prepare(store)
        const scope = { from: 0, to: (monday + 365 * 24 * hour) * 1e6, internal }
        return JSON.stringify(await findContacts(store, scope, { analysis: 'chunks', chunkFlows }))
      } finally {
        await store.close()
      }
    }

    const whole = await contacts({ db: join(folder, 'one') }, 1_000_000)
    const chunks = { url: cluster.urls('hours', 1), cluster: 'both' }
    expect(JSON.parse(whole).length).toBeGreaterThan(20)
    expect(await surviving(cluster, () => contacts(chunks, 300))).toBe(whole)
  })
})
