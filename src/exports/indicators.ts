/** What of an answer can be looked for or blocked elsewhere: addresses and names of command and control. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import type { Answer } from '../model/answer.ts'
import { type Technique, techniquesOf } from '../model/attack.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding } from '../model/finding.ts'
import { type Micros, micros } from '../model/units.ts'
import { sayConfidence } from '../model/words/say.ts'
import { printable } from '../reports/printable.ts'

export interface Indicator {
  readonly type: 'address' | 'name'
  /** An IP address, or a name in lower case, in ASCII and without its last dot. */
  readonly value: string
  /** True of a name whose subdomains are meant too: a tunnel's domain, a wildcard. */
  readonly subdomains: boolean
  /** Ports on which an address was called; empty of a name. Port 0: any. */
  readonly services: readonly Pick<Endpoint, 'port' | 'protocol'>[]
  readonly findings: readonly Finding[]
  /** Internal hosts that the findings accuse. */
  readonly hosts: readonly string[]
  readonly botnets: readonly string[]
  /** Of the surest finding, 0 to 1. */
  readonly confidence: number
  readonly techniques: readonly Technique[]
  readonly from: Micros
  readonly to: Micros
}

export interface Indicators {
  readonly indicators: readonly Indicator[]
  /** Texts that were left out, and why: internal or special addresses, resolvers, names that are none. */
  readonly leftOut: readonly { readonly value: string; readonly why: string }[]
}

/** Networks that no list should hold: this host, private use, link-local, multicast. IANA's registries, RFC 6890. */
const special = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
])

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [network = '', bits = ''] = cidr.split('/')
    const version = isIP(network)
    if (version === 0) continue
    list.addSubnet(network, Number(bits || (version === 4 ? 32 : 128)), version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

const holds = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** A name as zone files and rules take it; null where the text is none. Labels of 1 to 63, 200 characters in all. */
export function plainName(text: string): string | null {
  const bare = text.replace(/^\*\./, '').replace(/\.$/, '').toLowerCase()
  const ascii = /^[\x21-\x7e]*$/.test(bare) ? bare : domainToASCII(bare)
  const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/
  const labels = ascii.split('.')
  return ascii.length <= 200 &&
    labels.length > 1 &&
    isIP(ascii) === 0 &&
    labels.every((each) => label.test(each))
    ? ascii
    : null
}

interface Observed {
  readonly type: 'address' | 'name'
  readonly value: string
  readonly subdomains: boolean
  readonly service: Pick<Endpoint, 'port' | 'protocol'> | null
  readonly finding: Finding
}

/** Every indicator of the findings, surest first. */
export function indicatorsIn(answer: Answer): Indicators {
  const internal = blockList(answer.analysis.internal)
  const leftOut = new Map<string, string>()
  const observed: Observed[] = []

  for (const finding of answer.findings) {
    for (const each of placesOf(finding)) {
      const why = each.type === 'address' ? addressFault(each.value, internal) : null
      const value = each.type === 'name' ? plainName(each.value) : each.value
      if (why !== null || value === null) leftOut.set(each.value, why ?? 'is not a host name')
      else observed.push({ ...each, value, finding })
    }
  }

  const grouped = Map.groupBy(observed, ({ type, value }) => `${type} ${value}`)
  const indicators = [...grouped.values()].map((all) => indicatorOf(all, answer))
  return {
    indicators: indicators.toSorted((a, b) => b.confidence - a.confidence || (a.value < b.value ? -1 : 1)),
    leftOut: [...leftOut].map(([value, why]) => ({ value, why })),
  }
}

function addressFault(address: string, internal: BlockList): string | null {
  if (isIP(address) === 0) return 'is not an address'
  if (holds(internal, address)) return 'is internal'
  return holds(special, address) ? 'is a special address' : null
}

/** A tunnel's endpoint is the resolver, which serves everybody: its domain counts instead. */
function placesOf({ kind, cnc, evidence, rally }: Finding): Omit<Observed, 'finding'>[] {
  const called = kind === 'tunnel' ? [] : cnc

  const addresses = called.map(({ address, port, protocol }) => ({
    type: 'address' as const,
    value: address,
    subdomains: false,
    service: { port, protocol },
  }))

  const tunnels = evidence.flatMap((each) => (each.kind === 'tunnel' ? [`*.${each.domain}`] : []))
  const answered = evidence.flatMap((each) => (each.kind === 'answered' ? each.names : []))
  const namesCalled = called.flatMap(({ name }) => name ?? [])
  const names = [...tunnels, ...answered, ...namesCalled, ...(kind === 'tunnel' ? [] : (rally?.names ?? []))]

  return [
    ...addresses,
    ...[...new Set(names)].map((value) => ({
      type: 'name' as const,
      value,
      subdomains: value.startsWith('*.'),
      service: null,
    })),
  ]
}

function indicatorOf(all: readonly Observed[], { botnets }: Answer): Indicator {
  const { type, value } = all[0]!
  const findings = [...new Map(all.map(({ finding }) => [finding.id, finding])).values()]
  const hosts = [...new Set(findings.flatMap((each) => each.hosts))]
  const services = all.flatMap(({ service }) => service ?? [])
  const found = findings.flatMap((finding) => techniquesOf(finding))

  return {
    type,
    value,
    subdomains: all.some((each) => each.subdomains),
    services: [...new Map(services.map((each) => [`${each.port}/${each.protocol}`, each])).values()],
    findings,
    hosts,
    botnets: botnets
      .filter(({ cnc, rally }) =>
        type === 'address'
          ? cnc.some(({ address }) => address === value)
          : cnc.some(({ name }) => name !== null && plainName(name) === value) ||
            (rally?.names ?? []).some((name) => plainName(name) === value),
      )
      .map(({ id }) => id),
    confidence: Math.max(...findings.map(({ confidence }) => confidence)),
    techniques: [...new Map(found.map((each) => [each.id, each])).values()],
    from: micros(Math.min(...findings.map((each) => each.from))),
    to: micros(Math.max(...findings.map((each) => each.to))),
  }
}

/** What a list says beside an indicator: `0.97, botnet b0123, 8 hosts, f9404e9e086d6`. One line, plain ASCII. */
export const remark = ({ confidence, botnets, hosts, findings }: Indicator): string =>
  printable(
    [
      `confidence ${sayConfidence(confidence)}`,
      ...botnets.map((id) => `botnet ${id}`),
      `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`,
      findings
        .slice(0, 3)
        .map(({ kind, id }) => `${kind} ${id}`)
        .join(', '),
    ].join(', '),
  )
