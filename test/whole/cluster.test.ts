/**
 * A cluster of three real servers, one shard each: the same commands print the same bytes as on one engine, and a node
 * that dies in the middle costs an error and another try, no record.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../src/model/answer.ts'
import { startCluster, surviving, type TestCluster, whyNoServer } from '../clickhouse-server.ts'
import { describeWithData, sharedData } from '../shared-data.ts'
import { smallCampus } from '../small-campus.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-shards-'))
const why = whyNoServer()
let cluster: TestCluster

const gannet = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(join(root, 'gannet'), args, { maxBuffer: 256e6 })
  return stdout
}

/** Options for a database of the cluster by way of one of its nodes. */
const at = (database: string, node = 0): string[] => [
  '--url',
  cluster.urls(database, node),
  '--cluster',
  'both',
]

/** Who is asked directly is named by the address of Gannet's own; else the engine names the node. */
const unanswered = /a node of the cluster does not answer \(127|no ClickHouse server answers at http:/

const begin = (...args: string[]): ChildProcess =>
  spawn(join(root, 'gannet'), args, { stdio: ['ignore', 'pipe', 'pipe'] })

async function ended(child: ChildProcess): Promise<{ code: number | null; errors: string }> {
  let errors = ''
  child.stderr!.on('data', (chunk) => {
    errors += chunk
  })
  child.stdout!.resume()
  const [code] = await once(child, 'close')
  return { code, errors }
}

/** How a command ended whose node was killed under it; the node is back afterwards, whatever happened. */
async function endedWithout(node: number, ending: ReturnType<typeof ended>) {
  try {
    await cluster.kill(node)
    return await ending
  } finally {
    await cluster.restart(node)
  }
}

/** One value of a node's own rows. */
async function own(node: number, database: string, statement: string): Promise<string> {
  const answer = await fetch(`${cluster.nodes[node]!.url}/?database=${database}_here`, {
    method: 'POST',
    body: statement,
  })
  return answer.ok ? (await answer.text()).trim() : ''
}

/** Records of one format each. */
const captures = [
  'captures/field/emotet-icedid/emotet-icedid.pcap.gz',
  'captures/stratosphere-005',
  'captures/slips-more/2016-09-09_win1.binetflow',
  'captures/netflowlabeler/nfcapd.sample1',
]

const firstLines = (text: string, lines: number): string => `${text.split('\n', lines).join('\n')}\n`

let databases = 0
/** A database that no try before has touched. */
const fresh = (name: string): string => `${name}${++databases}`

/** Flows and hourly aggregates, counted. */
const everything = `SELECT count() AS flows, sum(cityHash64(id)) AS print,
  (SELECT sum(flows) FROM service_hour) AS inHours, (SELECT sum(times) FROM name_hour) AS named FROM flow`

async function until(true_: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await true_())) {
    if (Date.now() > end) throw new Error('it did not come about in a minute')
    await sleep(5)
  }
}

/** Decisions are a file beside a folder; a server has none unless it is named. */
const withoutDecided = (json: string): string =>
  json.replace(/,\n( *)"decided": (?:null|\{\n(?:\1 .*\n)*\1\})/, '')

/** Checks that a command prints the same on one engine and by way of the second node. */
async function same(name: string, ...args: string[]): Promise<string> {
  const one = withoutDecided(await gannet(...args, '--db', join(folder, name)))
  expect(withoutDecided(await gannet(...args, ...at(name, 1))), args.join(' ')).toBe(one)
  return one
}

const survivingly = (name: string, test: () => Promise<void>): void =>
  it(name, () => surviving(cluster, test))

