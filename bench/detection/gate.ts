/** The small ground that CI holds the detectors to: a campus of sixty for a day, of the tuning side. */
import type { Scenario } from '../../src/simulate/index.ts'
import { campusDay } from '../../src/simulate/scenarios/campus-day.ts'

/** Machines of each role; roles that are not named are left out. */
const counts: Readonly<Record<string, number>> = {
  staff: 30,
  student: 14,
  phone: 5,
  printer: 2,
  camera: 1,
  thing: 1,
  resolver: 1,
  directory: 1,
  'file-server': 1,
  'mail-server': 1,
  'time-server': 1,
  backup: 1,
  monitor: 1,
}

export const gateScenario: Scenario = {
  ...campusDay,
  name: 'gate',
  populations: campusDay.populations.flatMap((each) => {
    const count = counts[each.role]
    if (count === undefined) return []
    const habits = each.habits.map((habit) =>
      habit.behaviour === 'relay-mail' ? { ...habit, options: { perHour: 30 } } : habit,
    )
    return [{ ...each, count, habits }]
  }),
  surroundings: [{ behaviour: 'radiate', options: { perHour: 0.2, knocksPerHour: 20 } }],
  botnets: [
    { id: 'irc', family: 'irc', size: 4, among: ['staff', 'student'] },
    { id: 'http', family: 'http-fixed', size: 4, among: ['staff', 'student'] },
    { id: 'p2p', family: 'p2p', size: 4, among: ['staff', 'student'] },
    { id: 'lone', family: 'irc', size: 1, among: ['staff', 'student'] },
  ],
}

/** A tuning seed: a gate is looked at whenever a detector is changed. */
export const gateSeed = 2
