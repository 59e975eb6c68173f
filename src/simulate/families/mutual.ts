/**
 * A peer-to-peer botnet without any common list: each bot knows some of all, and two bots of one network have a few
 * of them in common by chance.
 *
 * After the model of Coskun, Dietrich and Memon, "Friends of an enemy: identifying local members of peer-to-peer
 * botnets using mutual contacts", ACSAC 2010: with n peers of which each bot picks k, two bots share k²/n. Here n
 * is 600 and k 40 to 70, so that two have some five in common, and none is known to all. Contacts answer over UDP
 * from one port a bot, some are gone and are given up for others in the course of the day. The mail that it sends
 * is that of `spam.ts`; sizes are assumed.
 */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { alive, type Bot, family, type Order, orders, type Plan } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { udp } from '../wire.ts'
import { spam } from './spam.ts'

interface Contact {
  readonly address: string
  readonly port: number
  /** Share of the time at which it answers. */
  readonly there: number
}

interface MutualPlan extends Plan {
  readonly all: readonly Contact[]
  readonly campaigns: readonly Order[]
  readonly readers: readonly Service[]
}

function plan({ outside, length }: Network, random: Random): MutualPlan {
  const all = Array.from(
    { length: 600 },
    (): Contact => ({
      address: outside.address(random),
      port: 1024 + random.integer(60_000),
      there: random.next() < 0.3 ? 0.05 : 0.6 + 0.4 * random.next(),
    }),
  )
  return {
    cnc: all.map(({ address, port }) => `${address}:${port}/udp`),
    all,
    campaigns: orders(random, { count: 2, from: 0.3 * length, to: 0.9 * length, seconds: 1500 }),
    readers: random.shuffle([...outside.mailServers]).slice(0, 180),
  }
}

/** A few contacts every five minutes or so, each in its turn; one that does not answer thrice is given up. */
function* meet(bot: Bot, { all }: MutualPlan): Generator<Episode> {
  const { random } = bot
  const clientPort = 1024 + random.integer(40_000)
  const known = random
    .shuffle([...all])
    .slice(0, 40 + random.integer(31))
    .map((contact) => ({ contact, silent: 0 }))
  let turn = 0

  for (const { from, to } of alive(bot))
    for (let at = from + random.exponential(60); at < to; at += 300 * (0.6 + 0.8 * random.next())) {
      const calls: Exchange[] = []
      let when = at
      for (let i = 0; i < 5; i++) {
        const own = known[turn++ % known.length]!
        const { address, port, there } = own.contact
        const answered = random.next() < there
        const questions = answered ? 1 + random.poisson(1) : 2
        calls.push(
          udp(bot, {
            at: when,
            server: address,
            port,
            clientPort,
            duration: answered ? 0.05 + random.exponential(1) : 3,
            up: questions * (30 + random.integer(24)),
            down: questions * (50 + random.integer(180)),
            packetsUp: questions,
            packetsDown: answered ? questions : 0,
          }),
        )
        own.silent = answered ? 0 : own.silent + 1
        if (own.silent >= 3) Object.assign(own, { contact: random.pick(all), silent: 0 })
        when += random.exponential(2)
      }
      yield calls
    }
}

export const mutual = family<MutualPlan>({
  name: 'mutual',
  doc: 'Peers by UDP of which two bots share a handful and no two the list; spam.',
  topology: 'p2p',
  activities: ['spam'],
  plan,
  processes: {
    meet,
    spam: (bot, { campaigns, readers }) => spam(bot, campaigns, { readers, perMinute: 14 }),
  },
})
