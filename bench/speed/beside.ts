/**
 * The whole of what a user waits for, beside the peers, in one command: `npm run bench -- speed`. Each command is a
 * process of its own; processor time is the operating system's account of it, the least of `rounds` runs in turn.
 * Beside each analysis stands what the engine alone takes for the questions that it rests on (`engine-alone.ts`): the
 * limit. What takes minutes by itself is taken from its last recorded run (`recorded-rows.ts`).
 *
 * GANNET_BENCH_RITA is a command to which the folder of Zeek logs is added; what its server takes is not in its figure.
 * GANNET_BENCH_PACKAGE is the command of an installed package, which is bundled: it runs on small inputs too.
 * GANNET_BENCH_BEFORE is a checkout of c380d27, whose command then runs in turn with this one: its figures are of this
 * run and machine then, where they would be of another day.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer } from '../../src/model/answer.ts'
import { simulate } from '../../src/simulate/index.ts'
import type { Row } from '../row.ts'
import { atMost, few } from '../smallest.ts'
import { contestOf, contests } from './import.ts'
import { has, mixes, softflowdOn, writeCapture } from './packets.ts'
import { profile } from './profile.ts'
import { recordedRows } from './recorded-rows.ts'
import { yearOf } from './run.ts'
import { engineOn, type Took, timed } from './timed.ts'

const rounds = atMost(3, 1)
const most = Number(process.env['GANNET_BENCH_INPUTS'] ?? Number.POSITIVE_INFINITY)
const fewPackets = 2_000_000
const packets = Number(process.env['GANNET_BENCH_PACKETS'] ?? fewPackets)
const rita = process.env['GANNET_BENCH_RITA']
const installed = process.env['GANNET_BENCH_PACKAGE']
const earlier = process.env['GANNET_BENCH_BEFORE']
const root = fileURLToPath(new URL('../..', import.meta.url))
const shared = join(root, '../shared/data/captures')

export async function run(): Promise<Row[]> {
  if (earlier !== undefined) refuseOthers(earlier)
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const rows: Row[] = [...helpRows(), ...firstLineRows(folder), ...engineRows(folder)]
    for (const work of works.slice(0, most)) rows.push(...(await rowsOf(work, folder)))
    for (const size of most === 1 ? [packets] : [packets, 2 * packets]) rows.push(...flowRows(folder, size))
    return [...rows, ...(await importRows(folder)), ...recordedRows()]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws RangeError unless the checkout is of the commit that the goals were set at. */
function refuseOthers(checkout: string): void {
  const commit = execFileSync('git', ['-C', checkout, 'rev-parse', 'HEAD'], { encoding: 'utf8' })
  if (!commit.startsWith('c380d27'))
    throw new RangeError(`${checkout} is at ${commit.trim()}, not at c380d27`)
}

const gannet = (...args: string[]): string[] => [join(root, 'gannet'), ...args]

const least = (of: readonly Took[], measure: 'processor' | 'clock' | 'megabytes'): number =>
  Math.min(...of.map((each) => each[measure]))

/** Figures of one measure: then, and wanted. */
type Wanted = Partial<
  Record<'processor' | 'clock' | 'megabytes', readonly [then: number | null, goal: number | null]>
>

const measures = { processor: 'CPU time', clock: 'wall time', megabytes: 'memory' } as const

function measured(name: string, took: readonly Took[], wanted: Wanted, asserted: string): Row[] {
  return (['processor', 'clock', 'megabytes'] as const).map((measure): Row => {
    const [then = null, goal = null] = wanted[measure] ?? []
    return {
      name: `${name}: ${measures[measure]}`,
      figure: least(took, measure),
      unit: measure === 'megabytes' ? 'MB' : 's',
      better: 'less',
      ...(then === null ? {} : { before: then }),
      ...(goal === null ? {} : { goal }),
      asserted,
    }
  })
}

function helpRows(): Row[] {
  const took = Array.from({ length: rounds }, () => timed(gannet('--help')))
  if (!took[0]!.output.includes('Usage: gannet')) throw new RangeError('no help text')
  return measured('gannet --help', took, {}, 'the help text')
}

/** What no analysis can be under: the engine opened, asked for one number, and closed. */
function engineRows(folder: string): Row[] {
  const program = `import { Session } from 'chdb'
    const session = new Session(process.argv[1])
    console.log((await session.queryBindAsync('SELECT 1', {}, { format: 'TSV' })).text())
    session.close()`
  const took = Array.from({ length: rounds }, (_, i) =>
    timed([process.execPath, '--input-type=module', '--eval', program, join(folder, `engine-${i}`)]),
  )
  if (took[0]!.output.trim() !== '1') throw new RangeError('the engine gave no number')
  return measured('the engine alone, asked for 1', took, {}, 'it gave 1')
}

