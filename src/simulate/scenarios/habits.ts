/** What programs and people on ordinary machines do, shared by the scenarios. */
import type { Habit, Population } from '../scenario.ts'

/** Pollers that the programs on ordinary machines bring along; periods are those that vendors favour. */
export const pollers: readonly Habit[] = [
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

/** One of the pollers, of other hosts and at another pace. */
export function poller(service: string, { share, period }: { share: number; period: number }): Habit {
  const known = pollers.find(({ options }) => options?.['service'] === service)
  if (!known) throw new RangeError(`no poller asks ${service}`)
  return { ...known, share, options: { ...known.options, period } }
}

export const desk: readonly Habit[] = [
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

export const office: readonly Habit[] = [
  { behaviour: 'browse' },
  { behaviour: 'read-mail', share: 0.85 },
  { behaviour: 'send-mail', share: 0.85 },
  { behaviour: 'log-on' },
  { behaviour: 'open-files', share: 0.8 },
  { behaviour: 'print', share: 0.6 },
  { behaviour: 'call', share: 0.5 },
  { behaviour: 'copy-away', share: 0.12, options: { gigabytes: 1 } },
]

/** What students do; `share` of them share files, at this many connections an hour, and `afar` work from outside. */
export const studying = ({
  share,
  perHour,
  afar,
}: {
  share: number
  perHour: number
  afar: number
}): Habit[] => [
  { behaviour: 'browse' },
  ...desk,
  { behaviour: 'read-mail', share: 0.3, options: { outside: 1, period: 300 } },
  { behaviour: 'send-mail', share: 0.3, options: { outside: 1 } },
  { behaviour: 'play', share: 0.35 },
  { behaviour: 'share-files', share, options: { perHour } },
  { behaviour: 'call', share: 0.4 },
  { behaviour: 'work-from-afar', share: afar },
]

/** Machines of a laboratory, behind the proxy. */
export const laboratory = (count: number, ...more: readonly Habit[]): Population => ({
  role: 'lab',
  count,
  systems: ['windows'],
  habits: [
    { behaviour: 'browse', options: { proxy: 1 } },
    { behaviour: 'log-on' },
    { behaviour: 'open-files' },
    { behaviour: 'set-clock' },
    ...more,
    { behaviour: 'discover' },
  ],
})

/** A build server that looks for changes each this many seconds. */
export const sourceCode = (period: number): Habit => ({
  behaviour: 'poll',
  options: { service: 'source-code', period, jitter: 0.01, up: 900, down: 3100, addresses: 2 },
})

/** A server that others use, and that hardly speaks itself. */
export const idle = (role: Population['role'], ...habits: readonly Habit[]): Population => ({
  role,
  count: 1,
  fixed: true,
  systems: ['linux'],
  habits,
})

/** A server: there is as many of it whatever the size of the network. */
export const served = (role: Population['role'], count: number, habits: readonly Habit[]) => ({
  role,
  count,
  fixed: true as const,
  systems: ['linux'] as const,
  habits: [{ behaviour: 'set-clock' }, { behaviour: 'copy-away' }, ...habits],
})
