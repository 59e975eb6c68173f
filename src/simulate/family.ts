import type { Random } from '../math/random.ts'
import type { Episode } from './exchange.ts'
import type { Actor, Network, Span } from './network.ts'
import { type Datagrams, refused, type Talk, unanswered } from './wire.ts'

export type { Datagrams, Talk }

/** An order given to a botnet: when, and for how long each bot that obeys keeps at it. */
export interface Order {
  readonly at: number
  readonly seconds: number
}

/**
 * How one family of bots behaves in the records.
 *
 * `plan` draws what the whole botnet shares: servers, sample, orders. Each process is run for each bot by itself, with
 * the bot's own stream of chance; processes of one bot do not see each other.
 */
export interface Family<P extends Plan = Plan> {
  readonly name: string
  readonly doc: string
  /** star, multi-server, hierarchical or p2p. */
  readonly topology: string
  readonly activities: readonly string[]
  plan(network: Network, random: Random): P
  readonly processes: Readonly<Record<string, (bot: Bot, plan: P) => Iterable<Episode>>>
  /** Processes that carry out orders, the others talk; where absent, those of `usualDeeds`. */
  readonly tasks?: readonly string[]
}

/** What families call the processes that carry out orders. */
export const usualTasks: readonly string[] = [
  'scan',
  'spam',
  'upgrade',
  'download',
  'fetch',
  'exploit',
  'attack',
  'flood',
  'click',
]

export interface Plan {
  /** address:port/proto of those who give orders. */
  readonly cnc: readonly string[]
}

export interface Bot extends Actor {
  /** Number within its botnet, from 0. */
  readonly index: number
  /** From when it is infected, in seconds. */
  readonly since: number
}

export const family = <P extends Plan>(given: Family<P>): Family => given as unknown as Family

/** When the bot runs: while its host does, once it is infected; malware starts some seconds after its host. */
export function alive(bot: Bot): Span[] {
  return bot.host.on
    .map(({ from, to }) => ({ from: Math.max(from, bot.since) + 20 + bot.random.exponential(40), to }))
    .filter(({ from, to }) => to - from > 30)
}

/**
 * The part of an order that this bot carries out: it must be alive, hears late, stops early, and may not obey at
 * all.
 */
export function obeyed(
  bot: Bot,
  order: Order,
  { obedience = 0.8, latency = 20 }: { obedience?: number; latency?: number } = {},
): Span | null {
  const at = order.at + 1 + bot.random.exponential(latency)
  const willing = bot.random.next() < obedience
  const length = order.seconds * (0.45 + 0.75 * bot.random.next())
  const span = bot.host.on.find(({ from, to }) => Math.max(from, bot.since) <= at && at < to)
  return willing && span ? { from: at, to: Math.min(span.to, at + length) } : null
}

/** The orders that this bot carries out, one after the other: an order that comes while another lasts waits for it. */
export function* carriedOut<O extends Order>(
  bot: Bot,
  given: readonly O[],
  how: Parameters<typeof obeyed>[2] = {},
): Generator<{ readonly order: O; readonly span: Span }> {
  let free = 0
  for (const order of given) {
    const span = obeyed(bot, order, how)
    if (!span || span.to <= free) continue
    yield { order, span: { from: Math.max(span.from, free), to: span.to } }
    free = span.to
  }
}

/** Orders at a herder's hours: some in the night of the campus, with hours between them. */
export function orders(
  random: Random,
  { count, from, to, seconds }: { count: number; from: number; to: number; seconds: number },
): Order[] {
  return Array.from({ length: count }, (_, i) => {
    const slice = (to - from) / count
    return {
      at: from + slice * (i + 0.15 + 0.7 * random.next()),
      seconds: seconds * (0.6 + 0.8 * random.next()),
    }
  })
}

/** A try at a server that is down or full. */
export const failed = (bot: Bot, at: number, server: string, port: number, refusing: boolean) =>
  refusing ? refused(bot, { at, server, port }, 0.08) : unanswered(bot, { at, server, port })
