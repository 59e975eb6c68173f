/**
 * bzip2 streams in memory (the format of bzip2 1.0, as reverse-engineered in J. Tsai, "Bzip2: Format
 * Specification", 2016).
 */

const blockMark = 0x314159265359
const endMark = 0x177245385090
const longestCode = 20
const groupSize = 50

/** @returns the content; null where the stream is damaged or holds more than `most` bytes. */
export function unpackBzip2(stream: Uint8Array, most: number): Uint8Array | null {
  if (Buffer.from(stream.subarray(0, 3)).toString('latin1') !== 'BZh') return null
  const level = (stream[3] ?? 0) - 0x30
  if (level < 1 || level > 9) return null
  const bits = new Bits(stream, 4)
  const parts: Uint8Array[] = []
  let size = 0

  for (;;) {
    const mark = bits.take(24) * 2 ** 24 + bits.take(24)
    if (!bits.sound) return null
    if (mark === endMark) return Buffer.concat(parts)
    if (mark !== blockMark) return null
    const part = block(bits, level * 100_000, most - size)
    if (!part) return null
    parts.push(part)
    size += part.length
  }
}

class Bits {
  sound = true
  private readonly bytes: Uint8Array
  private at: number
  private held = 0
  private count = 0

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.at = at
  }

  /** The next bits as a number; at most 24 of them. */
  take(n: number): number {
    while (this.count < n) {
      const next = this.bytes[this.at++]
      if (next === undefined) {
        this.sound = false
        return 0
      }
      this.held = ((this.held & 0xffffff) << 8) | next
      this.count += 8
    }
    this.count -= n
    return (this.held >>> this.count) & ((1 << n) - 1)
  }
}

/** Canonical codes of one table: how many there are up to each length, and their symbols in order. */
interface Codes {
  /** By length: the first code, and where its symbols begin. */
  readonly first: Int32Array
  readonly counts: Int32Array
  readonly offsets: Int32Array
  readonly symbols: Uint16Array
}

function codesOf(lengths: readonly number[]): Codes {
  const counts = new Int32Array(longestCode + 1)
  for (const length of lengths) counts[length]!++
  const first = new Int32Array(longestCode + 1)
  const offsets = new Int32Array(longestCode + 1)
  let code = 0
  let offset = 0

  for (let length = 1; length <= longestCode; length++) {
    first[length] = code
    offsets[length] = offset
    code = (code + counts[length]!) << 1
    offset += counts[length]!
  }

  const places = offsets.slice()
  const symbols = new Uint16Array(lengths.length)
  lengths.forEach((length, symbol) => {
    symbols[places[length]!++] = symbol
  })

  return { first, counts, offsets, symbols }
}

function symbolIn(bits: Bits, { first, counts, offsets, symbols }: Codes): number {
  let code = 0
  for (let length = 1; length <= longestCode && bits.sound; length++) {
    code = (code << 1) | bits.take(1)
    const place = code - first[length]!
    if (place < counts[length]!) return symbols[offsets[length]! + place]!
  }
  return -1
}

interface Tables {
  /** Bytes that occur. */
  readonly used: readonly number[]
  readonly selectors: Uint8Array
  readonly codes: readonly Codes[]
}

function tables(bits: Bits): Tables | null {
  const ranges = bits.take(16)
  const used: number[] = []

  for (let range = 0; range < 16; range++) {
    if (!(ranges & (0x8000 >>> range))) continue
    const bytes = bits.take(16)
    for (let i = 0; i < 16; i++) if (bytes & (0x8000 >>> i)) used.push(range * 16 + i)
  }

  const groups = bits.take(3)
  const count = bits.take(15)
  if (!bits.sound || used.length === 0 || groups < 2 || groups > 6 || count === 0) return null
  const selectors = new Uint8Array(count)
  const order = [...Array(groups).keys()]

  for (let i = 0; i < count; i++) {
    let place = 0
    while (bits.take(1) === 1) if (++place >= groups) return null
    if (!bits.sound) return null
    order.unshift(...order.splice(place, 1))
    selectors[i] = order[0]!
  }

  const codes: Codes[] = []

  for (let group = 0; group < groups; group++) {
    const lengths = lengthsOf(bits, used.length + 2)
    if (!lengths) return null
    codes.push(codesOf(lengths))
  }

  return { used, selectors, codes }
}

