/** Reads the lines that nfdump prints. */
import { ExportRecord, implausible, settleTimes } from '../biflow/record.ts'
import { protoNames } from '../flows/flow-record.ts'
import { type ExportChoices, ExportIntake } from '../netflow/intake.ts'
import { addressIn } from '../packets/address-text.ts'
import { setSource, setTarget, tcpFlag } from '../packets/packet.ts'
import type { Input, Sink } from '../reader.ts'
import type { RejectReason } from '../rejects.ts'
import { isPipe, pipeFields } from './pipe.ts'
import { portsOf } from './record.ts'
import { type Column, cellsOf, columnsOf, line } from './text-columns.ts'

export async function readText(input: Input, sink: Sink, choices: ExportChoices): Promise<void> {
  const intake = new ExportIntake(sink, choices)
  const record = new ExportRecord()
  let columns: readonly Column[] | null = null
  let passed = 0

  for await (const text of input.lines()) {
    passed += text.length + 1
    const header = columnsOf(text)
    if (header) columns = header
    if (header || text.trim() === '' || around.test(text)) continue
    record.clear()
    const filled = fill(record, fieldsOf(text.trimEnd(), columns))
    if (settleTimes(record)) intake.backwards++
    const why = filled ?? implausible(record)
    if (why) intake.skip(why, text)
    else intake.put(record)
    const waiting = intake.send()
    if (waiting) {
      await waiting
      sink.progress(Math.min(passed, input.size))
    }
  }

  await intake.finish()
}

/** Header and summary. */
const around = /^(?:Date|Summary:|Time window:|Total flows|Sys:|No matching)/

/** The texts of a line by column; null when it has none. `both`: its second pair of counts is the other direction's. */
type Fields = Partial<Record<NonNullable<Column>, string>> & { readonly both?: boolean }

function fieldsOf(text: string, columns: readonly Column[] | null): Fields | null {
  if (isPipe(text)) return pipeFields(text)
  if (columns === null) return fieldsWithout(text)
  const cells = cellsOf(text)
  if (cells.length < columns.length) return null
  const named = columns.flatMap((column, i) => (column === null ? [] : [[column, cells[i]]]))
  return { ...Object.fromEntries(named), both: text.includes('<->') }
}

/** `[flags tos] packets bytes flows [label]` behind the ends, or the counts of both directions. */
function fieldsWithout(text: string): Fields | null {
  const [, start, duration, proto, source, arrow, target, rest = ''] = line.exec(text) ?? []
  if (start === undefined) return null
  const fields = { start, duration, proto, source, target } as Fields
  const [, flags, counts = ''] =
    /^(?:([.UAPRSFEWCN0-9x]*[.UAPRSFEWC][.UAPRSFEWC0-9x]*)\s+\d+\s+)?(.*)$/.exec(rest) ?? []
  const [one, two, three, four, five] = cellsOf(counts)
  const given = flags === undefined ? fields : { ...fields, flags }
  if (arrow === '<->')
    return five === undefined
      ? null
      : { ...given, outPackets: one!, packets: two!, outBytes: three!, bytes: four!, both: true }
  return three === undefined ? null : { ...given, packets: one!, bytes: two! }
}

function fill(record: ExportRecord, fields: Fields | null): RejectReason | null {
  if (!fields) return 'bad-field'
  const number = protocolOf(fields.proto ?? '')
  if (number > 255) return 'bad-field'
  record.ends.proto = number
  times(record, fields)

  const from =
    fields.source === undefined ? endIn(fields.sourceAddress, fields.sourcePort) : endOf(fields.source)
  const to =
    fields.target === undefined ? endIn(fields.targetAddress, fields.targetPort) : endOf(fields.target)
  if (!from || !to || from.address.family !== to.address.family) return 'bad-address'
  record.ends.family = from.address.family
  setSource(record.ends, from.address.words)
  setTarget(record.ends, to.address.words)
  const icmp =
    fields.icmpType === undefined ? to.port : Number(fields.icmpType) * 256 + Number(fields.icmpCode ?? 0)
  const isIcmp = number === 1 || number === 58
  portsOf(record, from.port, isIcmp && to.port === 0 && icmp <= 65_535 ? icmp : to.port)

  return counts(record, fields) ? null : 'bad-field'
}

