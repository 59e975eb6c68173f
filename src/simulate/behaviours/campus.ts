/** Inside the campus: the directory, files, printers, and the machine that tests the others. */
import { arrivals, beats, behaviour, daysOf } from '../behaviour.ts'
import type { Exchange } from '../exchange.ts'
import { addressAt } from '../network.ts'
import { tide } from '../schedules.ts'
import { ask, found } from '../talks.ts'
import { ping, refused, tcp, udp, unanswered } from '../wire.ts'

export const logOn = behaviour({
  name: 'log-on',
  doc: 'Kerberos, LDAP and SRV look-ups at the directory server, when the machine starts and every hour and a half.',
  defaults: { period: 5400 },
  *run(actor, { period }) {
    const { random, network } = actor
    const server = network.hostsOf('directory')[0]!.address

    for (const at of beats(actor, period, { jitter: 0.2 })) {
      const srv = {
        query: `_ldap._tcp.dc._msdcs.${network.domain}`,
        type: 'SRV',
        code: 'NOERROR',
        answers: [`dc1.${network.domain}`],
        ttls: [600],
      }
      yield [
        ask(actor, at, srv),
        tcp(actor, {
          at: at + 0.01,
          server,
          port: 88,
          duration: 0.01,
          up: 1700,
          down: 1650,
          service: 'krb_tcp',
          ending: 'closed',
        }),
        tcp(actor, {
          at: at + 0.03,
          server,
          port: 389,
          duration: 0.1 + random.exponential(3),
          up: 2600 + random.integer(900),
          down: 3900 + random.integer(4000),
          turns: 5,
          service: 'ldap',
          ending: 'closed',
        }),
      ]
    }
  },
})

export const openFiles = behaviour({
  name: 'open-files',
  doc: 'Shares on the file server over SMB: long connections while somebody works.',
  defaults: { perHour: 0.9 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const server = network.hostsOf('file-server')[0]!.address

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const duration = 30 + Math.min(4 * 3600, random.pareto(0.9, 120))
      yield [
        tcp(actor, {
          at,
          server,
          port: 445,
          duration,
          up: 9000 + random.pareto(0.9, 4000) + duration * 20,
          down: 9000 + Math.min(1e9, random.pareto(0.7, 9000)) + duration * 20,
          turns: 12 + Math.ceil(duration / 30),
          service: 'smb',
        }),
      ]
    }
  },
})

export const print = behaviour({
  name: 'print',
  doc: 'A job to a printer near by.',
  defaults: { perHour: 0.35 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const printer = random.pick(network.hostsOf('printer')).address
    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const up = random.logNormal(Math.log(300_000), 1.2)
      yield [tcp(actor, { at, server: printer, port: 9100, duration: 1 + up / 3e5, up, down: 0 })]
    }
  },
})

export const audit = behaviour({
  name: 'audit',
  doc: 'The admins’ vulnerability scanner goes through the campus once a day: many ports of every host, all inside.',
  defaults: { hour: 2, ports: 12 },
  *run(actor, { hour, ports }) {
    const { random, network } = actor
    const asked = [22, 80, 443, 445, 3389, 21, 23, 139, 8080, 3306, 5900, 161, 25, 110].slice(0, ports)

    // A large network is gone through faster, so that it is done by the morning.
    const pace = Math.min(1, 3000 / network.hosts.length)

    for (const from of daysOf(actor)) {
      let at = from + hour * 3600 + random.next() * 1800
      for (const host of network.hosts.filter(({ address }) => address !== actor.host.address)) {
        const here = host.on.some((span) => span.from <= at && at < span.to)
        const server = addressAt(host, at)
        const calls: Exchange[] = [ping(actor, { at, server, times: 1, answered: here })]
        if (here || random.next() < 0.2) {
          for (const [i, port] of asked.entries()) {
            const to = { at: at + 0.2 + i * 0.11, server, port }
            const chance = random.next()
            calls.push(
              !here
                ? unanswered(actor, to, 1)
                : chance < 0.75
                  ? refused(actor, to, 0.001)
                  : chance < 0.88
                    ? unanswered(actor, to, 2)
                    : tcp(actor, { ...to, duration: 0.4, up: 180, down: 600, ending: 'client-reset' }),
            )
          }
        }
        yield calls
        at += pace * (2 + random.exponential(4))
      }
    }
  },
})

export const resolveForOthers = behaviour({
  name: 'resolve-for-others',
  doc: 'What a resolver asks the servers of the world for its clients. Not tied to single questions of theirs.',
  defaults: { perHour: 420 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const { outside, length } = network

    for (const at of arrivals(actor, [{ from: 0, to: length }], perHour)) {
      if (random.next() > tide(at) / 1.6) continue
      const site = outside.sites[outside.rank(random, outside.sites.length, 0.7)]!
      const server = outside.service(`name-server-${random.integer(900)}`, 1)
      const answered = random.next() < 0.97
      const note =
        random.next() < 0.93
          ? found(site)
          : {
              query: `${random.integer(1e6)}.${site.name}`,
              type: 'A',
              code: 'NXDOMAIN',
              answers: [],
              ttls: [],
            }
      yield [
        ask(
          actor,
          at,
          answered ? note : { ...note, code: null, answers: [], ttls: [] },
          server.addresses[0]!,
        ),
      ]
    }
  },
})

export const discover = behaviour({
  name: 'discover',
  doc: 'Devices that shout on the local wire: mDNS, SSDP, NetBIOS.',
  defaults: { period: 700 },
  *run(actor, { period }) {
    const { random } = actor
    const broadcast = actor.host.address.replace(/\d+$/, '255')
    const kinds = [
      { server: '224.0.0.251', port: 5353, up: 120 },
      { server: '239.255.255.250', port: 1900, up: 500 },
      { server: broadcast, port: 137, up: 200 },
    ]

    for (const at of beats(actor, period, { jitter: 0.3 })) {
      const { server, port, up } = random.pick(kinds)
      const packets = 2 + random.integer(3)
      yield [
        udp(actor, {
          at,
          server,
          port,
          clientPort: port === 1900 ? actor.port() : port,
          duration: packets * 0.8,
          up: up * packets,
          down: 0,
          packetsUp: packets,
          packetsDown: 0,
        }),
      ]
    }
  },
})
