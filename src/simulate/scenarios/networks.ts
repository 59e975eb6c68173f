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
import type { Habit, Infection, Population, Scenario } from '../scenario.ts'
import { desk, office, pollers, served } from './habits.ts'

/** As unlike as the hosts of the real background are; see above. */
const unlike = 1.3

const phoneHabits: readonly Habit[] = [
  { behaviour: 'browse', options: { think: 90 } },
  { behaviour: 'push', options: { service: 'push-m', beat: 1680, port: 5228, addresses: 8 } },
  { behaviour: 'push', share: 0.6, options: { service: 'chat-m', beat: 285, addresses: 6 } },
  { behaviour: 'poll', share: 0.5, options: { service: 'weather', period: 1800, jitter: 0.05, down: 2300 } },
  { behaviour: 'read-mail', share: 0.6, options: { outside: 1, period: 900 } },
  { behaviour: 'set-clock', share: 0.5, options: { pool: 1 } },
  { behaviour: 'stream', share: 0.5 },
]

/** Machines that are there and hardly speak: door locks, gauges, desk displays. */
const quiet = (count: number): Population => ({
  role: 'quiet',
  count,
  systems: ['device'],
  habits: [
    { behaviour: 'set-clock', options: { pool: 1 }, share: 0.5 },
    {
      behaviour: 'poll',
      share: 0.4,
      options: { service: 'gauge-cloud', period: 3600, jitter: 0.01, up: 300, down: 150, addresses: 1 },
    },
    {
      behaviour: 'poll',
      share: 0.3,
      options: { service: 'firmware', period: 43_200, jitter: 0.1, addresses: 2 },
    },
  ],
})

const printers = (count: number): Population => ({
  role: 'printer',
  count,
  systems: ['device'],
  habits: [
    { behaviour: 'discover' },
    { behaviour: 'set-clock' },
    {
      behaviour: 'poll',
      share: 0.5,
      options: { service: 'toner', period: 21_600, jitter: 0.01, addresses: 1 },
    },
  ],
})

const cameras = (count: number): Population => ({
  role: 'camera',
  count,
  systems: ['device'],
  habits: [
    {
      behaviour: 'poll',
      options: {
        service: 'camera-cloud',
        period: 60,
        jitter: 0.005,
        up: 210,
        down: 120,
        addresses: 2,
        clear: 1,
      },
    },
    { behaviour: 'push', options: { service: 'camera-push', beat: 20, addresses: 2, hours: 12 } },
    { behaviour: 'set-clock', options: { pool: 1 } },
  ],
})

const plugs = (count: number): Population => ({
  role: 'thing',
  count,
  systems: ['device'],
  habits: [
    {
      behaviour: 'poll',
      share: 0.6,
      options: {
        service: 'thing-cloud',
        period: 300,
        jitter: 0.002,
        up: 340,
        down: 160,
        addresses: 1,
        drift: 0,
      },
    },
    {
      behaviour: 'push',
      share: 0.5,
      options: { service: 'plug-push', beat: 60, addresses: 3, hours: 20, port: 8883 },
    },
    { behaviour: 'set-clock', options: { pool: 1 } },
    { behaviour: 'discover', share: 0.5 },
  ],
})

const televisions = (count: number): Population => ({
  role: 'television',
  count,
  systems: ['device'],
  habits: [
    { behaviour: 'stream', options: { perHour: 1.4, services: 3 } },
    {
      behaviour: 'poll',
      options: { service: 'screen-telemetry', period: 600, jitter: 0.02, up: 1800, down: 400, addresses: 4 },
    },
    {
      behaviour: 'poll',
      share: 0.6,
      options: {
        service: 'screen-ads',
        period: 120,
        jitter: 0.3,
        up: 700,
        down: 5000,
        spread: 0.5,
        addresses: 12,
      },
    },
    { behaviour: 'push', options: { service: 'screen-push', beat: 120, addresses: 4, hours: 10 } },
    { behaviour: 'set-clock', options: { pool: 1 } },
    { behaviour: 'discover' },
  ],
})

