/**
 * Four bots that find their C&C through the DNS: by generated names, by a name that fluxes, alone or with its name
 * servers, by a tunnel.
 *
 * - Generated names: a day's names in one fixed order for all bots of the seed, tried a second or so apart until one
 *   answers, again after hours (Plohmann et al., "A Comprehensive Measurement Study of Domain Generating Malware",
 *   USENIX Security 2016: Tinba draws 12 letters; families make 10 to 10,000 names a day). One name is registered.
 * - Flux: 4 to 8 addresses an answer, kept for 3 to 10 minutes, out of some hundred agents in as many networks, of
 *   which some leave and others come (Holz et al., NDSS 2008; Nazario and Holz, "As the Net Churns", MALWARE 2008).
 *   The one keeps two name servers where they are; in double flux five of the agents are the name servers, others
 *   every hour and a half (Honeynet Project, "Know Your Enemy: Fast-Flux Service Networks", 2007).
 * - Tunnel: the resolver is asked every few seconds while there is nothing to say, with 30 to 60 letters, and
 *   quickly with up to 180 while there is; answers in TXT (Born and Gustafson 2010; Merlo et al., "A Comparative
 *   Performance Evaluation of DNS Tunneling Tools", CISIS 2011).
 */
import type { Random } from '../../math/random.ts'
import type { Episode } from '../exchange.ts'
import { alive, type Bot, type Family, family, type Plan } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { ask, dnsNote, gone, plain, request } from '../talks.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'
const base32 = `${letters}234567`

const drawn = (random: Random, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[random.integer(alphabet.length)]).join('')

interface GeneratedPlan extends Plan {
  readonly names: readonly string[]
  /** Place of the registered name among them. */
  readonly registered: number
  readonly server: Service
}

const call = (bot: Bot, at: number, server: Service) =>
  plain(bot, {
    to: server,
    at,
    duration: 3 * server.latency + 0.1 + bot.random.exponential(0.2),
    requests: [
      request({
        host: server.name,
        uri: `/g?b=${bot.index}`,
        responseBody: 40 + bot.random.integer(30),
        mime: 'text/plain',
      }),
    ],
  })

export const generated: Family = family<GeneratedPlan>({
  name: 'generated-names',
  doc: 'Bots that try generated names, in one order, until one answers, and call that every quarter of an hour or so.',
  topology: 'star',
  activities: ['dga'],
  plan: (network: Network, random: Random) => {
    const names = Array.from(
      { length: 250 },
      () => `${drawn(random, letters, 10 + random.integer(5))}.example`,
    )
    const registered = 40 + random.integer(80)
    const server: Service = {
      name: names[registered]!,
      addresses: [network.outside.address(random)],
      ttl: 300,
      latency: 0.08,
    }
    return { cnc: [`${server.addresses[0]}:80/tcp`], names, registered, server }
  },
  processes: {
    *rally(bot, { names, registered, server }): Generator<Episode> {
      for (const { from, to } of alive(bot)) {
        let at = from
        for (const name of names.slice(0, registered)) {
          at += 0.4 + bot.random.exponential(0.8)
          if (at >= to) return
          yield [ask(bot, at, gone(name))]
        }
        for (; at < to; at += 900 * (0.7 + 0.6 * bot.random.next()))
          yield [
            ask(bot, at, dnsNote(server.name, server.addresses, server.ttl)),
            call(bot, at + 0.1, server),
          ]
      }
    },
  },
})

interface FluxPlan extends Plan {
  readonly name: string
  readonly ttl: number
  readonly inOne: number
  /** Agents, and when each comes and goes, in seconds. */
  readonly agents: readonly { readonly address: string; readonly from: number; readonly to: number }[]
  /** Addresses of the name servers at that second. */
  readonly serversAt: (at: number) => readonly string[]
}

/** Seconds after which other agents serve a name that fluxes doubly, and how many at a time. */
const served = { for: 5400, by: 5 } as const

export const fluxing: Family = family<FluxPlan>({
  name: 'fast-flux',
  doc: 'Bots that call a name whose addresses are other infected machines, which come and go.',
  topology: 'multi-server',
  activities: [],
  plan: fluxPlan(false),
  processes: { beacon },
})