const onTerminal = `import os,pty,sys,time
t=time.time();pid,fd=pty.fork()
if pid==0: os.execvp(sys.argv[1],sys.argv[1:])
os.read(fd,1);print(time.time()-t)
try:
  while os.read(fd,65536): pass
except OSError: pass
os.waitpid(pid,0)`

/** Seconds until a terminal shows anything of `gannet run`. */
function firstLineRows(folder: string): Row[] {
  const log = join(folder, 'first.log')
  writeFileSync(log, '#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\n')
  const seconds = Array.from({ length: rounds }, () => {
    const { stdout } = spawnSync('python3', ['-c', onTerminal, ...gannet('run', log)], { encoding: 'utf8' })
    return Number(stdout)
  })
  const figure = Math.min(...seconds)
  if (!(figure > 0)) throw new RangeError('nothing was shown on a terminal')
  return [
    { name: 'gannet run: first line on a terminal', figure, unit: 's', goal: 0.3, asserted: 'wall time' },
  ]
}

interface Work {
  readonly name: string
  readonly wanted: Wanted
  /** Arguments of `gannet run --json`; null where the records are not here. */
  readonly args: (folder: string) => Promise<readonly string[] | null>
  /** Runs; one where it takes long. */
  readonly times?: number
  /** Whether the earlier command runs too; the others take it minutes. */
  readonly withEarlier?: true
}

const captured =
  (...paths: string[]) =>
  async (): Promise<readonly string[] | null> => {
    const files = paths.map((path) =>
      path.startsWith('-') || /^[0-9.]+\//.test(path) ? path : join(shared, path),
    )
    return files.every((file) => !file.startsWith(shared) || existsSync(file)) ? files : null
  }

const daysOf =
  (days: number) =>
  async (folder: string): Promise<readonly string[]> => {
    const out = join(folder, `days-${days}`)
    mkdirSync(out)
    await simulate({ scenario: 'campus-day', seed: 7, out, days })
    return readdirSync(out)
      .filter((file) => file.endsWith('.log'))
      .map((file) => join(out, file))
  }

const works: readonly Work[] = [
  {
    name: '120 flows over 120 days',
    wanted: { processor: [216, 3] },
    args: async (folder) => (await yearOf(folder)).paths,
  },
  {
    name: 'a capture of 992 flows',
    wanted: { processor: [4.1, 1], clock: [10, 1], megabytes: [455, 250] },
    withEarlier: true,
    args: captured('stratosphere-001/conn.log'),
  },
  {
    name: 'a desktop’s day, 5,663 flows',
    wanted: { processor: [6.1, 1.2] },
    withEarlier: true,
    args: captured('stratosphere-008/data', '--internal', '192.168.0.0/16'),
  },
  {
    name: 'a campus day, 474,181 flows',
    wanted: { processor: [33, 8], clock: [42, 10], megabytes: [1000, 1000] },
    withEarlier: true,
    times: 1,
    args: daysOf(1),
  },
  {
    name: 'five such days at once',
    wanted: { processor: [118, 25], clock: [279, null], megabytes: [2100, null] },
    times: 1,
    args: daysOf(5),
  },
]

async function rowsOf(
  { name, wanted, args, times = rounds, withEarlier }: Work,
  folder: string,
): Promise<Row[]> {
  const given = await args(folder)
  if (given === null) return []
  const inputs = given.filter((each) => existsSync(each))
  const [took, packaged, theirs, before]: [Took[], Took[], Took[], Took[]] = [[], [], [], []]
  const alone: ReturnType<typeof engineOn>[] = []
  for (let turn = 0; turn < times; turn++) {
    took.push(timed(gannet('run', '--json', ...given)))
    if (installed && times > 1) packaged.push(timed([...installed.split(' '), 'run', '--json', ...given]))
    alone.push(engineOn(inputs, join(folder, 'alone')))
    if (earlier && withEarlier) before.push(timed([join(earlier, 'gannet'), 'run', '--json', ...given]))
    if (rita) theirs.push(timed([...rita.split(' '), ...given.slice(0, 1)]))
  }
  const answer = JSON.parse(took[0]!.output) as Answer
  const flows = answer.analysis.epochs.reduce((sum, epoch) => sum + epoch.flows, 0)
  const asserted = `${flows} flows in the answer`
  const goals = before.length > 0 ? sinceThen(wanted, before) : wanted
  const [first, ...rest] = measured(name, took, goals, asserted)
  const beside = (peer: string, by: readonly Took[]) => ({
    peer,
    ratio: least(took, 'processor') / least(by, 'processor'),
    asserted: `${asserted}; ${peer}: ${least(by, 'processor').toFixed(2)} s, ${least(by, 'megabytes').toFixed(0)} MB`,
  })
  const { flows: read } = alone[0]!
  if (read !== flows)
    throw new RangeError(`${name}: ${read} flows in the engine alone, ${flows} in the answer`)

  return [
    { ...first!, ...beside('the engine alone', alone) },
    ...(before.length > 0 ? [{ ...first!, ...beside('c380d27 in the same run', before) }] : []),
    ...(rita ? [{ ...first!, ...beside('RITA', theirs) }] : []),
    ...rest,
    ...(packaged.length > 0 ? measured(`${name}, from the package`, packaged, goals, asserted) : []),
    await statementsRow(name, inputs, asserted),
  ]
}

