/**
 * `gannet run` on every real capture that has flows, with no other flag: who is accused of what, and what the truth
 * says where it is known. Writes the measured part of docs/method/captures.md; what is doubtful is written there by
 * hand.
 *
 * `npm run bench -- captures`
 */
import { existsSync } from 'node:fs'
import { sharedData } from '../../test/shared-data.ts'
import { fillPage, markdownTable, type Row } from '../row.ts'
import { type AnalysedRecords, analysed } from '../samples/analysed.ts'
import { type ListedCapture, listedCaptures, truthOf } from '../samples/capture-list.ts'
import { few } from '../smallest.ts'

interface Tried {
  readonly capture: ListedCapture
  readonly result: AnalysedRecords
}

export async function run(): Promise<Row[]> {
  const tried: Tried[] = []
  for (const capture of few(listedCaptures)) {
    const path = sharedData(capture.path)
    if (!existsSync(path)) throw new RangeError(`no ${path}`)
    const truth = truthOf(capture.path)
    const result = await analysed({ records: { paths: [path] }, modes: ['default'], ...(truth && { truth }) })
    tried.push({ capture, result })
    console.error(cellsOf(tried.at(-1)!).join(' | '))
  }
  fillPage('captures.md', pageOf(tried))
  return rowsOf(tried)
}

const endpoint = ({
  address,
  port,
  protocol,
  name,
}: {
  address: string
  port: number
  protocol: string
  name: string | null
}) => `${name === null ? '' : `${name} `}${address}:${port}/${protocol}`

const short = (path: string) => path.replace(/__?[0-9a-z-]{30,}/, '…')

function cellsOf({ capture, result }: Tried): string[] {
  const [seen] = result.runs
  const flows = result.inputs.reduce((sum, { records }) => sum + (records['flow'] ?? 0), 0)
  const formats = [...new Set(result.inputs.map(({ format }) => format))].join(', ')
  const name = `\`${short(capture.path)}\` (${capture.label})`
  if (!seen) {
    const why = (result.failed ?? '').replaceAll(sharedData(''), '')
    return [name, formats, String(flows), '–', '–', '–', why]
  }

  const cnc = [...new Set(seen.accused.flatMap((each) => each.cnc.slice(0, 1).map(endpoint)))]
  return [
    name,
    formats,
    String(flows),
    String(seen.hosts),
    accusedCell(seen.accused),
    cnc.length === 0
      ? '–'
      : `${cnc.slice(0, 3).join('<br>')}${cnc.length > 3 ? `<br>and ${cnc.length - 3} more` : ''}`,
    verdictOf(result),
  ]
}

const listed = 6

/** `192.168.1.115: beacon 0.92`, for each accused host. */
function accusedCell(accused: NonNullable<AnalysedRecords['runs'][number]>['accused']): string {
  const more = accused.length > listed ? [`and ${accused.length - listed} more`] : []
  const lines = accused
    .slice(0, listed)
    .map(({ host, kinds, confidence }) => `${host}: ${kinds.join(', ')} ${confidence.toFixed(2)}`)
  return [...lines, ...more].join('<br>') || '–'
}

/** Hit or miss, against the host-level truth. */
function verdictOf({ truth, runs: [seen] }: AnalysedRecords): string {
  const evaluation = seen?.evaluation
  if (!truth || !evaluation) return '–'
  const { truePositives, falseNegatives, falsePositives } = evaluation.hosts
  const bots = truePositives + falseNegatives
  const [botnet] = evaluation.botnets
  const known = truth.botnets.some(({ cnc }) => cnc.length > 0)
  const rank = !known
    ? 'C&C not known'
    : `C&C ${botnet?.cncRank === null ? 'not named' : `at rank ${botnet?.cncRank}`}`
  const caught = bots > 0 ? `${truePositives} of ${bots} ${bots === 1 ? 'bot' : 'bots'}, ${rank}` : ''
  const clean = truth.benign?.length ?? 0
  return [caught, clean > 0 ? `${falsePositives} of ${clean} clean accused` : ''].filter(Boolean).join('; ')
}

function pageOf(tried: readonly Tried[]): string {
  const heads = [
    'capture (what its author says)',
    'format',
    'flows',
    'internal hosts',
    'accused: kinds, confidence',
    'C&C (first of each host)',
    'truth, or why not',
  ]
  return markdownTable(heads, tried.map(cellsOf))
}

function rowsOf(tried: readonly Tried[]): Row[] {
  const analysedOnes = tried.filter(({ result }) => result.runs.length > 0)
  const known = analysedOnes.filter(({ result }) => result.truth !== null)
  const infected = known.filter(({ result }) => (result.truth?.botnets.length ?? 0) > 0)
  const clean = analysedOnes.filter(({ capture }) => capture.label === 'clean')
  const sum = (of: readonly Tried[], value: (each: Tried) => number) =>
    of.reduce((total, each) => total + value(each), 0)
  const scores = (each: Tried) => each.result.runs[0]!.evaluation!
  const withCnc = infected.filter(({ result }) => result.truth!.botnets.some(({ cnc }) => cnc.length > 0))
  return [
    {
      name: 'captures analysed',
      figure: analysedOnes.length,
      unit: 'captures',
      asserted: `${tried.length} tried`,
    },
    {
      name: 'bots accused',
      figure: sum(infected, (each) => scores(each).hosts.truePositives),
      unit: 'hosts',
      asserted: `${sum(infected, (each) => scores(each).botnets.reduce((n, { size }) => n + size, 0))} bots in ${infected.length} captures with a host-level truth`,
    },
    {
      name: 'C&C named first',
      figure: withCnc.filter((each) => scores(each).botnets.some(({ cncRank }) => cncRank === 1)).length,
      unit: 'captures',
      asserted: `${withCnc.length} captures whose C&C is known`,
    },
    {
      name: 'verified clean hosts accused',
      figure: sum(known, (each) => scores(each).hosts.falsePositives),
      unit: 'hosts',
      better: 'less',
      asserted: `${sum(known, (each) => each.result.truth!.benign?.length ?? 0)} hosts`,
    },
    {
      name: 'hosts accused in clean captures',
      figure: sum(clean, ({ result }) => result.runs[0]!.accused.length),
      unit: 'hosts',
      better: 'less',
      asserted: `${sum(clean, ({ result }) => result.runs[0]!.hosts)} internal hosts in ${clean.length} captures; no networks given`,
    },
  ]
}

if (import.meta.main) console.table(await run())
