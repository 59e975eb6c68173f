/** Blocks of a pcapng file (draft-ietf-opsawg-pcapng): little-endian, microseconds, an interface for each link type. */
import type { Frame } from '../packets/frame.ts'
import { byteOrderMagic, sectionMagic } from './file-header.ts'

const interfaceBlock = 1
const packetBlock = 6
const commentOption = 1
const padding = Buffer.alloc(4)

/** Bytes that the blocks of a frame have beside it, at most: its interface too. */
export const packetRoom = 56

export class PcapngWriter {
  /** What the file begins with. */
  readonly header: Buffer
  private readonly interfaces = new Map<number, number>()

  constructor(comment: string) {
    const text = Buffer.from(comment.slice(0, 8000))
    const body = Buffer.alloc(16)
    body.writeUInt32LE(byteOrderMagic, 0)
    body.writeUInt16LE(1, 4)
    // The length of the section is not known.
    body.writeBigInt64LE(-1n, 8)
    const option = Buffer.alloc(4)
    option.writeUInt16LE(commentOption, 0)
    option.writeUInt16LE(text.length, 2)
    this.header = block(sectionMagic, [body, option, padded(text), padding])
  }

  /** The blocks of one frame: before the first of a link type stands its interface. */
  packet({ bytes, at, end, original, time, link }: Frame): Buffer[] {
    const known = this.interfaces.get(link)
    const number = known ?? this.interfaces.size
    if (known === undefined) this.interfaces.set(link, number)

    const body = Buffer.alloc(20)
    const stamp = Math.max(0, time)
    body.writeUInt32LE(number, 0)
    body.writeUInt32LE(Math.floor(stamp / 2 ** 32), 4)
    body.writeUInt32LE(stamp % 2 ** 32, 8)
    body.writeUInt32LE(end - at, 12)
    body.writeUInt32LE(Math.max(original, end - at), 16)
    const made = block(packetBlock, [body, padded(Buffer.from(bytes.subarray(at, end)))])
    return known === undefined ? [describing(link), made] : [made]
  }
}

function describing(link: number): Buffer {
  const body = Buffer.alloc(8)
  body.writeUInt16LE(link, 0)
  return block(interfaceBlock, [body])
}

function block(type: number, parts: readonly Buffer[]): Buffer {
  const size = 12 + parts.reduce((sum, { length }) => sum + length, 0)
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(size, 4)
  return Buffer.concat([head, ...parts, head.subarray(4)])
}

const padded = (bytes: Buffer): Buffer =>
  bytes.length % 4 === 0 ? bytes : Buffer.concat([bytes, padding.subarray(bytes.length % 4)])
