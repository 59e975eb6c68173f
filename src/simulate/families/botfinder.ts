/**
 * The six families that BotFinder was tried on (Tegeler et al., CoNEXT 2012), as data: how they call home.
 *
 * What is published is little, and what of it was at hand is less; `sourced` says which, and all else is assumed. The
 * paper prints no interval or size of any family. The assumed numbers follow one rule, set before any was measured:
 * the worse the paper's detection of a family, the more versions it has and the looser its clock. Detection rates
 * on these samples therefore say how the method takes to such spreads, never how well it finds the real families.
 */
import type { Random } from '../../math/random.ts'
import { beats } from '../behaviour.ts'
import type { Episode } from '../exchange.ts'
import { type Bot, type Family, failed, family, type Plan } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, found } from '../talks.ts'
import { tcp } from '../wire.ts'
import { type CallingFamily, callingFamilies, type Range, type Version } from './calling-families.ts'

interface CallingPlan extends Plan {
  readonly server: Service
  readonly version: Version
}

const within = (random: Random, { from, to }: Range): number => from + random.next() * (to - from)

function planOf({ name, versions }: CallingFamily) {
  return (network: Network, random: Random): CallingPlan => {
    const server = network.outside.service(`${name}-${random.integer(1e9)}`, 1)
    const version = random.pick(versions)
    return { cnc: [`${server.addresses[0]}:${version.port}/tcp`], server, version }
  }
}

function callsOf({ orders, orderBytes, failing }: CallingFamily) {
  return function* call(bot: Bot, { server, version }: CallingPlan): Generator<Episode> {
    const { random } = bot
    const address = server.addresses[0]!
    // A build is the same for the whole botnet, the name of a machine and its way to the server are not.
    const own = Math.round(random.next() * 12)
    for (const at of beats(bot, version.period, { jitter: version.jitter })) {
      if (at < bot.since) continue
      if (random.next() < failing) {
        yield [failed(bot, at, address, version.port, random.next() < 0.4)]
        continue
      }
      const order = random.next() < orders ? random.next() * orderBytes : 0
      yield [
        ask(bot, at - 0.05 < 0 ? at : at - 0.05, found(server)),
        tcp(bot, {
          at: at + 0.05,
          server: address,
          port: version.port,
          duration: within(random, version.seconds),
          up: Math.round(own + within(random, version.up)),
          down: Math.round(within(random, version.down) + order),
          ending: 'closed',
        }),
      ]
    }
  }
}

export const calling: readonly Family[] = callingFamilies.map((each) =>
  family<CallingPlan>({
    name: each.name,
    doc: each.doc,
    topology: 'star',
    activities: [],
    plan: planOf(each),
    processes: { call: callsOf(each) },
  }),
)
