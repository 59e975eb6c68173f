/** A data centre: servers that talk to each other, with a few people who administer them. */
import type { Habit, Population, Scenario } from '../scenario.ts'
import { served, sourceCode } from './habits.ts'
import { botnets, timeAndNames } from './network-parts.ts'

const machines = (role: Population['role'], count: number, habits: readonly Habit[]): Population => ({
  role,
  count,
  systems: ['linux'],
  spread: 0.7,
  habits: [
    { behaviour: 'set-clock' },
    { behaviour: 'copy-away', options: { gigabytes: 0.5 } },
    // Agents of watching, inventory and security vendors: the most regular callers that there are.
    {
      behaviour: 'poll',
      share: 0.8,
      options: { service: 'metrics', period: 30, jitter: 0.02, up: 2400, down: 180, addresses: 3 },
    },
    {
      behaviour: 'poll',
      share: 0.6,
      options: { service: 'agent', period: 60, jitter: 0.01, up: 500, down: 260, addresses: 2 },
    },
    {
      behaviour: 'poll',
      share: 0.3,
      options: { service: 'inventory', period: 14_400, jitter: 0.05, up: 40_000, down: 600, addresses: 1 },
    },
    {
      behaviour: 'push',
      share: 0.5,
      options: { service: 'command-bus', beat: 45, addresses: 3, hours: 40, port: 4506 },
    },
    { behaviour: 'update', options: { service: 'packages', period: 21_600, wave: 0.3, waveHour: 6 } },
    ...habits,
  ],
})

/** Racks: no people, much clockwork, visitors from everywhere. */
export const dataCentre: Scenario = {
  name: 'data-centre',
  doc: 'A data centre of 120 machines: agents at regular intervals, jobs, visitors; two botnets on servers.',
  begins: '2025-03-11T00:00:00+00:00',
  hours: 24,
  prefix: '10.44',
  domain: 'racks.example',
  populations: [
    machines('application', 60, [
      {
        behaviour: 'poll',
        share: 0.5,
        options: {
          service: 'payments',
          period: 20,
          jitter: 0.9,
          up: 900,
          down: 700,
          spread: 0.3,
          addresses: 2,
        },
      },
      {
        behaviour: 'poll',
        share: 0.3,
        options: {
          service: 'jobs',
          period: 300,
          jitter: 0.001,
          up: 600,
          down: 20_000,
          spread: 0.5,
          addresses: 1,
          drift: 0,
        },
      },
      {
        behaviour: 'poll',
        share: 0.1,
        options: {
          service: 'partner',
          period: 3600,
          jitter: 0.001,
          up: 90_000,
          down: 700,
          spread: 0.4,
          addresses: 1,
          drift: 0,
        },
      },
    ]),
    machines('database', 25, [{ behaviour: 'copy-away', options: { hour: 3, gigabytes: 20 } }]),
    machines('web-server', 20, [{ behaviour: 'receive-visitors', options: { perHour: 250 } }]),
    machines('build-server', 4, [sourceCode(60), { behaviour: 'download-program', options: { perHour: 3 } }]),
    ...timeAndNames,
    served('mail-server', 1, [{ behaviour: 'relay-mail', options: { perHour: 120 } }]),
    served('monitor', 1, [{ behaviour: 'watch' }]),
    served('auditor', 1, [{ behaviour: 'audit' }]),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 6, knocksPerHour: 900 } }],
  botnets: botnets(['application', 'web-server'], { irc: 4, 'http-fixed': 4 }),
}
