/**
 * What nfdump prints: `-o line`, `long`, `extended`, `biline`, `bilong` and `fmt:…` by its header, the first three also
 * without one (`-q`), and `-o pipe`; of any version, and such text with tabs for blanks or a label at the end.
 * Times have no zone and are read as UTC. Counts that nfdump shortened (`1.2 M`) are as exact as they were printed.
 */
import type { Reader } from '../reader.ts'
import { isPipe } from './pipe.ts'
import { columnsOf, line } from './text-columns.ts'

export const nfdumpText: Reader = {
  name: 'nfdump-text',
  doc: 'what nfdump prints with -o line, long, extended, biline, bilong, pipe or fmt:…',
  gives: ['flow'],
  accepts: (head) => {
    const [first = ''] = head.slice(0, 4096).split('\n', 1)
    const text = first.trimEnd()
    return columnsOf(text) !== null || line.test(text) || isPipe(text)
  },
  read: async (input, sink, choices = {}) => (await import('./read-text.ts')).readText(input, sink, choices),
}
