/** The accused hosts as a table, one row a host, worst first. RFC 4180. */
import type { AccusedHost, Answer, Figures } from '../model/answer.ts'
import { techniquesOf } from '../model/attack.ts'
import { sayRally } from '../model/words/explain.ts'
import { sayEndpoint } from '../model/words/say.ts'
import type { OutputFormat } from './format.ts'
import { printable } from './printable.ts'

const columns: readonly {
  readonly name: string
  of(host: AccusedHost, answer: Answer): string
}[] = [
  { name: 'host', of: ({ host }) => host },
  { name: 'severity', of: ({ severity }) => severity },
  { name: 'confidence', of: ({ confidence }) => String(confidence) },
  {
    name: 'indicators',
    of: ({ parts }) => parts.map(({ kind, strength }) => `${kind} ${strength.toFixed(2)}`).join('; '),
  },
  { name: 'changes', of: ({ wouldChange }) => wouldChange.join('; ') },
  { name: 'kinds', of: ({ kinds }) => kinds.join(' ') },
  { name: 'botnet', of: ({ botnet }) => botnet ?? '' },
  { name: 'cnc', of: ({ cnc }) => cnc.map(sayEndpoint).join('; ') },
  { name: 'findings', of: ({ findings }) => findings.join(' ') },
  { name: 'rally', of: ralliesOf },
  { name: 'techniques', of: techniquesOfHost },
]

/** How the host finds its C&C, as its findings tell, each way once. */
function ralliesOf({ findings }: AccusedHost, answer: Answer): string {
  const rallies = answer.findings.flatMap(({ id, rally }) =>
    rally && findings.includes(id) ? [sayRally(rally)] : [],
  )
  return [...new Set(rallies)].join('; ')
}

/** ATT&CK techniques of its findings, each once. */
function techniquesOfHost({ host, findings }: AccusedHost, answer: Answer): string {
  const about = answer.findings.filter(({ id }) => findings.includes(id))
  return [...new Set(about.flatMap((finding) => techniquesOf(finding, host)).map(({ id }) => id))]
    .toSorted()
    .join(' ')
}

/** A spreadsheet runs a cell that starts with one of these, and a bot chooses its own names: quoted away. */
const startsFormula = /^[=+\-@]/

function cell(value: string): string {
  const shown = printable(value)
  const safe = startsFormula.test(shown) ? `'${shown}` : shown
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A row of RFC 4180; no cell of it is run by a spreadsheet. */
export const csvRow = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`

const renderCsv = (answer: Answer, _figures?: Figures): string =>
  [
    columns.map(({ name }) => name),
    ...answer.hosts.map((host) => columns.map((column) => column.of(host, answer))),
  ]
    .map(csvRow)
    .join('')

export const csv = {
  name: 'csv',
  doc: 'The accused hosts as a table, for a spreadsheet.',
  extension: 'csv',
  render: renderCsv,
} as const satisfies OutputFormat
