/**
 * Innocent uses of the DNS that look like flux, tunnels, wildcards or generated names.
 *
 * - Content networks: a CNAME into the network, 2 addresses kept for 20 to 60 s, other ones every few minutes out
 *   of some dozens in few networks (Su et al., "Drafting Behind Akamai", SIGCOMM 2006); eight name servers of its
 *   own.
 * - The pool of time servers: 4 addresses kept for 150 s out of thousands of volunteers' (pool.ntp.org), whose nine
 *   name servers stand in networks of their own.
 * - Reputation look-ups: the hash of each file in a name, answers in 127.0.0.0/8 (RFC 5782; Paxson et al., USENIX
 *   Security 2013, found them the heaviest benign users of long names).
 * - A newsletter whose pictures have a label for each reader; a device that reports under its own name all day.
 * - Tracking blockers and dead links: names that fail.
 */
import { arrivals, beats, behaviour, bouts } from '../behaviour.ts'
import type { DnsNote } from '../exchange.ts'
import type { Actor } from '../network.ts'
import { ask, dnsNote, secure } from '../talks.ts'
import { udp } from '../wire.ts'

/** Name servers of one owner, as answers with an authority section tell them. */
const servedBy = (owner: string, addresses: readonly string[]): Required<Pick<DnsNote, 'authority'>> => ({
  authority: { names: addresses.map((_, i) => `ns${i + 1}.${owner}`), addresses },
})

/** The same for whoever asks, by label. */
const shared = (actor: Actor, label: string, count: number): readonly string[] =>
  actor.network.outside.service(label, count).addresses

/** Addresses of one owner: few /16s. */
function edges(actor: Actor, label: string, count: number): string[] {
  const networks = shared(actor, `${label} networks`, 4).map((each) => each.split('.').slice(0, 2).join('.'))
  return Array.from(
    { length: count },
    (_, i) => `${networks[i % 4]}.${(37 * i) % 256}.${1 + ((11 * i) % 250)}`,
  )
}

export const visitContentNetwork = behaviour({
  name: 'visit-content-network',
  doc:
    'Pictures and films of many sites come from content ' +
    'networks, whose names lead to other addresses every few minutes.',
  defaults: { perHour: 30, customers: 40, edges: 60, inOne: 2 },
  *run(actor, { perHour, customers, edges: count, inOne }) {
    const { random } = actor
    const all = edges(actor, 'content', Number(count))
    const servers = edges(actor, 'content', 8)

    for (const at of arrivals(actor, [...bouts(actor)], Number(perHour))) {
      const customer = random.integer(Number(customers))
      const owner = actor.network.outside.sites[customer]!.name.replace(/^www\./, '')
      const turn = Math.floor(at / 300)
      const answers = Array.from(
        { length: Number(inOne) },
        (_, i) => all[(7 * customer + 13 * turn + i) % all.length]!,
      )
      const query = `img.${owner}`
      yield [
        ask(actor, at, {
          ...dnsNote(query, [`c${customer}.edge.contentnet.example`, ...answers], 20 + random.integer(40)),
          ...servedBy('contentnet.example', servers),
        }),
        secure(actor, {
          to: { name: query, addresses: answers, ttl: 30, latency: 0.01 },
          at: at + 0.05,
          duration: 0.5 + random.exponential(2),
          up: 900,
          down: 20_000 + random.exponential(200_000),
        }),
      ]
    }
  },
})

export const setClockByPool = behaviour({
  name: 'set-clock-by-pool',
  doc: 'The clock is set by a pool of volunteers, four others each time.',
  defaults: { period: 1024, volunteers: 400 },
  *run(actor, { period, volunteers }) {
    const { random } = actor
    const pool = shared(actor, 'time pool', Number(volunteers))

    for (const at of beats(actor, Number(period), { jitter: 0.05 })) {
      const answers = Array.from({ length: 4 }, () => random.pick(pool))
      yield [
        ask(actor, at, {
          ...dnsNote('2.pool.timekeepers.example', answers, 150),
          ...servedBy('timekeepers.example', pool.slice(0, 9)),
        }),
        ...answers.map((server, i) =>
          udp(actor, {
            at: at + 0.1 + i * 0.01,
            server,
            port: 123,
            duration: 0.03,
            up: 48,
            down: 48,
            packetsUp: 1,
            packetsDown: 1,
            service: 'ntp',
          }),
        ),
      ]
    }
  },
})

export const askReputation = behaviour({
  name: 'ask-reputation',
  doc: 'A virus scanner asks for the hash of each new file in a name.',
  defaults: { perHour: 60 },
  *run(actor, { perHour }) {
    const { random } = actor
    for (const at of arrivals(actor, actor.host.on, Number(perHour))) {
      const hash = Array.from({ length: 40 }, () => '0123456789abcdef'[random.integer(16)]).join('')
      const query = `p-${random.integer(90)}.${hash}.a${random.integer(9)}.files.reputation.example`
      yield [ask(actor, at, dnsNote(query, [`127.0.${random.pick([0, 0, 0, 16])}.4`], 3600))]
    }
  },
})

export const readTrackedLetter = behaviour({
  name: 'read-tracked-letter',
  doc: 'A newsletter comes, whose picture has a label for each reader.',
  defaults: { hour: 10, spread: 2, letter: 'letters' },
  *run(actor, { hour, spread, letter }) {
    const { random, network } = actor
    const at = (Number(hour) + Number(spread) * random.next()) * 3600
    if (!actor.host.on.some(({ from, to }) => from <= at && at < to)) return
    const label = Array.from(
      { length: 20 },
      () => 'abcdefghijklmnopqrstuvwxyz0123456789'[random.integer(36)],
    ).join('')
    yield [
      ask(
        actor,
        at,
        dnsNote(`${label}.${letter}.example`, network.outside.service(String(letter), 1).addresses, 60),
      ),
    ]
  },
})

export const reportUnderOwnName = behaviour({
  name: 'report-under-own-name',
  doc: 'A device asks for a name with its own number all day.',
  defaults: { period: 600, maker: 'devices' },
  *run(actor, { period, maker }) {
    const number = actor.random
      .integer(2 ** 32)
      .toString(16)
      .padStart(12, '0')
    const addresses = shared(actor, String(maker), 2)
    for (const at of beats(actor, Number(period), { jitter: 0.1 }))
      yield [ask(actor, at, dnsNote(`${number}-hub.iot.${maker}.example`, addresses, 60))]
  },
})

export const followDeadLinks = behaviour({
  name: 'follow-dead-links',
  doc: 'A crawler of old pages: sites that are no more.',
  defaults: { perHour: 40 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    for (const at of arrivals(actor, actor.host.on, Number(perHour))) {
      const [a, b] = [random.pick(network.outside.sites).name, random.pick(network.outside.sites).name]
      const word = (name: string) => name.replace(/^www\./, '').replace(/[0-9]*\.example$/, '')
      const query = `www.${word(a)}${random.pick(['-', ''])}${word(b)}.example`
      yield [ask(actor, at, { query, type: 'A', code: 'NXDOMAIN', answers: [], ttls: [] })]
    }
  },
})
