/**
 * Bots that only call, and seldom: every few hours, every day, every week. Nothing is done by them in the records.
 *
 * A pause that ends while the machine is off ends when it is on again, as that of a program in the list of what begins
 * with the machine. That some wait for days is reported (the back door of "SolarWinds", FireEye 2020: up to two weeks
 * before its first call, hours between calls); periods, jitters and sizes are assumed.
 */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { alive, type Bot, type Family, family, type Plan } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, found, secure } from '../talks.ts'
import { tcp, unanswered } from '../wire.ts'

interface SlowPlan extends Plan {
  readonly server: Service
}

interface Kind {
  readonly name: string
  readonly doc: string
  /** Seconds from one call to the next. */
  readonly period: number
  /** Each pause is off by up to this share. */
  readonly jitter: number
  /** Whether the server has a name, that is asked for before each call; else it is called by address, without TLS. */
  readonly isNamed: boolean
}

const hour = 3600

const kinds: readonly Kind[] = [
  {
    name: 'slow-hours',
    doc: 'A call over TLS each six hours, a tenth more or less; nothing else.',
    period: 6 * hour,
    jitter: 0.1,
    isNamed: true,
  },
  {
    name: 'slow-days',
    doc: 'A call by address each day, five minutes more or less; nothing else.',
    period: 24 * hour,
    jitter: 0.0035,
    isNamed: false,
  },
  {
    name: 'slow-weeks',
    doc: 'A call over TLS each week, an hour more or less; nothing else.',
    period: 168 * hour,
    jitter: 0.006,
    isNamed: true,
  },
]

const planOf =
  ({ name }: Kind) =>
  ({ outside }: Network, random: Random): SlowPlan => {
    const server = outside.service(`${name}-${random.integer(1e9)}`, 1)
    return { cnc: [`${server.addresses[0]}:443/tcp`], server }
  }

function called(bot: Bot, at: number, server: Service, isNamed: boolean): Exchange[] {
  const { random } = bot
  const asked = isNamed ? [ask(bot, at, found(server))] : []
  if (random.next() < 0.03)
    return [...asked, unanswered(bot, { at: at + 0.05, server: server.addresses[0]!, port: 443 })]

  const talk = {
    at: at + 0.05,
    duration: 0.4 + random.exponential(0.6),
    up: 300 + random.integer(400),
    down: random.next() < 0.1 ? 3000 + random.integer(9000) : 200 + random.integer(200),
  }
  return isNamed
    ? [...asked, secure(bot, { ...talk, to: server })]
    : [tcp(bot, { ...talk, server: server.addresses[0]!, port: 443, ending: 'closed' })]
}

function callsOf({ period, jitter, isNamed }: Kind) {
  return function* call(bot: Bot, { server }: SlowPlan): Generator<Episode> {
    let due = 0

    for (const { from, to } of alive(bot))
      for (let at = Math.max(from, due); at < to; at = due) {
        yield called(bot, at, server, isNamed)
        due = at + period * (1 + jitter * (2 * bot.random.next() - 1))
      }
  }
}

export const slow: readonly Family[] = kinds.map((kind) =>
  family<SlowPlan>({
    name: kind.name,
    doc: kind.doc,
    topology: 'star',
    activities: [],
    plan: planOf(kind),
    processes: { call: callsOf(kind) },
  }),
)
