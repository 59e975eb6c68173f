/** Lines of `key=value` pairs, as firewalls write them, made JSON lines. */
import { type Envelope, firstLines } from './envelopes.ts'
import { mapLines } from './line-filter.ts'

// A name begins at a boundary only: a long word without = would be looked at from each of its letters.
const pairs = /(?<![\w.-])([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|[^\s,]*)/g

/** The pairs of a line, and its date and time as one where it has them apart; null where it has few. */
function objectIn(line: string): Record<string, string> | null {
  const found = [...line.matchAll(pairs)].map(([, key, value = '']) => [
    (key as string).toLowerCase(),
    value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value,
  ])
  if (found.length < 5) return null
  const object = Object.fromEntries(found) as Record<string, string>
  const { date, time, tz = '' } = object
  return date && time ? { ...object, datetime: `${date} ${time}${/^[+-]\d{4}$/.test(tz) ? tz : ''}` } : object
}

export const keyValues: Envelope = (head) => {
  const lines = firstLines(head)
  const isSo = (line: string) => !line.trimStart().startsWith('{') && objectIn(line) !== null
  if (lines.length === 0 || lines.filter(isSo).length * 2 <= lines.length) return null
  return {
    what: 'lines of key=value',
    grows: true,
    through: (chunks) =>
      mapLines(chunks, (line) => {
        const object = objectIn(line.toString())
        return object ? JSON.stringify(object) : line
      }),
  }
}
