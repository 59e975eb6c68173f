/**
 * An IRC bot of the rbot/sdbot/spybot kind.
 *
 * What is published and used here: one central channel over one long TCP connection, scans and updates on command
 * (Gu et al., BotMiner 2008, sections 1 and 4 and Table 1: scans are some 53 % of IRC commands, downloads 14 %; four
 * spybots made 147,945 flows in 32 minutes); bots come and go all the time (Rajab et al., "A multifaceted approach to
 * understanding the botnet phenomenon", IMC 2006); the server asks PING and the bot answers PONG (RFC 1459, section
 * 4.6), clients that miss it are dropped and come again after a fixed pause (Freiling, Holz and Wicherski, "Botnet
 * tracking", ESORICS 2005). Scan rates here are lower than published, so that a day stays small.
 */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import {
  alive,
  type Bot,
  carriedOut,
  failed,
  family,
  type Order,
  obeyed,
  orders,
  type Plan,
} from '../family.ts'
import type { Network, Span } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, found, plain, request } from '../talks.ts'
import { refused, tcp, unanswered } from '../wire.ts'

interface IrcPlan extends Plan {
  readonly server: Service
  readonly port: number
  readonly ping: number
  /** Lines a minute that everybody in the channel hears. */
  readonly chatter: number
  readonly outages: readonly Span[]
  readonly scans: readonly (Order & { readonly port: number; readonly prefix: string })[]
  readonly updates: readonly Order[]
  readonly store: Service
  readonly sample: { readonly name: string; readonly bytes: number }
}

function plan(network: Network, random: Random): IrcPlan {
  const server = network.outside.service(`irc-${random.integer(1e9)}`, 1)
  const port = random.pick([6667, 6667, 6668, 7000, 8067, 5190])
  const { length } = network
  const begin = random.next() * 0.7 * length

  return {
    cnc: [`${server.addresses[0]}:${port}/tcp`],
    server,
    port,
    ping: random.pick([90, 120, 180, 240]),
    chatter: 0.05 + random.exponential(0.5),
    outages: random.next() < 0.7 ? [{ from: begin, to: begin + 180 + random.exponential(900) }] : [],
    scans: orders(random, { count: 2, from: 0.38 * length, to: 0.85 * length, seconds: 480 }).map(
      (order) => ({
        ...order,
        port: random.pick([445, 445, 139, 135]),
        prefix: network.outside.address(random).split('.').slice(0, 2).join('.'),
      }),
    ),
    updates: orders(random, { count: 1, from: 0.42 * length, to: 0.75 * length, seconds: 60 }),
    store: network.outside.service(`irc-store-${random.integer(1e9)}`, 1),
    sample: { name: `irc sample ${random.integer(1e9)}`, bytes: 90_000 + random.integer(160_000) },
  }
}

function* command(bot: Bot, plan: IrcPlan): Generator<Episode> {
  const { random } = bot
  const address = plan.server.addresses[0]!
  const pause = 20 + random.integer(40)

  for (const { from, to } of alive(bot)) {
    let at = from
    while (at < to) {
      const outage = plan.outages.find((span) => span.from <= at && at < span.to)
      const asked = random.next() < 0.5 ? [ask(bot, at, found(plan.server))] : []
      if (outage || random.next() < 0.04) {
        yield [...asked, failed(bot, at + 0.05, address, plan.port, random.next() < 0.6)]
        at += pause + random.next() * 4
        continue
      }
      const cut = plan.outages.find((span) => span.from > at)?.from ?? Number.POSITIVE_INFINITY
      const stay = Math.min(
        to - at,
        cut - at,
        random.next() < 0.25 ? random.exponential(400) : random.exponential(3 * 3600),
      )
      const pings = Math.floor(stay / plan.ping)
      const heard = random.poisson((plan.chatter * stay) / 60)
      const spoken = random.poisson(stay / 2400)
      yield [
        ...asked,
        tcp(bot, {
          at: at + 0.06,
          server: address,
          port: plan.port,
          duration: Math.max(1, stay),
          up: 110 + random.integer(24) + 24 * pings + 75 * spoken,
          down: 1400 + random.integer(700) + 22 * pings + 95 * heard,
          turns: 4 + pings + Math.ceil(heard / 3) + spoken,
          service: random.next() < 0.7 ? 'irc' : '',
          ending: cut - at <= stay ? 'server-reset' : 'client-reset',
        }),
      ]
      at += stay + pause + random.next() * 4
    }
  }
}

/**
 * Sequential or random through a /16 outside, some threads wide: nearly all silence, a few resets, hardly a door
 * open.
 */
function* scan(bot: Bot, plan: IrcPlan): Generator<Episode> {
  const { random } = bot

  for (const { order, span } of carriedOut(bot, plan.scans, { obedience: 0.8 })) {
    const perSecond = Math.min(12, random.logNormal(Math.log(2.2), 0.5))
    for (let at = span.from; at < span.to; at += random.exponential(1 / perSecond)) {
      const to = {
        at,
        server: `${order.prefix}.${random.integer(256)}.${1 + random.integer(254)}`,
        port: order.port,
      }
      const chance = random.next()
      yield [
        chance < 0.85
          ? unanswered(bot, to, 1 + random.integer(2))
          : chance < 0.985
            ? refused(bot, to, 0.15)
            : tcp(bot, { ...to, duration: 0.8 + random.next(), up: 410, down: 340, turns: 3 }),
      ]
    }
  }
}

/** The order to fetch a new version: everybody the same bytes, at their own pace; some fail and try again. */
function* upgrade(bot: Bot, plan: IrcPlan): Generator<Episode> {
  const { random } = bot

  for (const order of plan.updates) {
    const span = obeyed(bot, order, { obedience: 0.85, latency: 45 })
    if (!span) continue
    const calls: Exchange[] = [ask(bot, span.from, found(plan.store))]
    let at = span.from + 0.08
    if (random.next() < 0.15) {
      calls.push(unanswered(bot, { at, server: plan.store.addresses[0]!, port: 80 }))
      at += 12
    }
    const file = request({
      host: plan.store.name,
      uri: '/up/u7.exe',
      responseBody: plan.sample.bytes,
      mime: 'application/x-dosexec',
      userAgent: 'Mozilla/4.0 (compatible)',
      content: plan.sample.name,
    })
    calls.push(
      plain(bot, {
        to: plan.store,
        at,
        duration: 0.3 + plan.sample.bytes / random.logNormal(Math.log(4e5), 0.6),
        requests: [file],
      }),
    )
    yield calls
  }
}

export const irc = family<IrcPlan>({
  name: 'irc',
  doc: 'Central channel over one long connection; scans and an update on command.',
  topology: 'star',
  activities: ['scan', 'download'],
  plan,
  processes: { command, scan, upgrade },
})
