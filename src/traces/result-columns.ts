import type { ResultColumns } from '../store/store.ts'
import type { Trace } from './trace.ts'

/** Ways to read the columns that a query over calls gives, row `i` at a time. */
export function readersOf(columns: ResultColumns) {
  const text = (name: string) => columns[name] as readonly string[]
  const number = (name: string) => columns[name] as ArrayLike<number>
  const strings = (name: string) => columns[name] as readonly (readonly string[])[]
  const lists = (name: string) => columns[name] as readonly Float64Array[]
  const list = (name: string, i: number) => lists(name)[i] ?? new Float64Array()

  const calls = (i: number): Trace['calls'] => ({
    start: list('start', i),
    duration: list('duration', i),
    sent: list('sent', i),
    received: list('received', i),
    bytes: list('bytes', i),
    packets: list('packets', i),
  })
  return { text, number, strings, calls }
}
