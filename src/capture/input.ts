/** Files and directories as inputs: opened, uncompressed, their first bytes looked at. */
import { createReadStream } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { UserError } from '../errors.ts'
import type { Input } from './reader.ts'

const HEAD = 65_536
const LONGEST_LINE = 1 << 20

/** A file that a person named, or one found in a directory that they named. */
export interface Found {
  /** Absolute. */
  readonly path: string
  readonly name: string
  /** Bytes on disk. */
  readonly size: number
  /** Whether the person named this very file. */
  readonly explicit: boolean
}

/** A path, or a path that is called otherwise. */
export type GivenPath = string | { readonly path: string; readonly name: string }

export const namesOf = (given: readonly GivenPath[]): string =>
  given.map((each) => (typeof each === 'string' ? each : each.name)).join(', ')

export interface Unfound {
  readonly name: string
  readonly why: string
}

/**
 * Files under the paths that a person gave. Directories are walked in name order, links in them followed,
 * hidden files left out; what cannot be used in them is listed with the reason.
 * @throws UserError for a path given that is missing or no file and no directory.
 */
export async function inputPaths(
  given: readonly GivenPath[],
): Promise<{ files: Found[]; skipped: Unfound[] }> {
  const files: Found[] = []
  const skipped: Unfound[] = []
  for (const each of given) {
    const { path, name } = typeof each === 'string' ? { path: each, name: each } : each
    const kind = await statOf(path)
    if (kind.isDirectory()) await walk(path, { files, skipped, above: [] })
    else if (kind.isFile()) files.push({ path: resolve(path), name, size: kind.size, explicit: true })
    else throw notAFile(path)
  }
  return { files, skipped }
}

interface Walk {
  readonly files: Found[]
  readonly skipped: Unfound[]
  /** The directories that led here, so that a link back to one of them ends the walk. */
  readonly above: readonly string[]
}

async function walk(folder: string, { files, skipped, above }: Walk): Promise<void> {
  try {
    const real = await realpath(folder)
    if (above.includes(real)) return
    const names = (await readdir(folder)).filter((entry) => !entry.startsWith('.')).sort()
    for (const entry of names) {
      const name = join(folder, entry)
      try {
        const kind = await statOf(name)
        if (kind.isDirectory()) await walk(name, { files, skipped, above: [...above, real] })
        else if (kind.isFile()) files.push({ path: resolve(name), name, size: kind.size, explicit: false })
        else throw notAFile(name)
      } catch (error) {
        skipped.push({ name, why: reasonOf(error, name) })
      }
    }
  } catch (error) {
    const reason = unreadable(folder, error)
    if (above.length === 0) throw reason
    skipped.push({ name: folder, why: reasonOf(reason, folder) })
  }
}

const notAFile = (path: string) =>
  new UserError(
    'input-unreadable',
    `${path} is no regular file (a pipe, a device or a socket)`,
    'Write what comes from it to a file and give that.',
  )

/** Why an input among others was left out: the message without the name. @throws what is no UserError. */
export function reasonOf(error: unknown, name: string): string {
  if (!(error instanceof UserError)) throw error
  return error.message.startsWith(name)
    ? error.message.slice(name.length).replace(/^[:, ]+/, '')
    : error.message
}

async function statOf(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** What tells that a file is the one it was: size, last change and place on disk. */
export async function stampOf(path: string): Promise<string> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true })
    return `${size} ${mtimeNs} ${ino}`
  } catch (error) {
    throw unreadable(path, error)
  }
}

const whys: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  EISDIR: 'it is a directory',
  ELOOP: 'its links lead in a circle',
  EIO: 'the disk cannot read it',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
}

/** What the system said about a path, as something a person can act on. */
export function unreadable(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error
  const code = String((error as NodeJS.ErrnoException).code)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new UserError('input-missing', `there is no ${path}`, 'Check the path.', error)
  const hint = /EACCES|EPERM/.test(code) ? 'Check who may read it.' : 'Give another path.'
  return new UserError(
    'input-unreadable',
    `${path} cannot be read: ${whys[code] ?? String(error)}`,
    hint,
    error,
  )
}

/** Opens one file: its size, compression and first 64 KiB. */
export async function openInput(path: string, name: string = path): Promise<Input> {
  const kind = await statOf(path)
  if (!kind.isFile()) throw kind.isDirectory() ? unreadable(name, { code: 'EISDIR' }) : notAFile(name)
  const start = await firstBytes(path, HEAD)
  const compression =
    start[0] === 0x1f && start[1] === 0x8b
      ? 'gzip'
      : start.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
        ? 'zstd'
        : 'none'
  const input = { name, path: resolve(path), size: kind.size, compression } as const
  return {
    ...input,
    onDisk: true,
    head: compression === 'none' ? start.toString('latin1') : await headOf(input),
    bytes: (passing) => (passing && compression === 'none' ? passingBytes(input) : bytesOf(input)),
    unpacked: (passed) => bytesOf(input, passed),
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

/** The file through one buffer that is used again, which spares the collector a megabyte a chunk. */
async function* passingBytes({ name, path }: Pick<Input, 'name' | 'path'>): AsyncIterable<Buffer> {
  try {
    const file = await open(path)
    try {
      const buffer = Buffer.allocUnsafeSlow(1 << 20)
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(name, error)
  }
}

async function* bytesOf(
  { name, path, compression }: Pick<Input, 'name' | 'path' | 'compression'>,
  passed?: (bytes: number) => void,
): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 })
  const unpack =
    compression === 'gzip' ? createGunzip() : compression === 'zstd' ? createZstdDecompress() : null
  const source: Readable = unpack ? pipeline(file, unpack, () => {}) : file
  try {
    for await (const chunk of source) {
      passed?.(file.bytesRead)
      yield chunk as Buffer
    }
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

/** Bytes of a file that is not compressed, from `start` to before `end`. */
export async function* bytesBetween(path: string, start: number, end: number): AsyncIterable<Buffer> {
  if (end <= start) return
  try {
    for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 20 }))
      yield chunk as Buffer
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Offset behind the last line end before `size`; 0 where there is none. */
export async function endOfLines(path: string, size: number): Promise<number> {
  try {
    const file = await open(path)
    try {
      const buffer = Buffer.alloc(65_536)
      for (let end = size; end > 0; ) {
        const from = Math.max(0, end - buffer.length)
        const { bytesRead } = await file.read(buffer, 0, end - from, from)
        const at = buffer.subarray(0, bytesRead).lastIndexOf(10)
        if (at >= 0) return from + at + 1
        end = from
      }
      return 0
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}
