/**
 * A month of a simulated campus through the service: `gannet monitor` follows a folder, a simulated hour of Zeek logs
 * comes into it and goes when it was imported, and every few hours the service analyses the last day and alerts. There
 * is never more than an hour of logs on disk, and of the records the service keeps three days.
 *
 * GANNET_BENCH_HOSTS and GANNET_BENCH_DAYS are the size, GANNET_BENCH_EVERY the simulated hours from one analysis to the
 * next, GANNET_BENCH_SEEDS the seed; with GANNET_BENCH_HOURS it ends after so many hours of it.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { records as kinds } from '../../src/model/records.ts'
import {
  byHour,
  type HourOfRecords,
  type Records,
  recordsOf,
  writeRecords,
} from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { fillPage, type Row } from '../row.ts'
import { monthPage, rowsOf } from './page.ts'
import { type Service, startService, type Usage } from './service.ts'
import { type Bot, createTally, type HostDays, type Tally, type WrongAlert } from './tally.ts'

const hosts = Number(process.env['GANNET_BENCH_HOSTS'] ?? 60)
const days = Number(process.env['GANNET_BENCH_DAYS'] ?? 31)
const hours = Number(process.env['GANNET_BENCH_HOURS'] ?? 24 * days)
const every = Number(process.env['GANNET_BENCH_EVERY'] ?? 6)
const seed = Number(process.env['GANNET_BENCH_SEEDS'] ?? 121)

/** One simulated day. */
export interface Day extends Usage, HostDays {
  /** Microseconds since the epoch. */
  readonly from: number
  readonly flows: number
  /** Bots that have called by its end. */
  readonly infected: number
  /** Hosts that its last analysis accuses. */
  readonly accused: number
  /** Alerts times hosts that they name. */
  readonly right: number
  readonly wrong: readonly WrongAlert[]
}

export interface Month {
  readonly hosts: number
  readonly seed: number
  /** Simulated hours from one analysis to the next. */
  readonly every: number
  readonly analyses: number
  readonly days: readonly Day[]
  readonly bots: readonly Bot[]
  /** Megabytes of the tables at the end, without what the engine has replaced and not yet removed. */
  readonly held: { readonly records: number; readonly aggregates: number; readonly others: number }
}

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const scenario = recordsOf('working-month', seed, { hosts, days })
    const service = await startService(folder, scenario.truth.internal)
    try {
      const found = await measured(service, { ...scenario, staging: folder })
      await service.stop()
      const month = { ...found, held: await heldIn(service.database) }
      fillPage('month.md', monthPage(month))
      return rowsOf(month)
    } finally {
      service.kill()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

interface Stream extends Records {
  /** Folder on the same disk as the watched one. */
  readonly staging: string
}

async function measured(service: Service, { staging, ...scenario }: Stream): Promise<Omit<Month, 'held'>> {
  const { truth } = scenario
  const tally = createTally(truth)
  const found: Day[] = []
  let today: Today = { flows: 0, right: 0, wrong: [] }
  let [at, analyses] = [0, 0]

  for (const hour of Iterator.from(byHour(scenario)).take(hours)) {
    tally.saw(hour.records)
    today.flows += await delivered(service, hour, { truth, staging })
    at++
    const isLast = at === hours

    // The first comes by itself, of whatever is there.
    if (at === 1 || at % every === 0 || isLast) {
      const judged = tally.alerted(await service.analysed(), hour.to)
      analyses++
      today = {
        ...today,
        right: today.right + judged.right,
        wrong: [...today.wrong, ...judged.wrong],
      }
    }

    if (at % 24 === 0 || isLast) {
      const number = Math.ceil(at / 24) - 1
      found.push(
        await dayOf(service, tally, { today, from: truth.from + number * 86_400e6, to: hour.to, number }),
      )
      today = { flows: 0, right: 0, wrong: [] }
      process.stderr.write(`${progress(found)}\n`)
    }
  }

  return { hosts, seed, every, analyses, days: found, bots: tally.bots }
}

interface Today {
  flows: number
  readonly right: number
  readonly wrong: readonly WrongAlert[]
}

async function dayOf(
  service: Service,
  tally: Tally,
  { today, from, to, number }: { today: Today; from: number; to: number; number: number },
): Promise<Day> {
  return {
    ...today,
    from,
    ...tally.hostDays(number),
    infected: tally.infected(to),
    accused: await service.accused(),
    ...service.usage(),
  }
}

function progress(found: readonly Day[]): string {
  const { flows, right, wrong, megabytes, disk, processor } = found.at(-1)!
  return (
    `day ${found.length}: ${flows} flows, alerts ${right} right, ${wrong.length} wrong, ` +
    `${megabytes.toFixed(0)} MB of memory, ${disk.toFixed(0)} MB of disk, ${processor.toFixed(1)} s`
  )
}

async function heldIn(database: string): Promise<Month['held']> {
  const store = await openEmbedded(database)
  try {
    const rows = await store.rows<{ table: string; bytes: number }>(`
      SELECT table, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts
      WHERE active AND database = currentDatabase() GROUP BY table`)
    const sum = (of: (table: string) => boolean) =>
      rows.filter(({ table }) => of(table)).reduce((all, { bytes }) => all + bytes / 1e6, 0)
    const isAggregate = (table: string) => /_hour_rows$/.test(table)
    const isRecord = (table: string) => Object.keys(kinds).some((name) => table === `${name}_rows`)
    return {
      records: sum(isRecord),
      aggregates: sum(isAggregate),
      others: sum((table) => !isRecord(table) && !isAggregate(table)),
    }
  } finally {
    await store.close()
  }
}

/**
 * Gives an hour to the service as logs that were rotated, and takes them away when they were imported. How many flows it
 * took.
 * @throws RangeError where a record was lost.
 */
async function delivered(
  service: Service,
  { from, to, records }: HourOfRecords,
  { truth, staging }: Pick<Stream, 'truth' | 'staging'>,
): Promise<number> {
  if (records.length === 0) return 0
  const name = new Date(from / 1000).toISOString().slice(0, 13)
  const made = join(staging, 'made')
  mkdirSync(made)
  await writeRecords(records, { truth: { ...truth, from, to }, out: made, format: 'zeek' })
  rmSync(join(made, 'truth.json'))

  const lines = linesIn(made)
  const logs = join(service.folder, name)
  renameSync(made, logs)
  const { flows, lost } = await service.imported(logs, lines)
  rmSync(logs, { recursive: true })

  if (flows !== records.length || lost > 0)
    throw new RangeError(`${name}: ${flows} of ${records.length} flows, ${lost} records were not taken`)
  return flows
}

/** Lines of the logs of an hour that are records; a log without one goes. */
function linesIn(folder: string): number {
  let all = 0
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const lines = readFileSync(path, 'utf8').split('\n')
    const own = lines.filter((line) => line !== '' && !line.startsWith('#')).length
    if (own === 0) rmSync(path)
    all += own
  }
  return all
}

if (import.meta.main) console.table(await run())
