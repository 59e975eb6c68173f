/**
 * Botnets by how they are organised, of any size, part of them inside the network.
 *
 * After "Botnet communication topologies" (Ollmann, Damballa 2009): star (one server), multi-server (several that share
 * the bots), hierarchical (bots that pass orders on to bots), random (peer-to-peer). The hierarchies are those of
 * Waledac, where workers ask repeaters, infected hosts with public addresses, which ask a few upper servers
 * (Calvet, Davis, Bureau, "Malware authors don't learn, and that's good!", MALWARE 2009; Stock et al., "Walowdac",
 * EC2ND 2009), and the primer's tree, where each bot has a parent. The overlays are those of Sality (each of a list
 * of up to a thousand peers is asked every 40 minutes over UDP from one port: Falliere, Symantec 2011), ZeroAccess
 * (256 peers in turn on one port: Wyke, Sophos 2012) and Nugache (few peers, TCP held for long: Stover et al.,
 * ;login: 2007). That half of the peers of a list do not answer is of Rossow et al., "P2PWNED", S&P 2013 (60 to 87
 * % of the bots are behind a gateway).
 *
 * `made` fills a botnet for hosts that are chosen already, so that its peers can be its own members. How a bot calls
 * (period, sizes, chance of failure) is drawn for each botnet anew.
 */
import type { Random } from '../../math/random.ts'
import type { Episode } from '../exchange.ts'
import { alive, type Bot } from '../family.ts'
import type { Network } from '../network.ts'
import { tcp } from '../wire.ts'
import {
  calling,
  controlPort,
  held,
  type MadeBotnet,
  type MadeTopology,
  type Make,
  type Members,
  outsiders,
  type Place,
  servers,
  type Talk,
  talkOf,
} from './made-botnet.ts'
import { friends, rounds, turns } from './made-overlays.ts'

export const star: Make = (network, random) => {
  const talk = talkOf(random)
  const [server] = servers(network, random, 1, controlPort(random))
  return { relays: [], processes: { call: (bot) => calling(bot, talk, () => server!) } }
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
