/**
 * Kills at random moments on a real cluster of three shards on this machine: of the process that imports or analyses, and
 * of a node under it. The command is repeated until it ends well. Then every flow, and every count of the hourly aggregates,
 * is there once, and the answer is that of an undisturbed run.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { seeded } from '../../src/math/random.ts'
import { startCluster, type TestCluster, whyNoServer } from '../../test/clickhouse-server.ts'
import type { Row } from '../row.ts'

const kills = Number(process.env['GANNET_BENCH_KILLS'] ?? 200)
const seed = Number(process.env['GANNET_BENCH_SEED'] ?? 15)
const root = fileURLToPath(new URL('../../', import.meta.url))

const kinds = ['importer', 'node of an import', 'analysis', 'node of an analysis'] as const
type Kind = (typeof kinds)[number]

/** Milliseconds after which a command is stuck. */
const stuckAfter = 300_000

/** Times that a command is repeated until it is taken for stuck. */
const mostTries = 5

interface Outcome {
  readonly kind: Kind
  /** Whether the kill met the command before it ended. */
  readonly met: boolean
  readonly lost: number
  readonly doubled: number
  readonly other: boolean
  readonly stuck: boolean
}

export async function run(): Promise<Row[]> {
  const why = whyNoServer()
  if (why) throw new Error(why)
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const cluster = await startCluster({ shards: 3 })
  try {
    return rowsOf(await trials(cluster, folder))
  } finally {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const gannet = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(join(root, 'gannet'), args, { maxBuffer: 256e6, timeout: stuckAfter })).stdout

const begin = (args: readonly string[]): ChildProcess =>
  spawn(join(root, 'gannet'), args, { stdio: 'ignore' })

const ended = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'close')) as [number | null])[0]

/** Flows and hourly aggregates, counted; prints of what they are. */
const everything = `SELECT toFloat64(count()) AS flows, toString(sum(cityHash64(id))) AS print,
  (SELECT toFloat64(sum(flows)) FROM service_hour) AS hours, (SELECT toFloat64(sum(times)) FROM name_hour) AS names,
  (SELECT toFloat64(count()) FROM dns) AS questions FROM flow`

interface Contents {
  readonly flows: number
  readonly print: string
  readonly hours: number
  readonly names: number
  readonly questions: number
}

async function trials(cluster: TestCluster, folder: string): Promise<Outcome[]> {
  const random = seeded(seed)
  const logs = join(folder, 'logs')
  await gannet('simulate', '--hosts', '40', '--days', '0.1', '--seed', '3', '--out', logs)
  const inputs = readdirSync(logs).flatMap((name) => (name.endsWith('.log') ? [join(logs, name)] : []))
  const at = (database: string, node = 0) => ['--url', cluster.urls(database, node), '--cluster', 'both']
  const contents = async (database: string): Promise<Contents> =>
    JSON.parse(await gannet('sql', everything, ...at(database))) as Contents

  const began = performance.now()
  await gannet('import', ...inputs, ...at('whole'))
  const importing = performance.now() - began
  const whole = await contents('whole')
  if (whole.flows < 1000) throw new RangeError(`only ${whole.flows} flows`)
  let analysis: Promise<{ readonly answer: string; readonly takes: number }> | null = null
  const undisturbed = async () => {
    const before = performance.now()
    const answer = await gannet('analyze', '--json', ...at('whole'))
    return { answer, takes: performance.now() - before }
  }

  const outcomes: Outcome[] = []
  for (let n = 0; n < kills; n++) {
    const kind = kinds[n % kinds.length]!
    const isImport = kind === 'importer' || kind === 'node of an import'
    const database = isImport ? `kill${n}` : 'whole'
    const node = Math.floor(random.next() * 3)
    const args = isImport
      ? ['import', ...inputs, ...at(database, Math.floor(random.next() * 3))]
      : ['analyze', '--json', ...at(database, Math.floor(random.next() * 3))]

    if (!isImport) analysis ??= undisturbed()
    const analysed = isImport ? null : await analysis

    const child = begin(args)
    const ending = ended(child)
    await sleep((0.1 + 0.9 * random.next()) * (analysed?.takes ?? importing))
    const met = child.exitCode === null
    if (kind === 'importer' || kind === 'analysis') child.kill('SIGKILL')
    else await cluster.kill(node)
    const first = await Promise.race([ending, sleep(stuckAfter, 'stuck' as const, { ref: false })])
    child.kill('SIGKILL')
    if (kind.startsWith('node')) await cluster.restart(node)

    let stuck = first === 'stuck'
    let printed: string | null = null
    for (let tries = 0; printed === null; tries++) {
      if (tries === mostTries) {
        stuck = true
        break
      }
      await cluster.revive()
      printed = await gannet(...args).catch(() => null)
    }
    const found = await contents(database)
    outcomes.push({
      kind,
      met,
      lost: Math.max(0, whole.flows - found.flows) + Math.max(0, whole.hours - found.hours),
      doubled: Math.max(0, found.flows - whole.flows) + Math.max(0, found.hours - whole.hours),
      other:
        JSON.stringify(found) !== JSON.stringify(whole) || (analysed !== null && printed !== analysed.answer),
      stuck,
    })
    if (isImport) await dropped(cluster, database)
    if ((n + 1) % 10 === 0) console.log(`  ${n + 1} of ${kills}`)
  }
  return outcomes
}

/** Drops a database of every node. */
async function dropped(cluster: TestCluster, database: string): Promise<void> {
  for (const { url } of cluster.nodes)
    for (const each of [database, `${database}_here`])
      await fetch(url, { method: 'POST', body: `DROP DATABASE IF EXISTS ${each} SYNC` })
}

function rowsOf(outcomes: readonly Outcome[]): Row[] {
  const met = outcomes.filter((each) => each.met).length
  const asserted = `${kinds
    .map((kind) => `${outcomes.filter((each) => each.kind === kind).length} of ${kind}`)
    .join(', ')}; ${met} met a command before it ended`
  const sum = (of: (each: Outcome) => number) => outcomes.reduce((total, each) => total + of(each), 0)
  const row = (name: string, figure: number, unit: string): Row => ({
    name,
    figure,
    unit,
    better: 'less',
    asserted,
  })
  const rows = [
    row(
      'flows lost',
      sum(({ lost }) => lost),
      'flows',
    ),
    row(
      'flows doubled',
      sum(({ doubled }) => doubled),
      'flows',
    ),
    row(
      'commands stuck',
      sum(({ stuck }) => Number(stuck)),
      `of ${outcomes.length}`,
    ),
    row(
      'other contents or answers',
      sum(({ other }) => Number(other)),
      `of ${outcomes.length}`,
    ),
  ]
  const wrong = rows.filter(({ figure }) => figure > 0)
  if (wrong.length > 0) throw new RangeError(wrong.map(({ name, figure }) => `${figure} ${name}`).join(', '))
  return rows
}
