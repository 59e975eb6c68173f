/** What comes in from outside: visitors who are welcome, and the noise that is always there. */
import { arrivals, behaviour } from '../behaviour.ts'
import type { Episode } from '../exchange.ts'
import type { Actor } from '../network.ts'
import { tide } from '../schedules.ts'
import { ask, plain, request } from '../talks.ts'
import { ping, refused, tcp, udp, unanswered } from '../wire.ts'

export const receiveVisitors = behaviour({
  name: 'receive-visitors',
  doc: 'The campus web server: readers from everywhere by the tide of the day, crawlers round the clock.',
  defaults: { perHour: 420 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const me = { name: `www.${network.domain}`, addresses: [actor.host.address], ttl: 3600, latency: 0.04 }
    const crawlers = Array.from({ length: 9 }, () => network.outside.address(random))

    for (const at of arrivals(actor, [{ from: 0, to: network.length }], perHour)) {
      if (random.next() > tide(at) / 1.6) continue
      const client = random.next() < 0.2 ? random.pick(crawlers) : network.outside.address(random)
      const clientPort = 1024 + random.integer(64_000)
      const down = Math.min(5e7, random.logNormal(Math.log(22_000), 1.4))
      const duration = 0.2 + Math.min(600, random.logNormal(Math.log(6), 1.2))
      yield random.next() < 0.3
        ? [
            plain(actor, {
              to: me,
              client,
              clientPort,
              at,
              duration,
              requests: [
                request({
                  host: me.name,
                  uri: `/page/${random.integer(900)}`,
                  responseBody: Math.round(down),
                }),
              ],
            }),
          ]
        : [
            tcp(actor, {
              at,
              client,
              clientPort,
              server: actor.host.address,
              port: 443,
              duration,
              up: 1900,
              down: down + 3000,
              turns: 4,
              service: 'ssl',
              tls: { name: me.name, version: 'TLSv13', resumed: false, stack: 'browser-a' },
            }),
          ]
    }
  },
})

export const answerNames = behaviour({
  name: 'answer-names',
  doc: 'The campus’s own names, asked for by resolvers outside.',
  defaults: { perHour: 160 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    for (const at of arrivals(actor, [{ from: 0, to: network.length }], perHour)) {
      if (random.next() > tide(at) / 1.6) continue
      const note = {
        query: `www.${network.domain}`,
        type: random.pick(['A', 'AAAA', 'MX']),
        code: 'NOERROR',
        answers: [],
        ttls: [],
      }
      const asked = ask(actor, at, note, actor.host.address)
      yield [{ ...asked, client: network.outside.address(random), clientPort: 1024 + random.integer(64_000) }]
    }
  },
})

export const admit = behaviour({
  name: 'admit',
  doc: 'The VPN gateway: people at home in the evening, their tunnels for an hour or three.',
  defaults: { perHour: 7 },
  *run(actor, { perHour }) {
    const { random, network } = actor

    for (const at of arrivals(actor, [{ from: 0, to: network.length }], perHour)) {
      const duration = 120 + random.exponential(5000)
      const down = duration * random.logNormal(Math.log(6000), 1)
      yield [
        udp(actor, {
          at,
          client: network.outside.address(random),
          clientPort: 1024 + random.integer(64_000),
          server: actor.host.address,
          port: 4500,
          duration,
          up: down / 5,
          down,
          packetsUp: Math.ceil(down / 1800),
          packetsDown: Math.ceil(down / 900),
        }),
      ]
    }
  },
})

/**
 * Shares of ports in unsolicited traffic, after Wustrow et al., "Internet background radiation revisited", IMC
 * 2010, made newer.
 */
const doors = [
  23, 23, 23, 445, 445, 22, 22, 80, 443, 8080, 3389, 3389, 1433, 5060, 6379, 8443, 2323, 5900, 81, 7547,
]

function* sweep(actor: Actor, from: number, internal: readonly string[]): Generator<Episode> {
  const { random, network } = actor
  const client = network.outside.address(random)
  const port = random.pick(doors)
  const clientPort = 1024 + random.integer(64_000)
  const gap = random.logNormal(Math.log(0.08), 1.5)
  let at = from

  for (const server of internal) {
    const to = { at, client, clientPort, server, port }
    const chance = random.next()
    yield [
      port === 5060
        ? udp(actor, { ...to, duration: 0, up: 410, down: 0, packetsUp: 1, packetsDown: 0 })
        : chance < 0.84
          ? unanswered(actor, to, 1)
          : refused(actor, to, 0.002),
    ]
    at += random.exponential(gap)
  }
}

export const radiate = behaviour({
  name: 'radiate',
  doc: 'Scanners and worms of the world: sweeps over part of the campus, slow ones over days, single knocks, pings.',
  defaults: { perHour: 3.5, knocksPerHour: 200 },
  *run(actor, { perHour, knocksPerHour }) {
    const { random, network } = actor
    const addresses = network.hosts.map((host) => host.address)
    let next = random.exponential(3600 / perHour)

    for (const at of arrivals(actor, [{ from: 0, to: network.length }], knocksPerHour)) {
      if (at > next) {
        const some = random.shuffle([...addresses]).slice(0, 20 + random.integer(addresses.length))
        yield [...sweep(actor, at, some)].flat()
        next += random.exponential(3600 / perHour)
      }
      const server = random.pick(addresses)
      const client = network.outside.address(random)
      yield random.next() < 0.08
        ? [ping(actor, { at, server, client, times: 1, answered: random.next() < 0.3 })]
        : [
            unanswered(
              actor,
              {
                at,
                server,
                client,
                clientPort: 1024 + random.integer(64_000),
                port: random.next() < 0.7 ? random.pick(doors) : 1 + random.integer(65_535),
              },
              random.next() < 0.7 ? 1 : 2,
            ),
          ]
    }
  },
})
