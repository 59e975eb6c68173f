/**
 * Networks of many kinds, each with botnets in it.
 *
 * What the numbers rest on. Sizes, durations and pauses of the behaviours are those of the campus (see each behaviour).
 * `spread`, how unlike the hosts of one network are, is from the real background (CTU-13 scenario 6, half): the natural
 * logarithm of established TCP connections to ports 80 and 443 of a host in two hours has a standard deviation of 1.98
 * there, over the 50 hosts with five or more. Behaviours and presence give about 1 of it, a spread of 1.3 the rest.
 * Shares of devices in homes are after Kumar et al., "All things considered: an analysis of IoT devices on home
 * networks", USENIX Security 2019 (media and work appliances lead, cameras and plugs are few). The wish to scan from
 * outside is that of `radiate`. Everything else is assumed.
 */
import type { Scenario } from '../scenario.ts'
import { dataCentre } from './datacentre.ts'
import {
  cameras,
  phonePushes,
  phones,
  plugs,
  printers,
  quiet,
  speakers,
  telephones,
  televisions,
} from './devices.ts'
import { desk, idle, laboratory, office, poller, served, sourceCode, studying } from './habits.ts'
import { botnets, residents, timeAndNames, unlike } from './network-parts.ts'

/** A firm: desks, telephones, a few servers; mail and files partly in somebody's cloud. */
export const officeNetwork: Scenario = {
  name: 'office',
  doc: 'An office of 50, one hour east of Greenwich, in working weeks; three small botnets.',
  begins: '2025-02-04T00:00:00+01:00',
  hours: 24,
  prefix: '10.41',
  domain: 'office.example',
  populations: [
    {
      role: 'staff',
      count: 28,
      spread: unlike,
      systems: ['windows', 'windows', 'windows', 'linux'],
      habits: [...office, ...desk, { behaviour: 'work-from-afar', share: 0.1 }],
    },
    phones(8, { moves: 0.3 }),
    telephones(4),
    printers(2),
    cameras(2),
    quiet(2),
    ...timeAndNames,
    served('directory', 1, []),
    served('file-server', 1, []),
    served('mail-server', 1, [{ behaviour: 'relay-mail', grows: true, options: { perHour: 40 } }]),
    served('monitor', 1, [{ behaviour: 'watch' }]),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 1, knocksPerHour: 60 } }],
  botnets: botnets(['staff'], { 'http-fixed': 3, irc: 3, p2p: 3 }),
}

/** A university: half students with leases that move, laboratories behind a proxy, all the servers of a campus. */
export const campusNetwork: Scenario = {
  name: 'campus',
  doc: 'A campus of 1,000, five hours west of Greenwich, its students on moving addresses; four botnets.',
  begins: '2025-10-07T00:00:00-05:00',
  hours: 24,
  prefix: '10.42',
  domain: 'college.example',
  populations: [
    {
      role: 'staff',
      count: 300,
      spread: unlike,
      systems: ['windows', 'windows', 'linux'],
      habits: [...office, ...desk],
    },
    {
      role: 'student',
      count: 380,
      moves: 0.2,
      spread: unlike,
      systems: ['windows', 'windows', 'linux'],
      habits: studying({ share: 0.05, perHour: 700, afar: 0.08 }),
    },
    laboratory(60),
    phones(140, { moves: 0.4 }),
    printers(25),
    cameras(20),
    plugs(15),
    telephones(15),
    quiet(30),
    ...timeAndNames,
    served('directory', 1, []),
    served('file-server', 2, []),
    served('mail-server', 1, [{ behaviour: 'relay-mail', grows: true, options: { perHour: 400 } }]),
    served('web-server', 2, [{ behaviour: 'receive-visitors', grows: true, options: { perHour: 600 } }]),
    served('proxy', 1, [{ behaviour: 'fetch-for-others', grows: true, options: { perHour: 300 } }]),
    served('vpn-gateway', 1, [{ behaviour: 'admit', grows: true, options: { perHour: 15 } }]),
    served('monitor', 1, [{ behaviour: 'watch' }]),
    served('auditor', 1, [{ behaviour: 'audit' }]),
    served('build-server', 2, [sourceCode(120)]),
    served('newsletter', 1, [{ behaviour: 'send-newsletter' }]),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 4, knocksPerHour: 500 } }],
  botnets: botnets(['staff', 'student'], { irc: 8, 'http-fixed': 6, 'http-random': 6, p2p: 10 }),
}

