/** Files and directories that a person gave, and what the system says about them. */
import { createReadStream } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UserError } from '../errors.ts'

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
  /** What was thrown for it, where it was. */
  readonly error?: unknown
}

/**
 * Files under the paths that a person gave. Directories are walked in name order and once each, links in them followed,
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
    if (kind.isDirectory()) await walk(path, { files, skipped, top: true, walked: new Set() })
    else if (kind.isFile()) files.push({ path: resolve(path), name, size: kind.size, explicit: true })
    else throw notAFile(path)
  }
  return { files, skipped }
}

interface Walk {
  readonly files: Found[]
  readonly skipped: Unfound[]
  /** Whether it is the directory that a person gave. */
  readonly top: boolean
  /** Directories of this walk: links may lead to one in more ways than can be gone. */
  readonly walked: Set<string>
}

async function walk(folder: string, { files, skipped, top, walked }: Walk): Promise<void> {
  try {
    const real = await realpath(folder)
    if (walked.has(real)) return
    walked.add(real)

    for (const { entry, isText } of await entriesIn(folder)) {
      const name = join(folder, entry)
      try {
        if (!isText) throw notText(name)
        const kind = await statOf(name)
        if (kind.isDirectory()) await walk(name, { files, skipped, top: false, walked })
        else if (kind.isFile()) files.push({ path: resolve(name), name, size: kind.size, explicit: false })
        else throw notAFile(name)
      } catch (error) {
        skipped.push({ name, why: reasonOf(error, name) })
      }
    }
  } catch (error) {
    const reason = unreadable(folder, error)
    if (top) throw reason
    skipped.push({ name: folder, why: reasonOf(reason, folder) })
  }
}

/** Names in a folder in their order, but for hidden ones; not all that a disk takes for a name is text. */
async function entriesIn(folder: string): Promise<{ entry: string; isText: boolean }[]> {
  const names = (await readdir(folder, { encoding: 'buffer' })).map((bytes) => {
    const entry = bytes.toString()
    return { entry, isText: Buffer.from(entry).equals(bytes) }
  })
  return names
    .filter(({ entry }) => !entry.startsWith('.'))
    .sort((a, b) => (a.entry < b.entry ? -1 : a.entry > b.entry ? 1 : 0))
}

const notText = (path: string) =>
  new UserError('input-unreadable', `${path} has a name that is no UTF-8`, 'Rename it.')

export const notAFile = (path: string) =>
  new UserError(
    'input-unreadable',
    `${path} is not a regular file (a pipe, a device or a socket)`,
    'Write its data to a file and import that.',
  )

/** Why an input among others was left out: the message without the name. @throws what is no UserError. */
export function reasonOf(error: unknown, name: string): string {
  if (!(error instanceof UserError)) throw error
  return error.message.startsWith(name)
    ? error.message.slice(name.length).replace(/^[:, ]+/, '')
    : error.message
}

export async function statOf(path: string) {
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
  const hint = /EACCES|EPERM/.test(code) ? 'Check its read permission.' : 'Give another path.'
  return new UserError(
    'input-unreadable',
    `${path} cannot be read: ${whys[code] ?? String(error)}`,
    hint,
    error,
  )
}

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
