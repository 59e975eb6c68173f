import type { ResultCells } from '../store/store.ts'
import type { Trace } from './trace.ts'

/** Ways to read the columns that a query over calls gives, row `i` at a time. */
export function readersOf(columns: ResultCells) {
  const reader =
    <T>() =>
    (name: string, i: number): T =>
      columns[name]!.at(i) as T
  const list = reader<Float64Array>()

  const calls = (i: number): Trace['calls'] => ({
    start: list('start', i),
    duration: list('duration', i),
    sent: list('sent', i),
    received: list('received', i),
    bytes: list('bytes', i),
    packets: list('packets', i),
  })
  return { text: reader<string>(), number: reader<number>(), strings: reader<readonly string[]>(), calls }
}
