/** Members of a zip archive. */
import { createWriteStream } from 'node:fs'
import { type FileHandle, open, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'
import { unreadable } from '../input-paths.ts'
import type { LostMember, Member, Unpacking } from './members.ts'
import { Broken } from './packing.ts'

/**
 * The files of a zip at `path`, in the order of its directory.
 * @throws Broken where it has no directory.
 */
export async function* zipMembers(path: string, unpacking: Unpacking): AsyncIterable<Member> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    for (const [i, entry] of (await directoryOf(file)).entries()) {
      if (entry.name.endsWith('/')) continue
      const member = await zipMember(file, { entry, path: join(unpacking.folder, String(i)) })
      if ('why' in member) unpacking.lost(member)
      else yield member
    }
  } finally {
    await file.close()
  }
}

interface Entry {
  readonly name: string
  readonly method: number
  readonly isEncrypted: boolean
  readonly packed: number
  readonly at: number
  readonly changed: Date
}

const methods: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'zstd',
  95: 'xz',
}

async function zipMember(
  file: FileHandle,
  { entry, path }: { entry: Entry; path: string },
): Promise<Member | LostMember> {
  const { name, method, isEncrypted, packed, at, changed } = entry
  if (isEncrypted) return { name, why: 'it is encrypted' }

  if (method !== 0 && method !== 8)
    return { name, why: `it is packed with ${methods[method] ?? `method ${method}`}, which is not read` }

  const local = await bytesAt(file, at, 30)
  if (local.length < 30 || local.readUInt32LE(0) !== 0x04034b50) return { name, why: 'its header is wrong' }
  const from = at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
  const source = Readable.from(between(file, from, from + packed))

  try {
    await pipeline(
      method === 8
        ? [source, createInflateRaw(), createWriteStream(path)]
        : [source, createWriteStream(path)],
    )
  } catch (error) {
    return { name, why: `it is damaged (${error instanceof Error ? error.message : error})` }
  }

  await utimes(path, changed, changed)
  const { size } = await file.stat()
  const written = await open(path).then(async (made) => {
    const kind = await made.stat()
    await made.close()
    return kind.size
  })

  return from + packed > size ? { name, why: 'the archive ends within it' } : { name, path, size: written }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

async function* between(file: FileHandle, from: number, to: number): AsyncIterable<Buffer> {
  for (let at = from; at < to; ) {
    const bytes = await bytesAt(file, at, Math.min(1 << 20, to - at))
    if (bytes.length === 0) return
    yield bytes
    at += bytes.length
  }
}

/** A directory longer than this is none. */
const longestDirectory = 256 << 20

async function directoryOf(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat()
  const tail = Math.min(size, 65_536 + 22 + 20)
  const end = await bytesAt(file, size - tail, tail)
  const at = end.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  if (at < 0 || at + 22 > end.length) throw new Broken('it has no directory: it is not whole')
  let [length, offset] = [end.readUInt32LE(at + 12), end.readUInt32LE(at + 16)]
  const locator = at >= 20 && end.readUInt32LE(at - 20) === 0x07064b50 ? at - 20 : -1

  if (locator >= 0) {
    const large = await bytesAt(file, Number(end.readBigUInt64LE(locator + 8)), 56)
    if (large.length === 56 && large.readUInt32LE(0) === 0x06064b50) {
      length = Number(large.readBigUInt64LE(40))
      offset = Number(large.readBigUInt64LE(48))
    }
  }

  if (length > longestDirectory) throw new Broken('its directory is wrong')

  return entriesIn(await bytesAt(file, offset, length))
}

function entriesIn(bytes: Buffer): Entry[] {
  const entries: Entry[] = []

  for (let at = 0; at + 46 <= bytes.length && bytes.readUInt32LE(at) === 0x02014b50; ) {
    const [names, extras, comments] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ]
    const extra = bytes.subarray(at + 46 + names, at + 46 + names + extras)
    const large = zip64(extra, {
      size: bytes.readUInt32LE(at + 24),
      packed: bytes.readUInt32LE(at + 20),
      at: bytes.readUInt32LE(at + 42),
    })
    entries.push({
      name: bytes.toString('utf8', at + 46, at + 46 + names),
      method: bytes.readUInt16LE(at + 10),
      isEncrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      changed: dosTime(bytes.readUInt16LE(at + 14), bytes.readUInt16LE(at + 12)),
      ...large,
    })
    at += 46 + names + extras + comments
  }

  return entries
}

/** Numbers that do not fit the entry stand in an extra field, in this order. */
function zip64(
  extra: Buffer,
  { size, packed, at }: { size: number; packed: number; at: number },
): Pick<Entry, 'packed' | 'at'> {
  let found: Buffer = Buffer.alloc(0)
  for (let i = 0; i + 4 <= extra.length; i += 4 + extra.readUInt16LE(i + 2))
    if (extra.readUInt16LE(i) === 1) found = extra.subarray(i + 4, i + 4 + extra.readUInt16LE(i + 2))
  let next = 0
  const or = (value: number): number => {
    if (value !== 0xffffffff || next + 8 > found.length) return value
    next += 8
    return Number(found.readBigUInt64LE(next - 8))
  }
  or(size)
  return { packed: or(packed), at: or(at) }
}

const dosTime = (date: number, time: number): Date =>
  new Date(
    Date.UTC(
      1980 + (date >> 9),
      ((date >> 5) & 15) - 1,
      date & 31,
      time >> 11,
      (time >> 5) & 63,
      (time & 31) * 2,
    ),
  )
