/** Threat lists as tables with a head: which column names the indicator, when and why. RFC 4180, and its looser kin. */
import type { Entry } from './indicator.ts'

/** Where in a row what stands. */
export interface Row {
  readonly separator: string
  readonly value: number
  readonly port: number
  readonly description: readonly number[]
  readonly listed: number
  readonly until: number
}

const values = [
  'indicator',
  'indicator_value',
  'ioc',
  'ioc_value',
  'value',
  'dst_ip',
  'ip',
  'ip_address',
  'ipaddress',
  'address',
  'src_ip',
  'domain',
  'domain_name',
  'host',
  'hostname',
  'fqdn',
  'url',
  'network',
  'cidr',
  'subnet',
  'sha256_hash',
  'sha256',
  'sha1',
  'md5',
  'entry',
  'observable',
  'pattern',
]
const ports = ['dst_port', 'port', 'dport']
const descriptionColumns = [
  'malware',
  'malware_printable',
  'description',
  'comment',
  'threat',
  'threat_type',
  'signature',
  'tags',
  'category',
  'reason',
  'name',
  'as_name',
]
const dates = [
  'last_online',
  'last_seen',
  'last_seen_utc',
  'lastseen',
  'first_seen_utc',
  'first_seen',
  'firstseen',
  'date',
  'dateadded',
  'date_added',
  'timestamp',
  'created',
  'valid_from',
  'listed',
]
const ends = ['valid_until', 'expires', 'expiration', 'expiry', 'until']

const wordOf = (cell: string): string =>
  cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')

/** The columns of a head line; null where the line is none. */
export function headOf(line: string): Row | null {
  // One cell is a head only where it is the name of a column of values; those have no dot, which most indicators have.
  if (!/[,;\t|"]/.test(line) && (line.includes('.') || !values.includes(wordOf(line)))) return null
  for (const separator of [',', ';', '\t', '|']) {
    const names = csvCells(line, separator).map(wordOf)
    const at = (wanted: readonly string[]) =>
      wanted.map((name) => names.indexOf(name)).find((place) => place >= 0) ?? -1
    if (names.length < 2 && !(separator === ',' && values.includes(names[0] ?? ''))) continue
    const value = at(values)
    if (value < 0 || names.filter((name) => /^[a-z][a-z0-9_()]*$/.test(name)).length < 0.8 * names.length)
      continue
    const description = descriptionColumns.map((name) => names.indexOf(name)).filter((place) => place >= 0)
    return {
      separator,
      value,
      port: at(ports),
      description: description.slice(0, 2),
      listed: at(dates),
      until: at(ends),
    }
  }

  return null
}

/** One row of the table. An address with a port of its own is a service. */
export function rowOf(line: string, head: Row): Entry {
  const cells = csvCells(line, head.separator).map((cell) => cell.trim())
  const value = cells[head.value] ?? ''
  const port = cells[head.port] ?? ''
  const plain = !/[/\s]/.test(value) && /^\d{1,5}$/.test(port) && Number(port) > 0
  const service = /^[0-9.]+$/.test(value)
    ? `${value}:${port}`
    : /^[0-9a-f:]+$/i.test(value)
      ? `[${value}]:${port}`
      : value

  return {
    value: plain ? service : value,
    description: head.description
      .map((place) => cells[place] ?? '')
      .filter(Boolean)
      .join(', '),
    listed: timeOf(cells[head.listed]),
    until: timeOf(cells[head.until]),
    refused: null,
  }
}

/** Cells of a line; quotes may hold separators and doubled quotes. */
export function csvCells(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator)
  const cells: string[] = []
  let cell = ''
  let quoted = false

  for (let i = 0; i < line.length; i++) {
    const letter = line[i]!
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (line[i + 1] === '"') cell += line[++i]
      else quoted = false
    } else if (letter === '"' && cell.trim() === '') {
      cell = ''
      quoted = true
    } else if (letter === separator) {
      cells.push(cell)
      cell = ''
    } else cell += letter
  }

  return [...cells, cell]
}

/**
 * A date as people and programs write it, in microseconds: ISO 8601 (UTC where no zone is said) or seconds since
 * 1970.
 */
export function timeOf(text: unknown): number | null {
  if (typeof text === 'number') return Number.isFinite(text) && text > 1e8 ? secondsOf(text) : null
  if (typeof text !== 'string' || text.trim() === '') return null
  const bare = text.trim().replace(/ UTC$/i, '')
  if (/^\d{9,13}(\.\d+)?$/.test(bare)) return secondsOf(Number(bare))
  const [, day = '', clock = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(bare) ?? []
  if (day === '') return null
  const at = Date.parse(`${day}T${clock}${zone}`)
  return Number.isNaN(at) ? null : at * 1000
}

const secondsOf = (value: number): number | null => {
  const seconds = value > 1e11 ? value / 1000 : value
  return seconds < 7.2e9 ? Math.round(seconds * 1e6) : null
}
