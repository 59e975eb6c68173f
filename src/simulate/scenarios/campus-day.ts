import type { Scenario } from '../scenario.ts'
import { desk, office, served } from './habits.ts'

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
    { role: 'backup', count: 1, fixed: true, systems: ['linux'], habits: [{ behaviour: 'set-clock' }] },
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