function lengthsOf(bits: Bits, symbols: number): number[] | null {
  const lengths: number[] = []
  let length = bits.take(5)
  for (let i = 0; i < symbols; i++) {
    for (;;) {
      if (!bits.sound || length < 1 || length > longestCode) return null
      if (bits.take(1) === 0) break
      length += bits.take(1) === 0 ? 1 : -1
    }
    lengths.push(length)
  }
  return lengths
}

/** One block: Huffman codes, runs of zeros, move-to-front; then the transform and the runs of bytes undone. */
function block(bits: Bits, blockSize: number, most: number): Uint8Array | null {
  const crc = bits.take(16) * 2 ** 16 + bits.take(16)
  const isRandom = bits.take(1)
  const origin = bits.take(24)
  const found = isRandom ? null : tables(bits)
  if (!found) return null
  const sorted = symbolsOf(bits, found, blockSize)
  if (!sorted || origin >= sorted.length) return null
  const out = withoutRuns(unsorted(sorted, origin), most)
  return out && checksum(out) === crc ? out : null
}

function symbolsOf(bits: Bits, { used, selectors, codes }: Tables, blockSize: number): Uint8Array | null {
  const out = new Uint8Array(blockSize)
  const front = [...used]
  const end = used.length + 1
  let size = 0
  let run = 0
  let weight = 1

  for (let read = 0; ; read++) {
    const group = selectors[Math.floor(read / groupSize)]
    if (group === undefined) return null
    const symbol = symbolIn(bits, codes[group]!)
    if (symbol < 0 || !bits.sound) return null
    if (symbol < 2) {
      run += weight << symbol
      weight <<= 1
      if (run > blockSize) return null
      continue
    }
    if (size + run + (symbol === end ? 0 : 1) > blockSize) return null
    out.fill(front[0]!, size, size + run)
    size += run
    run = 0
    weight = 1
    if (symbol === end) return out.subarray(0, size)
    const [byte] = front.splice(symbol - 1, 1)
    front.unshift(byte!)
    out[size++] = byte!
  }
}

/** Burrows and Wheeler's transform undone. */
function unsorted(sorted: Uint8Array, origin: number): Uint8Array {
  const starts = new Int32Array(256)
  for (const byte of sorted) starts[byte]!++
  let sum = 0

  for (let byte = 0; byte < 256; byte++) {
    const count = starts[byte]!
    starts[byte] = sum
    sum += count
  }

  const next = new Int32Array(sorted.length)
  for (let i = 0; i < sorted.length; i++) next[starts[sorted[i]!]!++] = i
  const out = new Uint8Array(sorted.length)
  let at = next[origin]!

  for (let i = 0; i < out.length; i++) {
    out[i] = sorted[at]!
    at = next[at]!
  }

  return out
}

/** Four equal bytes are followed by how many more there are. */
function withoutRuns(packed: Uint8Array, most: number): Uint8Array | null {
  const runs = [...runsIn(packed)]
  const size = runs.reduce((sum, [from, to, , more]) => sum + (to - from) + more, 0)
  if (size > most) return null
  const out = new Uint8Array(size)
  let at = 0
  for (const [from, to, byte, more] of runs) {
    out.set(packed.subarray(from, to), at)
    at += to - from
    out.fill(byte, at, at + more)
    at += more
  }
  return out
}

/** Stretches of bytes, and the byte that is repeated after them and how often. */
function* runsIn(packed: Uint8Array): Iterable<[from: number, to: number, byte: number, more: number]> {
  let from = 0
  let same = 0
  for (let i = 0; i < packed.length; i++) {
    same = i > from && packed[i] === packed[i - 1] ? same + 1 : 1
    if (same < 4) continue
    const more = packed[i + 1] ?? 0
    yield [from, i + 1, packed[i]!, more]
    i++
    from = i + 1
    same = 0
  }
  if (from < packed.length) yield [from, packed.length, 0, 0]
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let i = 0; i < 8; i++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

function checksum(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 255]!
  return ~crc >>> 0
}