describe.skipIf(why)(why ? `three shards (skipped: ${why})` : 'three shards', () => {
  const records = join(folder, 'records')
  let logs: string[] = []
  let answer: Answer
  let campus: string
  const count = async (node = 0) =>
    (await gannet('sql', 'SELECT count() AS n FROM flow', ...at(campus, node))).trim()

  beforeAll(async () => {
    cluster = await startCluster({ shards: 3 })
    logs = await smallCampus(records)
    answer = JSON.parse(
      await surviving(cluster, () => {
        campus = fresh('campus')
        return same(campus, 'run', ...logs, '--json')
      }),
    )
  }, 600_000)

  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  survivingly('answer as one engine does, whichever node is asked', async () => {
    expect(answer.botnets.length).toBeGreaterThan(0)
    await same(campus, 'findings')
    await same(campus, 'show', answer.hosts[0]!.host, '--json')
    await same(campus, 'evidence', answer.findings[0]!.id)
    expect(await same(campus, 'evidence', answer.findings[0]!.id, '1')).not.toBe('')
    const list = join(folder, 'list.txt')
    writeFileSync(
      list,
      `${answer.botnets.flatMap(({ cnc }) => cnc.map((each) => each.address)).join('\n')}\n`,
    )
    expect(await same(campus, 'threats', list, '--json')).toContain('"threat-list"')
  })

  survivingly('have the rows and the C-flows of a client together', async () => {
    for (const table of ['flow_rows', 'dns_rows', 'service_hour_rows', 'name_hour_rows', 'cflow']) {
      const astray = `SELECT countIf(cityHash64(client) % 3 != shardOf) FROM (SELECT client, {n} AS shardOf FROM ${table})`
      for (const node of [0, 1, 2]) {
        expect(await own(node, campus, astray.replace('{n}', String(node)))).toBe('0')
        expect(Number(await own(node, campus, `SELECT count() FROM ${table}`))).toBeGreaterThan(100)
      }
    }
  })

  survivingly('take an input once that two nodes import at the same moment', async () => {
    const race = fresh('race')
    const both = [begin('import', ...logs, ...at(race, 0)), begin('import', ...logs, ...at(race, 2))]
    expect((await Promise.all(both.map(ended))).map(({ code }) => code)).toEqual([0, 0])
    const flows = (place: string[]) => gannet('sql', everything, ...place)
    expect(await flows(at(race))).toBe(await flows(['--db', join(folder, campus)]))
    const inputs = await gannet(
      'sql',
      'SELECT count() AS n, uniqExact(sha256) AS contents FROM ledger',
      ...at(race),
    )
    expect(inputs).toContain(String(logs.length))
  })

  survivingly('lose and double nothing when a node dies in the middle of an import', async () => {
    const killed = fresh('killed')
    const whole = await gannet('sql', everything, '--db', join(folder, campus))
    const importing = begin('import', ...logs, ...at(killed))
    const end = ended(importing)
    await until(async () => Number(await own(1, killed, 'SELECT count() FROM flow_rows')) > 0)
    const { code, errors } = await endedWithout(1, end)
    expect(errors).toMatch(unanswered)
    expect(code).toBe(2)

    expect(await gannet('sql', 'SELECT count() AS n FROM flow', ...at(killed))).toMatch(/\b0\b/)
    await gannet('import', ...logs, ...at(killed, 2))
    expect(await gannet('sql', everything, ...at(killed))).toBe(whole)
  })

  survivingly('give the same answer after a node died in the middle of an analysis', async () => {
    const before = await count()
    const end = ended(begin('analyze', '--json', ...at(campus)))
    const tables = `SELECT count() FROM system.tables WHERE database = '${campus}_here' AND name LIKE 'cplane%'`
    await until(async () => (await own(2, campus, tables)) === '1')
    const { code, errors } = await endedWithout(2, end)
    expect(errors).toMatch(unanswered)
    expect(code).toBe(2)
    expect(await count()).toBe(before)
    await same(campus, 'analyze', '--json')
  })

  survivingly('say which node is missing', async () => {
    await cluster.kill(1)
    try {
      await expect(gannet('findings', ...at(campus))).rejects.toThrow(
        `no ClickHouse server answers at ${cluster.nodes[1]!.url}`,
      )
    } finally {
      await cluster.restart(1)
    }
    await same(campus, 'findings')
  })

  survivingly('take the commands of the page', async () => {
    const database = fresh('page')
    const few = join(folder, 'few')
    mkdirSync(few)
    for (const log of logs)
      writeFileSync(join(few, basename(log)), firstLines(readFileSync(log, 'utf8'), 500))
    const page = readFileSync(join(root, 'docs/reference/cluster.md'), 'utf8')
    const commands = [...page.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) =>
      block!.trim().split('\n'),
    )
    expect(commands.length).toBeGreaterThan(3)
    for (const [i, command] of commands.entries()) {
      const here = command
        .replace(/--url \S+ --cluster \S+/, at(database, i % 3).join(' '))
        .replaceAll(/\b\w+\.log\b/g, (log) => join(few, log))
      expect(here).toMatch(/^gannet /)
      await promisify(execFile)('sh', ['-c', here.replace(/^gannet/, join(root, 'gannet'))], {
        maxBuffer: 256e6,
      })
    }
  })

  describeWithData('captures/field', 'answer as one engine does', () => {
    survivingly('on captures of four formats', async () => {
      const printed = await same(fresh('captures'), 'run', ...captures.map(sharedData), '--json')
      const { inputs, findings } = JSON.parse(printed) as Answer
      expect(new Set(inputs.map(({ format }) => format)).size).toBe(captures.length)
      expect(findings.length).toBeGreaterThan(10)
    })
  })
})
