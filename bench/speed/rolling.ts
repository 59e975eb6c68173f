/**
 * An hour on top of a month: a simulated campus is imported day by day, records of all but the last day are removed, so
 * that of 30 days only the hourly aggregates are left; then one more hour of records is imported, the last day is
 * analysed and compared with what was said an hour before. GANNET_BENCH_LOGS is a folder that `gannet simulate` wrote, since
 * a large campus takes a while to make; without it one of GANNET_BENCH_HOSTS machines is made. With
 * GANNET_BENCH_REPEATED, the aggregates of the logs are repeated in earlier weeks: as many rows as those weeks have.
 */
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import { compare } from '../../src/findings/index.ts'
import { micros } from '../../src/model/units.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { removable, remove } from '../../src/store/ledger/retention.ts'
import { prepare } from '../../src/store/ledger.ts'
import type { Store } from '../../src/store/store.ts'
import type { Row } from '../row.ts'
import { atMost } from '../smallest.ts'

const hosts = Number(process.env['GANNET_BENCH_HOSTS'] ?? 1000)
const days = Number(process.env['GANNET_BENCH_DAYS'] ?? 31)
const given = process.env['GANNET_BENCH_LOGS']
/** How often the aggregates are repeated before the given logs, where these are of days and not of a month. */
const repeated = Number(process.env['GANNET_BENCH_REPEATED'] ?? 0)

const hour = 3600
const day = 24 * hour

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const logs = given ?? (await made(join(folder, 'logs')))
    const parts = await split(logs, join(folder, 'parts'))
    const store = await openEmbedded(join(folder, 'db'))
    try {
      return await measured(store, parts)
    } finally {
      await store.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function made(out: string): Promise<string> {
  await simulate({ scenario: 'campus-day', hosts, days, seed: 7, out })
  return out
}

/** Folders with the logs of each day, and of the last hour, in order. */
async function split(logs: string, into: string): Promise<string[]> {
  const names = readdirSync(logs).filter((name) => name.endsWith('.log'))
  let last = 0
  for (const name of names)
    for await (const line of linesOf(join(logs, name)))
      if (!line.startsWith('#')) last = Math.max(last, Number.parseFloat(line))
  const cut = last - hour

  const folders = new Set<string>()
  for (const name of names) {
    const outs = new Map<string, ReturnType<typeof createWriteStream>>()
    const header: string[] = []
    for await (const line of linesOf(join(logs, name))) {
      if (line.startsWith('#')) {
        if (!line.startsWith('#close')) header.push(line)
        continue
      }
      const at = Number.parseFloat(line)
      const part = at >= cut ? 'hour' : `day-${String(Math.floor(at / day))}`
      let out = outs.get(part)
      if (!out) {
        mkdirSync(join(into, part), { recursive: true })
        out = createWriteStream(join(into, part, name))
        outs.set(part, out)
        out.write(`${header.join('\n')}\n`)
      }
      if (!out.write(`${line}\n`)) await once(out, 'drain')
    }
    for (const [part, out] of outs) {
      folders.add(part)
      out.end()
      await finished(out)
    }
  }

  return [...folders].sort().map((part) => join(into, part))
}

const linesOf = (path: string) => createInterface({ input: createReadStream(path), crlfDelay: Infinity })

interface Took {
  readonly clock: number
  readonly processor: number
}

async function timed<T>(work: () => Promise<T>): Promise<Took & { readonly result: T }> {
  const [before, used] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(used)
  return { result, clock: (performance.now() - before) / 1000, processor: (user + system) / 1e6 }
}

const options = { ...defaults, last: micros(atMost(24, 6) * hour * 1e6) }

async function measured(store: Store, parts: readonly string[]): Promise<Row[]> {
  const [newest, ...older] = parts.toReversed()
  await prepare(store)
  const month = await timed(async () => {
    for (const part of older.toReversed()) {
      await importInputs(store, [part])
      await remove(store, await removable(store, { keep: day * 1e6 }))
    }
  })
  await repeat(store)
  const before = (await analysed(store)).answer
  const kept = await held(store)
  const inAggregates = kept.hourFlows
  const analysesBefore = before.findings.length

  const imported = await timed(() => importInputs(store, [newest!]))
  const last = await timed(() => analysed(store))
  const compared = await timed(async () => compare(before, last.result.answer))
  const after = await held(store)
  if (after.hourFlows <= inAggregates) throw new RangeError('the hour has no flows')
  if (days >= 3 && kept.records >= inAggregates) throw new RangeError('no record was removed')

  const asserted =
    `${repeated > 0 ? `repeated ${repeated} times; ` : ''}${inAggregates} flows in aggregates of ${kept.days} days, of which ${kept.records} are kept as records; ` +
    `${after.hourFlows - inAggregates} flows in the hour; findings: ${analysesBefore} before, ` +
    `${last.result.answer.findings.length} after`
  const seconds = (name: string, of: (each: Took) => number, goal?: number): Row => ({
    name,
    figure: [imported, last, compared].reduce((sum, each) => sum + of(each), 0),
    unit: 's',
    better: 'less',
    asserted,
    ...(goal === undefined ? {} : { goal }),
  })

  return [
    seconds(
      'an hour on top of a month: import, analysis of the last day, comparison',
      ({ clock }) => clock,
      60,
    ),
    seconds('the same, processor', ({ processor }) => processor),
    row('of it import', imported.clock, 's', asserted),
    row('of it analysis', last.clock, 's', asserted),
    row('of it comparison', compared.clock, 's', asserted),
    row('processor of the imports of all days before', month.processor, 's', asserted),
    row('rows of hourly aggregates', kept.rows, 'rows', asserted),
    row('megabytes of hourly aggregates', kept.bytes / 1e6, 'MB', asserted),
    row('memory at most', process.resourceUsage().maxRSS / 1024, 'MB', asserted),
  ]
}

/** The same hours again, as many whole weeks earlier as they last. */
async function repeat(store: Store): Promise<void> {
  if (repeated === 0) return
  const [range] = await store.rows<{ span: number }>(
    'SELECT (toFloat64(max(hour)) - toFloat64(min(hour))) / 1e6 AS span FROM service_hour',
  )
  const length = 7 * day * Math.ceil((range!.span + hour) / (7 * day))

  for (const table of ['service_hour_rows', 'name_hour_rows']) {
    const earlier = `* EXCEPT week REPLACE (hour - week * ${length}000000 AS hour, toUInt32(first - week * ${length}) AS first)`
    await store.run(`INSERT INTO ${table} SELECT ${earlier} FROM ${table}
      ARRAY JOIN arrayMap(n -> toInt64(n), range(1, ${repeated + 1})) AS week`)
  }
}

const row = (name: string, figure: number, unit: string, asserted: string): Row => ({
  name,
  figure,
  unit,
  better: 'less',
  asserted,
})

const analysed = (store: Store) =>
  analyse(store, options, { version: 'bench', inputs: [], progress: () => {} })

async function held(store: Store) {
  // No column of the answer has the name of one of the table: the engine would add up the answer's.
  const [found] = await store.rows<{ records: number; hourFlows: number; days: number }>(`
    SELECT (SELECT toFloat64(count()) FROM flow) AS records, toFloat64(sum(flows)) AS hourFlows,
      toFloat64(uniqExact(intDiv(hour, 86400000000))) AS days FROM service_hour`)
  const [disk] = await store.rows<{ rows: number; bytes: number }>(`
    SELECT toFloat64(sum(rows)) AS rows, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts
    WHERE active AND table IN ('service_hour_rows', 'name_hour_rows')`)
  return { ...found!, ...disk! }
}
