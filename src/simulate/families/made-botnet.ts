/** What the made botnets of every topology share: places, talks, calls. */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { alive, type Bot } from '../family.ts'
import type { Network } from '../network.ts'
import { refused, tcp, unanswered } from '../wire.ts'

const madeTopologies = ['star', 'multi-server', 'hierarchical', 'p2p'] as const
export type MadeTopology = (typeof madeTopologies)[number]

export interface MadeBotnet {
  readonly topology: MadeTopology
  /** Its variant, as a person would name it. */
  readonly variant: string
  /** Addresses inside that pass orders on. */
  readonly relays: readonly string[]
  readonly processes: Readonly<Record<string, (bot: Bot) => Iterable<Episode>>>
}

export interface Members {
  /** Addresses of the bots inside the network, in the order of their index. */
  readonly inside: readonly string[]
  /** Bots in all, those inside among them. */
  readonly total: number
}

export interface Place {
  readonly address: string
  readonly port: number
  readonly there: number
}

/** How the bots of one botnet talk. */
export interface Talk {
  readonly period: number
  readonly up: number
  readonly down: number
  readonly duration: number
}

export type Make = (
  network: Network,
  random: Random,
  members: Members,
) => Omit<MadeBotnet, 'topology' | 'variant'>

export const talkOf = (random: Random): Talk => ({
  period: random.pick([120, 300, 600, 900]) * (0.8 + 0.4 * random.next()),
  up: 150 + random.integer(600),
  down: 150 + random.integer(1500),
  duration: 0.2 + random.exponential(4),
})

export const servers = (network: Network, random: Random, count: number, port: number): Place[] =>
  Array.from({ length: count }, () => ({
    address: network.outside.address(random),
    port,
    there: 0.9 + 0.1 * random.next(),
  }))

export const controlPort = (random: Random) =>
  random.pick([80, 443, 6667, 8080, 8000, 1024 + random.integer(20_000)])

export function ask(bot: Bot, at: number, place: Place, talk: Talk): Exchange {
  const { random } = bot
  if (random.next() > place.there)
    return random.next() < 0.7
      ? unanswered(bot, { at, server: place.address, port: place.port })
      : refused(bot, { at, server: place.address, port: place.port })
  const task = random.next() < 0.08 ? 4 + random.exponential(10) : 1
  return tcp(bot, {
    at,
    server: place.address,
    port: place.port,
    duration: talk.duration * (0.6 + 0.8 * random.next()),
    up: Math.round(talk.up * (0.9 + 0.2 * random.next())),
    down: Math.round(talk.down * (0.9 + 0.2 * random.next()) * task),
  })
}

/** Calls again and again to a place that `choose` names. */
export function* calling(bot: Bot, talk: Talk, choose: () => Place): Generator<Episode> {
  for (const { from, to } of alive(bot))
    for (let at = from; at < to; at += talk.period * (0.8 + 0.4 * bot.random.next())) {
      const place = choose()
      const first = ask(bot, at, place, talk)
      const failed = first.state === 'S0' || first.state === 'REJ'
      yield failed && at + 30 < to ? [first, ask(bot, at + 15, choose(), talk)] : [first]
    }
}

/** IRC: one connection held for hours; where the server goes away for good, it is called again and again. */
export const held =
  (goes: boolean): Make =>
  (network, random) => {
    const [server] = servers(network, random, 1, random.pick([6667, 7000, 443]))
    const words = 20 + random.integer(60)
    const gone = goes ? network.length * (0.3 + 0.4 * random.next()) : Number.POSITIVE_INFINITY
    const retry = 20 + random.integer(280)
    return {
      relays: [],
      processes: {
        *hold(bot) {
          const place = { server: server!.address, port: server!.port }

          for (const { from, to } of alive(bot))
            for (let at = from; at < to; ) {
              if (at >= gone) {
                yield [
                  bot.random.next() < 0.7
                    ? unanswered(bot, { at, ...place })
                    : refused(bot, { at, ...place }),
                ]
                at += retry * (0.8 + 0.4 * bot.random.next())
                continue
              }
              const duration = Math.min(to - at, gone - at, bot.random.logNormal(Math.log(2400), 0.8))
              const turns = 2 + Math.ceil(duration / words)
              yield [tcp(bot, { at, ...place, duration, up: 40 * turns, down: 70 * turns, turns })]
              at += duration + 5 + bot.random.exponential(30)
            }
        },
      },
    }
  }

/** Addresses of the bots outside. */
export const outsiders = (network: Network, random: Random, { inside, total }: Members): string[] =>
  Array.from({ length: Math.max(0, total - inside.length) }, () => network.outside.address(random))
