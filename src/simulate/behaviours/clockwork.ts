/** Innocent programs that call at regular intervals. They are at least as regular as any bot here. */
import { beats, behaviour } from '../behaviour.ts'
import type { Exchange } from '../exchange.ts'
import { lookups, plain, type Remembered, request, secure } from '../talks.ts'
import { midstream, refused, tcp, udp, unanswered } from '../wire.ts'

export const poll = behaviour({
  name: 'poll',
  doc: 'A program asks its vendor for news every so often: telemetry, licence checks, feeds, presence, weather.',
  defaults: {
    service: 'vendor',
    addresses: 2,
    period: 900,
    jitter: 0.01,
    up: 700,
    down: 1200,
    spread: 0.03,
    clear: 0,
    drift: 1,
  },
  *run(actor, { service, addresses, period, jitter, up, down, spread, clear, drift }) {
    const { random } = actor
    const to = actor.network.outside.service(service, addresses)
    const remembered: Remembered = new Map()
    const vary = (size: number) => Math.max(20, Math.round(random.normal(size, spread * size)))

    for (const at of beats(actor, period, { jitter, drift: drift === 1 })) {
      const asked = lookups(actor, at, to, remembered)
      const start = at + (asked.length > 0 ? 0.03 : 0)
      if (random.next() < 0.003) {
        yield [
          ...asked,
          unanswered(actor, { at: start, server: to.addresses[0]!, port: clear === 1 ? 80 : 443 }),
        ]
        continue
      }
      const duration = to.latency * (4 + random.next()) + 0.05
      const more = random.next() < 0.03 ? random.logNormal(Math.log(40_000), 1) : 0
      yield clear === 1
        ? [
            ...asked,
            plain(actor, {
              to,
              at: start,
              duration,
              requests: [
                request({
                  host: to.name,
                  uri: '/v1/status',
                  responseBody: vary(down) + Math.round(more),
                  mime: 'text/json',
                  content: `${service} ${at}`,
                }),
              ],
            }),
          ]
        : [
            ...asked,
            secure(actor, {
              to,
              at: start,
              duration,
              up: vary(up),
              down: vary(down) + Math.round(more),
              resumed: random.next() < 0.9,
            }),
          ]
    }
  },
})

export const push = behaviour({
  name: 'push',
  doc:
    'A long TLS connection that the vendor pushes through, kept alive at regular intervals; ' +
    'if the gaps exceed five minutes, a sensor sees each keep-alive as a separate connection.',
  defaults: { service: 'push', addresses: 6, beat: 240, port: 443, hours: 5 },
  *run(actor, { service, addresses, beat, port, hours }) {
    const { random } = actor
    const to = actor.network.outside.service(service, addresses)
    const remembered: Remembered = new Map()

    for (const span of actor.host.on) {
      let at = span.from + random.exponential(20)
      while (at < span.to) {
        const length = Math.min(span.to - at, 60 + random.exponential(hours * 3600))
        const asked = lookups(actor, at, to, remembered)
        const beats = Math.floor(length / beat)
        const news = random.poisson(length / 1800) * 900
        if (beat < 300) {
          yield [
            ...asked,
            secure(actor, {
              to,
              at: at + 0.03,
              port,
              duration: length,
              up: 900 + 35 * beats,
              down: 1200 + 35 * beats + news,
              turns: 2 + beats,
            }),
          ]
        } else {
          const opening = secure(actor, {
            to,
            at: at + 0.03,
            port,
            duration: 2.1,
            up: 900,
            down: 1200 + news,
            ending: 'open',
          })
          yield [...asked, opening]
          for (let i = 1; i <= beats; i++) {
            const when = at + i * beat + random.next() * 0.4
            if (when < span.to)
              yield [
                midstream(actor, {
                  at: when,
                  server: opening.server,
                  port,
                  clientPort: opening.clientPort,
                  duration: to.latency + 0.04,
                  up: 31,
                  down: 31,
                }),
              ]
          }
        }
        at += length + 1 + random.exponential(15)
      }
    }
  },
})