export const doublyFluxing: Family = family<FluxPlan>({
  name: 'double-flux',
  doc: 'Bots that call a name whose addresses, and whose name servers’ addresses, are other infected machines.',
  topology: 'multi-server',
  activities: [],
  plan: fluxPlan(true),
  processes: { beacon },
})

function fluxPlan(double: boolean) {
  return (network: Network, random: Random): FluxPlan => {
    const name = `${drawn(random, letters, 4)}${random.pick(['shop', 'mail', 'news', 'bank'])}.example`
    const agents = Array.from({ length: 150 }, () => {
      const from = random.next() * 1.3 * network.length - 0.3 * network.length
      return { address: network.outside.address(random), from, to: from + random.exponential(4 * 3600) }
    })
    return {
      cnc: agents.map(({ address }) => `${address}:80/tcp`),
      name,
      ttl: random.pick([180, 300, 600]),
      inOne: 4 + random.integer(5),
      agents,
      serversAt: double
        ? serversAmong(agents, network.length, random.split('servers'))
        : fixedServers(network, random.split('servers')),
    }
  }
}

type Servers = FluxPlan['serversAt']

function fixedServers(network: Network, random: Random): Servers {
  const addresses = [network.outside.address(random), network.outside.address(random)]
  return () => addresses
}

function serversAmong(agents: FluxPlan['agents'], length: number, random: Random): Servers {
  const turns = Array.from({ length: Math.ceil(length / served.for) }, (_, turn) =>
    random
      .shuffle(agents.filter(({ from, to }) => from <= turn * served.for && turn * served.for < to))
      .slice(0, served.by)
      .map(({ address }) => address),
  )
  return (at) => turns[Math.floor(at / served.for)] ?? []
}

function* beacon(bot: Bot, { name, ttl, inOne, agents, serversAt }: FluxPlan): Generator<Episode> {
  const { random } = bot
  for (const { from, to } of alive(bot)) {
    for (let at = from; at < to; at += 600 * (0.5 + random.next())) {
      const up = agents.filter((agent) => agent.from <= at && at < agent.to).map(({ address }) => address)
      if (up.length === 0) continue
      const answers = random.shuffle(up).slice(0, inOne)
      const addresses = serversAt(at)
      const authority = { names: addresses.map((_, i) => `ns${i + 1}.${name}`), addresses }
      const server: Service = { name, addresses: [answers[0]!], ttl, latency: 0.15 }
      yield [ask(bot, at, { ...dnsNote(name, answers, ttl), authority }), call(bot, at + 0.1, server)]
    }
  }
}

interface TunnelPlan extends Plan {
  readonly domain: string
}

export const tunnelling: Family = family<TunnelPlan>({
  name: 'dns-tunnel',
  doc: 'Bots that get their orders in the answers to generated names, through the site’s own resolver.',
  topology: 'star',
  activities: [],
  plan: (network: Network, random: Random) => ({
    cnc: network.hostsOf('resolver').map(({ address }) => `${address}:53/udp`),
    domain: `${random.pick(['t', 'ns', 'd'])}.${drawn(random, letters, 6)}.example`,
  }),
  processes: {
    *talk(bot, { domain }): Generator<Episode> {
      const { random } = bot
      const payload = (length: number) => (drawn(random, base32, length).match(/.{1,60}/g) ?? []).join('.')

      for (const { from, to } of alive(bot)) {
        let at = from
        while (at < to) {
          const busy = random.next() < 0.04
          const questions = busy ? 30 + random.integer(200) : 1
          for (let i = 0; i < questions && at < to; i++) {
            const query = `${payload(busy ? 100 + random.integer(80) : 30 + random.integer(30))}.${domain}`
            yield [
              ask(
                bot,
                at,
                dnsNote(query, [drawn(random, base32, busy ? 120 : 20 + random.integer(12))], 0, 'TXT'),
              ),
            ]
            at += busy ? 0.05 + random.exponential(0.1) : 0
          }
          at += 5 + random.exponential(25)
        }
      }
    },
  },
})
