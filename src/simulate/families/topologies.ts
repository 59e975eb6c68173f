/**
 * Botnets by how they are organised, of any size, part of them inside the network.
 *
 * After "Botnet communication topologies" (Ollmann, Damballa 2009): star (one server), multi-server (several that share
 * the bots), hierarchical (bots that pass orders on to bots), random (peer-to-peer). The hierarchies are those of Waledac,
 * where workers ask repeaters, infected hosts with public addresses, which ask a few upper servers (Calvet, Davis, Bureau,
 * "Malware authors don't learn, and that's good!", MALWARE 2009; Stock et al., "Walowdac", EC2ND 2009), and the primer's
 * tree, where each bot has a parent. The overlays are those of Sality (each of a list of up to a thousand peers is asked
 * every 40 minutes over UDP from one port: Falliere, Symantec 2011), ZeroAccess (256 peers in turn on one port: Wyke, Sophos
 * 2012) and Nugache (few peers, TCP held for long: Stover et al., ;login: 2007). That half of the peers of a list do not
 * answer is of Rossow et al., "P2PWNED", S&P 2013 (60 to 87 % of the bots are behind a gateway).
 *
 * `made` fills a botnet for hosts that are chosen already, so that its peers can be its own members. How a bot calls
 * (period, sizes, chance of failure) is drawn for each botnet anew.
 */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { alive, type Bot } from '../family.ts'
import type { Network } from '../network.ts'
import { refused, tcp, udp, unanswered } from '../wire.ts'

const madeTopologies = ['star', 'multi-server', 'hierarchical', 'p2p'] as const
type MadeTopology = (typeof madeTopologies)[number]

