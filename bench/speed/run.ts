/**
 * `gannet run`, as users start it: a process of its own, from the command to the last byte of the answer. Processor
 * time first, since others on the machine disturb it least; the least of several runs counts.
 *
 * GANNET_BENCH_BEFORE names a checkout of an earlier commit: its command runs on the same inputs, in turn with this
 * one.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer } from '../../src/model/answer.ts'
import { simulate } from '../../src/simulate/index.ts'
import type { Row } from '../row.ts'
import type { Usage } from './usage.ts'

const runs = Number(process.env['GANNET_BENCH_RUNS'] ?? 3)
const most = Number(process.env['GANNET_BENCH_INPUTS'] ?? Number.POSITIVE_INFINITY)
const before = process.env['GANNET_BENCH_BEFORE']
const root = fileURLToPath(new URL('../..', import.meta.url))
const usage = fileURLToPath(new URL('usage.ts', import.meta.url))

interface Input {
  readonly name: string
  readonly paths: readonly string[]
  /** Not for an earlier command: up to f6ba722 this took four minutes. */
  readonly alone?: true
}

interface Took extends Usage {
  readonly clock: number
  readonly flows: number
}

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const rows: Row[] = []
    for (const make of inputs.slice(0, most)) {
      const input = await make(folder)
      const [ours, theirs]: [Took[], Took[]] = [[], []]
      for (let turn = 0; turn < runs; turn++) {
        ours.push(runOf(root, input, folder))
        if (before !== undefined && !input.alone) theirs.push(runOf(before, input, folder))
      }
      rows.push(...rowsOf(input, ours, theirs))
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runOf(checkout: string, { paths }: Input, folder: string): Took {
  const file = join(folder, 'usage.json')
  const began = performance.now()
  const text = execFileSync(
    process.execPath,
    ['--import', usage, join(checkout, 'src/cli/main.ts'), 'run', '--json', ...paths],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, GANNET_BENCH_USAGE: file },
    },
  )
  const clock = (performance.now() - began) / 1000
  const answer = JSON.parse(text) as Answer
  const flows = answer.analysis.epochs.reduce((sum, epoch) => sum + epoch.flows, 0)
  return { ...(JSON.parse(readFileSync(file, 'utf8')) as Usage), clock, flows }
}

function rowsOf({ name }: Input, ours: readonly Took[], theirs: readonly Took[]): Row[] {
  const least = (of: readonly Took[], measure: 'clock' | 'megabytes' | 'processor') =>
    Math.min(...of.map((each) => each[measure]))
  const row = (what: string, measure: 'clock' | 'megabytes' | 'processor', unit: string): Row => ({
    name: `${name}: ${what}`,
    figure: least(ours, measure),
    unit,
    better: 'less',
    ...(theirs.length > 0
      ? {
          ratio: least(ours, measure) / least(theirs, measure),
          peer: `before: ${least(theirs, measure).toFixed(2)} ${unit}`,
        }
      : {}),
    asserted: `${ours[0]!.flows} flows in the answer`,
  })
  return [row('CPU time', 'processor', 's'), row('elapsed', 'clock', 's'), row('memory', 'megabytes', 'MB')]
}

const simulated =
  (name: string, scenario: Parameters<typeof simulate>[0]['scenario'], hosts?: number) =>
  async (folder: string): Promise<Input> => {
    const out = join(folder, name.replaceAll(' ', '-'))
    mkdirSync(out)
    await simulate({ scenario, seed: 21, out, ...(hosts === undefined ? {} : { hosts }) })
    const logs = readdirSync(out).filter((file) => file.endsWith('.log'))
    return { name, paths: logs.map((file) => join(out, file)) }
  }

const head =
  '#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\n'

/** One flow a day: as many epochs as flows. */
export async function yearOf(folder: string): Promise<Input> {
  const path = join(folder, 'conn.log')
  const lines = Array.from(
    { length: 120 },
    (_, day) =>
      `${1_700_000_000 + day * 86_400}.0\tC${day}\t10.0.0.5\t${40_000 + day}\t198.51.100.7\t443\ttcp\tssl\t1.5\t500\t1500\tSF\n`,
  )
  writeFileSync(path, head + lines.join(''))
  return { name: '120 flows over 120 days', paths: [path], alone: true }
}

const inputs: readonly ((folder: string) => Promise<Input>)[] = [
  yearOf,
  simulated('a home network for a day', 'home'),
  simulated('a campus of 60 for a day', 'campus-day', 60),
  simulated('the demo day', 'campus-day'),
]

if (import.meta.main) console.table(await run())
