/** Watching, calling, playing, working from afar: few connections, long and large. */
import { arrivals, beats, behaviour, daysOf } from '../behaviour.ts'
import type { Exchange } from '../exchange.ts'
import { lookups, type Remembered, secure } from '../talks.ts'
import { ping, udp } from '../wire.ts'

export const stream = behaviour({
  name: 'stream',
  doc: 'Video in pieces from an edge near by, over TLS or QUIC, a few connections an episode.',
  defaults: { perHour: 0.5, services: 4 },
  *run(actor, { perHour, services }) {
    const { random, network } = actor
    const remembered: Remembered = new Map()

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const to = network.outside.service(`video-${random.integer(services)}`, 12)
      const length = Math.min(3 * 3600, random.logNormal(Math.log(1100), 1))
      const calls: Exchange[] = lookups(actor, at, to, remembered)
      const parts = 1 + random.poisson(2.5)
      for (let i = 0; i < parts; i++) {
        const duration = (length / parts) * (0.8 + 0.4 * random.next())
        const down = duration * random.logNormal(Math.log(350_000), 0.6)
        const when = at + 0.1 + random.next() * 0.5
        calls.push(
          random.next() < 0.5
            ? secure(actor, { to, at: when, duration, up: down / 300, down, turns: Math.ceil(duration / 8) })
            : udp(actor, {
                at: when,
                server: random.pick(to.addresses),
                port: 443,
                duration,
                up: down / 90,
                down,
                packetsUp: Math.ceil(down / 9000),
                packetsDown: Math.ceil(down / 1250),
                service: 'quic',
              }),
        )
      }
      yield calls
    }
  },
})

export const call = behaviour({
  name: 'call',
  doc: 'Video calls: media over UDP to a relay, signalling over TLS beside it.',
  defaults: { perHour: 0.22, services: 3 },
  *run(actor, { perHour, services }) {
    const { random, network } = actor
    const remembered: Remembered = new Map()

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const which = random.integer(services)
      const to = network.outside.service(`meet-${which}`, 10)
      const duration = Math.min(2.5 * 3600, 60 + random.logNormal(Math.log(1500), 0.7))
      const share = 0.5 + random.next()
      yield [
        ...lookups(actor, at, to, remembered),
        secure(actor, {
          to,
          at: at + 0.04,
          duration: duration + 3,
          up: 20_000 + duration * 60,
          down: 60_000 + duration * 90,
          turns: Math.ceil(duration / 10),
        }),
        udp(actor, {
          at: at + 1.2,
          server: random.pick(to.addresses),
          port: [8801, 3478, 19305][which % 3]!,
          duration,
          up: duration * 90_000 * share,
          down: duration * 140_000 * share,
          packetsUp: Math.ceil(duration * 95 * share),
          packetsDown: Math.ceil(duration * 140 * share),
        }),
      ]
    }
  },
})

export const register = behaviour({
  name: 'register-telephone',
  doc: 'Desk telephones: SIP registration with the provider at regular intervals.',
  defaults: { every: 120 },
  *run(actor, { every }) {
    const provider = actor.network.outside.service('telephony', 2).addresses[0]!

    for (const at of beats(actor, every, { jitter: 0.006 })) {
      yield [
        udp(actor, {
          at,
          server: provider,
          port: 5060,
          clientPort: 5060,
          duration: 0.05,
          up: 1080,
          down: 790,
          packetsUp: 2,
          packetsDown: 2,
          service: 'sip',
        }),
      ]
    }
  },
})

export const telephone = behaviour({
  name: 'telephone',
  doc: 'Calls on desk telephones, as RTP in office hours.',
  defaults: { perHour: 0.6 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const provider = network.outside.service('telephony', 2).addresses[1]!

    for (const at of arrivals(
      actor,
      daysOf(actor, { workdays: true }).map((from) => ({
        from: from + 8 * 3600,
        to: Math.min(from + 18 * 3600, network.length),
      })),
      perHour,
    )) {
      const duration = 10 + Math.min(3600, random.logNormal(Math.log(110), 1))
      const packets = Math.ceil(duration * 50)
      yield [
        udp(actor, {
          at,
          server: provider,
          port: 10_000 + 2 * random.integer(5000),
          duration,
          up: packets * 172,
          down: packets * 172,
          packetsUp: packets,
          packetsDown: packets,
          service: 'rtp',
        }),
      ]
    }
  },
})

export const play = behaviour({
  name: 'play',
  doc: 'Games: a lobby over TLS, servers probed by UDP, then small fast datagrams for a match.',
  defaults: { perHour: 0.4 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const remembered: Remembered = new Map()
    const game = random.integer(4)

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const lobby = network.outside.service(`lobby-${game}`, 3)
      const duration = Math.min(3600, random.logNormal(Math.log(1300), 0.5))
      const calls: Exchange[] = [
        ...lookups(actor, at, lobby, remembered),
        secure(actor, {
          to: lobby,
          at: at + 0.03,
          duration: duration + 60,
          up: 30_000,
          down: 90_000,
          turns: Math.ceil(duration / 20),
        }),
      ]
      for (let i = 0; i < 12; i++) {
        const server = network.outside.service(`match-${game}-${random.integer(40)}`, 1).addresses[0]!
        calls.push(
          udp(actor, {
            at: at + 5 + i * 0.04,
            server,
            port: 27_015 + random.integer(4),
            duration: 0.05,
            up: 53,
            down: 380,
            packetsUp: 1,
            packetsDown: random.next() < 0.85 ? 1 : 0,
          }),
        )
      }
      const server = network.outside.service(`match-${game}-${random.integer(40)}`, 1).addresses[0]!
      calls.push(
        udp(actor, {
          at: at + 20,
          server,
          port: 27_015 + random.integer(4),
          duration,
          up: duration * 4200,
          down: duration * 9000,
          packetsUp: Math.ceil(duration * 42),
          packetsDown: Math.ceil(duration * 60),
        }),
      )
      yield calls
    }
  },
})

export const workFromAfar = behaviour({
  name: 'work-from-afar',
  doc: 'A tunnel to another employer’s gateway for hours.',
  defaults: { perHour: 0.15 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const gateway = network.outside.service(`gateway-${random.integer(30)}`, 1)

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const duration = 600 + random.exponential(6000)
      const down = duration * random.logNormal(Math.log(9000), 1)
      yield [
        udp(actor, {
          at,
          server: gateway.addresses[0]!,
          port: random.next() < 0.5 ? 1194 : 4500,
          duration,
          up: down / 4,
          down,
          packetsUp: Math.ceil(down / 900),
          packetsDown: Math.ceil(down / 800),
        }),
        ping(actor, { at: at + 1, server: gateway.addresses[0]!, times: 3, answered: random.next() < 0.8 }),
      ]
    }
  },
})
