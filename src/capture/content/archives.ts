import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type ByteQueue, createByteQueue } from './byte-queue.ts'
import { type Member, type Unpacking, writeMember } from './members.ts'
import { Broken } from './packing.ts'

/** Whether a content begins as a tar does: the checksum of its first header is right. */
export function isTar(head: Buffer): boolean {
  if (head.length < 512 || head[0] === 0) return false
  const checksum = octal(head.subarray(148, 156))
  const sum = head.subarray(0, 512).reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0)
  return checksum === sum && checksum > 0
}

export const isZip = (head: Buffer): boolean =>
  head.length >= 4 && (head.readUInt32LE(0) === 0x04034b50 || head.readUInt32LE(0) === 0x06054b50)

const textOf = (bytes: Buffer): string => {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

/** A number in octal digits, or in base 256 where the first bit says so. */
function octal(bytes: Buffer): number {
  if ((bytes[0] ?? 0) & 0x80) return bytes.subarray(1).reduce((all, byte) => all * 256 + byte, 0)
  return Number.parseInt(textOf(bytes).trim() || '0', 8)
}

/**
 * The regular files of a tar, in their order.
 * @throws Broken where a header is wrong.
 */
export async function* tarMembers(
  content: AsyncIterable<Buffer>,
  { folder, lost }: Unpacking,
): AsyncIterable<Member> {
  const queue = createByteQueue(content)
  let longName = ''
  let pax: Readonly<Record<string, string>> = {}
  for (let number = 0; ; number++) {
    const header = await queue.take(512)
    // Two blocks of zeros end it; some programs write none.
    if (!header || header.every((byte) => byte === 0)) return
    if (!isTar(header)) throw new Broken('a header of it is wrong')
    const type = String.fromCharCode(header[156] as number)
    const size = pax['size'] === undefined ? octal(header.subarray(124, 136)) : Number(pax['size'])
    const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textOf(header.subarray(345, 500)) : ''
    const plain = textOf(header.subarray(0, 100))
    const name = pax['path'] ?? (longName || (prefix ? `${prefix}/${plain}` : plain))

    if (type === 'L') longName = textOf(await small(queue, size))
    else if (type === 'x') pax = paxIn(await small(queue, size))
    else {
      if (type === '0' || type === '\0' || type === '7') {
        const path = join(folder, String(number))
        const written = await writeMember(Readable.from(exactly(queue, size)), path)
        await utimes(path, octal(header.subarray(136, 148)), octal(header.subarray(136, 148)))
        if (written < size) lost({ name, why: 'the archive ends within it' })
        yield { name, path, size: written }
      } else await pass(queue, size)
      longName = ''
      pax = {}
    }
    await pass(queue, (512 - (size % 512)) % 512)
  }
}

async function small(queue: ByteQueue, size: number): Promise<Buffer> {
  const bytes = size > 1 << 20 ? null : await queue.take(size)
  if (!bytes) throw new Broken('it ends within a header')
  return bytes
}

/** `LENGTH KEY=VALUE` lines. */
function paxIn(bytes: Buffer): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const [, digits = '', key = ''] = /^(\d+) ([^=]*)=/.exec(bytes.toString('utf8', at, at + 200)) ?? []
    const length = Number(digits)
    if (!(length > 0)) break
    const line = bytes.toString('utf8', at, at + length - 1)
    found[key] = line.slice(line.indexOf('=') + 1)
    at += length
  }
  return found
}

async function* exactly(queue: ByteQueue, size: number): AsyncIterable<Buffer> {
  for (let left = size; left > 0; ) {
    const bytes = await queue.next()
    if (!bytes) return
    if (bytes.length > left) queue.unread(bytes.subarray(left))
    yield bytes.subarray(0, left)
    left -= Math.min(left, bytes.length)
  }
}

async function pass(queue: ByteQueue, size: number): Promise<void> {
  for await (const _ of exactly(queue, size));
}
