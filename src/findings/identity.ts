/** Ids that depend on what is said, not on when or where it was computed. */
import { createHash } from 'node:crypto'
import type { Shown } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { bound } from '../store/sql.ts'

/** 12 hex digits of a hash of the parts, with a letter before it. */
export const identify = (letter: 'f' | 'b' | 'a', parts: readonly unknown[]): string =>
  `${letter}${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)}`

/** A query as a finding carries it, so that anyone can run it again. */
export function shown(query: Query): Shown {
  const { text, params } = bound(query)
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return { sql: lines.join('\n'), params }
}
