/**
 * Botnets that came after BotMiner, by how they find their orders: names made by an algorithm, names whose addresses
 * change by the minute, relays in two tiers, a popular site as a front, and DNS over HTTPS. What each sends and how
 * often is assumed where no number is given; what they are made to do is the spam of `spam.ts`, or a scan.
 *
 * - `rally`: a list of names for the day that all bots try, hardly any registered (Porras, Saidi and Yegneswaran,
 *   "An analysis of Conficker's logic and rendezvous points", 2009: 250 names a day, asked every few hours).
 * - `fluxed`: a name with a life of some minutes, at five addresses of hundreds (Holz et al., "Measuring and detecting
 *   fast-flux service networks", NDSS 2008).
 * - `relayed`: bots behind NAT ask repeaters, infected machines that pass on to servers nobody sees (Stock et al.,
 *   "Walowdac", EC2ND 2009; the list of repeaters is renewed as it is used).
 * - `fronted`: HTTPS to a site of many visitors, whose name the handshake shows, orders for another inside (Fifield
 *   et al., "Blocking-resistant communication through domain fronting", PoPETs 2015).
 * - `doh`: questions to a public resolver over HTTPS, answers with the orders in them (Hynek et al., "Summary of
 *   DNS over HTTPS abuse", IEEE Access 2022).
 */
import type { Random } from '../../math/random.ts'
import type { Episode } from '../exchange.ts'
import { alive, type Bot, carriedOut, type Family, family, type Order, orders, type Plan } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, found, gone, lookups, plain, type Remembered, request, secure } from '../talks.ts'
import { unanswered } from '../wire.ts'
import { spam } from './spam.ts'

interface LaterPlan extends Plan {
  /** Addresses that answer: servers, flux agents, relays or a front. */
  readonly pool: readonly string[]
  readonly service: Service
  readonly names: readonly string[]
  readonly campaigns: readonly Order[]
  readonly readers: readonly Service[]
  readonly prefix: string
}

interface Kind {
  readonly name: string
  readonly doc: string
  readonly topology: string
  readonly activities: readonly ('spam' | 'scan' | 'dga')[]
  /** Addresses of the pool. */
  readonly pool: number
  /** Which service they are. */
  service(network: Network, random: Random, pool: readonly string[]): Service
  readonly call: (bot: Bot, plan: LaterPlan) => Iterable<Episode>
}

const letters = 'bcdfghjklmnpqrstvwxzaeiouy'

const generated = (random: Random): string =>
  `${Array.from({ length: 8 + random.integer(5) }, () => letters[random.integer(26)]).join('')}.example`

const planOf =
  (kind: Kind) =>
  (network: Network, random: Random): LaterPlan => {
    const pool = Array.from({ length: kind.pool }, () => network.outside.address(random))
    const service = kind.service(network, random, pool)
    const { length, outside } = network
    return {
      cnc: service.addresses.map((address) => `${address}:${kind.name === 'rally' ? 80 : 443}/tcp`),
      pool,
      service,
      names: Array.from({ length: 250 }, () => generated(random)),
      campaigns: orders(random, { count: 2, from: 0.35 * length, to: 0.9 * length, seconds: 1500 }),
      readers: random.shuffle([...outside.mailServers]).slice(0, 180),
      prefix: outside.address(random).split('.').slice(0, 2).join('.'),
    }
  }

/** While the bot lives: a call, and then a pause of about this many seconds. */
function* whileAlive(bot: Bot, seconds: number, call: (at: number) => Iterable<Episode>): Generator<Episode> {
  for (const { from, to } of alive(bot))
    for (let at = from; at < to; at += seconds * (0.75 + 0.5 * bot.random.next())) yield* call(at)
}

const order = (bot: Bot, host: string) => {
  const bytes = bot.random.next() < 0.1 ? 3000 + bot.random.exponential(9000) : 60 + bot.random.integer(60)
  return request({
    host,
    uri: `/a?${bot.index}`,
    responseBody: Math.round(bytes),
    mime: 'application/octet-stream',
    content: `${host} ${bot.index} ${bytes}`,
  })
}

/** Every three hours fifty names of the day; the one that is there is called. */
function* rally(bot: Bot, { names, service }: LaterPlan): Generator<Episode> {
  const { random } = bot

  yield* whileAlive(bot, 10_800, function* (begin) {
    let at = begin
    for (const query of random.shuffle([...names]).slice(0, 50)) {
      yield [ask(bot, at, gone(query))]
      at += 0.5 + random.exponential(2)
    }
    const to = { ...service, name: names[0] ?? service.name }
    yield [
      ask(bot, at, found(to)),
      plain(bot, {
        to,
        at: at + 0.1,
        duration: 0.4 + random.exponential(0.4),
        requests: [order(bot, to.name)],
      }),
    ]
  })
}

