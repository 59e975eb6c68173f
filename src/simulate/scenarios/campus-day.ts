import type { Habit, Scenario } from '../scenario.ts'

/** Pollers that the programs on ordinary machines bring along; periods are those that vendors favour. */
const pollers: readonly Habit[] = [
  {
    behaviour: 'poll',
    share: 0.55,
    options: { service: 'telemetry-a', period: 900, jitter: 0.01, up: 1400, down: 650, addresses: 4 },
  },
  {
    behaviour: 'poll',
    share: 0.3,
    options: { service: 'telemetry-b', period: 300, jitter: 0.003, up: 620, down: 410, addresses: 2 },
  },
  {
    behaviour: 'poll',
    share: 0.2,
    options: { service: 'licence', period: 3600, jitter: 0.002, up: 500, down: 900, addresses: 1, drift: 0 },
  },
  {
    behaviour: 'poll',
    share: 0.18,
    options: {
      service: 'feeds',
      period: 1800,
      jitter: 0.01,
      up: 400,
      down: 14000,
      spread: 0.3,
      addresses: 3,
    },
  },
  {
    behaviour: 'poll',
    share: 0.12,
    options: { service: 'weather', period: 600, jitter: 0.005, down: 2300, clear: 1, addresses: 2 },
  },
  {
    behaviour: 'poll',
    share: 0.04,
    options: { service: 'chat-presence', period: 60, jitter: 0.01, up: 260, down: 190, addresses: 3 },
  },
  {
    behaviour: 'poll',
    share: 0.06,
    options: { service: 'player', period: 300, jitter: 0.9, up: 300, down: 500, addresses: 2 },
  },
  { behaviour: 'push', share: 0.7, options: { service: 'push-a', beat: 240, addresses: 8 } },
  { behaviour: 'push', share: 0.25, options: { service: 'push-b', beat: 900, port: 5228, addresses: 6 } },
  { behaviour: 'push', share: 0.2, options: { service: 'chat', beat: 30, addresses: 5, hours: 3 } },
]

const desk: readonly Habit[] = [
  ...pollers,
  { behaviour: 'mistype' },
  { behaviour: 'set-clock', options: { pool: 0 }, share: 0.8 },
  { behaviour: 'set-clock', options: { pool: 1 }, share: 0.15 },
  { behaviour: 'update', options: { service: 'update-a' }, share: 0.85 },
  {
    behaviour: 'update',
    options: { service: 'browser-update', period: 18_000, wave: 0.35, waveHour: 9, sizeMegabytes: 40 },
    share: 0.7,
  },
  { behaviour: 'antivirus', share: 0.6, options: { service: 'antivirus-a' } },
  { behaviour: 'antivirus', share: 0.2, options: { service: 'antivirus-b', period: 7200 } },
  { behaviour: 'sync-files', share: 0.4 },
  { behaviour: 'await-news', share: 0.4 },
  { behaviour: 'stream', share: 0.6 },
  { behaviour: 'download-program', share: 0.35 },
  { behaviour: 'discover', share: 0.7 },
  { behaviour: 'retry-dead-server', share: 0.02, options: { period: 60 } },
  { behaviour: 'retry-dead-server', share: 0.015, options: { period: 300, port: 443 } },
]

const office: readonly Habit[] = [
  { behaviour: 'browse' },
  { behaviour: 'read-mail', share: 0.85 },
  { behaviour: 'send-mail', share: 0.85 },
  { behaviour: 'log-on' },
  { behaviour: 'open-files', share: 0.8 },
  { behaviour: 'print', share: 0.6 },
  { behaviour: 'call', share: 0.5 },
  { behaviour: 'copy-away', share: 0.12, options: { gigabytes: 1 } },
]

const served = (role: Scenario['populations'][number]['role'], count: number, habits: readonly Habit[]) => ({
  role,
  count,
  systems: ['linux'] as const,
  habits: [{ behaviour: 'set-clock' }, { behaviour: 'copy-away' }, ...habits],
})

