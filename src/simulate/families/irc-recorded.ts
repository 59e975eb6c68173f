/**
 * Four IRC botnets of BotMiner's Table 1: rbot, sdbot and spybot in a laboratory, and one of 259 bots in the wild.
 *
 * Published (Table 1 there; packets and flows are of all bots together): rbot 24 h, 4 bots, 180,988 flows,
 * 1,175,083 packets; sdbot 9 minutes, 4 bots, 19 flows, 474 packets; spybot 32 minutes, 4 bots, 147,945 flows,
 * 180,822 packets; IRC-N 7 minutes, 259 bots, 5,635 flows, 65,111 packets. What rbot, sdbot and spybot can do on
 * command: Barford and Yegneswaran, "An inside look at botnets", 2007 (horizontal scans of ports 135, 139 and 445
 * in all, in spybot's case fast and by lone SYNs). The shares of flow kinds below were solved from packets a flow:
 * 1.22 of spybot's can be nothing but SYNs, 6.5 of rbot's are mostly repeated SYNs with some connections, 25 of
 * sdbot's and 11.6 of IRC-N's are conversations.
 *
 * Assumed: sdbot's 19 flows leave no room for anything but C&C, and the paper assumes the activity of IRC-N. Both
 * are given a short scan here, which comes on top of Table 1.
 */
import type { Random } from '../../math/random.ts'
import type { Episode } from '../exchange.ts'
import { type Bot, type Family, family } from '../family.ts'
import type { Network, Span } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, found } from '../talks.ts'
import { refused, tcp, unanswered } from '../wire.ts'
import { partOf, type Recorded, windowOf } from './recorded.ts'

interface Scanning {
  /** Shares of the window. */
  readonly begin: number
  readonly end: number
  readonly perSecond: number
  /** SYNs of a try that nobody answers. */
  readonly tries: number
  /** Share of the tries that meet somebody. */
  readonly open: number
}

interface Kind {
  readonly name: string
  readonly doc: string
  readonly seconds: number
  /** Seconds that a connection to the channel lasts, on average. */
  readonly stay: number
  /** Messages each way in a minute. */
  readonly chatter: number
  readonly scan: Scanning
}

const kinds: readonly Kind[] = [
  {
    name: 'rbot',
    doc: 'BotMiner’s IRC-rbot: a day of C&C over IRC and scans.',
    seconds: 24 * 3600,
    stay: 3 * 3600,
    chatter: 1,
    scan: { begin: 0.02, end: 0.98, perSecond: 0.54, tries: 3, open: 0.17 },
  },
  {
    name: 'sdbot',
    doc: 'BotMiner’s IRC-sdbot: nine minutes of C&C over IRC; its scan is assumed.',
    seconds: 9 * 60,
    stay: 110,
    chatter: 5,
    scan: { begin: 0.5, end: 0.8, perSecond: 0.8, tries: 2, open: 0.01 },
  },
  {
    name: 'spybot',
    doc: 'BotMiner’s IRC-spybot: half an hour of C&C over IRC and fast scans by lone SYNs.',
    seconds: 32 * 60,
    stay: 1200,
    chatter: 2,
    scan: { begin: 0.05, end: 0.98, perSecond: 20.7, tries: 1, open: 0.012 },
  },
  {
    name: 'irc-n',
    doc: 'BotMiner’s IRC-N: 259 bots of the wild in seven minutes; its scan is assumed, there as here.',
    seconds: 7 * 60,
    stay: 19,
    chatter: 9,
    scan: { begin: 0.45, end: 0.85, perSecond: 0.4, tries: 2, open: 0.01 },
  },
]

interface IrcPlan extends Recorded {
  readonly server: Service
  readonly port: number
  readonly target: { readonly port: number; readonly prefix: string }
}

const planOf =
  ({ name, seconds }: Kind) =>
  (network: Network, random: Random): IrcPlan => {
    const server = network.outside.service(`${name}-${random.integer(1e9)}`, 1)
    const port = random.pick([6667, 6667, 6668, 7000])
    return {
      cnc: [`${server.addresses[0]}:${port}/tcp`],
      window: windowOf(network, random, seconds),
      server,
      port,
      target: {
        port: random.pick([135, 139, 445]),
        prefix: network.outside.address(random).split('.').slice(0, 2).join('.'),
      },
    }
  }

/** Connections to the channel one after the other. */
const channel = ({ stay, chatter }: Kind) =>
  function* (bot: Bot, { server, port, window }: IrcPlan): Generator<Episode> {
    const { random } = bot
    for (let at = window.from + random.exponential(stay / 8); at < window.to; ) {
      const duration = Math.min(window.to - at, Math.max(2, stay * random.logNormal(-0.06, 0.35)))
      const messages = 2 + random.poisson((chatter * duration) / 60)
      yield [
        ...(random.next() < 0.1 ? [ask(bot, at, found(server))] : []),
        tcp(bot, {
          at: at + 0.05,
          server: server.addresses[0]!,
          port,
          duration,
          up: 80 + 30 * messages + random.integer(30),
          down: 300 + 70 * messages + random.integer(200),
          turns: messages,
          service: 'irc',
          ending: random.pick(['closed', 'client-reset', 'server-reset']),
        }),
      ]
      at += duration + 1 + random.exponential(3)
    }
  }

const scanning = ({ scan: { begin, end, perSecond, tries, open } }: Kind) =>
  function* (bot: Bot, { window, target }: IrcPlan): Generator<Episode> {
    const { random } = bot
    const span: Span = partOf(window, begin, end)
    for (let at = span.from + random.exponential(4); at < span.to; at += random.exponential(1 / perSecond)) {
      const server = `${target.prefix}.${random.integer(256)}.${1 + random.integer(254)}`
      const to = { at, server, port: target.port }
      const chance = random.next()
      yield [
        chance < open
          ? tcp(bot, { ...to, duration: 1 + random.exponential(3), up: 1900, down: 900, turns: 6 })
          : chance < open + 0.05
            ? refused(bot, to, 0.12)
            : unanswered(bot, to, tries),
      ]
    }
  }

export const ircRecorded: readonly Family[] = kinds.map((kind) =>
  family<IrcPlan>({
    name: kind.name,
    doc: kind.doc,
    topology: 'star',
    activities: ['scan'],
    plan: planOf(kind),
    processes: { channel: channel(kind), scan: scanning(kind) },
  }),
)
