/** Every scenario. To add one: a file of data here, a line in the list. */
import type { Scenario } from '../scenario.ts'
import { campusDay } from './campus-day.ts'

export const scenarios: readonly Scenario[] = [campusDay]
