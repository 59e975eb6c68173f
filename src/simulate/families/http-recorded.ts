/**
 * The two HTTP botnets of BotMiner's Table 1, which its authors wrote: one that asks every five minutes, one that
 * waits a random 0 to 10 minutes.
 *
 * Published (of all four bots together): HTTP-1 3.6 h, 2,647 flows, 65,695 packets; HTTP-2 19 h, 9,716 flows,
 * 395,990 packets. At five minutes a bot asks 43 times in 3.6 h, so that of its 662 flows most are not C&C. The
 * paper names spam and scans as what HTTP bots do; here they send mail, as many flows of it as are missing, in two
 * campaigns.
 */
import type { Random } from '../../math/random.ts'
import { deliver } from '../behaviours/mail.ts'
import type { Episode } from '../exchange.ts'
import { type Bot, type Family, failed, family } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, found, plain, request } from '../talks.ts'
import { partOf, type Recorded, windowOf } from './recorded.ts'

interface Kind {
  readonly name: string
  readonly doc: string
  readonly hours: number
  readonly pause: (random: Random) => number
  /** Letters a minute while a campaign lasts. A letter is some three flows, two of them questions. */
  readonly perMinute: number
  /** Shares of the window at which campaigns begin and end. */
  readonly campaigns: readonly (readonly [number, number])[]
}

const kinds: readonly Kind[] = [
  {
    name: 'http-1',
    doc: 'BotMiner’s HTTP-1: 3.6 hours of HTTP beacons of about five minutes, and mail.',
    hours: 3.6,
    pause: (random) => Math.max(30, random.normal(300, 6)),
    perMinute: 5,
    campaigns: [
      [0.25, 0.4],
      [0.7, 0.8],
    ],
  },
  {
    name: 'http-2',
    doc: 'BotMiner’s HTTP-2: 19 hours of HTTP beacons after a random 0 to 10 minutes, and mail.',
    hours: 19,
    pause: (random) => 1 + 599 * random.next(),
    perMinute: 9,
    campaigns: [
      [0.3, 0.35],
      [0.65, 0.68],
    ],
  },
]

interface HttpPlan extends Recorded {
  readonly server: Service
  readonly readers: readonly Service[]
}

const planOf =
  ({ name, hours }: Kind) =>
  (network: Network, random: Random): HttpPlan => {
    const server = network.outside.service(`${name}-${random.integer(1e9)}`, 1)
    return {
      cnc: [`${server.addresses[0]}:80/tcp`],
      window: windowOf(network, random, hours * 3600),
      server,
      readers: random.shuffle([...network.outside.mailServers]).slice(0, 160),
    }
  }

const beacon = ({ pause }: Kind) =>
  function* (bot: Bot, { server, window }: HttpPlan): Generator<Episode> {
    const { random } = bot
    const first = window.from + pause(random) * random.next()
    for (let at = first; at < window.to; at += pause(random)) {
      const asked = random.next() < 0.2 ? [ask(bot, at, found(server))] : []
      if (random.next() < 0.01) {
        yield [...asked, failed(bot, at + 0.05, server.addresses[0]!, 80, true)]
        continue
      }
      const order = random.next() < 0.1
      const call = request({
        host: server.name,
        uri: `/ask.php?bot=${bot.index}`,
        responseBody: order ? 2000 + Math.round(random.exponential(6000)) : 20 + random.integer(30),
        mime: 'text/plain',
        content: `${bot.index} ${at}`,
      })
      yield [
        ...asked,
        plain(bot, { to: server, at: at + 0.06, duration: 0.2 + random.exponential(0.2), requests: [call] }),
      ]
    }
  }

const mail = ({ campaigns, perMinute }: Kind) =>
  function* (bot: Bot, { window, readers }: HttpPlan): Generator<Episode> {
    const { random } = bot
    const own = random.shuffle([...readers]).slice(0, 90)
    for (const [begin, end] of campaigns) {
      const span = partOf(window, begin, end)
      const until = span.to - random.next() * 0.2 * (span.to - span.from)
      for (let at = span.from + random.exponential(60); at < until; at += random.exponential(60 / perMinute))
        yield deliver(bot, at, random.pick(own), {
          bytes: 3000 + random.integer(400),
          turnedAway: 0.3,
          gone: 0.1,
        })
    }
  }

export const httpRecorded: readonly Family[] = kinds.map((kind) =>
  family<HttpPlan>({
    name: kind.name,
    doc: kind.doc,
    topology: 'star',
    activities: ['spam'],
    plan: planOf(kind),
    processes: { beacon: beacon(kind), mail: mail(kind) },
  }),
)