/** The same place twenty times as large, each host speaking a sixth as much, so that a day fits a small machine. */
const largeCampus: Scenario = {
  ...campusNetwork,
  name: 'campus-large',
  doc: 'A campus of 20,000 at a reduced rate: hosts have few programs and read slowly; four botnets.',
  prefix: '10.48',
  populations: [
    {
      role: 'staff',
      count: 6500,
      spread: unlike,
      systems: ['windows', 'windows', 'linux'],
      habits: [
        { behaviour: 'browse', options: { think: 1800 } },
        poller('telemetry-a', { share: 0.3, period: 3600 }),
        poller('licence', { share: 0.1, period: 7200 }),
        { behaviour: 'push', share: 0.5, options: { service: 'push-a', beat: 240, addresses: 8 } },
        { behaviour: 'update', options: { service: 'update-a', period: 43_200 }, share: 0.5 },
        { behaviour: 'download-program', share: 0.05 },
      ],
    },
    {
      role: 'student',
      count: 9500,
      moves: 0.2,
      spread: unlike,
      systems: ['windows', 'windows', 'linux'],
      habits: [
        { behaviour: 'browse', options: { think: 1800 } },
        { behaviour: 'push', share: 0.4, options: { service: 'push-a', beat: 240, addresses: 8 } },
        poller('player', { share: 0.1, period: 1800 }),
        { behaviour: 'stream', share: 0.3 },
        { behaviour: 'share-files', share: 0.01, options: { perHour: 300 } },
      ],
    },
    phones(3500, { moves: 0.4, habits: phonePushes }),
    quiet(490),
    ...timeAndNames,
    served('mail-server', 1, [{ behaviour: 'relay-mail', options: { perHour: 2000 } }]),
    served('web-server', 3, [{ behaviour: 'receive-visitors', options: { perHour: 2000 } }]),
  ],
  surroundings: [{ behaviour: 'radiate', options: { perHour: 0.3, knocksPerHour: 2000 } }],
}

/** Customers' lines of a provider: each address is a router with three to four devices behind it. */
export const providerSegment: Scenario = {
  name: 'isp',
  doc: 'A segment of an Internet provider: 300 lines, each a home behind NAT; three botnets, one of cameras.',
  begins: '2025-05-16T00:00:00+02:00',
  hours: 24,
  prefix: '10.43',
  domain: 'provider.example',
  populations: [
    residents(400, 2),
    { ...televisions(60), behind: 2 },
    { ...cameras(40), behind: 2 },
    { ...speakers(60), behind: 3 },
    { ...plugs(60), behind: 3 },
    phones(200, { behind: 2 }),
    served('resolver', 2, [{ behaviour: 'resolve-for-others', grows: true, options: { perHour: 600 } }]),
    idle('backup'),
    idle('time-server'),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 4, knocksPerHour: 600 } }],
  botnets: [
    ...botnets(['resident'], { p2p: 6, 'http-random': 5 }),
    { id: 'irc-3', family: 'irc', size: 5, among: ['camera'] },
  ],
}

/** One household as its router sees it. */
export const homeNetwork: Scenario = {
  name: 'home',
  doc:
    'Three flats that share a router, 40 devices: people, ' +
    'screens, plugs, cameras; one botnet of cameras and a caller.',
  begins: '2025-06-03T00:00:00+09:00',
  hours: 24,
  prefix: '192.168',
  domain: 'home.example',
  populations: [
    residents(12),
    phones(8, { moves: 0.1 }),
    televisions(4),
    speakers(4),
    cameras(4),
    plugs(6),
    quiet(2),
    served('resolver', 1, []),
    idle('backup'),
    idle('time-server'),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 0.5, knocksPerHour: 40 } }],
  botnets: [
    { id: 'irc-1', family: 'irc', size: 3, among: ['camera'] },
    { id: 'http-fixed-2', family: 'http-fixed', size: 2, among: ['resident'] },
  ],
}

export const networks: readonly Scenario[] = [
  officeNetwork,
  campusNetwork,
  largeCampus,
  providerSegment,
  dataCentre,
  homeNetwork,
]
