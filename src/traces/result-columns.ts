import type { ResultCells } from '../store/store.ts'
import type { Calls, Trace } from './trace.ts'

/** Ways to read the columns that a query over calls gives, row `i` at a time; calls are views of the columns. */
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

/** A copy, which no longer holds the result that the calls were read from. */
export const ownCalls = ({ start, duration, sent, received, bytes, packets }: Calls): Calls => ({
  start: start.slice(),
  duration: duration.slice(),
  sent: sent.slice(),
  received: received.slice(),
  bytes: bytes.slice(),
  packets: packets.slice(),
})
