/** Truth from a table that a person wrote: CSV with a line of heads. */
import { isIP } from 'node:net'
import { UserError } from '../errors.ts'
import type { TrueBotnet, Truth } from '../model/truth.ts'

const bots = new Set(['bot', 'botnet', 'malicious', 'infected', '1', 'true'])
const clean = new Set(['clean', 'benign', 'normal', '0', 'false'])

interface Line {
  readonly host: string
  readonly label: string
  readonly botnet: string
  readonly family: string
  readonly cnc: readonly string[]
}

/**
 * Lines `host,label[,botnet][,family][,cnc]`: a label is bot (or botnet, malicious, infected, 1, true) or clean
 * (benign, normal, 0, false); `cnc` is address:port or address:port/proto, several apart by a blank. Only hosts
 * that are named are judged.
 *
 * @throws UserError `truth-invalid` with the line that is wrong.
 */
export function readTruthTable(text: string, where = 'truth'): Truth {
  const rows = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ cells: line.split(',').map((cell) => cell.trim()), number: i + 1 }))
    .filter(({ cells }) => cells.some((cell) => cell !== '') && !cells[0]?.startsWith('#'))
  const heads = rows[0]?.cells.map((each) => each.toLowerCase()) ?? []

  if (!heads.includes('host') || !heads.includes('label'))
    throw invalid(where, 'the first line must name host and label')

  const lines = rows.slice(1).map(({ cells, number }) => lineOf(cells, heads, `${where}:${number}`))
  const infected = lines.filter(({ label }) => bots.has(label))

  return {
    about: where,
    internal: [],
    botnets: [...Map.groupBy(infected, ({ botnet }) => botnet)].map(([id, own]) => botnetOf(id, own)),
    benign: [...new Set(lines.filter(({ label }) => clean.has(label)).map(({ host }) => host))],
    from: 0,
    to: 0,
  }
}

const invalid = (where: string, what: string) =>
  new UserError(
    'truth-invalid',
    `${where}: ${what}`,
    'Write host,label[,botnet][,family][,cnc], one host per line.',
  )

function lineOf(cells: readonly string[], heads: readonly string[], where: string): Line {
  const cell = (head: string) => cells[heads.indexOf(head)] ?? ''
  const host = cell('host')
  const label = cell('label').toLowerCase()
  if (isIP(host) === 0) throw invalid(where, `${host} is not an address`)
  if (!bots.has(label) && !clean.has(label)) throw invalid(where, `${label} is neither bot nor clean`)
  return {
    host,
    label,
    botnet: cell('botnet') || 'botnet',
    family: cell('family') || 'unknown',
    cnc: cell('cnc').split(/\s+/).filter(Boolean),
  }
}

const botnetOf = (id: string, lines: readonly Line[]): TrueBotnet => ({
  id,
  family: lines[0]?.family ?? 'unknown',
  topology: 'undecided',
  hosts: [...new Set(lines.map(({ host }) => host))],
  cnc: [...new Set(lines.flatMap(({ cnc }) => cnc))],
  activities: [],
})
