/**
 * Three networks for what one day of one botnet cannot show: lives over days, a month with slow callers, and many
 * botnets at once of which the sensor sees a part. All are for reporting; nothing is set on them.
 *
 * How long a machine stays infected and how fast it is recruited differ by botnet; that bots come in over days,
 * each by a page that somebody visits, is as Stone-Gross et al. describe Torpig (CCS 2009). That several botnets
 * share a network, and that one sensor rarely sees all of it, is what Aviv and Haeberlen hold against evaluations
 * with one botnet on one link ("Challenges in experimenting with botnet detection systems", CSET 2011); the share
 * of 0.6 is assumed, as are all numbers of hosts.
 */
import type { Scenario } from '../scenario.ts'
import { cameras, phones, printers, quiet, telephones } from './devices.ts'
import { desk, idle, laboratory, office, served, studying } from './habits.ts'
import { botnets, residents, timeAndNames, unlike } from './network-parts.ts'

const files = [served('directory', 1, []), served('file-server', 1, [])]

/** From Monday to Friday; most people's machines get another address now and then, a branch is behind one router. */
export const workingWeek: Scenario = {
  name: 'working-week',
  doc:
    'Five days of a firm of 130 with moving addresses, a branch behind NAT and a ' +
    'laboratory behind a proxy; bots come in on the first two days and act on later ones.',
  begins: '2025-09-08T00:00:00+02:00',
  hours: 120,
  prefix: '10.45',
  domain: 'works.example',
  populations: [
    {
      role: 'staff',
      count: 56,
      moves: 0.15,
      spread: unlike,
      systems: ['windows', 'windows', 'windows', 'linux'],
      habits: [...office, ...desk, { behaviour: 'work-from-afar', share: 0.1 }],
    },
    // The branch: four machines to an address.
    { role: 'resident', count: 16, behind: 4, systems: ['windows'], habits: [...office, ...desk] },
    laboratory(20),
    phones(12, { moves: 0.3 }),
    telephones(5),
    printers(3),
    cameras(2),
    quiet(4),
    ...timeAndNames,
    ...files,
    served('mail-server', 1, [{ behaviour: 'relay-mail', grows: true, options: { perHour: 80 } }]),
    served('proxy', 1, [{ behaviour: 'fetch-for-others', grows: true, options: { perHour: 60 } }]),
    served('monitor', 1, [{ behaviour: 'watch' }]),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 2, knocksPerHour: 120 } }],
  botnets: [
    { id: 'staged-1', family: 'staged', size: 8, among: ['staff', 'resident'], arrives: [8, 42] },
    { id: 'staged-2', family: 'staged', size: 4, among: ['lab'], arrives: [8, 40], proxied: true },
    { id: 'irc-3', family: 'irc', size: 4, among: ['staff'], arrives: [30, 60] },
  ],
}

/** Nine botnets of later kinds beside each other; three switches of five are mirrored to the sensor. */
export const crowdedCampus: Scenario = {
  name: 'crowded-campus',
  doc: 'A day of a campus of 420 with nine botnets at once, of which the sensor sees three fifths of the hosts.',
  begins: '2025-04-09T00:00:00+00:00',
  hours: 24,
  prefix: '10.46',
  domain: 'crowded.example',
  seen: 0.6,
  populations: [
    {
      role: 'staff',
      count: 150,
      spread: unlike,
      systems: ['windows', 'windows', 'linux'],
      habits: [...office, ...desk],
    },
    {
      role: 'student',
      count: 170,
      spread: unlike,
      systems: ['windows', 'windows', 'linux'],
      habits: studying({ share: 0.05, perHour: 700, afar: 0.08 }),
    },
    phones(60),
    telephones(8),
    printers(8),
    cameras(6),
    quiet(10),
    ...timeAndNames,
    ...files,
    served('mail-server', 1, [{ behaviour: 'relay-mail', grows: true, options: { perHour: 200 } }]),
    idle('auditor', { behaviour: 'audit' }),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 3, knocksPerHour: 300 } }],
  botnets: botnets(['staff', 'student'], {
    'generated-names': 6,
    fluxed: 6,
    relayed: 8,
    mutual: 10,
    fronted: 6,
    doh: 6,
    irc: 7,
    'http-random': 6,
    p2p: 10,
  }),
}

/**
 * A month of a campus: four weekends and more, students and telephones on moving addresses, a hall of residence behind
 * NAT; seven botnets, of which three only call, every few hours, days or weeks. Bots come in on different days.
 */
export const workingMonth: Scenario = {
  name: 'working-month',
  doc:
    '31 days of a campus of 105 with moving addresses and a hall behind NAT; ' +
    'seven botnets, three of them slow, whose bots come in over two weeks.',
  begins: '2025-10-01T00:00:00+02:00',
  hours: 31 * 24,
  prefix: '10.47',
  domain: 'term.example',
  populations: [
    {
      role: 'staff',
      count: 30,
      spread: unlike,
      systems: ['windows', 'windows', 'windows', 'linux'],
      habits: [...office, ...desk, { behaviour: 'work-from-afar', share: 0.1 }],
    },
    {
      role: 'student',
      count: 26,
      moves: 0.15,
      spread: unlike,
      systems: ['windows', 'windows', 'linux'],
      habits: studying({ share: 0.05, perHour: 300, afar: 0.08 }),
    },
    // The hall: four machines to an address.
    residents(12, 4),
    laboratory(6),
    phones(12, { moves: 0.3 }),
    telephones(3),
    printers(2),
    cameras(2),
    quiet(3),
    ...timeAndNames,
    ...files,
    served('mail-server', 1, [{ behaviour: 'relay-mail', grows: true, options: { perHour: 60 } }]),
    served('proxy', 1, [{ behaviour: 'fetch-for-others', grows: true, options: { perHour: 40 } }]),
    served('monitor', 1, [{ behaviour: 'watch' }]),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 2, knocksPerHour: 90 } }],
  botnets: [
    { id: 'http-1', family: 'http-fixed', size: 3, among: ['staff', 'student'], arrives: [32, 150] },
    { id: 'irc-2', family: 'irc', size: 3, among: ['staff', 'student'], arrives: [56, 200] },
    { id: 'p2p-3', family: 'p2p', size: 3, among: ['student', 'resident'], arrives: [80, 220] },
    { id: 'staged-4', family: 'staged', size: 3, among: ['staff', 'resident'], arrives: [104, 340] },
    {
      id: 'slow-hours-5',
      family: 'slow-hours',
      size: 2,
      among: ['staff', 'student', 'resident'],
      arrives: [48, 260],
    },
    {
      id: 'slow-days-6',
      family: 'slow-days',
      size: 2,
      among: ['staff', 'student', 'resident'],
      arrives: [24, 200],
    },
    { id: 'slow-weeks-7', family: 'slow-weeks', size: 2, among: ['staff', 'student'], arrives: [8, 72] },
  ],
}

export const lives: readonly Scenario[] = [workingWeek, workingMonth, crowdedCampus]
