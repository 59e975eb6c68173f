/** Populations and botnets that several networks share. */
import type { Infection, Population } from '../scenario.ts'
import { idle, pollers, served } from './habits.ts'

/** As unlike as the hosts of the real background are; see above. */
export const unlike = 1.3

export const residents = (count: number, behind = 1): Population => ({
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

/** Botnets of these families and sizes among these roles. */
export const botnets = (among: Infection['among'], sizes: Readonly<Record<string, number>>): Infection[] =>
  Object.entries(sizes).map(([family, size], i) => ({ id: `${family}-${i + 1}`, family, size, among }))

export const timeAndNames: readonly Population[] = [
  served('resolver', 2, [{ behaviour: 'resolve-for-others', grows: true, options: { perHour: 300 } }]),
  served('time-server', 1, []),
  idle('backup', { behaviour: 'set-clock' }),
]