interface MadeBotnet {
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

interface Place {
  readonly address: string
  readonly port: number
  readonly there: number
}

/** How the bots of one botnet talk. */
interface Talk {
  readonly period: number
  readonly up: number
  readonly down: number
  readonly duration: number
}

type Make = (network: Network, random: Random, members: Members) => Omit<MadeBotnet, 'topology' | 'variant'>

const talkOf = (random: Random): Talk => ({
  period: random.pick([120, 300, 600, 900]) * (0.8 + 0.4 * random.next()),
  up: 150 + random.integer(600),
  down: 150 + random.integer(1500),
  duration: 0.2 + random.exponential(4),
})

const servers = (network: Network, random: Random, count: number, port: number): Place[] =>
  Array.from({ length: count }, () => ({
    address: network.outside.address(random),
    port,
    there: 0.9 + 0.1 * random.next(),
  }))

const controlPort = (random: Random) =>
  random.pick([80, 443, 6667, 8080, 8000, 1024 + random.integer(20_000)])

function ask(bot: Bot, at: number, place: Place, talk: Talk): Exchange {
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
function* calling(bot: Bot, talk: Talk, choose: () => Place): Generator<Episode> {
  for (const { from, to } of alive(bot))
    for (let at = from; at < to; at += talk.period * (0.8 + 0.4 * bot.random.next())) {
      const place = choose()
      const first = ask(bot, at, place, talk)
      const failed = first.state === 'S0' || first.state === 'REJ'
      yield failed && at + 30 < to ? [first, ask(bot, at + 15, choose(), talk)] : [first]
    }
}

const star: Make = (network, random) => {
  const talk = talkOf(random)
  const [server] = servers(network, random, 1, controlPort(random))
  return { relays: [], processes: { call: (bot) => calling(bot, talk, () => server!) } }
}

/** IRC: one connection held for hours; where the server goes away for good, it is called again and again. */
const held =
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

/** Several servers; which one a bot calls is fixed for it, or drawn anew, or a second choice. */
const several =
  (how: 'own' | 'any' | 'reserve'): Make =>
  (network, random) => {
    const talk = talkOf(random)
    const places = servers(network, random, 2 + random.integer(9), controlPort(random))
    return {
      relays: [],
      processes: {
        call(bot) {
          const own = bot.random.pick(places)
          const main = places[0]!
          const choose = () => {
            if (how === 'own') return own
            if (how === 'any') return bot.random.pick(places)
            return bot.random.next() < 0.7 ? main : bot.random.pick(places)
          }
          return calling(bot, talk, choose)
        },
      },
    }
  }

/** Addresses of the bots outside. */
const outsiders = (network: Network, random: Random, { inside, total }: Members): string[] =>
  Array.from({ length: Math.max(0, total - inside.length) }, () => network.outside.address(random))

/**
 * Waledac's: one bot in eight has a public address and is a repeater; workers hold a list of repeaters and ask any of
 * them; a repeater asks an upper server at once, with what it was asked.
 */
const repeaters: Make = (network, random, members) => {
  const talk = talkOf(random)
  const port = random.pick([80, 8080, 8000])
  const inside = members.inside.filter(() => random.next() < 0.125)
  const abroad = outsiders(network, random, members).filter(() => random.next() < 0.125)
  const upper = servers(network, random, 3 + random.integer(4), port)
  const all = [...inside, ...abroad]
  const lists: Place[] = (
    all.length > 0 ? all : [network.outside.address(random), network.outside.address(random)]
  ).map((address) => ({ address, port, there: 0.55 + 0.4 * random.next() }))
  const workers = Math.max(2, members.total - all.length)
  return {
    relays: inside,
    processes: {
      *work(bot) {
        if (inside.includes(bot.host.address)) return
        const known = bot.random.shuffle([...lists]).slice(0, 20 + bot.random.integer(60))
        yield* calling(bot, talk, () => bot.random.pick(known.slice(0, 12)))
      },
      *repeat(bot) {
        if (!inside.includes(bot.host.address)) return
        yield* relaying(bot, {
          talk,
          port,
          upper,
          perHour: ((3600 / talk.period) * workers) / Math.max(1, all.length),
          network,
        })
      },
    },
  }
}

/** The primer's tree: each bot has a parent among the proxies, and a second one; a proxy asks the top. */
const tree: Make = (network, random, members) => {
  const talk = talkOf(random)
  const port = 1024 + random.integer(40_000)
  const parents = Math.max(2, Math.round(Math.sqrt(members.total)))
  const insideShare = members.inside.length / members.total
  const inside = members.inside.slice(0, Math.round(parents * insideShare))
  const abroad = Array.from({ length: Math.max(0, parents - inside.length) }, () =>
    network.outside.address(random),
  )
  const all = [...inside, ...abroad].map((address) => ({ address, port, there: 0.85 + 0.15 * random.next() }))
  const top = servers(network, random, 1 + random.integer(2), port)
  return {
    relays: inside,
    processes: {
      *follow(bot) {
        if (inside.includes(bot.host.address)) return
        const [own, second] = bot.random.shuffle([...all])
        yield* calling(bot, talk, () => (bot.random.next() < 0.85 || !second ? own! : second))
      },
      *lead(bot) {
        if (!inside.includes(bot.host.address)) return
        const perHour = ((3600 / talk.period) * members.total) / parents
        yield* relaying(bot, { talk, port, upper: top, perHour, network })
      },
    },
  }
}

interface Relaying {
  readonly talk: Talk
  readonly port: number
  readonly upper: readonly Place[]
  /** Calls of bots outside in an hour. */
  readonly perHour: number
  readonly network: Network
}

/** Strangers call in, and what they ask is asked of an upper server; some is answered from what is known. */
function* relaying(bot: Bot, { talk, port, upper, perHour, network }: Relaying): Generator<Episode> {
  const { random } = bot
  const callers = Array.from({ length: 5 + random.integer(60) }, () => network.outside.address(random))
  const rate = Math.min(600, Math.max(4, perHour))
  for (const { from, to } of alive(bot))
    for (let at = from + 20; at < to; at += random.exponential(3600 / rate)) {
      const up = Math.round(talk.up * (0.9 + 0.2 * random.next()))
      const down = Math.round(talk.down * (0.9 + 0.2 * random.next()))
      const lag = 0.01 + random.exponential(0.15)
      const inner = talk.duration * (0.6 + 0.8 * random.next())
      const place = random.pick(upper)
      const call = tcp(bot, {
        at,
        client: random.pick(callers),
        clientPort: 1024 + random.integer(60_000),
        server: bot.host.address,
        port,
        duration: inner + 2 * lag + random.exponential(0.2),
        up,
        down,
      })
      const asks = random.next() < 0.85
      yield asks
        ? [
            call,
            tcp(bot, {
              at: at + lag,
              server: place.address,
              port: place.port,
              duration: inner,
              up: up + random.integer(60),
              down,
            }),
          ]
        : [call]
    }
}

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
const rounds: Make = (network, random, members) => {
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
const turns: Make = (network, random, members) => {
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
const friends: Make = (network, random, members) => {
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

const variants: readonly {
  readonly topology: MadeTopology
  readonly variant: string
  readonly make: Make
}[] = [
  { topology: 'star', variant: 'polled', make: star },
  { topology: 'star', variant: 'held', make: held(false) },
  { topology: 'star', variant: 'lost', make: held(true) },
  { topology: 'multi-server', variant: 'one each', make: several('own') },
  { topology: 'multi-server', variant: 'any', make: several('any') },
  { topology: 'multi-server', variant: 'reserves', make: several('reserve') },
  { topology: 'hierarchical', variant: 'repeaters', make: repeaters },
  { topology: 'hierarchical', variant: 'tree', make: tree },
  { topology: 'p2p', variant: 'rounds', make: rounds },
  { topology: 'p2p', variant: 'turns', make: turns },
  { topology: 'p2p', variant: 'friends', make: friends },
]

/** Names of the variants of a topology. */
export const variantsOf = (topology: MadeTopology): string[] =>
  variants.filter((each) => each.topology === topology).map(({ variant }) => variant)

/** A botnet of this kind. @throws RangeError for a variant that the topology does not have. */
export function made(
  topology: MadeTopology,
  variant: string,
  { network, random, members }: { network: Network; random: Random; members: Members },
): MadeBotnet {
  const found = variants.find((each) => each.topology === topology && each.variant === variant)
  if (!found) throw new RangeError(`${topology} has no variant ${variant}`)
  return { topology, variant, ...found.make(network, random, members) }
}
