/**
 * Rows of other benchmarks, as they were last recorded, beside their goals: each takes minutes by itself. Run them with
 * this one, `npm run bench -- threat-lists paper-day growth collector speed`, and they are of the same day.
 */
import { existsSync, readFileSync } from 'node:fs'
import type { Results } from '../results.ts'
import type { Row } from '../row.ts'

/** A row by its name, with what it was at c380d27 and what is wanted; a limit has neither. */
interface Wanted {
  readonly benchmark: string
  readonly row: string
  readonly before?: number
  readonly goal?: number
}

const wanted: readonly Wanted[] = [
  {
    benchmark: 'threat-lists',
    row: 'threat lists: 1M indicators, 2M flows, processor time',
    before: 19,
    goal: 5,
  },
  { benchmark: 'threat-lists', row: 'limit: the threat list in the engine alone, processor time' },
  { benchmark: 'paper-day', row: 'default: flows to botnets, CPU time', before: 53, goal: 20 },
  {
    benchmark: 'paper-day',
    row: 'default: peak memory of the process, import too',
    before: 2300,
    goal: 2000,
  },
  { benchmark: 'paper-day', row: 'limit: the paper’s day in the engine alone, import too, CPU time' },
  { benchmark: 'growth', row: '8 million flows: import, CPU time', before: 51, goal: 30 },
  { benchmark: 'growth', row: '8 million flows: analysis, CPU time', before: 448, goal: 80 },
  { benchmark: 'growth', row: 'limit: 8 million flows: the engine alone, import too, CPU time' },
  { benchmark: 'growth', row: 'growth of the analysis, times that of flows', before: 0.82, goal: 1 },
  {
    benchmark: 'collector',
    row: 'collector, NetFlow v5 over loopback, sustained without loss',
    before: 60_000,
  },
  { benchmark: 'collector', row: 'NetFlow v5, decoded, paired and written, in memory' },
]

export function recordedRows(): Row[] {
  const path = new URL('../../docs/benchmarks.json', import.meta.url)
  const results = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : {}
  return wanted.flatMap(({ benchmark, row: name, before, goal }) => {
    const run = results[benchmark]
    const row = run?.rows.find((each) => each.name === name)
    if (!run || !row) return []
    const asserted = `recorded by ${benchmark} on ${run.date} at ${run.commit}; ${row.asserted}`
    return [
      {
        ...row,
        ...(before === undefined ? {} : { before }),
        ...(goal === undefined ? {} : { goal }),
        asserted,
      },
    ]
  })
}
