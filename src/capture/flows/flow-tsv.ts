/**
 * Ended flows as the store's tab-separated text, without a string or an object a flow.
 *
 * The same cells as `store/tsv.ts` makes of `flowOf`; a test holds the two together. IPv6 addresses are written
 * with all their groups.
 */
import { writtenColumns } from '../../model/record.ts'
import { records } from '../../model/records.ts'
import { serviceNames } from '../protocols/detect.ts'
import type { FlowRows } from './flow-layout.ts'
import * as layout from './flow-layout.ts'
import { type ConnStateOf, connStateOf, hashUid, portsOf, protoName, uid } from './flow-record.ts'

const { bit, double, doubleWidth, int, intWidth } = layout

const tab = 9
const line = 10
/** No row is longer: 8 counts of at most 16 digits, 2 addresses, 5 short words. */
const longestRow = 512

/** The text of `length` rows, each begun with `first`, the cells before those of a flow with their tab. */
export function flowText(
  rows: FlowRows,
  length: number,
  first: string,
  connState: ConnStateOf = connStateOf,
): Buffer {
  const prefix = Buffer.from(first)
  const text = new Text((longestRow + prefix.length) * length)
  for (let row = 0; row < length; row++) {
    text.bytes(prefix)
    writeFlow(text, rows, row, connState)
  }
  return text.done()
}

/** Cells in the order of the columns. */
export const flowTextColumns = ['position', ...writtenColumns(records.flow.columns)]

function writeFlow(text: Text, rows: FlowRows, row: number, connState: ConnStateOf): void {
  const { ints, doubles } = rows
  const at = row * intWidth
  const counts = row * doubleWidth
  const flags = ints[at + int.flags] as number
  const clientIsHigh = (flags & bit.clientIsHigh) !== 0
  const { clientPort, serverPort } = portsOf(ints, at)
  const start = doubles[counts + double.start] as number
  const { state, outcome } = connState(rows, row)
  text.cell(doubles[counts + double.position] as number)
  text.cell(start)
  text.cell((doubles[counts + double.last] as number) - start)
  text.word(protoName((ints[at + int.kind] as number) & 255))
  writeAddress(text, ints, at, clientIsHigh)
  text.cell(clientPort)
  writeAddress(text, ints, at, !clientIsHigh)
  text.cell(serverPort)
  writeCounts(text, doubles, counts)
  text.word(outcome)
  text.word(state)
  text.word(serviceNames[flags >>> bit.service] ?? '')
  hashUid(rows, row)
  text.put(80)
  text.base36(uid[0] as number, 1)
  text.base36(uid[1] as number, 7)
  text.put(tab)

  // No label.
  text.put(tab)
  text.letters(rows.tunnels[ints[at + int.tunnel] as number] ?? '')
  text.put(line)
}

function writeCounts(text: Text, doubles: Float64Array, counts: number): void {
  const clientPackets = doubles[counts + double.packets] as number
  const serverPackets = doubles[counts + double.packets + 1] as number
  const clientBytes = doubles[counts + double.bytes] as number
  const serverBytes = doubles[counts + double.bytes + 1] as number
  text.count(clientPackets + serverPackets)
  text.count(clientBytes + serverBytes)
  text.count(clientPackets)
  text.count(clientBytes)
  text.count(serverPackets)
  text.count(serverBytes)
}

const mapped = Buffer.from('::ffff:')

function writeAddress(text: Text, ints: Int32Array, at: number, isHigh: boolean): void {
  const address = ints[at + (isHigh ? int.highAddress : int.lowAddress)] as number

  if (((ints[at + int.kind] as number) & 256) === 0) {
    text.bytes(mapped)
    text.number(address >>> 24)
    text.put(46)
    text.number((address >>> 16) & 255)
    text.put(46)
    text.number((address >>> 8) & 255)
    text.put(46)
    text.number(address & 255)
  } else {
    const network = at + (isHigh ? int.highNetwork : int.lowNetwork)
    for (let i = 0; i < 3; i++) {
      text.groups(ints[network + i] as number)
      text.put(58)
    }
    text.groups(address)
  }

  text.put(tab)
}

const two31 = 2 ** 31
const digitsOf36 = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz')

/** Bytes of text, written one after the other. */
class Text {
  private readonly buffer: Buffer
  private at = 0

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size)
  }

  done(): Buffer {
    return this.buffer.subarray(0, this.at)
  }

  put(byte: number): void {
    this.buffer[this.at++] = byte
  }

  bytes(bytes: Uint8Array): void {
    const { buffer } = this
    for (let i = 0; i < bytes.length; i++) buffer[this.at++] = bytes[i] as number
  }

  /** ASCII that needs no escape, and a tab. */
  word(word: string): void {
    this.letters(word)
    this.put(tab)
  }

  letters(word: string): void {
    const { buffer } = this
    for (let i = 0; i < word.length; i++) buffer[this.at++] = word.charCodeAt(i)
  }

  /** A whole number from 0 to 2^53, and a tab. */
  cell(value: number): void {
    this.number(value)
    this.put(tab)
  }

  /** A count and a tab; NaN is null. Sums that no double holds exactly are written as JavaScript does. */
  count(value: number): void {
    if (value <= Number.MAX_SAFE_INTEGER) this.cell(value)
    else this.word(Number.isNaN(value) ? '\\N' : String(value))
  }

  number(value: number): void {
    if (value < two31) {
      this.digits(value | 0, lengthOf(value))
      return
    }
    const high = Math.floor(value / 1e9)
    this.number(high)
    this.digits((value - high * 1e9) | 0, 9)
  }

  private digits(value: number, count: number): void {
    const { buffer } = this
    let rest = value
    for (let i = this.at + count - 1; i >= this.at; i--) {
      const next = (rest / 10) | 0
      buffer[i] = 48 + rest - next * 10
      rest = next
    }
    this.at += count
  }

  /** Two groups of an IPv6 address. */
  groups(words: number): void {
    this.hex(words >>> 16)
    this.put(58)
    this.hex(words & 0xffff)
  }

  private hex(value: number): void {
    const { buffer } = this
    for (let shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 15 ? 4 : 0; shift >= 0; shift -= 4)
      buffer[this.at++] = digitsOf36[(value >>> shift) & 15] as number
  }

  /** A number below 2^32, with zeros before it to a length of `least`. */
  base36(value: number, least: number): void {
    let length = least
    for (let power = 36 ** least; value >= power; power *= 36) length++
    const { buffer } = this
    let rest = value
    for (let i = this.at + length - 1; i >= this.at; i--) {
      const next = Math.floor(rest / 36)
      buffer[i] = digitsOf36[rest - next * 36] as number
      rest = next
    }
    this.at += length
  }
}

function lengthOf(value: number): number {
  if (value < 1e5) return value < 10 ? 1 : value < 100 ? 2 : value < 1e3 ? 3 : value < 1e4 ? 4 : 5
  return value < 1e6 ? 6 : value < 1e7 ? 7 : value < 1e8 ? 8 : value < 1e9 ? 9 : 10
}
