/**
 * Two HTTP bots: one that asks its server about every five minutes, one that waits a random 0 to 10 minutes.
 *
 * They are the HTTP-1 and HTTP-2 of BotMiner's evaluation (2008, section 4.1 and Table 1). HTTP and P2P bots mostly
 * send spam (same paper, section 1); spam engines fetch template and address list, then go to the recipients' mail
 * servers themselves (Stock et al., "Walowdac", EC2ND 2009; Kreibich et al., "Spamcraft", LEET 2009). The first
 * spreads its answers over servers and sizes as messages do: "nothing to do" is short, an order is longer.
 */
import type { Random } from '../../math/random.ts'
import type { Episode, HttpNote } from '../exchange.ts'
import { alive, type Bot, type Family, failed, family, type Order, orders, type Plan } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, found, plain, request } from '../talks.ts'
import { spam } from './spam.ts'

interface HttpPlan extends Plan {
  readonly server: Service
  readonly port: number
  readonly path: string
  readonly agent: string
  readonly idle: number
  readonly campaigns: readonly Order[]
  readonly readers: readonly Service[]
}

function planOf(label: string, campaigns: number) {
  return (network: Network, random: Random): HttpPlan => {
    const server = network.outside.service(`${label}-${random.integer(1e9)}`, 1)
    const port = random.next() < 0.7 ? 80 : 8080
    const { outside, length } = network
    const servers = random.shuffle([...outside.mailServers]).slice(0, 150 + random.integer(120))
    return {
      cnc: [`${server.addresses[0]}:${port}/tcp`],
      server,
      port,
      path: `/${random.pick(['gate', 'in', 'stat', 'cmd', 'task'])}.php`,
      agent: random.pick([
        'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)',
        'Mozilla/5.0 (Windows; U)',
        'Opera/9.80',
      ]),
      idle: 6 + random.integer(60),
      campaigns: orders(random, { count: campaigns, from: 0.35 * length, to: 0.88 * length, seconds: 1500 }),
      readers: servers,
    }
  }
}

/** Calls home; the pause to the next is drawn by `pause`. The server is away now and then, for all of them. */
function beaconing(pause: (random: Random) => number) {
  return function* beacon(bot: Bot, plan: HttpPlan): Generator<Episode> {
    const { random } = bot
    const id = random.integer(2 ** 32).toString(16)
    let remembered = -1
    for (const { from, to } of alive(bot)) {
      for (let at = from; at < to; at += pause(random)) {
        const asked = at > remembered ? [ask(bot, at, found(plan.server))] : []
        if (asked.length > 0) remembered = at + plan.server.ttl
        if (random.next() < 0.02) {
          yield [...asked, failed(bot, at + 0.05, plan.server.addresses[0]!, plan.port, random.next() < 0.3)]
          continue
        }
        const campaign = plan.campaigns.find((order) => Math.abs(at - order.at) < 700)
        const responseBody =
          campaign && random.next() < 0.5
            ? 14_000 + Math.round(random.exponential(22_000))
            : plan.idle + random.integer(9)
        const uri = `${plan.path}?id=${id}&v=${7 + (bot.index % 2)}&up=${Math.round(at - from)}`
        const call: HttpNote = request({
          host: plan.server.name,
          uri,
          userAgent: plan.agent,
          responseBody,
          mime: 'text/plain',
          content: `${uri} ${at}`,
        })
        yield [
          ...asked,
          plain(bot, {
            to: plan.server,
            port: plan.port,
            at: at + 0.06,
            duration: plan.server.latency * 3 + 0.05 + random.exponential(0.15),
            requests: [call],
            ending: 'closed',
          }),
        ]
      }
    }
  }
}

const fixed = (random: Random) => Math.max(30, random.normal(300, 9))
const loose = (random: Random) => 3 + random.next() * 597

const http = (name: string, doc: string, pause: (random: Random) => number, campaigns: number): Family =>
  family<HttpPlan>({
    name,
    doc,
    topology: 'star',
    activities: ['spam'],
    plan: planOf(name, campaigns),
    processes: {
      beacon: beaconing(pause),
      spam: (bot, plan) => spam(bot, plan.campaigns, { readers: plan.readers, perMinute: 14 }),
    },
  })

export const httpFixed = http('http-fixed', 'HTTP beacons of about five minutes, then spam.', fixed, 2)
export const httpRandom = http(
  'http-random',
  'HTTP beacons after a random 0 to 10 minutes, then spam.',
  loose,
  1,
)
