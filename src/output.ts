/**
 * Files that a person asked for, put where they are wanted.
 *
 * A regular file is written beside its place and moved there when it is whole, with the permissions and the owner
 * of the one before; a link stays a link, and what it leads to is written. Anything else (a device, a pipe, a
 * terminal) is written to, never replaced: renaming a file over /dev/null would take the device away from the whole
 * machine.
 */
import { constants, createReadStream, createWriteStream } from 'node:fs'
import { access, chmod, chown, lstat, mkdtemp, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from './errors.ts'

/** Where output goes. */
export interface OutputPlace {
  /** As the person named it. */
  readonly name: string
  /** `stream`: what is there takes bytes as they come and cannot be replaced. */
  readonly kind: 'file' | 'stream' | 'standard-output'
  /** The file itself, links followed. */
  readonly path: string
  /** What is there now. */
  readonly before: Before | null
}

interface Before {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Other names of the same file, which a new one would not have. */
  readonly hasOtherNames: boolean
}

const cannotWrite = (name: string, cause: unknown): UserError =>
  cause instanceof UserError
    ? cause
    : new UserError(
        'output-failed',
        `${name} cannot be written`,
        'Give a path in a folder with write permission.',
        cause,
      )

/** What stands at a path; `-` is standard output. @throws UserError output-failed for a folder. */
export async function outputPlace(name: string): Promise<OutputPlace> {
  if (name === '-') return { name: 'standard output', kind: 'standard-output', path: name, before: null }
  const found = await stat(name).catch(() => null)
  if (!found) return { name, kind: 'file', path: await behindLink(name), before: null }
  if (found.isDirectory()) throw cannotWrite(name, new Error('it is a directory'))
  if (!found.isFile()) return { name, kind: 'stream', path: name, before: null }
  const { mode, uid, gid, nlink } = found
  return {
    name,
    kind: 'file',
    path: await realpath(name),
    before: { mode: mode & 0o7777, uid, gid, hasOtherNames: nlink > 1 },
  }
}

/** Where a link leads to whose target is not there yet. */
async function behindLink(name: string): Promise<string> {
  const link = await lstat(name).catch(() => null)
  return link?.isSymbolicLink() ? resolve(dirname(name), await readlink(name)) : resolve(name)
}

/** A stream into a place that takes bytes as they come. */
export const openPlace = ({ path, kind }: OutputPlace): NodeJS.WritableStream =>
  kind === 'standard-output' ? process.stdout : createWriteStream(path)

/** A new folder beside the place, so that a move from it is one step; null where none can be made there. */
export async function folderBeside({ path }: OutputPlace): Promise<string | null> {
  const folder = dirname(path)
  return access(folder, constants.W_OK)
    .then(() => mkdtemp(join(folder, '.gannet-')))
    .catch(() => null)
}

/** Moves a finished file to its place. @throws UserError output-failed. */
export async function putInPlace(finished: string, place: OutputPlace): Promise<void> {
  const { path, before, name } = place
  try {
    if (before) await takeOver(finished, before)
    if (!before?.hasOtherNames && (await moved(finished, path))) return
    await pipeline(createReadStream(finished), createWriteStream(path))
  } catch (error) {
    throw cannotWrite(name, error)
  }
}

/** False where the file has to be written as it stands: on another disk, or mounted by itself. */
const moved = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (['EXDEV', 'EBUSY', 'EACCES', 'EPERM'].includes(String(error.code))) return false
      throw error
    },
  )

async function takeOver(path: string, { mode, uid, gid }: Before): Promise<void> {
  // Only the administrator may give files away; of one's own nothing changes.
  await chown(path, uid, gid).catch(() => {})
  await chmod(path, mode)
}

/** Writes all of a content to a path, or to standard output for `-`. @throws UserError output-failed. */
export async function writeOutput(name: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
  const place = await outputPlace(name)
  const bytes = () => Readable.from(typeof content === 'string' ? [content] : content)
  if (place.kind === 'standard-output') return pipeline(bytes(), process.stdout, { end: false })
  const folder = place.kind === 'file' ? await folderBeside(place) : null
  try {
    const path = folder === null ? place.path : join(folder, basename(place.path))
    await pipeline(bytes(), createWriteStream(path))
    if (folder !== null) await putInPlace(path, place)
  } catch (error) {
    throw cannotWrite(place.name, error)
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true })
  }
}
