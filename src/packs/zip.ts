/** Files into one zip archive, as they are: Parquet and captures hardly shrink. PKWARE APPNOTE 6.3.10. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** 1 January 1980, the least time a zip can say: the same pack is the same bytes. */
const never = { time: 0, date: 0x21 }
const utf8Names = 0x0800

interface Entry {
  readonly name: Buffer
  readonly size: number
  readonly crc: number
  readonly at: number
}

/**
 * The archive of `names` in `folder`, as bytes; each file is read twice. Without zip64, so that all files together
 * are under 4 GiB.
 */
export async function* zipOf(folder: string, names: readonly string[]): AsyncIterable<Buffer> {
  const entries: Entry[] = []
  let at = 0

  for (const name of names) {
    const path = join(folder, name)
    const { size } = await stat(path)
    const entry = { name: Buffer.from(name), size, crc: await checksum(path), at }
    entries.push(entry)
    const header = fields(0x04034b50, entry, false)
    yield header
    for await (const chunk of createReadStream(path)) yield chunk as Buffer
    at += header.length + size
  }

  const directory = Buffer.concat(entries.map((entry) => fields(0x02014b50, entry, true)))
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  yield directory
  yield end
}

/** The header before a file, or its entry in the directory. */
function fields(signature: number, { name, size, crc, at }: Entry, inDirectory: boolean): Buffer {
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(utf8Names, 2)
  common.writeUInt16LE(never.time, 6)
  common.writeUInt16LE(never.date, 8)
  common.writeUInt32LE(crc, 10)
  common.writeUInt32LE(size, 14)
  common.writeUInt32LE(size, 18)
  common.writeUInt16LE(name.length, 22)

  const start = Buffer.alloc(inDirectory ? 6 : 4)
  start.writeUInt32LE(signature, 0)
  if (!inDirectory) return Buffer.concat([start, common, name])
  start.writeUInt16LE(20, 4)
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(at, 10)
  return Buffer.concat([start, common, rest, name])
}

async function checksum(path: string): Promise<number> {
  let crc = 0
  for await (const chunk of createReadStream(path)) crc = crc32(chunk as Buffer, crc)
  return crc
}
