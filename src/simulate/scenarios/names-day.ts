/**
 * Half a day of an office in which bots find their C&C through the DNS, beside everything benign that looks like it.
 * Made for the names stage: small, so that it can be run with many seeds.
 */
import type { Scenario } from '../scenario.ts'

export const namesDay: Scenario = {
  name: 'names-day',
  doc:
    'Twelve hours of an office: generated names, fast flux, double ' +
    'flux and a DNS tunnel beside content networks and virus scanners.',
  begins: '2024-03-12T06:00:00Z',
  hours: 12,
  prefix: '10.40',
  domain: 'office.example',
  populations: [
    { role: 'resolver', count: 2, systems: ['linux'], habits: [{ behaviour: 'resolve-for-others' }] },
    {
      role: 'staff',
      count: 60,
      systems: ['windows'],
      habits: [
        { behaviour: 'browse' },
        { behaviour: 'mistype' },
        { behaviour: 'visit-content-network' },
        { behaviour: 'set-clock-by-pool', share: 0.5 },
        { behaviour: 'ask-reputation', share: 0.4 },
        { behaviour: 'read-tracked-letter', share: 0.6, options: { hour: 3 } },
        { behaviour: 'poll', share: 0.5, options: { service: 'telemetry-a', period: 900, jitter: 0.01 } },
      ],
    },
    {
      role: 'thing',
      count: 20,
      systems: ['device'],
      habits: [{ behaviour: 'report-under-own-name' }, { behaviour: 'set-clock-by-pool' }],
    },
    { role: 'monitor', count: 1, systems: ['linux'], habits: [{ behaviour: 'follow-dead-links' }] },
  ],
  surroundings: [],
  botnets: [
    { id: 'dga-1', family: 'generated-names', size: 5, among: ['staff'] },
    { id: 'flux-1', family: 'fast-flux', size: 3, among: ['staff'] },
    { id: 'tunnel-1', family: 'dns-tunnel', size: 2, among: ['staff'] },
    { id: 'flux-2', family: 'double-flux', size: 3, among: ['staff'] },
  ],
  authorities: true,
}