export const setClock = behaviour({
  name: 'set-clock',
  doc:
    'NTP: from 64 s between questions up to 1024 s as the clock ' +
    'settles (RFC 5905); most ask the campus server, some a pool.',
  defaults: { pool: 0 },
  *run(actor, { pool }) {
    const { random, network } = actor
    const server =
      pool === 1 || actor.host.role === 'time-server'
        ? network.outside.service(`time-${random.integer(8)}`, 1).addresses[0]!
        : network.hostsOf('time-server')[0]!.address

    for (const span of actor.host.on) {
      let interval = 64
      let at = span.from + random.next() * 10
      while (at < span.to) {
        yield [
          udp(actor, {
            at,
            server,
            port: 123,
            clientPort: 123,
            duration: 0.001 + 0.03 * pool,
            up: 48,
            down: 48,
            packetsUp: 1,
            packetsDown: random.next() < 0.99 ? 1 : 0,
            service: 'ntp',
          }),
        ]
        at += interval + random.next() * 2
        if (interval < 1024 && random.next() < 0.35) interval *= 2
      }
    }
  },
})

export const retry = behaviour({
  name: 'retry-dead-server',
  doc: 'A badly configured program that tries a server that is no longer there, for ever.',
  defaults: { service: 'gone', port: 8443, period: 60, inside: 0, refuses: 0.3 },
  *run(actor, { service, port, period, inside, refuses }) {
    const { random, network } = actor
    const gone = network.outside.service(`${service}-${random.integer(1000)}`, 1)
    const server = inside === 1 ? network.hosts[0]!.address.replace(/\d+$/, '254') : gone.addresses[0]!
    const refusing = random.next() < refuses
    const remembered: Remembered = new Map()
    for (const at of beats(actor, period, { jitter: 0.005 })) {
      const asked = inside === 1 ? [] : lookups(actor, at, gone, remembered)
      const start = { at: at + 0.02, server, port }
      yield [...asked, refusing ? refused(actor, start) : unanswered(actor, start, 4)]
    }
  },
})

export const watch = behaviour({
  name: 'watch',
  doc:
    'The monitoring system: asks every server (SNMP, a TCP connect, ' +
    'HTTP) and one site outside every other minute, printers each ten.',
  defaults: { period: 120 },
  *run(actor, { period }) {
    const { network } = actor
    const targets = (
      ['resolver', 'directory', 'file-server', 'mail-server', 'web-server', 'proxy', 'build-server'] as const
    ).flatMap((role) => network.hostsOf(role))
    const printers = network.hostsOf('printer')
    const site = network.outside.service('uptime', 1)
    let round = 0

    for (const at of beats(actor, period, { jitter: 0.004, drift: false })) {
      const calls: Exchange[] = []
      const devices = round++ % 5 === 0 ? [...targets, ...printers] : targets
      devices.forEach(({ address, role }, i) => {
        const when = at + i * 0.21
        calls.push(
          udp(actor, {
            at: when,
            server: address,
            port: 161,
            duration: 0.004,
            up: 90,
            down: 148,
            packetsUp: 2,
            packetsDown: 2,
            service: 'snmp',
          }),
        )
        if (role === 'web-server')
          calls.push(
            tcp(actor, {
              at: when + 0.05,
              server: address,
              port: 80,
              duration: 0.02,
              up: 140,
              down: 5200,
              service: 'http',
              ending: 'closed',
            }),
          )
        if (role === 'mail-server')
          calls.push(
            tcp(actor, {
              at: when + 0.05,
              server: address,
              port: 25,
              duration: 0.3,
              up: 12,
              down: 110,
              service: 'smtp',
              ending: 'closed',
            }),
          )
      })
      calls.push(
        secure(actor, {
          to: site,
          at: at + 1,
          duration: site.latency * 5,
          up: 190,
          down: 5400,
          ending: 'closed',
          resumed: false,
        }),
      )
      yield calls
    }
  },
})
