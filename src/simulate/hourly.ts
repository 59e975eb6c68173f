/** Records hour by hour, as a sensor that rotates its logs writes them. */
import type { Exchange } from './exchange.ts'
import type { Records } from './simulated-records.ts'

/** An hour of records. */
export interface HourOfRecords {
  /** Whole microseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** Connections that ended in it, in that order; those that end after the last hour are in the last. */
  readonly records: readonly Exchange[]
}

const hour = 3600e6

/**
 * Every hour of a scenario in turn, those without a record too. One is in memory, and what is open at its end; the next
 * is made when it is asked for.
 *
 * @param records By end, as `recordsOf` gives them where no order is asked for.
 */
export function* byHour({ records, truth }: Records): Generator<HourOfRecords> {
  const hours = Math.max(1, Math.ceil((truth.to - truth.from) / hour))
  let [at, held]: [number, Exchange[]] = [0, []]
  const one = (): HourOfRecords => ({
    from: truth.from + at * hour,
    to: Math.min(truth.to, truth.from + (at + 1) * hour),
    records: held,
  })

  for (const each of records) {
    for (; at < hours - 1 && each.end >= truth.from + (at + 1) * hour; at++) {
      yield one()
      held = []
    }
    held.push(each)
  }

  for (; at < hours; at++) {
    yield one()
    held = []
  }
}
