/**
 * The whole program on a ClickHouse server: the same commands on the embedded engine and by `--url` print the same
 * bytes. One server for all of them. Inputs are a small simulated campus, on which every stage has something to find,
 * and captures of several formats; the statements of all evidence are asked of both.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../src/model/answer.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { openServer } from '../../src/store/server.ts'
import { startServer, type TestServer, whyNoServer } from '../clickhouse-server.ts'
import { describeWithData, sharedData } from '../shared-data.ts'
import { smallCampus } from '../small-campus.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-both-'))
const why = whyNoServer()
let server: TestServer | undefined

const gannet = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(join(root, 'gannet'), args, { maxBuffer: 256e6 })
  return stdout
}

/** Records of one format each. */
const captures = [
  'captures/field/emotet-icedid/emotet-icedid.pcap.gz',
  'captures/stratosphere-005',
  'captures/slips-more/2016-09-09_win1.binetflow',
  'captures/slips/test6-malicious.suricata.json',
  'captures/netflowlabeler/nfcapd.sample1',
]

/** What the command prints on each engine. */
async function both(name: string, ...args: string[]): Promise<[embedded: string, server: string]> {
  return [
    await gannet(...args, '--db', join(folder, name)),
    await gannet(...args, '--url', `${server!.url}/${name}`),
  ]
}

async function same(name: string, ...args: string[]): Promise<string> {
  const [embedded, overHttp] = (await both(name, ...args)).map(withoutDecided) as [string, string]
  expect(overHttp, args.join(' ')).toBe(embedded)
  return embedded
}

/** Decisions are a file beside a folder; a server has none unless it is named. */
const withoutDecided = (json: string): string =>
  json.replace(/,\n( *)"decided": (?:null|\{\n(?:\1 .*\n)*\1\})/, '')

describe.skipIf(why)(why ? `both engines (skipped: ${why})` : 'both engines', () => {
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  describe('answer alike on a small campus with four botnets', () => {
    let answer: Answer
    beforeAll(async () => {
      const logs = await smallCampus(join(folder, 'records'))
      answer = JSON.parse(await same('campus', 'run', ...logs, '--json'))
    }, 600_000)

    it('with a botnet and what hosts do besides', () => {
      expect(answer.botnets.length).toBeGreaterThan(0)
      expect(new Set(answer.findings.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(3)
    })

    it('when it is analysed again, and read', async () => {
      await same('campus', 'analyze', '--json')
      await same('campus', 'findings', '--json')
      await same('campus', 'findings')
      await same('campus', 'show', answer.hosts[0]!.host, '--json')
      await same('campus', 'evidence', answer.findings[0]!.id)
      expect(await same('campus', 'evidence', answer.findings[0]!.id, '1')).not.toBe('')
    })

    it('when threat lists are matched', async () => {
      const list = join(folder, 'list.txt')
      writeFileSync(
        list,
        `${answer.botnets.flatMap(({ cnc }) => cnc.map(({ address }) => address)).join('\n')}\n`,
      )
      expect(await same('campus', 'threats', list, '--json')).toContain('"threat-list"')
    })

    it('when the rows behind every finding are asked for', async () => {
      const embedded = await openEmbedded(join(folder, 'campus'))
      const overHttp = await openServer(`${server!.url}/campus`)
      try {
        let rows = 0
        for (const { id, evidence } of answer.findings) {
          for (const { query } of evidence) {
            const here = await embedded.ask(query.sql, query.params)
            expect(await overHttp.ask(query.sql, query.params), `${id}: ${query.sql}`).toEqual(here)
            rows += here.length
          }
        }
        expect(rows).toBeGreaterThan(100)
      } finally {
        await Promise.all([embedded.close(), overHttp.close()])
      }
    })
  })

  describeWithData('captures/field', 'answer alike', () => {
    it('on captures of five formats', async () => {
      const printed = await same('captures', 'run', ...captures.map(sharedData), '--json')
      const { inputs, findings } = JSON.parse(printed) as Answer
      expect(new Set(inputs.map(({ format }) => format)).size).toBe(captures.length)
      expect(findings.length).toBeGreaterThan(10)
    })
  })
})