const speakers = (count: number): Population => ({
  role: 'speaker',
  count,
  systems: ['device'],
  habits: [
    { behaviour: 'push', options: { service: 'voice', beat: 30, addresses: 6, hours: 8 } },
    {
      behaviour: 'poll',
      options: { service: 'voice-telemetry', period: 180, jitter: 0.05, up: 900, down: 300, addresses: 4 },
    },
    {
      behaviour: 'poll',
      options: { service: 'reachable', period: 30, jitter: 0.01, up: 90, down: 130, clear: 1, addresses: 2 },
    },
    { behaviour: 'set-clock', options: { pool: 1 } },
  ],
})

const residents = (count: number, behind = 1): Population => ({
  role: 'resident',
  count,
  behind,
  spread: unlike,
  systems: ['windows', 'windows', 'phone', 'linux'],
  habits: [
    { behaviour: 'browse' },
    ...pollers,
    { behaviour: 'mistype' },
    { behaviour: 'set-clock', options: { pool: 1 } },
    { behaviour: 'update', options: { service: 'update-a', waveHour: 19 }, share: 0.8 },
    { behaviour: 'antivirus', share: 0.4, options: { service: 'antivirus-a' } },
    { behaviour: 'sync-files', share: 0.3 },
    { behaviour: 'await-news', share: 0.3 },
    { behaviour: 'stream', share: 0.8 },
    { behaviour: 'play', share: 0.3 },
    { behaviour: 'call', share: 0.3 },
    { behaviour: 'share-files', share: 0.05, options: { perHour: 400 } },
    { behaviour: 'read-mail', share: 0.5, options: { outside: 1, period: 600 } },
    { behaviour: 'send-mail', share: 0.4, options: { outside: 1, perHour: 0.4 } },
    { behaviour: 'work-from-afar', share: 0.25 },
    { behaviour: 'download-program', share: 0.3 },
  ],
})

const botnets = (among: Infection['among'], sizes: Readonly<Record<string, number>>): Infection[] =>
  Object.entries(sizes).map(([family, size], i) => ({ id: `${family}-${i + 1}`, family, size, among }))

const timeAndNames: readonly Population[] = [
  served('resolver', 2, [{ behaviour: 'resolve-for-others', grows: true, options: { perHour: 300 } }]),
  served('time-server', 1, []),
  { role: 'backup', count: 1, fixed: true, systems: ['linux'], habits: [{ behaviour: 'set-clock' }] },
]

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
    { role: 'phone', count: 8, moves: 0.3, systems: ['phone'], habits: phoneHabits },
    {
      role: 'voip-phone',
      count: 4,
      systems: ['device'],
      habits: [{ behaviour: 'register-telephone' }, { behaviour: 'telephone' }],
    },
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
      habits: [
        { behaviour: 'browse' },
        ...desk,
        { behaviour: 'read-mail', share: 0.3, options: { outside: 1, period: 300 } },
        { behaviour: 'send-mail', share: 0.3, options: { outside: 1 } },
        { behaviour: 'play', share: 0.35 },
        { behaviour: 'share-files', share: 0.05, options: { perHour: 700 } },
        { behaviour: 'call', share: 0.4 },
        { behaviour: 'work-from-afar', share: 0.08 },
      ],
    },
    {
      role: 'lab',
      count: 60,
      systems: ['windows'],
      habits: [
        { behaviour: 'browse', options: { proxy: 1 } },
        { behaviour: 'log-on' },
        { behaviour: 'open-files' },
        { behaviour: 'set-clock' },
        { behaviour: 'discover' },
      ],
    },
    { role: 'phone', count: 140, moves: 0.4, systems: ['phone'], habits: phoneHabits },
    printers(25),
    cameras(20),
    plugs(15),
    {
      role: 'voip-phone',
      count: 15,
      systems: ['device'],
      habits: [{ behaviour: 'register-telephone' }, { behaviour: 'telephone' }],
    },
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
    served('build-server', 2, [
      {
        behaviour: 'poll',
        options: { service: 'source-code', period: 120, jitter: 0.01, up: 900, down: 3100, addresses: 2 },
      },
    ]),
    served('newsletter', 1, [{ behaviour: 'send-newsletter' }]),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 4, knocksPerHour: 500 } }],
  botnets: botnets(['staff', 'student'], { irc: 8, 'http-fixed': 6, 'http-random': 6, p2p: 10 }),
}

