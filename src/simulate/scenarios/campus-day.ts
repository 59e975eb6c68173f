import type { Scenario } from '../scenario.ts'
import { campusCameras, campusThings, phoneHabits, phones, printers, telephones } from './devices.ts'
import { desk, idle, laboratory, office, served, sourceCode, studying } from './habits.ts'

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
      habits: studying({ share: 0.06, perHour: 1000, afar: 0.1 }),
    },
    laboratory(25, { behaviour: 'mistype' }),
    phones(30, { habits: phoneHabits() }),
    printers(12),
    campusCameras(8),
    campusThings(8),
    telephones(10),
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
    idle('backup', { behaviour: 'set-clock' }),
    served('build-server', 2, [
      sourceCode(120),
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
