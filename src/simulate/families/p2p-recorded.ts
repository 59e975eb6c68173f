/**
 * The two peer-to-peer botnets of BotMiner's Table 1: 13 Storm and 82 Nugache bots.
 *
 * Published: both together 24 h, 5,495,223 flows, 59,322,490 packets, 1.2 GB: some 58,000 flows a bot, of 11
 * packets of 20 bytes. Storm: Overnet over UDP from one port, a list of first peers, searches that touch many, a
 * large share gone (Grizzard et al., HotBots 2007; Holz et al., LEET 2008). Nugache: encrypted TCP with a few peers
 * of a list of about a hundred, random high ports (Stover et al., ;login: 2007).
 *
 * Here a bot makes a tenth (Storm) or a twentieth of the flows, so that a day stays small. Assumed, as
 * the paper assumed it (its Storm and Nugache ran with their activities switched off; it argued from a separate
 * run): Storm sends mail in two campaigns, and Nugache scans for its next victims by port 445.
 */
import type { Random } from '../../math/random.ts'
import { deliver } from '../behaviours/mail.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { type Bot, family } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { refused, tcp, udp, unanswered } from '../wire.ts'
import { partOf, type Recorded, windowOf } from './recorded.ts'

interface Peer {
  readonly address: string
  readonly port: number
  /** Share of the time at which it answers. */
  readonly there: number
}

interface P2pPlan extends Recorded {
  readonly peers: readonly Peer[]
  readonly readers: readonly Service[]
  readonly prefix: string
}

const planOf =
  (peers: number, gone: number, proto: string) =>
  (network: Network, random: Random): P2pPlan => {
    const list = Array.from(
      { length: peers },
      (): Peer => ({
        address: network.outside.address(random),
        port: 1024 + random.integer(60_000),
        there: random.next() < gone ? 0.03 : 0.7 + 0.3 * random.next(),
      }),
    )
    return {
      cnc: list.map(({ address, port }) => `${address}:${port}/${proto}`),
      window: windowOf(network, random, 24 * 3600),
      peers: list,
      readers: random.shuffle([...network.outside.mailServers]).slice(0, 200),
      prefix: network.outside.address(random).split('.').slice(0, 2).join('.'),
    }
  }

/** Searches: every so often a few peers that the bot knows, and one that it was told of. */
function* overnet(bot: Bot, { window, peers }: P2pPlan): Generator<Episode> {
  const { random } = bot
  const clientPort = 1024 + random.integer(40_000)
  const known = random.shuffle([...peers]).slice(0, 90 + random.integer(60))

  for (let at = window.from + random.exponential(30); at < window.to; at += 60 * (2 + 3 * random.next())) {
    const calls: Exchange[] = []
    const touched = random.shuffle([...known]).slice(0, 4 + random.poisson(3))
    const endpoint = {
      address: bot.network.outside.address(random),
      port: 4000 + random.integer(9000),
      there: 0.4,
    }
    for (const [i, { address, port, there }] of [...touched, endpoint].entries()) {
      const answered = random.next() < there
      const questions = 1 + random.poisson(answered ? 2 : 1)
      calls.push(
        udp(bot, {
          at: at + 0.4 * i,
          server: address,
          port,
          clientPort,
          duration: answered ? 0.1 + random.exponential(4) : 2 * (questions - 1),
          up: questions * (25 + random.integer(20)),
          down: questions * (40 + random.integer(200)),
          packetsUp: questions,
          packetsDown: answered ? questions : 0,
        }),
      )
    }
    yield calls
  }
}

/** Talks with a few peers at a time; those that are gone are tried again. */
function* talk(bot: Bot, { window, peers }: P2pPlan): Generator<Episode> {
  const { random } = bot
  const known = random.shuffle([...peers]).slice(0, 35 + random.integer(20))

  for (let at = window.from + random.exponential(20); at < window.to; at += random.exponential(30)) {
    const peer = random.pick(known)
    const to = { at, server: peer.address, port: peer.port }
    if (random.next() > peer.there) {
      yield [random.next() < 0.7 ? unanswered(bot, to) : refused(bot, to, 0.12)]
      continue
    }
    const words = 3 + random.poisson(2)
    yield [
      tcp(bot, {
        ...to,
        duration: 1 + random.exponential(12),
        up: words * 48 + random.integer(60),
        down: words * 52 + random.integer(80),
        turns: words,
      }),
    ]
  }
}

function* mail(bot: Bot, { window, readers }: P2pPlan): Generator<Episode> {
  const { random } = bot
  const own = random.shuffle([...readers]).slice(0, 110)
  for (const [begin, end] of [
    [0.2, 0.23],
    [0.6, 0.62],
  ] as const) {
    const span = partOf(window, begin, end)
    for (let at = span.from + random.exponential(90); at < span.to; at += random.exponential(5))
      yield deliver(bot, at, random.pick(own), {
        bytes: 2200 + random.integer(300),
        turnedAway: 0.3,
        gone: 0.1,
      })
  }
}

function* scan(bot: Bot, { window, prefix }: P2pPlan): Generator<Episode> {
  const { random } = bot
  const span = partOf(window, 0.4, 0.43)
  const until = Math.min(span.to, span.from + 900)
  for (let at = span.from + random.exponential(60); at < until; at += random.exponential(4)) {
    const server = `${prefix}.${random.integer(256)}.${1 + random.integer(254)}`
    yield [unanswered(bot, { at, server, port: 445 }, 2)]
  }
}

export const storm = family<P2pPlan>({
  name: 'storm',
  doc: 'BotMiner’s Storm: a day of Overnet over UDP; its mail is assumed, there as here.',
  topology: 'p2p',
  activities: ['spam'],
  plan: planOf(300, 0.4, 'udp'),
  processes: { overnet, mail },
})

export const nugache = family<P2pPlan>({
  name: 'nugache',
  doc: 'BotMiner’s Nugache: a day of encrypted TCP between peers; its scan is assumed, there as here.',
  topology: 'p2p',
  activities: ['scan'],
  plan: planOf(100, 0.4, 'tcp'),
  processes: { talk, scan },
})
