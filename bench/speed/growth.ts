/**
 * How import and analysis grow with the number of flows: simulated days of larger and larger campuses, each imported and
 * analysed in a process of its own, stage by stage. GANNET_BENCH_MILLIONS says the sizes in millions of flows, about.
 *
 * `node bench/speed/growth.ts FOLDER` is the child that does one of them.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Row } from '../row.ts'
import { isSmallest, shortDay } from '../smallest.ts'
import { profile } from './profile.ts'
import { engineOn, limitRow } from './timed.ts'

const self = fileURLToPath(import.meta.url)
const gannet = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const execute = promisify(execFile)

const usual = '0.5,2,8'
const millions = (process.env['GANNET_BENCH_MILLIONS'] ?? usual).split(',').map(Number)

/** A day of a campus has about as many connections for each of its machines. */
const flowsOfHost = 1300

/** Stages that are no part of the analysis. */
const around = ['open', 'import', 'close']

/** Of one day: seconds of processor by stage. */
interface Measured {
  readonly flows: number
  readonly stages: Readonly<Record<string, { readonly all: number; readonly statements: number }>>
  readonly megabytes: number
}

export async function run(): Promise<Row[]> {
  const found: {
    readonly size: number
    readonly measured: Measured
    readonly limit: Row
  }[] = []
  for (const size of millions) {
    const folder = mkdtempSync(join(tmpdir(), 'gannet-growth-'))
    try {
      const { hosts, days } = isSmallest
        ? shortDay
        : { hosts: Math.round((size * 1e6) / flowsOfHost), days: 1 }
      const scale = ['--hosts', String(hosts), '--days', String(days)]
      await execute(process.execPath, [gannet, 'simulate', ...scale, '--out', folder])
      const { stdout } = await execute(process.execPath, ['--max-old-space-size=16000', self, folder])
      const measured = JSON.parse(stdout) as Measured
      if (measured.flows === 0) throw new RangeError(`no flow of a campus of ${hosts} machines`)
      const alone = engineOn([folder], join(folder, 'alone'))
      const limit = limitRow(`${size} million flows: the engine alone`, alone, measured.flows)
      found.push({ size, measured, limit })
      console.error(size, stdout)
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
  return [
    ...found.flatMap(({ size, measured, limit }) => [...rowsOf(size, measured), limit]),
    ...growthRows(found),
  ]
}

const analysisOf = ({ stages }: Measured): number =>
  Object.entries(stages).reduce((sum, [stage, { all }]) => (around.includes(stage) ? sum : sum + all), 0)

function rowsOf(size: number, measured: Measured): Row[] {
  const { flows, stages, megabytes } = measured
  const asserted = `${flows.toLocaleString('en-US')} flows`
  const row = (what: string, figure: number, unit: string): Row => ({
    name: `${size} million flows: ${what}`,
    figure,
    unit,
    better: 'less',
    asserted,
  })

  return [
    row('import, CPU time', stages['import']?.all ?? 0, 's'),
    row('analysis, CPU time', analysisOf(measured), 's'),
    row('memory at most', megabytes, 'MB'),
    ...Object.entries(stages)
      .filter(([stage]) => !around.includes(stage))
      .map(([stage, { all, statements }]) => ({
        ...row(`of the analysis, ${stage}`, all, 's'),
        asserted: `${statements.toFixed(1)} s of it statements of the engine`,
      })),
  ]
}

/** How much more than in a straight line each stage takes from the smallest to the largest. */
function growthRows(found: readonly { readonly size: number; readonly measured: Measured }[]): Row[] {
  const [first, last] = [found[0]!, found.at(-1)!]
  const flows = last.measured.flows / first.measured.flows
  const row = (name: string, less: number, more: number): Row => ({
    name: `growth of ${name}, times that of flows`,
    figure: more / Math.max(less, 0.05) / flows,
    unit: '×',
    better: 'less',
    goal: 1,
    asserted: `${first.size} to ${last.size} million flows: ${less.toFixed(1)} to ${more.toFixed(1)} s of CPU time`,
  })
  const taken = ({ stages }: Measured, stage: string) => stages[stage]?.all ?? 0

  return [
    row('the analysis', analysisOf(first.measured), analysisOf(last.measured)),
    ...Object.keys(last.measured.stages)
      .filter((stage) => taken(last.measured, stage) >= 1)
      .map((stage) => row(stage, taken(first.measured, stage), taken(last.measured, stage))),
  ]
}

/** The child: one day, with nothing else in the process. */
async function measure(folder: string): Promise<Measured> {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
  const { stages, flows } = await profile(logs.map((name) => join(folder, name)))
  return {
    flows,
    stages: Object.fromEntries(
      [...stages].map(([stage, { processor, statements }]) => [
        stage,
        { all: processor, statements: statements.processor },
      ]),
    ),
    megabytes: process.resourceUsage().maxRSS / 1024,
  }
}

if (import.meta.main) console.log(JSON.stringify(await measure(process.argv[2]!)))
