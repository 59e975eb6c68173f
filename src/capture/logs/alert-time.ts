/**
 * Times as Snort and Suricata write them in lines of alerts: `MM/DD-HH:MM:SS.ffffff`, with a year of two or four
 * digits where the sensor was told to write one (`-y`). They have no zone and are read as UTC.
 */

import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import { statOf } from '../input-paths.ts'

/**
 * SQL: the stamp as ISO 8601, which `instant` reads; '' where it is none. `written` is when the file was last
 * changed.
 */
export function isoStamp(stamp: Query, written: Date): Query {
  const part = (n: number) => sql`arrayElement(${parts}, ${raw(String(n))})`
  const day = '([0-9]{2})/([0-9]{2})(?:/([0-9]{2}|[0-9]{4}))?'
  const time = '([0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?)'
  const parts = sql`extractGroups(${stamp}, ${`^${day}-${time}$`})`
  const monthDay = sql`concat(${part(1)}, ${part(2)})`
  // A day later than the file's: zones differ by less.
  const last = new Date(written.getTime() + 864e5)
  const newest = last.toISOString().slice(5, 10).replace('-', '')
  const year = last.getUTCFullYear()
  const guessed = sql`if(${monthDay} <= ${newest}, ${String(year)}, ${String(year - 1)})`
  const yearGiven = sql`multiIf(
    ${part(3)} = '', ${guessed},
    length(${part(3)}) = 2, concat('20', ${part(3)}),
    ${part(3)})`
  return sql`if(empty(${parts}), '', concat(${yearGiven}, '-', ${part(1)}, '-', ${part(2)}, ' ', ${part(4)}))`
}

/**
 * When the file at `path` was last changed: of a stamp without a year, the newest day that is not after it is
 * meant.
 */
export const writtenAt = async (path: string): Promise<Date> => (await statOf(path)).mtime
