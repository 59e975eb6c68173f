/** Who holds a database folder. The engine itself says so only on the error output. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../errors.ts'

/** The error to throw when another process holds the folder; null when none is known to. */
export function heldByAnother(folder: string): UserError | null {
  const path = join(folder, 'status')
  const pid = lockedBy(path) ?? aliveIn(path)
  if (pid === null || pid === process.pid) return null
  return new UserError(
    'database-busy',
    `another process (${pid}) is using ${folder}`,
    'Wait for it or stop it; one process at a time can use a database folder.',
  )
}

/** The process that has locked the file, where the system lists locks (Linux). */
function lockedBy(path: string): number | null {
  try {
    const { ino } = statSync(path)
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, kind, , access, pid, place = ''] = line.trim().split(/\s+/)
      if (/FLOCK|OFDLCK|POSIX/.test(kind ?? '') && access === 'WRITE' && place.endsWith(`:${ino}`)) {
        return Number(pid) > 0 ? Number(pid) : statedIn(path)
      }
    }
  } catch {}
  return null
}

function statedIn(path: string): number | null {
  try {
    return Number(/PID: (\d+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? Number.NaN) || null
  } catch {
    return null
  }
}

/** The process that the file names, where the system lists no locks and that process lives. */
function aliveIn(path: string): number | null {
  if (process.platform === 'linux') return null
  const pid = statedIn(path)
  try {
    if (pid !== null) process.kill(pid, 0)
    return pid
  } catch {
    return null
  }
}
