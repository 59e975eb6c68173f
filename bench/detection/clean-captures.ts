/**
 * Real ground that is taken to be clean: how many hosts are accused, and what by. The networks are said, as a person
 * who knows the place would. Writes the measured part of docs/method/clean-ground.md; what each accused host did is
 * looked into and written there by hand.
 *
 * `npm run bench -- clean-captures`
 */
import { sharedData } from '../../test/shared-data.ts'
import { fillPage, markdownTable, type Row, shortNumber } from '../row.ts'
import { analysed, type Run } from '../samples/analysed.ts'
import { few } from '../smallest.ts'

const grounds = [
  { name: 'desktop 008', path: 'captures/stratosphere-008/data', internal: ['147.32.81.167/32'] },
  { name: 'desktop 010', path: 'captures/stratosphere-010/data', internal: ['147.32.83.234/32'] },
  {
    name: 'Normal 2013',
    path: 'captures/slips-more/Normal-2013-10-21_capture-1.binetflow',
    internal: ['147.32.83.53/32'],
  },
  { name: 'campus background', path: 'background/ctu13-s6-half.binetflow.gz', internal: ['147.32.0.0/16'] },
] as const

interface Result {
  readonly name: string
  readonly path: string
  readonly internal: readonly string[]
  readonly run: Run
  readonly flows: number
}

export async function run(): Promise<Row[]> {
  const seen: Result[] = []
  for (const { name, path, internal } of few(grounds))
    for (const mode of ['default', 'paper'] as const) {
      const { runs, failed, inputs } = await analysed({
        records: { paths: [sharedData(path)] },
        modes: [mode],
        options: { internal },
      })
      const [own] = runs
      if (failed !== null || !own) throw new RangeError(`${name}: ${failed}`)
      const flows = inputs.reduce((sum, { records }) => sum + (records['flow'] ?? 0), 0)
      seen.push({ name, path, internal, run: own, flows })
      console.error(`${name}, ${mode}: ${own.accused.length} of ${own.hosts} hosts accused`)
    }
  fillPage('clean-ground.md', pageOf(seen))
  return seen.flatMap(({ name, run: { mode, accused, hosts, hostDays }, flows }): Row[] => [
    {
      name: `${name}, ${mode}: hosts accused`,
      figure: accused.length,
      unit: 'hosts',
      better: 'less',
      asserted: `${hosts} hosts, ${shortNumber(hostDays)} host-days, ${flows} flows`,
    },
  ])
}

function pageOf(seen: readonly Result[]): string {
  const rows = [...Map.groupBy(seen, ({ name }) => name)].map(([name, modes]) => {
    const { path, flows, run } = modes[0]!
    const accusedIn = (mode: string) =>
      String(modes.find((each) => each.run.mode === mode)?.run.accused.length ?? '–')
    return [
      name,
      `\`${path}\``,
      String(flows),
      String(run.hosts),
      run.hostDays.toFixed(1),
      accusedIn('default'),
      accusedIn('paper'),
    ]
  })

  const details = seen.flatMap(({ name, run: { mode, accused } }) =>
    accused.map(
      ({ severity, confidence, claims }) =>
        `- ${name}, ${mode} (${severity}, ${confidence.toFixed(2)}): ${claims.join(' ')}`,
    ),
  )

  const heads = ['capture', 'records', 'flows', 'hosts', 'host-days', 'accused, default', 'accused, paper']
  return `${markdownTable(heads, rows)}\n\n${details.join('\n')}`
}

if (import.meta.main) console.table(await run())
