/**
 * Recall of Gannet's contacts and of RITA's score against jitter, number of calls and period, at equal false alarms.
 * Simulated callers are laid over records of real and simulated networks as records, one a host, and each ground is
 * analysed again with them. Writes the measured part of docs/method/regularity.md and its picture.
 *
 * `npm run bench -- regularity [--ground NAME] [--every N]`; with an option nothing is written. It is long, and can be
 * made in several sittings (`pieces.ts`).
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { commitOf } from '../real-ground/run.ts'
import { fillPage, markdownTable, type Row } from '../row.ts'
import { piece } from '../samples/pieces.ts'
import { few } from '../smallest.ts'
import { type Compared, type ComparedGround, compared, type Recall } from './compare.ts'
import { curvesPicture } from './curves.ts'
import { type GroundScores, type RegularityGround, regularityGrounds, scoresOn } from './grounds.ts'
import { type Kind, kinds } from './kinds.ts'

interface Measured {
  readonly ground: RegularityGround
  readonly scores: GroundScores
  readonly compared: ComparedGround
}

export async function run(): Promise<Row[]> {
  const { values } = parseArgs({
    args: process.argv.slice(process.argv.indexOf('regularity') + 1),
    options: { ground: { type: 'string' }, every: { type: 'string', default: '1' } },
  })
  const every = Number(values.every)
  const wanted = few(regularityGrounds).filter(({ name }) => name.includes(values.ground ?? ''))
  const asked = few(kinds.filter((_, i) => i % every === 0))

  const all: Measured[] = []
  for (const ground of wanted) {
    const scores = await piece([ground.name, ground.callers, asked], () => scoresOn(ground, asked))
    all.push({ ground, scores, compared: compared(scores) })
    console.error(`${ground.name} done`)
  }

  if (wanted.length === regularityGrounds.length && every === 1) writeAll(all)
  return all.flatMap(rowsOf)
}

function writeAll(all: readonly Measured[]): void {
  const sections = all.map(section).join('\n\n')
  fillPage('regularity.md', `Measured at \`${commitOf()}\`.\n\n${sections}`)
  const drawn = all.map(({ ground: { name }, compared: each }) => ({ name, compared: each }))
  if (process.env['GANNET_BENCH_SMALLEST'] === undefined)
    writeFileSync(new URL('../../docs/method/pictures/regularity.svg', import.meta.url), curvesPicture(drawn))
}

const skews = { both: '±', longer: '+', shorter: '−' } as const

const nameOf = ({ period, jitter, skew, calls }: Kind): string =>
  `every ${period} s, ${skews[skew]}${Math.round(jitter * 100)} %${calls === null ? '' : `, ${calls} calls`}`

const pair = ({ ours, rita }: Recall) => [ours.toFixed(2), rita.toFixed(2)]

function section({ ground: { name, side }, scores, compared: { alarms, kinds: all } }: Measured): string {
  const behind = all.filter(
    ({ atTheirs, atOurs }) => atTheirs.ours < atTheirs.rita || atOurs.ours < atOurs.rita,
  )
  const losses = behind.length === 0 ? 'none' : behind.map(({ kind }) => nameOf(kind)).join('; ')

  return `## On ${name} (${side} side)

${scores.hosts} hosts, ${scores.ours.length} benign contacts, ${scores.rita.length} benign pairs that RITA scores. RITA at 0.7 accuses
${alarms.atTheirs} of its pairs, Gannet at 0.5 accuses ${alarms.atOurs} of its contacts. Behind RITA at either number: ${losses}.

${markdownTable(
  [
    'callers',
    'Gannet, at RITA’s false alarms',
    'RITA at 0.7',
    'Gannet at 0.5',
    'RITA, at Gannet’s false alarms',
  ],
  all.map(({ kind, atTheirs, atOurs }) => [nameOf(kind), ...pair(atTheirs), ...pair(atOurs)]),
)}`
}

/** Mean recall over what varies, a row a ground and number of false alarms. */
const rowsOf = ({ ground: { name }, compared: { alarms, kinds: all } }: Measured): Row[] =>
  (['jitter', 'calls', 'period'] as const).flatMap((over) =>
    (['atTheirs', 'atOurs'] as const).map((at) => {
      const some = all.filter(({ kind }) => kind.over === over)
      const mean = (of: (each: Compared) => number) =>
        Number((some.reduce((sum, each) => sum + of(each), 0) / Math.max(1, some.length)).toFixed(3))
      return {
        name: `${name}: recall over ${over} at the ${alarms[at]} false alarms of ${at === 'atOurs' ? 'Gannet' : 'RITA'}`,
        figure: mean((each) => each[at].ours),
        unit: 'of 1',
        peer: `RITA ${mean((each) => each[at].rita)}`,
        asserted: `${some.length} kinds of ${some[0]?.callers ?? 0} callers`,
      }
    }),
  )

if (import.meta.main) console.table(await run())
