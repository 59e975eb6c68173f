/** How long answers of analyses are kept. */
import { sql } from '../sql.ts'
import type { Store } from '../store.ts'

/** Answers that are, or would be, removed: those of analyses that were made before a moment. */
export interface RemovedAnswers {
  readonly answers: number
  /** When the first and the last of them was made, in microseconds. */
  readonly first: number
  readonly last: number
}

/**
 * Answers of analyses made more than `keep` microseconds before the newest, or before now where that lies in the
 * future; null where there are none. The newest answer always stays.
 */
export async function removableAnswers(store: Store, keep: number): Promise<RemovedAnswers | null> {
  const [newest] = await store.rows<{ made: number }>('SELECT toFloat64(max(made)) AS made FROM analysis')
  const before = Math.min(Date.now() * 1000, newest?.made ?? 0) - keep
  const [found] = await store.rows<RemovedAnswers>(sql`
    SELECT toFloat64(count()) AS answers, toFloat64(min(made)) AS first, toFloat64(max(made)) AS last
    FROM analysis WHERE made < ${Math.round(before)}`)
  return found && found.answers > 0 ? found : null
}

/** Removes them; cut short, it is finished by doing it again. */
export const removeAnswers = (store: Store, { last }: RemovedAnswers): Promise<void> =>
  store.alter('analysis', sql`DELETE WHERE made <= ${last} SETTINGS mutations_sync = 1`)
