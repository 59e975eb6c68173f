/** Files and directories as inputs: opened, uncompressed, their first bytes looked at. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { UserError } from '../errors.ts'
import type { Input } from './reader.ts'

const HEAD = 65_536
const LONGEST_LINE = 1 << 20

/** Files under the paths that a person gave, directories walked in name order, hidden files left out. */
export async function inputPaths(
  given: readonly string[],
): Promise<{ path: string; name: string; explicit: boolean }[]> {
  const found = []
  for (const path of given) {
    const kind = await statOf(path)
    if (!kind.isDirectory()) found.push({ path: resolve(path), name: path, explicit: true })
    else
      for (const inner of await filesUnder(path))
        found.push({ path: resolve(inner), name: inner, explicit: false })
  }
  return found
}

async function statOf(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error)
  })
  const inner = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(async (entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesUnder(path)
      return entry.isFile() || entry.isSymbolicLink() ? [path] : []
    })
  return (await Promise.all(inner)).flat()
}

/** What the system said about a path, as something a person can act on. */
export function unreadable(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT')
    return new UserError('input-missing', `there is no ${path}`, 'Check the path.', error)
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'you may not read it'
      : code === 'EISDIR'
        ? 'it is a directory'
        : String(code ?? error)
  return new UserError('input-unreadable', `${path} cannot be read: ${why}`, 'Check who may read it.', error)
}

/** Opens one file: its size, compression and first 64 KiB. */
export async function openInput(path: string, name: string = path): Promise<Input> {
  const { size } = await statOf(path)
  const start = await firstBytes(path, 4)
  const compression =
    start[0] === 0x1f && start[1] === 0x8b
      ? 'gzip'
      : start.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
        ? 'zstd'
        : 'none'
  const input = { name, path: resolve(path), size, compression } as const
  return {
    ...input,
    head: await headOf(input),
    bytes: () => bytesOf(input),
    lines: () => linesOf(bytesOf(input)),
  }
}

async function firstBytes(path: string, length: number): Promise<Buffer> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function headOf(input: Pick<Input, 'name' | 'path' | 'compression'>): Promise<string> {
  let head = ''
  try {
    for await (const chunk of bytesOf(input)) {
      head += chunk.toString('latin1')
      if (head.length >= HEAD) break
    }
  } catch (error) {
    // A damaged archive may still show what it is; reading it whole will say so.
    if (!(error instanceof UserError && error.code === 'input-damaged')) throw error
  }
  return head.slice(0, HEAD)
}

async function* bytesOf({
  name,
  path,
  compression,
}: Pick<Input, 'name' | 'path' | 'compression'>): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 })
  const unpack =
    compression === 'gzip' ? createGunzip() : compression === 'zstd' ? createZstdDecompress() : null
  const source: Readable = unpack ? pipeline(file, unpack, () => {}) : file
  try {
    for await (const chunk of source) yield chunk as Buffer
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (/^Z_|^ERR_ZSTD|^ZSTD/.test(code) || /zlib|zstd|unexpected end of file/i.test(String(error))) {
      throw new UserError(
        'input-damaged',
        `${name} is damaged: its ${compression} data breaks off or is wrong`,
        'Copy it again, or unpack what can be saved and give that.',
        error,
      )
    }
    throw unreadable(name, error)
  } finally {
    file.destroy()
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield text(bytes.subarray(from, end))
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > LONGEST_LINE) {
      yield text(rest)
      rest = Buffer.alloc(0)
    }
  }
  if (rest.length > 0) yield text(rest)
}

const text = (line: Buffer): string => (line.at(-1) === 13 ? line.subarray(0, -1) : line).toString('utf8')

/** SHA-256 of the file as it is on disk, in hex. */
export async function contentHash(
  path: string,
  progress: (bytes: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer)
      progress((chunk as Buffer).length)
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  return hash.digest('hex')
}

export const shortName = (name: string): string => basename(name)
