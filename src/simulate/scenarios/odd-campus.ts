/**
 * The campus day with clean hosts that do what bots do, so that a threshold has something to rest on: port scanners
 * tried on the outside, mail to hundreds of members, a class that installs one program, two monitoring systems, two
 * vulnerability scanners, more file sharing.
 */
import type { Habit, Scenario } from '../scenario.ts'
import { campusDay } from './campus-day.ts'

const hours = [8, 9, 10, 11, 13, 14, 15, 16]

const acting: Readonly<Record<string, readonly Habit[]>> = {
  staff: [
    { behaviour: 'survey', share: 0.03 },
    { behaviour: 'survey', share: 0.015, options: { hour: 14, spread: 0.2, perSecond: 8, addresses: 600 } },
    ...hours.map(
      (hour): Habit => ({
        behaviour: 'send-newsletter',
        share: 0.006,
        options: { hour, letters: 260 },
      }),
    ),
    { behaviour: 'send-newsletter', share: 0.02, options: { hour: 9, letters: 200 } },
  ],
  student: [
    { behaviour: 'survey', share: 0.04 },
    { behaviour: 'share-files', share: 0.08, options: { perHour: 1500 } },
    { behaviour: 'install-in-class', share: 0.25, options: { hour: 14.1, program: 'notebook' } },
  ],
  lab: [{ behaviour: 'install-in-class' }],
}

const twice = ['monitor', 'auditor', 'newsletter']

export const oddCampus: Scenario = {
  ...campusDay,
  name: 'odd-campus',
  doc: 'The campus day with clean hosts that scan, mail and install together, and the same four botnets.',
  populations: campusDay.populations.map((population) => ({
    ...population,
    count: population.count * (twice.includes(population.role) ? 2 : 1),
    habits: [...population.habits, ...(acting[population.role] ?? [])],
  })),
}