/** A working day on a small campus, with four botnets: one over IRC, two over HTTP, one peer to peer. */
export const campusDay: Scenario = {
  name: 'campus-day',
  doc: 'One day of a small campus of some 330 hosts; IRC, HTTP (two) and P2P botnets of 6, 5, 4 and 8.',
  begins: '2024-03-12T00:00:00Z',
  hours: 24,
  prefix: '10.20',
  domain: 'campus.example',
  populations: [
    {
      role: 'staff',
      count: 120,
      systems: ['windows', 'windows', 'windows', 'linux'],
      habits: [...office, ...desk],
    },
    {
      role: 'student',
      count: 105,
      systems: ['windows', 'windows', 'linux'],
      habits: [
        { behaviour: 'browse' },
        ...desk,
        { behaviour: 'read-mail', share: 0.3, options: { outside: 1, period: 300 } },
        { behaviour: 'send-mail', share: 0.3, options: { outside: 1 } },
        { behaviour: 'play', share: 0.35 },
        { behaviour: 'share-files', share: 0.06, options: { perHour: 1000 } },
        { behaviour: 'call', share: 0.4 },
        { behaviour: 'work-from-afar', share: 0.1 },
      ],
    },
    {
      role: 'lab',
      count: 25,
      systems: ['windows'],
      habits: [
        { behaviour: 'browse', options: { proxy: 1 } },
        { behaviour: 'log-on' },
        { behaviour: 'open-files' },
        { behaviour: 'set-clock' },
        { behaviour: 'mistype' },
        { behaviour: 'discover' },
      ],
    },
    {
      role: 'phone',
      count: 30,
      systems: ['phone'],
      habits: [
        { behaviour: 'browse', options: { think: 90 } },
        { behaviour: 'push', options: { service: 'push-m', beat: 1680, port: 5228, addresses: 8 } },
        { behaviour: 'push', share: 0.6, options: { service: 'chat-m', beat: 285, addresses: 6 } },
        {
          behaviour: 'poll',
          share: 0.5,
          options: { service: 'weather', period: 1800, jitter: 0.05, down: 2300 },
        },
        { behaviour: 'read-mail', share: 0.6, options: { outside: 1, period: 900 } },
        { behaviour: 'stream', share: 0.5 },
      ],
    },
    {
      role: 'printer',
      count: 12,
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
    },
    {
      role: 'camera',
      count: 8,
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
        { behaviour: 'set-clock', options: { pool: 1 } },
        { behaviour: 'push', options: { service: 'camera-push', beat: 20, addresses: 2, hours: 12 } },
      ],
    },
    {
      role: 'thing',
      count: 8,
      systems: ['device'],
      habits: [
        {
          behaviour: 'poll',
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
        { behaviour: 'set-clock', options: { pool: 1 } },
        { behaviour: 'discover' },
      ],
    },
    {
      role: 'voip-phone',
      count: 10,
      systems: ['device'],
      habits: [{ behaviour: 'register-telephone' }, { behaviour: 'telephone' }],
    },
    served('resolver', 2, [{ behaviour: 'resolve-for-others' }, { behaviour: 'answer-names' }]),
    served('directory', 1, []),
    served('file-server', 1, []),
    served('mail-server', 1, [{ behaviour: 'relay-mail' }]),
    served('web-server', 2, [{ behaviour: 'receive-visitors' }]),
    served('time-server', 1, []),
    served('proxy', 1, [{ behaviour: 'fetch-for-others' }]),
    served('vpn-gateway', 1, [{ behaviour: 'admit' }]),
    served('monitor', 1, [{ behaviour: 'watch' }]),
    served('auditor', 1, [{ behaviour: 'audit' }]),
    { role: 'backup', count: 1, systems: ['linux'], habits: [{ behaviour: 'set-clock' }] },
    served('build-server', 2, [
      {
        behaviour: 'poll',
        options: { service: 'source-code', period: 120, jitter: 0.01, up: 900, down: 3100, addresses: 2 },
      },
      { behaviour: 'update', options: { service: 'packages', period: 21_600, wave: 0 } },
    ]),
    served('newsletter', 1, [{ behaviour: 'send-newsletter' }]),
  ],
  surroundings: [{ behaviour: 'radiate' }],
  botnets: [
    { id: 'irc-1', family: 'irc', size: 6, among: ['staff', 'student'] },
    { id: 'http-1', family: 'http-fixed', size: 5, among: ['staff', 'student'] },
    { id: 'http-2', family: 'http-random', size: 4, among: ['staff', 'student'] },
    { id: 'p2p-1', family: 'p2p', size: 8, among: ['staff', 'student'] },
  ],
}
