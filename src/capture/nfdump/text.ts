/**
 * What nfdump prints: `-o line` and `-o long`, with or without its header and summary, of any version, and such text with
 * tabs for blanks or a label at the end. Times have no zone and are read as UTC. Counts that nfdump shortened (`1.2 M`)
 * are as exact as they were printed.
 */

import { ExportRecord, implausible } from '../biflow/record.ts'
import { protoNames } from '../flows/flow-record.ts'
import { ExportIntake } from '../netflow/intake.ts'
import { addressIn } from '../packets/address-text.ts'
import { setSource, setTarget, tcpFlag } from '../packets/packet.ts'
import type { Reader } from '../reader.ts'
import type { RejectReason } from '../rejects.ts'
import { portsOf } from './record.ts'

const line =
  /^(\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d\.\d{3})\s+(?:(\d+):(\d\d):)?(\d+\.\d+)\s+(\S+)\s+(\S+)\s+->\s+(\S+)\s+(.*)$/

export const nfdumpText: Reader = {
  name: 'nfdump-text',
  doc: 'what nfdump prints with -o line or -o long',
  gives: ['flow'],
  accepts: (head) => {
    const first = head.slice(0, 4096).split('\n')
    return (
      /^Date\s+(?:first\s+seen|flow\s+start)\s+Duration/.test(first[0] ?? '') ||
      line.test(first[0]?.trimEnd() ?? '')
    )
  },
  read: async (input, sink, choices = {}) => {
    const intake = new ExportIntake(sink, choices)
    const record = new ExportRecord()
    let passed = 0
    for await (const text of input.lines()) {
      passed += text.length + 1
      if (text.trim() === '' || around.test(text)) continue
      record.clear()
      const why = fill(record, text.trimEnd())
      if (why) intake.skip(why, text)
      else intake.put(record)
      const waiting = intake.send()
      if (waiting) {
        await waiting
        sink.progress(Math.min(passed, input.size))
      }
    }
    await intake.finish()
  },
}

/** Header and summary. */
const around = /^(?:Date|Summary:|Time window:|Total flows|Sys:|No matching)/

function fill(record: ExportRecord, text: string): RejectReason | null {
  const [, date, time, hours, minutes, seconds, proto = '', source = '', target = '', rest = ''] =
    line.exec(text) ?? []
  if (date === undefined) return 'bad-field'
  record.start = record.reverseStart = Date.parse(`${date}T${time}Z`) * 1e3
  const span = Number(seconds) + Number(minutes ?? 0) * 60 + Number(hours ?? 0) * 3600
  record.end = record.start + Math.round(span * 1e6)
  const number = numbers[proto.toLowerCase()] ?? (/^\d{1,3}$/.test(proto) ? Number(proto) : 256)
  if (number > 255) return 'bad-field'
  record.ends.proto = number
  const [from, to] = [endOf(source), endOf(target)]
  if (!from || !to || from.address.family !== to.address.family) return 'bad-address'
  record.ends.family = from.address.family
  setSource(record.ends, from.address.words)
  setTarget(record.ends, to.address.words)
  portsOf(record, from.port, to.port)
  return counts(record, rest) ? implausible(record) : 'bad-field'
}

const numbers: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(protoNames).map(([number, name]) => [name, Number(number)])),
  icmp: 1,
  icmp6: 58,
  'ipv6-icmp': 58,
}

interface End {
  readonly address: NonNullable<ReturnType<typeof addressIn>>
  readonly port: number
}

/** `10.0.0.1:443`, `2001:db8::1.443`, and with type and code of ICMP `10.0.0.1:8.0`. */
function endOf(text: string): End | null {
  const isFour = /^[\d.]+:[\d.:]+$/.test(text)
  const at = isFour
    ? text.indexOf(':')
    : text.lastIndexOf(':') < 0
      ? -1
      : text.indexOf('.', text.lastIndexOf(':'))
  const address = at < 0 ? null : addressIn(text.slice(0, at))
  if (!address) return null
  const [port = 0, code] = text
    .slice(at + 1)
    .split(/[.:]/)
    .map(Number)
  const value = code === undefined ? port : port * 256 + code
  if (!(value >= 0 && value <= 65_535)) return null
  return { address, port: value }
}

/** `[flags tos] packets bytes flows [label]`. */
function counts(record: ExportRecord, rest: string): boolean {
  const [, flags, packets = '', bytes = ''] =
    /^(?:([.UAPRSFEWCN0-9x]*[.UAPRSFEWC][.UAPRSFEWC0-9x]*)\s+\d+\s+)?(\d+(?:\.\d+ [KMGT])?)\s+(\d+(?:\.\d+ [KMGT])?)\s+\d+(?:\s|$)/.exec(
      rest,
    ) ?? []
  if (packets === '') return false
  record.packets = amount(packets)
  record.bytes = amount(bytes)
  if (flags !== undefined)
    record.flags = [...flags].reduce((bits, letter) => bits | (letters[letter] ?? 0), 0)
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

function amount(text: string): number {
  const [number, scale = ''] = text.split(' ')
  return Math.round(Number(number) * (scales[scale] ?? 1))
}