function times(record: ExportRecord, { start, end, duration }: Fields): void {
  const span = spanOf(duration)
  record.end = instantOf(end)
  record.start = start === undefined ? record.end - span : instantOf(start)
  if (end === undefined) record.end = record.start + span
  record.reverseStart = record.start
}

/** Microseconds of a date and time, of seconds or of milliseconds since 1970; NaN where it is none. */
function instantOf(text: string | undefined): number {
  if (text === undefined) return Number.NaN
  if (/^\d{13}$/.test(text)) return Number(text) * 1e3
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1e6)
  const [, date, time] = /^(\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d(?:\.\d+)?)$/.exec(text) ?? []
  return Date.parse(`${date}T${time}Z`) * 1e3
}

/** Microseconds of `1d 02:03:04.500`, `02:03:04.500` or `4.500`; 0 if unknown, NaN where it is none. */
function spanOf(text: string | undefined): number {
  if (text === undefined) return 0
  const [, days, hours, minutes, seconds] = /^(?:(\d+)d )?(?:(\d+):(\d\d):)?(\d+(?:\.\d+)?)$/.exec(text) ?? []
  const whole = Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60
  return Math.round((whole + Number(seconds)) * 1e6)
}

const numbers: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(protoNames).map(([number, name]) => [name, Number(number)])),
  icmp: 1,
  icmp6: 58,
  'ipv6-icmp': 58,
}

const protocolOf = (text: string): number =>
  numbers[text.toLowerCase()] ?? (/^\d{1,3}$/.test(text) ? Number(text) : 256)

interface End {
  readonly address: NonNullable<ReturnType<typeof addressIn>>
  readonly port: number
}

/**
 * `10.0.0.1:443`, `2001:db8::1.443`, and with type and code of ICMP `10.0.0.1:8.0`; a country in brackets is left out.
 */
function endOf(text: string): End | null {
  const bare = text.replace(/\(.*?\)/, '')
  const isFour = /^[\d.]+:[\d.:]+$/.test(bare)
  const at = isFour
    ? bare.indexOf(':')
    : bare.lastIndexOf(':') < 0
      ? -1
      : bare.indexOf('.', bare.lastIndexOf(':'))
  return at < 0 ? null : endIn(bare.slice(0, at), bare.slice(at + 1))
}

function endIn(addressText: string | undefined, portText = '0'): End | null {
  const address = addressIn((addressText ?? '').replace(/\(.*?\)/, ''))
  if (!address) return null
  const [port = 0, code] = portText.split(/[.:]/).map(Number)
  const value = code === undefined ? port : port * 256 + code
  if (!(value >= 0 && value <= 65_535)) return null
  return { address, port: value }
}

/** Takes the counts and flags. @returns whether they can be read. */
function counts(
  record: ExportRecord,
  { packets, bytes, outPackets, outBytes, flags, both }: Fields,
): boolean {
  const texts = [packets, bytes, outPackets, outBytes]
  if (texts.some((text) => text !== undefined && !/^\d+(?:\.\d+ [KMGT])?$/.test(text))) return false
  if (packets === undefined && bytes === undefined) return false
  record.packets = amount(packets)
  record.bytes = amount(bytes)
  record.reversePackets = amount(outPackets)
  record.reverseBytes = amount(outBytes)
  record.both = record.reversePackets > 0 || record.reverseBytes > 0
  record.claimed = !both
  if (flags !== undefined)
    record.flags = /^0x/.test(flags)
      ? Number(flags) & 255
      : [...flags].reduce((bits, letter) => bits | (letters[letter] ?? 0), 0)

  return true
}

const letters: Readonly<Record<string, number>> = {
  F: tcpFlag.fin,
  S: tcpFlag.syn,
  R: tcpFlag.rst,
  P: tcpFlag.push,
  A: tcpFlag.ack,
  U: 32,
}
const scales: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

function amount(text: string | undefined): number {
  if (text === undefined) return Number.NaN
  const [number, scale = ''] = text.split(' ')
  return Math.round(Number(number) * (scales[scale] ?? 1))
}
