/** A full disk, wherever it comes up. */
import { UserError } from '../errors.ts'

/** What the system says of a full disk as something a person can fix; null for anything else. */
export function diskFull(error: unknown): UserError | null {
  const { code, path } = (error ?? {}) as { readonly code?: unknown; readonly path?: unknown }
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return null
  return new UserError(
    'disk-full',
    `no space left${typeof path === 'string' ? ` for ${path}` : ' for a temporary file or an output'}`,
    'Free some space, or set TMPDIR to a folder on another disk.',
    error,
  )
}
