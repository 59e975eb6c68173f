/** Mail: read at regular intervals, sent through the campus server, and what that server does for it. */
import { arrivals, beats, behaviour, daysOf } from '../behaviour.ts'
import type { Exchange } from '../exchange.ts'
import type { Actor } from '../network.ts'
import type { Service } from '../outside.ts'
import { tide } from '../schedules.ts'
import { ask, found, lookups, type Remembered, secure } from '../talks.ts'
import { refused, tcp, unanswered } from '../wire.ts'

const local = (actor: Actor): Service => {
  const server = actor.network.hostsOf('mail-server')[0]!
  return { name: `mail.${actor.network.domain}`, addresses: [server.address], ttl: 3600, latency: 0.001 }
}

export const readMail = behaviour({
  name: 'read-mail',
  doc: 'An IMAP client that asks every few minutes while it runs; some have their mail outside.',
  defaults: { period: 600, outside: 0 },
  *run(actor, { period, outside }) {
    const { random, network } = actor
    const to = outside === 1 ? network.outside.service(`post-${random.integer(5)}`, 4) : local(actor)
    const remembered: Remembered = new Map()
    const own = period * random.pick([0.5, 1, 1, 1.5])

    for (const at of beats(actor, own, { jitter: 0.004 })) {
      const mail = random.poisson(own / 2400)
      const down = 900 + 180 * mail + (mail > 0 ? Math.min(2e7, random.pareto(0.9, 4000)) : 0)
      yield [
        ...lookups(actor, at, to, remembered),
        secure(actor, {
          to,
          at: at + 0.02,
          port: 993,
          duration: 0.4 + to.latency * 8 + down / 3e6,
          up: 320 + 60 * mail,
          down,
          turns: 6,
          ending: 'closed',
        }),
      ]
    }
  },
})

export const sendMail = behaviour({
  name: 'send-mail',
  doc: 'A message now and then, by submission to the campus server or to a provider outside.',
  defaults: { perHour: 1.4, outside: 0 },
  *run(actor, { perHour, outside }) {
    const { random, network } = actor
    const to = outside === 1 ? network.outside.service(`post-${random.integer(5)}`, 4) : local(actor)

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      yield [
        secure(actor, {
          to,
          at,
          port: 587,
          duration: 0.8 + random.exponential(1),
          up: 1200 + Math.min(2e7, random.pareto(0.9, 1500)),
          down: 700,
          turns: 9,
          ending: 'closed',
        }),
      ]
    }
  },
})

/** One delivery to a server outside: its MX record, its address, SMTP; some refuse, some are slow, some are gone. */
export function deliver(
  actor: Actor,
  at: number,
  to: Service,
  { bytes, turnedAway = 0.05, gone = 0.02 }: { bytes: number; turnedAway?: number; gone?: number },
): Exchange[] {
  const { random } = actor
  const domain = to.name.replace(/^mx\d+\./, '')
  const asked = [
    ask(actor, at, { query: domain, type: 'MX', code: 'NOERROR', answers: [to.name], ttls: [to.ttl] }),
    ask(actor, at + 0.04, found(to)),
  ]
  const there = { at: at + 0.1, server: to.addresses[0]!, port: 25 }
  const chance = random.next()

  if (chance < gone)
    return [...asked, random.next() < 0.7 ? unanswered(actor, there, 4) : refused(actor, there, to.latency)]

  if (chance < gone + turnedAway) {
    return [
      ...asked,
      tcp(actor, {
        ...there,
        duration: to.latency * 6 + random.exponential(2),
        up: 90,
        down: 280 + random.integer(160),
        turns: 3,
        service: 'smtp',
        ending: random.next() < 0.5 ? 'closed' : 'server-reset',
      }),
    ]
  }

  return [
    ...asked,
    tcp(actor, {
      ...there,
      duration: to.latency * 14 + 0.2 + random.exponential(3) + bytes / 1e6,
      up: 190 + bytes,
      down: 480 + random.integer(220),
      turns: 7,
      service: 'smtp',
      ending: 'closed',
    }),
  ]
}

export const relayMail = behaviour({
  name: 'relay-mail',
  doc: 'The mail server: delivers to hundreds of servers outside, takes in what comes, junk more than letters.',
  defaults: { perHour: 210 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    const { outside, length } = network

    for (const at of arrivals(actor, [{ from: 0, to: length }], perHour)) {
      if (random.next() > tide(at) / 1.6) continue
      if (random.next() < 0.4) {
        const to = outside.mailServers[outside.rank(random, outside.mailServers.length, 0.8)]!
        yield deliver(actor, at, to, { bytes: Math.min(2e7, random.pareto(0.9, 2500)) })
      } else {
        const from =
          random.next() < 0.5 ? random.pick(outside.mailServers).addresses[0]! : outside.address(random)
        const junk = random.next() < 0.55
        const inward = {
          at,
          client: from,
          clientPort: 1024 + random.integer(64_000),
          server: actor.host.address,
          port: 25,
          service: 'smtp',
        }
        yield [
          tcp(actor, {
            ...inward,
            duration: 0.5 + random.exponential(4),
            up: junk ? 120 : 400 + Math.min(2e7, random.pareto(0.9, 3000)),
            down: junk ? 310 : 600,
            turns: junk ? 3 : 7,
          }),
        ]
      }
    }
  },
})

export const sendNewsletter = behaviour({
  name: 'send-newsletter',
  doc:
    'The alumni office’s own list server: one issue a week, in ' +
    'the morning, straight to the mail servers of the readers.',
  defaults: { hour: 9.5, letters: 700 },
  *run(actor, { hour, letters }) {
    const { random, network } = actor
    const issues = daysOf(actor).filter((_, i) => i % 7 === 0)
    for (const from of issues) {
      let at = from + (hour + random.next()) * 3600
      const bytes = 28_000 + random.integer(30_000)
      for (let i = 0; i < letters; i++) {
        const to =
          network.outside.mailServers[network.outside.rank(random, network.outside.mailServers.length, 0.6)]!
        yield deliver(actor, at, to, { bytes: bytes + random.integer(200), turnedAway: 0.03 })
        at += random.exponential(2.5)
      }
    }
  },
})
