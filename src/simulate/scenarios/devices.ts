/** Devices without a person at them, and telephones in pockets, shared by the scenarios. */
import type { Habit, Population } from '../scenario.ts'

/** Asks for the time outside, at the pool. */
const poolClock: Habit = { behaviour: 'set-clock', options: { pool: 1 } }

/**
 * Of a telephone in a pocket; `more` come before the films, since what a host does is drawn in the order of its
 * habits.
 */
export const phoneHabits = (...more: readonly Habit[]): readonly Habit[] => [
  { behaviour: 'browse', options: { think: 90 } },
  ...phonePushes,
  { behaviour: 'poll', share: 0.5, options: { service: 'weather', period: 1800, jitter: 0.05, down: 2300 } },
  { behaviour: 'read-mail', share: 0.6, options: { outside: 1, period: 900 } },
  ...more,
  { behaviour: 'stream', share: 0.5 },
]

export const phonePushes: readonly Habit[] = [
  { behaviour: 'push', options: { service: 'push-m', beat: 1680, port: 5228, addresses: 8 } },
  { behaviour: 'push', share: 0.6, options: { service: 'chat-m', beat: 285, addresses: 6 } },
]

/** Telephones of which some get another address every night. */
export const phones = (count: number, given: Partial<Population> = {}): Population => ({
  role: 'phone',
  count,
  systems: ['phone'],
  habits: phoneHabits({ ...poolClock, share: 0.5 }),
  ...given,
})

/** Telephones on desks. */
export const telephones = (count: number): Population => ({
  role: 'voip-phone',
  count,
  systems: ['device'],
  habits: [{ behaviour: 'register-telephone' }, { behaviour: 'telephone' }],
})

/** Machines that are there and hardly speak: door locks, gauges, desk displays. */
export const quiet = (count: number): Population => ({
  role: 'quiet',
  count,
  systems: ['device'],
  habits: [
    { ...poolClock, share: 0.5 },
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

export const printers = (count: number): Population => ({
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

const cameraCloud: Habit = {
  behaviour: 'poll',
  options: { service: 'camera-cloud', period: 60, jitter: 0.005, up: 210, down: 120, addresses: 2, clear: 1 },
}
const cameraPush: Habit = {
  behaviour: 'push',
  options: { service: 'camera-push', beat: 20, addresses: 2, hours: 12 },
}

export const cameras = (count: number): Population => ({
  role: 'camera',
  count,
  systems: ['device'],
  habits: [cameraCloud, cameraPush, poolClock],
})

const thingCloud: Habit = {
  behaviour: 'poll',
  options: { service: 'thing-cloud', period: 300, jitter: 0.002, up: 340, down: 160, addresses: 1, drift: 0 },
}

export const plugs = (count: number): Population => ({
  role: 'thing',
  count,
  systems: ['device'],
  habits: [
    { ...thingCloud, share: 0.6 },
    {
      behaviour: 'push',
      share: 0.5,
      options: { service: 'plug-push', beat: 60, addresses: 3, hours: 20, port: 8883 },
    },
    poolClock,
    { behaviour: 'discover', share: 0.5 },
  ],
})

export const televisions = (count: number): Population => ({
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
    poolClock,
    { behaviour: 'discover' },
  ],
})

export const speakers = (count: number): Population => ({
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
    poolClock,
  ],
})

/** Cameras and gauges of the campus day, which has had them in this order since its first records. */
export const campusCameras = (count: number): Population => ({
  ...cameras(count),
  habits: [cameraCloud, poolClock, cameraPush],
})
export const campusThings = (count: number): Population => ({
  ...plugs(count),
  habits: [thingCloud, poolClock, { behaviour: 'discover' }],
})
