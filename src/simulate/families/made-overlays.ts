/** Made botnets without a server: peer-to-peer overlays. */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { alive, type Bot } from '../family.ts'
import type { Network } from '../network.ts'
import { refused, tcp, udp, unanswered } from '../wire.ts'
import { type Make, type Members, outsiders, type Place } from './made-botnet.ts'

/** Everyone a bot may know: bots outside and inside, and as many that are gone or behind a gateway. */
function population(network: Network, random: Random, members: Members, port: () => number): Place[] {
  const reachable = [...members.inside, ...outsiders(network, random, members)].map((address) => ({
    address,
    port: port(),
    there: random.next() < 0.6 ? 0.03 : 0.6 + 0.4 * random.next(),
  }))
  const gone = Array.from({ length: Math.ceil(0.5 * members.total) + 2 }, () => ({
    address: network.outside.address(random),
    port: port(),
    there: 0.02,
  }))
  return [...reachable, ...gone]
}

const others = (bot: Bot, places: readonly Place[], most: number): Place[] =>
  bot.random.shuffle(places.filter(({ address }) => address !== bot.host.address)).slice(0, most)

function question(
  bot: Bot,
  at: number,
  place: Place,
  clientPort: number,
  size: { up: number; down: number },
): Exchange {
  const answered = bot.random.next() < place.there
  const packets = answered ? 1 + bot.random.poisson(0.4) : 1 + bot.random.integer(2)

  return udp(bot, {
    at,
    server: place.address,
    port: place.port,
    clientPort,
    duration: answered ? 0.05 + bot.random.exponential(0.6) : 3 * (packets - 1),
    up: packets * (size.up + bot.random.integer(12)),
    down: packets * (size.down + bot.random.integer(40)),
    packetsUp: packets,
    packetsDown: answered ? packets : 0,
  })
}

/** Sality's rounds. */
export const rounds: Make = (network, random, members) => {
  const places = population(network, random, members, () => 1024 + random.integer(60_000))
  const inside = new Set(members.inside)
  const size = { up: 30 + random.integer(60), down: 30 + random.integer(400) }
  const most = 150 + random.integer(400)

  return {
    relays: [],
    processes: {
      *round(bot) {
        const port = 1024 + bot.random.integer(60_000)
        const known = others(bot, places, most)
        for (const { from, to } of alive(bot))
          for (let at = from; at < to; at += 2400 * (0.9 + 0.2 * bot.random.next())) {
            let when = at
            for (const place of bot.random.shuffle([...known])) {
              yield [question(bot, when, place, port, size)]
              when += bot.random.exponential(1.2)
            }
          }
      },
      answer: (bot) => answering(bot, places, inside),
    },
  }
}

/** ZeroAccess's turn: one peer after the other on one port; asked less often than it does, for the records' sake. */
export const turns: Make = (network, random, members) => {
  const port = random.pick([16_464, 16_465, 16_470, 16_471])
  const places = population(network, random, members, () => port)
  const inside = new Set(members.inside)
  const gap = 4 + random.integer(10)

  return {
    relays: [],
    processes: {
      *turn(bot) {
        const own = 1024 + bot.random.integer(60_000)
        const known = others(bot, places, 256)
        for (const { from, to } of alive(bot)) {
          let next = 0
          for (let at = from; at < to; at += gap * (0.9 + 0.2 * bot.random.next()))
            yield [question(bot, at, known[next++ % known.length]!, own, { up: 16, down: 580 })]
        }
      },
      answer: (bot) => answering(bot, places, inside),
    },
  }
}

/** Nugache's: few peers at a time, TCP, held, half of the tries in vain. */
export const friends: Make = (network, random, members) => {
  const port = () => 1024 + random.integer(60_000)
  const places = population(network, random, members, port)
  const inside = new Set(members.inside)

  return {
    relays: [],
    processes: {
      *hold(bot) {
        const known = others(bot, places, 30 + bot.random.integer(70))
        for (const { from, to } of alive(bot))
          for (let at = from; at < to; at += bot.random.exponential(150)) {
            const place = bot.random.pick(known)
            const there = { at, server: place.address, port: place.port }
            if (bot.random.next() > place.there)
              yield [bot.random.next() < 0.7 ? unanswered(bot, there) : refused(bot, there)]
            else {
              const duration = Math.min(to - at, bot.random.logNormal(Math.log(300), 1))
              const words = 3 + bot.random.poisson(duration / 60)
              yield [tcp(bot, { ...there, duration, up: 70 * words, down: 80 * words, turns: words })]
            }
          }
      },
      answer: (bot) => answering(bot, places, inside),
    },
  }
}

/** Bots outside that know of this one ask it; not where it is behind a gateway. */
function* answering(bot: Bot, places: readonly Place[], inside: ReadonlySet<string>): Generator<Episode> {
  const { random } = bot
  const mine = places.find(({ address }) => address === bot.host.address)
  if (!mine || mine.there < 0.1) return
  const callers = places.filter(({ address }) => !inside.has(address))
  if (callers.length === 0) return

  for (const { from, to } of alive(bot))
    for (let at = from + 200; at < to; at += random.exponential(240))
      yield [
        udp(bot, {
          at,
          client: random.pick(callers).address,
          clientPort: 1024 + random.integer(60_000),
          server: bot.host.address,
          port: mine.port,
          duration: 0.05 + random.next(),
          up: 30 + random.integer(30),
          down: 60 + random.integer(250),
          packetsUp: 1,
          packetsDown: 1,
        }),
      ]
}