/** Every ten minutes the name is asked anew, and one of the five addresses of the moment is called. */
function* fluxed(bot: Bot, { pool, service }: LaterPlan): Generator<Episode> {
  const { random } = bot

  yield* whileAlive(bot, 600, function* (at) {
    const now = Array.from({ length: 5 }, () => random.pick(pool))
    const to = { ...service, addresses: now, ttl: 180 }
    if (random.next() < 0.12) {
      yield [ask(bot, at, found(to)), unanswered(bot, { at: at + 0.1, server: now[0]!, port: 80 })]
      return
    }
    yield [
      ask(bot, at, found(to)),
      plain(bot, {
        to,
        at: at + 0.1,
        duration: 0.5 + random.exponential(1),
        requests: [order(bot, to.name)],
      }),
    ]
  })
}

/** A list of ten relays of which one in four is gone, in turn; new ones come in for them. */
function* relayed(bot: Bot, { pool, service }: LaterPlan): Generator<Episode> {
  const { random } = bot
  const known = random.shuffle([...pool]).slice(0, 10)

  yield* whileAlive(bot, 420, function* (at) {
    const i = random.integer(known.length)
    const server = known[i]!
    if (random.next() < 0.25) {
      known[i] = random.pick(pool)
      yield [unanswered(bot, { at, server, port: 443 })]
      return
    }
    const to = { ...service, addresses: [server] }
    const up = 700 + random.integer(600)
    yield [
      secure(bot, { to, at, duration: 1 + random.exponential(2), up, down: 900 + random.exponential(3000) }),
    ]
  })
}

/** Short talks over TLS with one service, at regular intervals. */
const overTls = (seconds: number) =>
  function* (bot: Bot, { service }: LaterPlan): Generator<Episode> {
    const { random } = bot
    const remembered: Remembered = new Map()
    yield* whileAlive(bot, seconds, function* (at) {
      yield [
        ...lookups(bot, at, service, remembered),
        secure(bot, {
          to: service,
          at: at + 0.05,
          duration: 0.3 + random.exponential(0.5),
          up: 180 + random.integer(60),
          down: 220 + random.integer(80),
        }),
      ]
    })
  }

const own = (label: string) => (network: Network, random: Random) =>
  network.outside.service(`${label}-${random.integer(1e9)}`, 1)

const kinds: readonly Kind[] = [
  {
    name: 'rally',
    doc: 'Names made by an algorithm, fifty tried every three hours; spam.',
    topology: 'star',
    activities: ['dga', 'spam'],
    pool: 1,
    service: own('rally'),
    call: rally,
  },
  {
    name: 'fluxed',
    doc: 'A fast-flux name at five of four hundred addresses; spam.',
    topology: 'multi-server',
    activities: ['spam'],
    pool: 400,
    service: (network, random, pool) => ({ ...own('fluxed')(network, random), addresses: pool.slice(0, 40) }),
    call: fluxed,
  },
  {
    name: 'relayed',
    doc: 'Relays in two tiers, of which the bots see the first; spam.',
    topology: 'hierarchical',
    activities: ['spam'],
    pool: 60,
    service: (network, random, pool) => ({ ...own('relayed')(network, random), name: '', addresses: pool }),
    call: relayed,
  },
  {
    name: 'fronted',
    doc: 'HTTPS to a site of many visitors, orders inside; a scan.',
    topology: 'star',
    activities: ['scan'],
    pool: 1,
    service: (network, random) => network.outside.sites[random.integer(20)]!,
    call: overTls(600),
  },
  {
    name: 'doh',
    doc: 'Orders in answers of a public resolver, over HTTPS; a scan.',
    topology: 'star',
    activities: ['scan'],
    pool: 1,
    service: (network) => ({
      ...network.outside.service('public-resolver', 2),
      name: 'dns.resolver.example',
    }),
    call: overTls(180),
  },
]

function* scan(bot: Bot, { campaigns, prefix }: LaterPlan): Generator<Episode> {
  const { random } = bot
  for (const { span } of carriedOut(bot, campaigns)) {
    for (let at = span.from; at < span.to; at += random.exponential(0.8)) {
      const server = `${prefix}.${random.integer(256)}.${1 + random.integer(254)}`
      yield [unanswered(bot, { at, server, port: 22 }, 1)]
    }
  }
}

export const later: readonly Family[] = kinds.map((kind) =>
  family<LaterPlan>({
    name: kind.name,
    doc: kind.doc,
    topology: kind.topology,
    activities: kind.activities,
    plan: planOf(kind),
    processes: {
      call: kind.call,
      act: kind.activities.includes('spam')
        ? (bot, plan) => spam(bot, plan.campaigns, { readers: plan.readers, perMinute: 14 })
        : scan,
    },
  }),
)