/** The goals, with what the earlier command took in this run in the place of what it took on another day. */
function sinceThen(wanted: Wanted, before: readonly Took[]): Wanted {
  const of = (measure: keyof Wanted) => [least(before, measure), wanted[measure]?.[1] ?? null] as const
  return { processor: of('processor'), clock: of('clock'), megabytes: of('megabytes') }
}

async function statementsRow(name: string, inputs: readonly string[], asserted: string): Promise<Row> {
  const { places } = await profile(inputs)
  const figure = [...places.values()].reduce((sum, { processor }) => sum + processor, 0)
  return { name: `${name}: of the CPU time, the engine’s statements`, figure, unit: 's', asserted }
}

/** Packets to a file of flows, the whole command, as softflowd and nfpcapd do it. */
function flowRows(folder: string, packets: number): Row[] {
  const path = join(folder, 'made.pcap')
  writeCapture(path, packets, mixes[1]!)
  const out = join(folder, 'flows.csv')
  const [ours, bare]: [Took[], Took[]] = [[], []]
  const peers = new Map<string, Took[]>()
  const note = (peer: string, took: Took) => void peers.set(peer, [...(peers.get(peer) ?? []), took])
  writeFileSync(out, '')
  for (let turn = 0; turn < rounds; turn++) {
    ours.push(timed(gannet('flows', path, '--out', out)))
    bare.push(timed([process.execPath, bareProgram, 'bare', path]))
    if (has('softflowd')) note('softflowd', timed(['softflowd', ...softflowdOn(path, folder)]))
    if (has('nfpcapd')) note('nfpcapd', timed(['nfpcapd', '-r', path, '-w', folder]))
  }
  const name = `${packets.toLocaleString('en-US')} packets to a CSV file`
  const asserted = 'packets cut to 128 bytes'
  const [first, ...rest] = measured(name, ours, { megabytes: [501, 150] }, asserted)
  const speeds = [...peers].map(([peer, took]): Row => {
    const [theirs, memory] = [least(took, 'processor'), least(took, 'megabytes')]
    return {
      name: `${name}: speed of ${peer} by CPU time`,
      figure: theirs / least(ours, 'processor'),
      unit: '×',
      ...(peer === 'softflowd' && packets >= fewPackets
        ? { goal: 4, ...(packets === fewPackets ? { before: 1.24 } : {}) }
        : {}),
      asserted: `${asserted}; ${peer}: ${theirs.toFixed(2)} s, ${memory.toFixed(0)} MB`,
    }
  })
  const softflowd = peers.get('softflowd')
  if (!softflowd) return [first!, ...rest, ...speeds]
  const read = JSON.parse(bare[0]!.output) as { packets: number }
  if (read.packets !== packets) throw new RangeError(`${read.packets} of ${packets} packets in the bare loop`)
  const limit: Row = {
    name: `limit: ${packets.toLocaleString('en-US')} packets stepped over in Node: speed of softflowd by CPU time`,
    figure: least(softflowd, 'processor') / least(bare, 'processor'),
    unit: '×',
    asserted: `no flow is made or written: ${least(bare, 'processor').toFixed(2)} s`,
  }
  return [first!, ...rest, ...speeds, limit]
}

/** Counts packets and does nothing else, as `bench/speed/packets.ts bare FILE`. */
const bareProgram = fileURLToPath(new URL('packets.ts', import.meta.url))

/** Of a million rows: what an import costs once weighs more on fewer. */
const importsBefore: readonly number[] = [0.53, 0.49, 0.47]

/** Rows a second of CPU time, as a share of the engine's own insert of the same columns. */
async function importRows(folder: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const [i, contest] of few(contests).entries()) {
    const [, { ratio, peer, asserted } = { asserted: '' }, limit] = await contestOf(contest, folder)
    if (ratio === undefined) throw new RangeError(`no ratio of ${contest.name}`)
    const before = importsBefore[i]
    rows.push({
      name: `import ${contest.name}: speed of ${peer} by CPU time`,
      figure: ratio,
      unit: '×',
      ...(before === undefined || process.env['GANNET_BENCH_ROWS'] ? {} : { before, goal: 0.9 }),
      asserted,
    })
    if (contest.tolerant && limit?.ratio !== undefined)
      rows.push({
        name: `limit: the engine reads ${contest.name} as text and converts it: speed of ${peer} by CPU time`,
        figure: limit.ratio,
        unit: '×',
        asserted: 'a bad field costs its row alone, as in an import; nothing is checked or counted',
      })
  }
  return rows
}

if (import.meta.main) console.table(await run())
