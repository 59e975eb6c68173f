/** Ids that depend on what is said, not on when or where it was computed. */
import { createHash } from 'node:crypto'
import type { Shown } from '../model/endpoint.ts'
import type { Finding } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { bound, ofAnyRecords } from '../store/sql.ts'

/** 12 hex digits of a hash of the parts, with a letter before it. */
export const identify = (letter: 'f' | 'b' | 'a', parts: readonly unknown[]): string =>
  `${letter}${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)}`

/** A query as a finding carries it, so that anyone can run it again. */
export function shown(query: Query): Shown {
  const { text, params } = bound(ofAnyRecords(query))
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return { sql: lines.join('\n'), params }
}

/**
 * The findings with an id of its own each: two of one host and one name, at two addresses or ports, would share theirs.
 * Of those that share one, the first by address keeps it, so that it stays the same from one analysis to the next.
 */
export function withDistinctIds<T extends Pick<Finding, 'id' | 'cnc' | 'from'>>(findings: readonly T[]): T[] {
  const keyOf = ({ cnc, from }: T) => JSON.stringify([cnc.map(({ address, port }) => [address, port]), from])
  const kept = new Map<string, T>()
  for (const finding of findings) {
    const known = kept.get(finding.id)
    if (!known || keyOf(finding) < keyOf(known)) kept.set(finding.id, finding)
  }
  return findings.map((finding) =>
    kept.get(finding.id) === finding
      ? finding
      : { ...finding, id: identify('f', [finding.id, keyOf(finding)]) },
  )
}
