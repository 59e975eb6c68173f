/** Every scenario. To add one: a file of data here, a line in the list. */
import type { Scenario } from '../scenario.ts'
import { campusDay } from './campus-day.ts'
import { familySamples } from './family-samples.ts'
import { lives } from './lives.ts'
import { namesDay } from './names-day.ts'
import { networks } from './networks.ts'
import { oddCampus } from './odd-campus.ts'

export const scenarios: readonly Scenario[] = [
  campusDay,
  oddCampus,
  namesDay,
  ...networks,
  ...lives,
  familySamples,
]
