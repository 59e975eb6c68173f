/**
 * Innocent programs that talk with many strangers, other than BitTorrent (sharing.ts).
 *
 * Telephony by peers as the campus of CTU-13 shows it in 2011 (UDP from one port, small, 3 to 15 % unanswered, all
 * day); file sharing by servers and sources (eDonkey: ports 4662 and 4672, bulk); a list of game servers that is
 * asked whole when the game starts (UDP 27015 and near it, answers of one packet).
 */
import { arrivals, behaviour, bouts } from '../behaviour.ts'
import { refused, tcp, udp, unanswered } from '../wire.ts'

export const telephoneByPeers = behaviour({
  name: 'telephone-by-peers',
  doc: 'A telephone that keeps to super nodes: UDP from one port, small, nearly all answered.',
  defaults: { perHour: 90, gone: 0.07 },
  *run(actor, { perHour, gone }) {
    const { random, network } = actor
    const port = 1024 + random.integer(60_000)
    const known = Array.from({ length: 120 + random.integer(300) }, () => ({
      server: network.outside.address(random),
      port: 1024 + random.integer(60_000),
    }))

    for (const at of arrivals(actor, actor.host.on, perHour)) {
      const answered = random.next() >= gone
      const packets = 1 + random.poisson(0.8)
      yield [
        udp(actor, {
          ...random.pick(known),
          at,
          clientPort: port,
          duration: answered ? 0.05 + random.exponential(2) : 0,
          up: packets * (30 + random.integer(60)),
          down: packets * (40 + random.integer(300)),
          packetsUp: packets,
          packetsDown: answered ? packets : 0,
        }),
      ]
    }
  },
})

export const shareBySources = behaviour({
  name: 'share-by-sources',
  doc: 'eDonkey: sources asked over UDP, a third of them gone; pieces by TCP.',
  defaults: { perHour: 260 },
  *run(actor, { perHour }) {
    const { random, network } = actor

    for (const at of arrivals(actor, [...bouts(actor, { minutes: 100, pause: 30 })], perHour)) {
      const server = network.outside.address(random)
      const usual = random.next() < 0.6
      if (random.next() < 0.55) {
        const answered = random.next() < 0.66
        yield [
          udp(actor, {
            at,
            server,
            port: usual ? 4672 : 1024 + random.integer(60_000),
            clientPort: 4672,
            duration: answered ? 0.1 + random.exponential(1) : 0,
            up: 40 + random.integer(30),
            down: 60 + random.integer(400),
            packetsUp: 1,
            packetsDown: answered ? 1 : 0,
          }),
        ]
        continue
      }
      const there = { at, server, port: usual ? 4662 : 1024 + random.integer(60_000) }
      const chance = random.next()
      if (chance < 0.32) yield [unanswered(actor, there)]
      else if (chance < 0.4) yield [refused(actor, there)]
      else {
        const duration = 2 + Math.min(7000, random.logNormal(Math.log(120), 1.3))
        yield [
          tcp(actor, {
            ...there,
            duration,
            up: 400 + random.pareto(0.8, 900),
            down: random.next() < 0.55 ? 300 : Math.min(2e8, random.pareto(0.7, 9000)),
            turns: Math.ceil(duration / 40),
          }),
        ]
      }
    }
  },
})

export const askGameServers = behaviour({
  name: 'ask-game-servers',
  doc: 'A game that asks every server of its list how full it is, then plays on one.',
  defaults: { servers: 300, gone: 0.25 },
  *run(actor, { servers, gone }) {
    const { random, network } = actor
    const list = Array.from({ length: servers }, () => ({
      server: network.outside.address(random),
      port: random.next() < 0.6 ? 27_015 + random.integer(20) : 1024 + random.integer(60_000),
      gone: random.next() < gone,
    }))
    const port = 27_005

    for (const { from, to } of bouts(actor, { minutes: 50, pause: 120 })) {
      let at = from
      for (const { gone: away, ...there } of random.shuffle([...list])) {
        if (at >= to) break
        yield [
          udp(actor, {
            ...there,
            at,
            clientPort: port,
            duration: away ? 0 : 0.03 + random.exponential(0.1),
            up: 25,
            down: 150 + random.integer(600),
            packetsUp: 1,
            packetsDown: away ? 0 : 1,
          }),
        ]
        at += random.exponential(0.05)
      }
      const seconds = Math.max(10, to - at)
      yield [
        udp(actor, {
          ...random.pick(list),
          at,
          clientPort: port,
          duration: seconds,
          up: 3000 * seconds,
          down: 9000 * seconds,
          packetsUp: Math.ceil(30 * seconds),
          packetsDown: Math.ceil(30 * seconds),
        }),
      ]
    }
  },
})
