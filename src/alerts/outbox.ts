/**
 * Alerts on their way. What waits is in a file before anything is sent, and is taken out when it was delivered: a crash
 * loses none and may deliver one twice, with the same id. What was delivered is remembered for thirty days, so that the
 * same alert does not go to the same place again.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import type { AlertMessage } from './alert.ts'
import type { Target } from './targets.ts'

interface Waiting {
  /** Id of the target. */
  readonly to: string
  readonly alert: AlertMessage
  /** Deliveries that failed. */
  readonly attempts: number
  /** Not before, in milliseconds since 1970. */
  readonly next: number
}

interface Box {
  readonly waiting: readonly Waiting[]
  /** When each alert was delivered, by target and alert. */
  readonly sent: Readonly<Record<string, number>>
  /** Deliveries of the last minute, by target: for the limit. */
  readonly recent: Readonly<Record<string, readonly number[]>>
}

const remembered = 30 * 86_400_000
const minute = 60_000

/** Deliveries to one place in a minute; a delivery carries up to `batch` alerts. */
export const limits = {
  perMinute: 10,
  batch: 100,
  firstWait: 2000,
  longestWait: 3_600_000,
  waiting: 100_000,
} as const

export interface Delivered {
  readonly sent: number
  /** Still waiting, for the targets that were given. */
  readonly waiting: number
  /** What went wrong, by target. */
  readonly faults: readonly { readonly target: string; readonly why: string }[]
}

export interface RecordBuffer {
  /** Puts alerts in for each target, but those that it has had or that wait already. How many were put in. */
  put(alerts: readonly AlertMessage[], targets: readonly Target[]): Promise<number>
  /** Delivers what is due. Never throws for a target that fails. */
  deliver(targets: readonly Target[]): Promise<Delivered>
  /** When the next alert for these targets is due, in milliseconds since 1970; null where none waits. */
  nextDue(targets: readonly Target[]): number | null
}

const empty: Box = { waiting: [], sent: {}, recent: {} }

async function read(path: string): Promise<Box> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return empty
  try {
    return { ...empty, ...(JSON.parse(text) as Partial<Box>) }
  } catch (error) {
    throw new UserError(
      'output-failed',
      `the buffer ${path} is damaged`,
      'Move it away, and run again.',
      error,
    )
  }
}

/** Twice as long each time, with up to a fifth on top so that many do not come at once. */
const waitAfter = (attempts: number, chance: number): number =>
  Math.min(limits.longestWait, limits.firstWait * 2 ** (attempts - 1)) * (1 + chance / 5)

/** Opens the buffer in a file. `clock` and `chance` are there for tests. */
export async function openOutbox(
  path: string,
  {
    clock = Date.now,
    chance = Math.random,
  }: { readonly clock?: () => number; readonly chance?: () => number } = {},
): Promise<RecordBuffer> {
  let box = await read(path)

  const save = async (next: Box): Promise<void> => {
    await writeFile(`${path}.new`, JSON.stringify(next))
    await rename(`${path}.new`, path)
    box = next
  }

  return {
    async put(alerts, targets) {
      const now = clock()
      const known = new Set([
        ...Object.keys(box.sent),
        ...box.waiting.map(({ to, alert }) => `${to} ${alert.id}`),
      ])
      const fresh = targets.flatMap(({ id: to }) =>
        alerts
          .filter((alert) => !known.has(`${to} ${alert.id}`))
          .map((alert) => ({ to, alert, attempts: 0, next: now })),
      )
      if (fresh.length > 0) await save({ ...box, waiting: [...box.waiting, ...fresh].slice(-limits.waiting) })
      return fresh.length
    },

    async deliver(targets) {
      const faults: { target: string; why: string }[] = []
      let sent = 0
      for (const target of targets) {
        const outcome = await deliverTo(target, { box: () => box, save, clock, chance })
        sent += outcome.sent
        if (outcome.why !== null) faults.push({ target: target.shown, why: outcome.why })
      }
      const ids = new Set(targets.map(({ id }) => id))
      return { sent, waiting: box.waiting.filter(({ to }) => ids.has(to)).length, faults }
    },

    nextDue(targets) {
      const ids = new Set(targets.map(({ id }) => id))
      const times = box.waiting.filter(({ to }) => ids.has(to)).map(({ next }) => next)
      return times.length === 0 ? null : Math.min(...times)
    },
  }
}

interface Session {
  box(): Box
  save(box: Box): Promise<void>
  clock(): number
  chance(): number
}

/** Delivers what is due to one target, a batch at a time, until it fails or has had its share of the minute. */
async function deliverTo(
  target: Target,
  { box, save, clock, chance }: Session,
): Promise<{ sent: number; why: string | null }> {
  let sent = 0
  for (;;) {
    const now = clock()
    const due = box()
      .waiting.filter(({ to, next }) => to === target.id && next <= now)
      .slice(0, limits.batch)
    if (due.length === 0) return { sent, why: null }
    const recent = (box().recent[target.id] ?? []).filter((at) => at > now - minute)
    if (recent.length >= limits.perMinute) {
      await save(postponed(box(), due, recent[0]! + minute, 0))
      return { sent, why: null }
    }

    const why = await target
      .send(
        due.map(({ alert }) => alert),
        new Date(now),
      )
      .then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
    if (why !== null) {
      const attempts = Math.max(...due.map((each) => each.attempts)) + 1
      await save(postponed(box(), due, now + waitAfter(attempts, chance()), 1))
      return { sent, why }
    }
    sent += due.length
    await save(delivered(box(), { target, due, now, recent }))
  }
}

function postponed(box: Box, due: readonly Waiting[], next: number, failed: 0 | 1): Box {
  const late = new Set(due)
  return {
    ...box,
    waiting: box.waiting.map((each) =>
      late.has(each) ? { ...each, attempts: each.attempts + failed, next } : each,
    ),
  }
}

function delivered(
  box: Box,
  {
    target,
    due,
    now,
    recent,
  }: { target: Target; due: readonly Waiting[]; now: number; recent: readonly number[] },
): Box {
  const done = new Set(due)
  const kept = Object.entries(box.sent).filter(([, at]) => at > now - remembered)
  return {
    waiting: box.waiting.filter((each) => !done.has(each)),
    sent: Object.fromEntries([...kept, ...due.map(({ to, alert }) => [`${to} ${alert.id}`, now] as const)]),
    recent: { ...box.recent, [target.id]: [...recent, now] },
  }
}
