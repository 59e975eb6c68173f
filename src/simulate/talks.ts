/** The talks that most behaviours are made of: a lookup, a TLS connection, a few HTTP requests. */
import type { DnsNote, Exchange, HttpNote } from './exchange.ts'
import type { Actor } from './network.ts'
import type { Service } from './outside.ts'
import { refused, type Talk, tcp, udp, unanswered } from './wire.ts'

/** The stacks that TLS clients here are built on; fingerprints are of the stack, not of the host. */
const stacks = {
  windows: ['browser-a', 'browser-b', 'browser-c'],
  linux: ['browser-b', 'openssl'],
  phone: ['mobile-a', 'mobile-b'],
  device: ['embedded'],
}

/** An answer that names no address. */
export const gone = (query: string): DnsNote => ({
  query,
  type: 'A',
  code: 'NXDOMAIN',
  answers: [],
  ttls: [],
})

export const dnsNote = (query: string, answers: readonly string[], ttl: number, type = 'A'): DnsNote => ({
  query,
  type,
  code: 'NOERROR',
  answers,
  ttls: answers.map(() => ttl),
})

/** One question to the campus resolver. */
export function ask(actor: Actor, at: number, dns: DnsNote, server = resolverOf(actor)): Exchange {
  const question = 17 + dns.query.length
  const size = (answer: string) => (/^[0-9.]+$/.test(answer) ? 16 : 12 + answer.length)
  const fresh = actor.random.next() < 0.35
  const answered = dns.code !== null

  return udp(actor, {
    at,
    server,
    port: 53,
    duration: answered
      ? fresh
        ? Math.min(2, actor.random.logNormal(Math.log(0.03), 0.9))
        : 0.0004 + 0.0006 * actor.random.next()
      : 4,
    up: answered ? question : 2 * question,
    down:
      question +
      dns.answers.reduce((sum, answer) => sum + size(answer), 0) +
      (dns.authority?.names.reduce((sum, name) => sum + 12 + name.length, 0) ?? 0) +
      16 * (dns.authority?.addresses.length ?? 0) +
      (dns.code === 'NXDOMAIN' ? 75 : 0),
    packetsUp: answered ? 1 : 2,
    packetsDown: answered ? 1 : 0,
    service: 'dns',
    dns,
  })
}

const resolverOf = (actor: Actor): string => {
  const resolvers = actor.network.hostsOf('resolver')
  // Most hosts list the first resolver first and turn to the second when it is slow.
  return resolvers[actor.random.next() < 0.85 ? 0 : resolvers.length - 1]!.address
}

export const found = (service: Service, type = 'A'): DnsNote => ({
  query: service.name,
  type,
  code: 'NOERROR',
  answers: type === 'A' ? service.addresses : [],
  ttls: type === 'A' ? service.addresses.map(() => service.ttl) : [],
})

/** What one program remembers of names, so that it asks again only when an answer is too old. */
export type Remembered = Map<string, number>

/** The lookups that come before a connection to `service`: none while the answer is fresh. */
export function lookups(actor: Actor, at: number, service: Service, remembered: Remembered): Exchange[] {
  if ((remembered.get(service.name) ?? -1) > at) return []
  remembered.set(service.name, at + service.ttl)
  const both = actor.host.system !== 'device' && actor.random.next() < 0.4
  return both
    ? [ask(actor, at, found(service)), ask(actor, at + 0.0003, found(service, 'AAAA'))]
    : [ask(actor, at, found(service))]
}

interface Secure extends Omit<Talk, 'tls' | 'service' | 'port' | 'server'> {
  readonly to: Service
  readonly port?: number
  readonly resumed?: boolean
  readonly stack?: string
}

/** A TLS connection; `up` and `down` are what the application sends, the handshake is added. */
export function secure(actor: Actor, talk: Secure): Exchange {
  const resumed = talk.resumed ?? actor.random.next() < 0.35
  const stack = talk.stack ?? actor.random.pick(stacks[actor.host.system])
  return tcp(actor, {
    ...talk,
    server: actor.random.pick(talk.to.addresses),
    port: talk.port ?? 443,
    up: talk.up + (resumed ? 620 : 720) + 29 * (talk.turns ?? 1),
    down: talk.down + (resumed ? 290 : 2600 + 12 * talk.to.name.length) + 29 * (talk.turns ?? 1),
    turns: (talk.turns ?? 1) + 2,
    service: 'ssl',
    tls: { name: talk.to.name, version: actor.random.next() < 0.75 ? 'TLSv13' : 'TLSv12', resumed, stack },
  })
}

interface Plain extends Omit<Talk, 'http' | 'service' | 'up' | 'down' | 'port' | 'server'> {
  readonly to: Service
  readonly port?: number
  readonly requests: readonly HttpNote[]
}

/** HTTP in the clear: bytes follow from the requests. */
export function plain(actor: Actor, talk: Plain): Exchange {
  const head = (request: HttpNote) => 60 + request.uri.length + request.host.length + request.userAgent.length
  const { requests, to, ...rest } = talk
  return tcp(actor, {
    ...rest,
    server: actor.random.pick(to.addresses),
    port: talk.port ?? 80,
    up: requests.reduce((sum, request) => sum + head(request) + request.requestBody, 0),
    down: requests.reduce((sum, request) => sum + 260 + request.responseBody, 0),
    turns: Math.max(requests.length, talk.turns ?? 0),
    service: 'http',
    http: requests,
  })
}

export interface Request extends Partial<HttpNote> {
  readonly host: string
  readonly uri: string
}

export const request = (given: Request): HttpNote => ({
  after: 0.05,
  method: 'GET',
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36',
  status: 200,
  requestBody: 0,
  responseBody: 0,
  mime: 'text/html',
  content: `${given.host}${given.uri}`,
  ...given,
})

/** Now and then a server is down or a firewall in the way: one try that comes to nothing. */
export function failedTry(actor: Actor, at: number, server: string, port: number): Exchange {
  return actor.random.next() < 0.6
    ? unanswered(actor, { at, server, port }, 2 + actor.random.integer(3))
    : refused(actor, { at, server, port })
}
