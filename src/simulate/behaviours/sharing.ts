/** Files shared with strangers and with one's other machines. */
import { arrivals, behaviour, bouts } from '../behaviour.ts'
import type { Exchange } from '../exchange.ts'
import { type Actor, addressAt } from '../network.ts'
import { lookups, type Remembered, secure } from '../talks.ts'
import { refused, tcp, udp, unanswered } from '../wire.ts'

function peer(actor: Actor, at: number, port: number): Exchange {
  const { random, network } = actor
  const server = network.outside.address(random)
  const there = { at, server, port: random.next() < 0.3 ? 6881 : 10_000 + random.integer(50_000) }
  const chance = random.next()

  if (chance < 0.62) {
    const answered = random.next() < 0.56
    return udp(actor, {
      ...there,
      clientPort: port,
      duration: answered ? 0.05 + random.exponential(20) : 0,
      up: 105,
      down: 300,
      packetsUp: 1,
      packetsDown: answered ? 1 : 0,
    })
  }

  if (chance < 0.76) return unanswered(actor, there)
  if (chance < 0.81) return refused(actor, there, 0.1)
  const down = random.next() < 0.5 ? 70 : Math.min(4e8, random.pareto(0.7, 6000))
  const duration = 1 + Math.min(7000, random.logNormal(Math.log(90), 1.4))

  return tcp(actor, {
    ...there,
    duration,
    up: 300 + random.pareto(0.8, 800),
    down,
    turns: Math.ceil(duration / 30),
  })
}

export const shareFiles = behaviour({
  name: 'share-files',
  doc: 'BitTorrent: DHT queries to external peers, half of them gone; pieces from some; inbound peers.',
  defaults: { perHour: 520 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const port = 20_000 + random.integer(30_000)

    for (const bout of bouts(actor, { minutes: 70, pause: 40 })) {
      for (const at of arrivals(actor, [bout], perHour)) {
        const caller = network.outside.address(random)
        const inbound = random.next() < 0.3
        yield inbound
          ? [
              udp(actor, {
                at,
                client: caller,
                clientPort: 1024 + random.integer(60_000),
                server: addressAt(actor.host, at),
                port,
                duration: 0.1 + random.next(),
                up: 120,
                down: 310,
                packetsUp: 1,
                packetsDown: 1,
              }),
            ]
          : [peer(actor, at, port)]
      }
    }
  },
})

export const syncFiles = behaviour({
  name: 'sync-files',
  doc: 'A cloud folder: bursts of transfer after changes, up more often than down.',
  defaults: { service: 'folder', perHour: 1.5 },
  *run(actor, { service, perHour }) {
    const { random, network } = actor
    const to = network.outside.service(`${service}-store`, 8)
    const remembered: Remembered = new Map()

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const size = Math.min(2e9, random.pareto(0.9, 20_000))
      const upward = random.next() < 0.6
      yield [
        ...lookups(actor, at, to, remembered),
        secure(actor, {
          to,
          at: at + 0.03,
          duration: 1 + size / 5e6 + random.exponential(40),
          up: upward ? size : 4000,
          down: upward ? 3000 : size,
          turns: 4,
        }),
      ]
    }
  },
})

export const awaitNews = behaviour({
  name: 'await-news',
  doc:
    'The notice channel of a cloud folder: a question held open for a ' +
    'minute, asked again and again in one connection for half an hour.',
  defaults: { service: 'folder', every: 60 },
  *run(actor, { service, every }) {
    const { random, network } = actor
    const to = network.outside.service(`${service}-notice`, 4)
    const remembered: Remembered = new Map()

    for (const span of actor.host.on) {
      let at = span.from + random.next() * 30
      while (at < span.to) {
        const length = Math.min(span.to - at, 900 + random.exponential(1500))
        const polls = Math.ceil(length / every)
        yield [
          ...lookups(actor, at, to, remembered),
          secure(actor, {
            to,
            at: at + 0.03,
            duration: length,
            up: 350 * polls,
            down: 240 * polls,
            turns: polls,
          }),
        ]
        at += length + random.exponential(4)
      }
    }
  },
})
