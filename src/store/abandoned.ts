/**
 * Temporary folders that processes left which were killed, or whose machine lost its power: told by their names,
 * which say whose they are.
 */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Path of a temporary folder of this process, up to the characters that `mkdtemp` adds. */
export const temporaryPrefix = (): string => join(tmpdir(), `gannet-${place()}-${process.pid}-`)

/**
 * The machine, and on Linux the container: a process that is not seen from here may live in another that has the same
 * temporary folder.
 */
function place(): string {
  let space = ''
  try {
    space = readlinkSync('/proc/self/ns/pid')
  } catch {
    // No Linux: processes of the whole machine are seen.
  }
  return createHash('sha256').update(`${hostname()} ${space}`).digest('hex').slice(0, 8)
}

interface Removed {
  readonly folders: number
  readonly bytes: number
}

/**
 * Removes the temporary folders of processes of this machine that are no more; others, and what may not be removed,
 * stay.
 */
export function removeAbandoned(): Removed {
  const own = new RegExp(`^gannet-${place()}-([1-9][0-9]*)-`)
  let [folders, bytes] = [0, 0]
  for (const name of namesIn(tmpdir())) {
    const pid = Number(own.exec(name)?.[1])
    if (!pid || isAlive(pid)) continue
    const path = join(tmpdir(), name)
    const size = sizeOf(path)
    if (size === null || !removed(path)) continue
    folders++
    bytes += size
  }
  return { folders, bytes }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A process of another user counts as alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Bytes of the files in it; null for what is no folder of this user. Links are not followed. */
function sizeOf(path: string): number | null {
  try {
    const folder = lstatSync(path)
    if (!folder.isDirectory() || (process.getuid && folder.uid !== process.getuid())) return null
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0)
  } catch {
    return null
  }
}

function removed(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true })
    return true
  } catch {
    return false
  }
}
