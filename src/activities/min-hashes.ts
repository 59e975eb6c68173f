/**
 * Which of the programs that hosts fetched are like which: Gu et al., BotMiner 2008, section 3.4, propose the Dice
 * coefficient of the n-grams of binaries, and compared for equality; polymorphic programs are not equal.
 */
import { dice } from '../math/sketch.ts'
import type { Activity } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import { sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** MinHashes of programs, by their content hash. */
export type MinHashes = ReadonlyMap<string, readonly number[]>

/** MinHashes of the programs among the traits of downloads, of those records that have one. */
export async function minHashesOf(
  store: Store,
  { from, to }: Scope,
  activities: readonly Activity[],
): Promise<MinHashes> {
  const hashes = new Set(activities.flatMap(({ type, traits }) => (type === 'download' ? traits : [])))
  if (hashes.size === 0) return new Map()
  const found = await store.rows<{ hash: string; least: number[] }>(sql`
    SELECT hash, arrayMap(each -> toFloat64(each), argMin(sketch, (start, uid))) AS least FROM file
    WHERE start >= ${from} AND start < ${to} AND notEmpty(sketch) AND hash IN ${texts([...hashes])}
    GROUP BY hash ORDER BY hash`)
  return new Map(found.map(({ hash, least }) => [hash, least]))
}

/** What each of the hashes that has like ones is called: by the least of those that a chain of likeness joins. */
export function similarPrograms(minHashes: MinHashes, atLeast: number): ReadonlyMap<string, string> {
  const left = new Set([...minHashes.keys()].toSorted())
  const similar = new Map<string, string>()
  for (const least of left) {
    left.delete(least)
    const members = [least]
    for (const member of members)
      for (const other of left)
        if (dice(minHashes.get(member)!, minHashes.get(other)!) >= atLeast && left.delete(other))
          members.push(other)
    if (members.length > 1) for (const member of members) similar.set(member, `like ${least}`)
  }
  return similar
}
