import { scaleUtc } from 'd3-scale'
import { day, type Micros } from '../../model/units.ts'
import { sayInstant } from '../../model/words/say.ts'

interface TimeTick {
  readonly at: Micros
  readonly label: string
}

/** About five round instants: `03:00` within two days, `03-04` over more. */
export function timeTicks(from: Micros, to: Micros): TimeTick[] {
  if (!(to > from)) return [{ at: from, label: sayInstant(from).slice(11, 16) }]
  const dates = scaleUtc([new Date(from / 1000), new Date(to / 1000)], [0, 1]).ticks(5)
  const long = to - from > 2 * day
  return dates.map((date) => {
    const at = (date.getTime() * 1000) as Micros
    return { at, label: long ? sayInstant(at).slice(5, 10) : sayInstant(at).slice(11, 16) }
  })
}
