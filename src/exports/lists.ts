/** Lists for programs that block or look: plain ones, Zeek's intelligence framework, DNS response policy zones. */
import { isIPv4, isIPv6 } from 'node:net'
import type { Answer } from '../model/answer.ts'
import type { Micros } from '../model/units.ts'
import type { OutputFormat } from '../reports/format.ts'
import { printable } from '../reports/printable.ts'
import { timestamp } from './alerts.ts'
import { type Indicator, type Indicators, indicatorsIn, remark } from './indicators.ts'

/** What is left out is named at the top, so that nobody searches the list for it. */
export const leftOutLines = ({ leftOut }: Indicators, mark: string): string[] =>
  leftOut.map(({ value, why }) => `${mark} left out: ${printable(value)} ${why}`)

const opening = (answer: Answer, mark: string): string =>
  printable(
    `${mark} Gannet ${answer.version}, analysis ${answer.analysis.id}, ` +
      `records to ${timestamp(answer.analysis.to ?? (0 as Micros))}`,
  )

const plainList = (answer: Answer, type: Indicator['type']): string => {
  const found = indicatorsIn(answer)
  return [
    opening(answer, '#'),
    ...leftOutLines(found, '#'),
    ...found.indicators.filter((each) => each.type === type).map((each) => `${each.value} # ${remark(each)}`),
    '',
  ].join('\n')
}

export const blocklist = {
  name: 'blocklist',
  doc: 'Addresses of command and control, one a line; # begins a remark.',
  extension: 'addresses.txt',
  render: (answer: Answer) => plainList(answer, 'address'),
} as const satisfies OutputFormat

export const domains = {
  name: 'domains',
  doc: 'Names of command and control, one a line; # begins a remark.',
  extension: 'domains.txt',
  render: (answer: Answer) => plainList(answer, 'name'),
} as const satisfies OutputFormat

/** A tab parts the columns, a dash is an empty one. */
const column = (text: string): string => printable(text).trim() || '-'

function renderZeek(answer: Answer): string {
  const { indicators } = indicatorsIn(answer)
  const rows = indicators.map((each) => [
    each.value,
    each.type === 'address' ? 'Intel::ADDR' : 'Intel::DOMAIN',
    'gannet',
    remark(each),
    each.techniques.map(({ id }) => id).join(','),
  ])
  return [
    '#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url',
    ...rows.map((row) => row.map(column).join('\t')),
    '',
  ].join('\n')
}

export const zeekIntel = {
  name: 'zeek-intel',
  doc: 'A file for Zeek’s intelligence framework (Intel::read_files).',
  extension: 'intel',
  render: renderZeek,
} as const satisfies OutputFormat

/** The owner name of an address in answers: prefix length and the address backwards. ISC, RPZ format 3. */
export function rpzAddress(address: string): string | null {
  if (isIPv4(address)) return `32.${address.split('.').toReversed().join('.')}.rpz-ip`
  if (!isIPv6(address) || address.includes('.')) return null
  const [head = '', tail] = address.toLowerCase().split('::')
  const words = (text: string) => text.split(':').filter((each) => each !== '')
  const before = words(head)
  const after = tail === undefined ? [] : words(tail)
  const full =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
  return `128.${longestZeros(full.map((each) => Number.parseInt(each, 16).toString(16)))
    .toReversed()
    .join('.')}.rpz-ip`
}

/** The longest run of two zeros or more as `zz`: named-checkzone takes the canonical form alone. */
function longestZeros(words: readonly string[]): string[] {
  let best = { at: 0, length: 1 }
  for (let at = 0; at < words.length; at++) {
    let length = 0
    while (words[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.length < 2) return [...words]
  return [...words.slice(0, best.at), 'zz', ...words.slice(best.at + best.length)]
}

function renderRpz(answer: Answer): string {
  const found = indicatorsIn(answer)
  const serial = Math.min(2 ** 32 - 1, Math.max(1, Math.floor((answer.analysis.to ?? 0) / 1e6)))

  const rows = found.indicators.flatMap((each) => {
    const comment = ` ; ${remark(each)}`
    if (each.type === 'name')
      return [`${each.value} CNAME .${comment}`, ...(each.subdomains ? [`*.${each.value} CNAME .`] : [])]
    const owner = rpzAddress(each.value)
    return owner === null ? [] : [`${owner} CNAME .${comment}`]
  })

  return [
    opening(answer, ';'),
    '; Names and answers here get NXDOMAIN: the policy of CNAME to the root.',
    ...leftOutLines(found, ';'),
    '$TTL 300',
    `@ IN SOA localhost. hostmaster.localhost. ( ${serial} 3600 600 86400 300 )`,
    '@ IN NS localhost.',
    ...rows,
    '',
  ].join('\n')
}

export const rpz = {
  name: 'rpz',
  doc: 'A DNS response policy zone: names and answers that get NXDOMAIN.',
  extension: 'rpz.zone',
  render: renderRpz,
} as const satisfies OutputFormat