/** The same place twenty times as large, each host speaking a sixth as much, so that a day fits a small machine. */
export const largeCampus: Scenario = {
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
        {
          behaviour: 'poll',
          share: 0.3,
          options: { service: 'telemetry-a', period: 3600, jitter: 0.01, up: 1400, down: 650, addresses: 4 },
        },
        {
          behaviour: 'poll',
          share: 0.1,
          options: {
            service: 'licence',
            period: 7200,
            jitter: 0.002,
            up: 500,
            down: 900,
            addresses: 1,
            drift: 0,
          },
        },
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
        {
          behaviour: 'poll',
          share: 0.1,
          options: { service: 'player', period: 1800, jitter: 0.9, up: 300, down: 500, addresses: 2 },
        },
        { behaviour: 'stream', share: 0.3 },
        { behaviour: 'share-files', share: 0.01, options: { perHour: 300 } },
      ],
    },
    { role: 'phone', count: 3500, moves: 0.4, systems: ['phone'], habits: phoneHabits.slice(1, 3) },
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
    { role: 'phone', count: 200, behind: 2, systems: ['phone'], habits: phoneHabits },
    served('resolver', 2, [{ behaviour: 'resolve-for-others', grows: true, options: { perHour: 600 } }]),
    { role: 'backup', count: 1, fixed: true, systems: ['linux'], habits: [] },
    { role: 'time-server', count: 1, fixed: true, systems: ['linux'], habits: [] },
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 4, knocksPerHour: 600 } }],
  botnets: [
    ...botnets(['resident'], { p2p: 6, 'http-random': 5 }),
    { id: 'irc-3', family: 'irc', size: 5, among: ['camera'] },
  ],
}

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
  doc: 'A data centre of 120 machines: agents by the clock, jobs, visitors; two botnets on servers.',
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
    machines('build-server', 4, [
      {
        behaviour: 'poll',
        options: { service: 'source-code', period: 60, jitter: 0.01, up: 900, down: 3100, addresses: 2 },
      },
      { behaviour: 'download-program', options: { perHour: 3 } },
    ]),
    ...timeAndNames,
    served('mail-server', 1, [{ behaviour: 'relay-mail', options: { perHour: 120 } }]),
    served('monitor', 1, [{ behaviour: 'watch' }]),
    served('auditor', 1, [{ behaviour: 'audit' }]),
  ],
  surroundings: [{ behaviour: 'radiate', grows: true, options: { perHour: 6, knocksPerHour: 900 } }],
  botnets: botnets(['application', 'web-server'], { irc: 4, 'http-fixed': 4 }),
}

/** One household as its router sees it. */
export const homeNetwork: Scenario = {
  name: 'home',
  doc: 'Three flats that share a router, 40 devices: people, screens, plugs, cameras; one botnet of cameras and a caller.',
  begins: '2025-06-03T00:00:00+09:00',
  hours: 24,
  prefix: '192.168',
  domain: 'home.example',
  populations: [
    residents(12),
    { role: 'phone', count: 8, moves: 0.1, systems: ['phone'], habits: phoneHabits },
    televisions(4),
    speakers(4),
    cameras(4),
    plugs(6),
    quiet(2),
    served('resolver', 1, []),
    { role: 'backup', count: 1, fixed: true, systems: ['linux'], habits: [] },
    { role: 'time-server', count: 1, fixed: true, systems: ['linux'], habits: [] },
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
