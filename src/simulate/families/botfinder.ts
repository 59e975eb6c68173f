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

interface Range {
  readonly from: number
  readonly to: number
}

/** One build of a bot. Bytes are payload. */
interface Version {
  readonly port: number
  /** Seconds between calls. */
  readonly period: number
  /** Each interval is off by up to this share. */
  readonly jitter: number
  readonly up: Range
  readonly down: Range
  readonly seconds: Range
}

interface CallingFamily {
  readonly name: string
  readonly doc: string
  /** What is published and was at hand, and where; the rest of the entry is assumed. */
  readonly sourced: string
  /** One in so many calls brings an order, with up to `orderBytes` more from the server. */
  readonly orders: number
  readonly orderBytes: number
  /** Share of calls that nobody answers. */
  readonly failing: number
  readonly versions: readonly Version[]
}

const range = (from: number, to: number): Range => ({ from, to })

export const callingFamilies: readonly CallingFamily[] = [
  {
    name: 'Banbra',
    doc: 'Thief of bank passwords; asks for its settings by the clock.',
    sourced: 'BotFinder: found best of the six. No behaviour of it was at hand.',
    orders: 0.01,
    orderBytes: 600,
    failing: 0.005,
    versions: [
      {
        port: 80,
        period: 900,
        jitter: 0.03,
        up: range(300, 320),
        down: range(480, 520),
        seconds: range(0.5, 0.8),
      },
      {
        port: 80,
        period: 1200,
        jitter: 0.03,
        up: range(340, 360),
        down: range(480, 520),
        seconds: range(0.5, 0.8),
      },
    ],
  },
  {
    name: 'Bifrose',
    doc: 'Remote control that each herder builds with a port and a pause of his own.',
    sourced: 'Port 81, by a figure of the BotFinder paper; found worst of the six.',
    orders: 0.15,
    orderBytes: 20_000,
    failing: 0.3,
    versions: [
      { port: 81, period: 60, jitter: 0.9, up: range(150, 900), down: range(20, 300), seconds: range(2, 90) },
      {
        port: 81,
        period: 300,
        jitter: 0.7,
        up: range(150, 2500),
        down: range(20, 300),
        seconds: range(5, 200),
      },
      {
        port: 2000,
        period: 30,
        jitter: 0.5,
        up: range(200, 400),
        down: range(20, 60),
        seconds: range(1, 12),
      },
      {
        port: 81,
        period: 900,
        jitter: 0.6,
        up: range(100, 5000),
        down: range(20, 2000),
        seconds: range(1, 300),
      },
    ],
  },
  {
    name: 'Blackenergy',
    doc: 'Denial of service; posts its identity, is told what to attack and how long to wait.',
    sourced:
      'HTTP POST with a bot and a build id: Nazario, "BlackEnergy DDoS bot analysis", 2007. Recalled, not checked: the server says how many minutes to wait.',
    orders: 0.08,
    orderBytes: 300,
    failing: 0.04,
    versions: [
      {
        port: 80,
        period: 600,
        jitter: 0.04,
        up: range(260, 290),
        down: range(260, 300),
        seconds: range(0.3, 0.9),
      },
      {
        port: 80,
        period: 300,
        jitter: 0.06,
        up: range(260, 290),
        down: range(270, 420),
        seconds: range(0.3, 0.9),
      },
      {
        port: 80,
        period: 1800,
        jitter: 0.1,
        up: range(280, 330),
        down: range(240, 700),
        seconds: range(0.3, 2),
      },
      {
        port: 8080,
        period: 60,
        jitter: 0.25,
        up: range(260, 290),
        down: range(260, 300),
        seconds: range(0.3, 3),
      },
    ],
  },
  {
    name: 'Dedler',
    doc: 'Relay for spam; reports what it sent.',
    sourced: 'BotFinder: found second worst. No behaviour of it was at hand.',
    orders: 0.2,
    orderBytes: 6000,
    failing: 0.1,
    versions: [
      {
        port: 80,
        period: 240,
        jitter: 0.35,
        up: range(200, 1400),
        down: range(200, 1000),
        seconds: range(0.5, 6),
      },
      {
        port: 80,
        period: 120,
        jitter: 0.5,
        up: range(200, 600),
        down: range(300, 3000),
        seconds: range(0.5, 10),
      },
      {
        port: 8080,
        period: 420,
        jitter: 0.3,
        up: range(700, 2600),
        down: range(150, 400),
        seconds: range(0.5, 5),
      },
    ],
  },
  {
    name: 'Pushdo',
    doc: 'Fetches other bots, most of all one that sends spam.',
    sourced: 'A downloader over HTTP that is known for Cutwail; no interval was at hand.',
    orders: 0.06,
    orderBytes: 40_000,
    failing: 0.05,
    versions: [
      {
        port: 80,
        period: 1200,
        jitter: 0.15,
        up: range(330, 420),
        down: range(180, 260),
        seconds: range(0.4, 1.6),
      },
      {
        port: 80,
        period: 600,
        jitter: 0.2,
        up: range(330, 420),
        down: range(200, 500),
        seconds: range(0.4, 2),
      },
      {
        port: 443,
        period: 1800,
        jitter: 0.15,
        up: range(700, 900),
        down: range(2200, 2900),
        seconds: range(0.6, 2),
      },
    ],
  },
  {
    name: 'Sasfis',
    doc: 'Fetches and runs what its server names, and comes back after the pause that the answer states.',
    sourced:
      'HTTP GET to port 80, then again and again: Fortinet, "Analyzing Sasfis botnet communications", 2010.',
    orders: 0.04,
    orderBytes: 200,
    failing: 0.03,
    versions: [
      {
        port: 80,
        period: 900,
        jitter: 0.06,
        up: range(180, 215),
        down: range(250, 300),
        seconds: range(0.3, 1),
      },
      {
        port: 80,
        period: 1800,
        jitter: 0.08,
        up: range(180, 215),
        down: range(250, 340),
        seconds: range(0.3, 1),
      },
    ],
  },
]

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
