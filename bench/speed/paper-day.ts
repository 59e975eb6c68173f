/**
 * A day as large as BotMiner's Day 4 (its Tables 2 and 3): 1,520,739 flows that pass every filter, in 73,021 TCP and
 * 167,146 UDP C-flows. Time from flows to botnets by stage, and the peak memory of the whole process.
 *
 * The day holds no bots and no activities: it is a load, so the correlation has little to do. The target is two minutes
 * and 4 GB on two cores.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnalysisOptions } from '../../src/config.ts'
import { writeRecords } from '../../src/simulate/index.ts'
import { paperDay, paperDaySize } from '../../src/simulate/scenarios/paper-day.ts'
import type { Row } from '../row.ts'
import { analysed, type Mode, type Run } from '../samples/analysed.ts'
import { isSmallest } from '../smallest.ts'
import { engineOn, limitRow } from './timed.ts'

const sizes = isSmallest ? { tcp: 730, udp: 1671, flows: 15_207, clients: 87 } : paperDaySize

const contests: readonly {
  readonly name: string
  readonly mode: Mode
  readonly options: Partial<AnalysisOptions>
}[] = [
  { name: 'default', mode: 'default', options: {} },
  { name: 'default, C-flows of one flow too', mode: 'default', options: { minFlows: 1, beacons: false } },
  { name: 'paper', mode: 'paper', options: {} },
]

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const { records, truth } = paperDay(1, sizes)
    const { files } = await writeRecords(records, { truth, out: folder, format: 'zeek' })
    const paths = files.filter((file) => !file.endsWith('truth.json'))
    const rows: Row[] = [
      limitRow('the paper’s day in the engine alone', engineOn(paths, join(folder, 'alone')), sizes.flows),
    ]
    for (const { name, mode, options } of contests) {
      const { runs, failed, peakMegabytes, importSeconds, inputs } = await analysed({
        records: { paths },
        modes: [mode],
        options,
      })
      const [seen] = runs
      if (failed !== null || !seen) throw new RangeError(`${name}: ${failed}`)
      const flows = inputs.reduce((sum, { records }) => sum + (records['flow'] ?? 0), 0)
      const asserted = check(seen, flows)
      const time = { unit: 's', better: 'less', asserted } as const
      rows.push(
        { name: `${name}: flows to botnets, elapsed`, figure: seen.seconds, ...time },
        { name: `${name}: flows to botnets, CPU time`, figure: seen.processorSeconds, ...time },
        ...Object.entries(seen.stages).map(([stage, figure]) => ({
          name: `${name}: of that, ${stage}, CPU time`,
          figure,
          ...time,
        })),
        {
          name: `${name}: peak memory of the process, import too`,
          figure: peakMegabytes,
          unit: 'MB',
          better: 'less',
          asserted,
        },
        { name: `${name}: import`, figure: flows / importSeconds, unit: 'flows/s', asserted },
      )
      console.error(
        `${name}: ${seen.seconds.toFixed(1)} s, ${seen.processorSeconds.toFixed(1)} s of CPU time, ${peakMegabytes.toFixed(0)} MB, ${JSON.stringify(seen.stages)}`,
      )
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What was clustered, as a sentence. @throws RangeError where the sizes are not the paper's. */
function check({ epochs, mode }: Run, imported: number): string {
  const sum = (of: (epoch: Run['epochs'][number]) => number) =>
    epochs.reduce((total, epoch) => total + of(epoch), 0)
  const [tcp, udp, few] = [sum((e) => e.cflows.tcp), sum((e) => e.cflows.udp), sum((e) => e.cflows.tooFew)]
  const passed = sum((e) => e.filters.at(-1)?.out ?? e.flows)
  if (imported !== sizes.flows || passed !== sizes.flows || tcp + udp + few !== sizes.tcp + sizes.udp)
    throw new RangeError(`not the paper's day: ${JSON.stringify({ imported, passed, tcp, udp, few })}`)
  if (few === 0 && tcp !== sizes.tcp) throw new RangeError(`${tcp} TCP C-flows, not ${sizes.tcp}`)
  const clusters = sum((e) => e.cclusters.fine)
  return `${passed} flows passed the filters; ${tcp} TCP and ${udp} UDP C-flows clustered, ${few} too small; ${clusters} clusters (${mode})`
}

if (import.meta.main) console.table(await run())
