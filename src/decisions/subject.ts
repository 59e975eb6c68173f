/** What a decision is about: read from text, and set against hosts and places. */
import { BlockList, isIP } from 'node:net'
import { UserError } from '../errors.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Decision, Subject, SubjectKind } from '../model/review/decision.ts'
import { subjectKinds } from '../model/review/decision.ts'

const invalid = (
  what: string,
  hint = 'Give an address, address:port/tcp, a network, a name or AS and its number.',
) => new UserError('decision-invalid', what, hint)

const service = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})(?:\/(tcp|udp|icmp))?$/
const name = /^(?:\*\.)?(?=.{1,253}$)[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*)(?:\.[\p{L}\p{N}_][\p{L}\p{N}_-]*)+\.?$/u

/** An address as everything here writes it: Node's own form of IPv6, IPv4 out of its mapping. */
function plainAddress(text: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(text) !== 6) return text
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}

/**
 * The subject that a text names: `10.1.2.3`, `203.0.113.9:443/tcp`, `[2001:db8::1]:443`, `10.0.0.0/8`, `example.com`,
 * `AS8075`. With the kind before it (`service 203.0.113.9:443/tcp`) it must be of that kind.
 *
 * @throws UserError decision-invalid.
 */
export function readSubject(text: string): Subject {
  const trimmed = text.trim()
  const match = /^(\w+)\s+(\S+)$/.exec(trimmed)
  if (!match) return plainSubject(trimmed)
  const kind = subjectKinds.find((each) => each === match[1])
  if (!kind) throw invalid(`${match[1]} is no kind of subject`, `Give one of: ${subjectKinds.join(', ')}.`)
  const subject = plainSubject(match[2]!)
  if (subject.kind !== kind) throw invalid(`${match[2]} is no ${kind} but a ${subject.kind}`)
  return subject
}

function plainSubject(text: string): Subject {
  if (isIP(text) > 0) return { kind: 'host', value: plainAddress(text) }
  if (/^AS\d{1,10}$/i.test(text)) return { kind: 'owner', value: text.toUpperCase() }

  const [network = '', bits] = text.split('/')
  if (bits !== undefined && isIP(network) > 0) {
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > (isIP(network) === 4 ? 32 : 128))
      throw invalid(`${text} is no network`)
    return { kind: 'network', value: `${plainAddress(network)}/${Number(bits)}` }
  }

  const [, six, four, port, protocol] = service.exec(text) ?? []
  const address = six ?? four
  if (address !== undefined && isIP(address) > 0 && Number(port) <= 65_535) {
    const shown = isIP(address) === 6 ? `[${plainAddress(address)}]` : address
    return { kind: 'service', value: `${shown}:${Number(port)}${protocol ? `/${protocol}` : ''}` }
  }

  if (name.test(text))
    return { kind: 'name', value: text.replace(/^\*\./, '').replace(/\.$/, '').toLowerCase() }
  throw invalid(`${text.slice(0, 80) || 'nothing'} is no host, service, network, name or owner`)
}

export const saySubject = ({ kind, value }: Subject): string => `${kind} ${value}`

/** Which autonomous system an address is of, such as `AS8075`; null where no database says. */
export type OwnerOf = (address: string) => string | null

export interface Matcher {
  readonly decision: Decision
  /** Whether the decision is about a host itself. */
  coversHost(host: string): boolean
  /** Whether it is about a place that a host calls. */
  coversEndpoint(endpoint: Endpoint): boolean
  coversName(name: string): boolean
  /** Whether a host is in its scope. */
  inScope(host: string): boolean
}

const inNetwork = (cidr: string) => {
  const [network = '', bits = '0'] = cidr.split('/')
  const list = new BlockList()
  list.addSubnet(network, Number(bits), isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return (address: string) => {
    const version = isIP(address)
    return version > 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

const never = () => false

/** Whether `text` is the name or lies under it. */
const underName = (value: string) => (text: string) => {
  const bare = text.replace(/^\*\./, '').replace(/\.$/, '').toLowerCase()
  return bare === value || bare.endsWith(`.${value}`)
}

type Covers = Pick<Matcher, 'coversHost' | 'coversEndpoint' | 'coversName'>

const coversOf: Readonly<Record<SubjectKind, (value: string, ownerOf: OwnerOf) => Covers>> = {
  host: (value) => ({
    coversHost: (host) => host === value,
    coversEndpoint: ({ address }) => address === value,
    coversName: never,
  }),
  network: (value) => {
    const within = inNetwork(value)
    return { coversHost: within, coversEndpoint: ({ address }) => within(address), coversName: never }
  },
  service: (value) => ({
    coversHost: never,
    coversEndpoint: (endpoint) => serviceOf(endpoint, value.includes('/')) === value,
    coversName: never,
  }),
  name: (value) => {
    const under = underName(value)
    return {
      coversHost: never,
      coversEndpoint: ({ name }) => name !== null && under(name),
      coversName: under,
    }
  },
  owner: (value, ownerOf) => ({
    coversHost: never,
    coversEndpoint: ({ address }) => ownerOf(address) === value,
    coversName: never,
  }),
}

const serviceOf = ({ address, port, protocol }: Endpoint, full: boolean): string =>
  `${isIP(address) === 6 ? `[${address}]` : address}:${port}${full ? `/${protocol}` : ''}`

export function matcherOf(decision: Decision, ownerOf: OwnerOf = () => null): Matcher {
  const { subject, scope } = decision
  return {
    decision,
    ...coversOf[subject.kind](subject.value, ownerOf),
    inScope: scope === null ? () => true : inNetwork(scope),
  }
}
