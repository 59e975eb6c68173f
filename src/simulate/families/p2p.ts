/**
 * A peer-to-peer bot of the Storm and Nugache kind.
 *
 * Storm: Overnet over UDP from one high port; a list of some hundred first peers; searches and publications every few
 * minutes that touch tens of peers, a large share of which is gone (Grizzard et al., "Peer-to-peer botnets: overview
 * and case study", HotBots 2007; Holz et al., "Measurements and mitigation of peer-to-peer-based botnets", LEET 2008).
 * Nugache keeps TCP connections with a few peers, encrypted (Stover et al., "Analysis of the Storm and Nugache
 * trojans", ;login: 2007). BotMiner's 95 Storm and Nugache bots made 5,495,223 flows in a day (Table 1), some
 * 58,000 a bot; here it is a few thousand. Bots share part of what they know, never all of it.
 */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { alive, type Bot, family, type Order, orders, type Plan } from '../family.ts'
import { addressAt, type Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { refused, tcp, udp, unanswered } from '../wire.ts'
import { spam } from './spam.ts'

interface Peer {
  readonly address: string
  readonly port: number
  /** Share of the time at which it answers. */
  readonly there: number
}

interface P2pPlan extends Plan {
  readonly first: readonly Peer[]
  readonly others: readonly Peer[]
  readonly round: number
  readonly campaigns: readonly Order[]
  readonly readers: readonly Service[]
}

function plan(network: Network, random: Random): P2pPlan {
  const peer = (): Peer => ({
    address: network.outside.address(random),
    port: 1024 + random.integer(60_000),
    there: random.next() < 0.45 ? 0.02 : 0.6 + 0.4 * random.next(),
  })
  const first = Array.from({ length: 120 }, peer)

  return {
    cnc: first.map(({ address, port }) => `${address}:${port}/udp`),
    first,
    others: Array.from({ length: 1400 }, peer),
    round: random.pick([480, 600, 720]),
    campaigns: orders(random, {
      count: 2,
      from: 0.3 * network.length,
      to: 0.9 * network.length,
      seconds: 1700,
    }),
    readers: random.shuffle([...network.outside.mailServers]).slice(0, 200),
  }
}

function contact(bot: Bot, at: number, peer: Peer, clientPort: number): Exchange {
  const { random } = bot
  const answered = random.next() < peer.there
  const questions = answered ? 1 + random.poisson(0.8) : 1 + random.integer(3)

  return udp(bot, {
    at,
    server: peer.address,
    port: peer.port,
    clientPort,
    duration: answered
      ? 0.1 + random.exponential(3)
      : questions === 1
        ? 0
        : 2.5 * (questions - 1) + random.next(),
    up: questions * (27 + random.integer(30)),
    down: questions * (60 + random.integer(330)),
    packetsUp: questions,
    packetsDown: answered ? questions : 0,
  })
}

/** Rounds of search and publication, the gaps much disturbed by what the network does. */
function* gossip(bot: Bot, plan: P2pPlan): Generator<Episode> {
  const { random } = bot
  const clientPort = 1024 + random.integer(40_000)
  const known = random.shuffle([...plan.first]).slice(0, 50 + random.integer(40))

  for (const { from, to } of alive(bot)) {
    let first = true
    for (let at = from; at < to; at += plan.round * (0.7 + 0.6 * random.next())) {
      const calls: Exchange[] = []
      const peers = first ? known : random.shuffle([...known]).slice(0, 4 + random.poisson(5))
      first = false
      let when = at
      for (const peer of peers) {
        calls.push(contact(bot, when, peer, clientPort))
        when += random.exponential(0.7)
        if (random.next() < 0.35) calls.push(contact(bot, when + 0.3, random.pick(plan.others), clientPort))
      }
      // Peers that answer are kept, a dead one is forgotten now and then for a new one.
      if (random.next() < 0.6) {
        const dead = known.findIndex((peer) => peer.there < 0.1)
        known[dead < 0 ? random.integer(known.length) : dead] = random.pick(plan.others)
      }
      yield calls.filter((call) => call.start < bot.network.from + to * 1e6)
    }
  }
}

/** A few peers by TCP, each for minutes to hours, half of the tries in vain. */
function* hold(bot: Bot, plan: P2pPlan): Generator<Episode> {
  const { random } = bot

  for (const { from, to } of alive(bot)) {
    for (let at = from + random.exponential(200); at < to; at += random.exponential(800)) {
      const peer = random.pick(random.next() < 0.5 ? plan.first : plan.others)
      const there = { at, server: peer.address, port: peer.port }
      if (random.next() > peer.there) {
        yield [random.next() < 0.7 ? unanswered(bot, there) : refused(bot, there, 0.12)]
        continue
      }
      const duration = Math.min(to - at, random.logNormal(Math.log(240), 1.2))
      const words = 3 + random.poisson(duration / 50)
      yield [
        tcp(bot, {
          ...there,
          duration,
          up: words * 66 + random.integer(200),
          down: words * 74 + random.integer(300),
          turns: words,
        }),
      ]
    }
  }
}

/** Peers that have heard of this one ask it in turn. */
function* answer(bot: Bot, plan: P2pPlan): Generator<Episode> {
  const { random } = bot
  const port = 1024 + random.integer(40_000)

  for (const { from, to } of alive(bot)) {
    for (let at = from + 300; at < to; at += random.exponential(150)) {
      const peer = random.pick(plan.others)
      yield [
        udp(bot, {
          at,
          client: peer.address,
          clientPort: peer.port,
          server: addressAt(bot.host, at),
          port,
          duration: 0.05 + random.next(),
          up: 30 + random.integer(30),
          down: 70 + random.integer(250),
          packetsUp: 1,
          packetsDown: 1,
        }),
      ]
    }
  }
}

export const p2p = family<P2pPlan>({
  name: 'p2p',
  doc: 'Overlay of peers by UDP and some TCP with many failures; spam.',
  topology: 'p2p',
  activities: ['spam'],
  plan,
  processes: {
    gossip,
    hold,
    answer,
    spam: (bot, plan) => spam(bot, plan.campaigns, { readers: plan.readers, perMinute: 16 }),
  },
})
