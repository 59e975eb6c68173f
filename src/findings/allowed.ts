/**
 * What the user allows accuses nobody: a host, a service (`203.0.113.9:9100`, `printer.example.com:9100`),
 * an address, a network or a name, whatever detector found it.
 *
 * A *host* is allowed by its own address only. A network allows destinations: a list of private ranges, as
 * warning lists have, must not silence a whole site. What a host does by itself (scanning, mail in bulk,
 * generated names) is no contact with a destination, so that a list of popular names removes none of it.
 */
import { activityTypes } from '../model/activity.ts'
import type { Allowlist } from '../model/allowlist.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding, FindingKind } from '../model/finding.ts'
import { holding } from '../store/networks.ts'

/** What findings and indicators below the threshold have in common. */
interface Accusing {
  readonly kind: FindingKind
  readonly cnc: readonly Endpoint[]
}

/** What the list says of findings and of indicators below the threshold. */
export interface Allowing {
  /** The finding without what is allowed; null where nothing of it is left. */
  finding(finding: Finding): Finding | null
  /** Whether the sign of one host accuses nobody. */
  indicator(indicator: Accusing & { readonly host: string }): boolean
  /** Whether the host is allowed by its own address. */
  host(host: string): boolean
}

export function allowingBy(allow: Allowlist): Allowing {
  const { names, networks, services = [] } = allow
  if (names.length + networks.ranges.length + services.length === 0) return allowsNothing

  const hosts = holding({ ...networks, ranges: networks.ranges.filter(({ first, last }) => first === last) })
  const isAllowed = endpointsAllowedBy(allow)
  const isAll = (cnc: readonly Endpoint[]) => cnc.length > 0 && cnc.every(isAllowed)
  const isContact = ({ kind, cnc }: Accusing) => !isActivity(kind) && isAll(cnc)

  return {
    host: hosts,
    indicator: (indicator) => hosts(indicator.host) || isContact(indicator),
    finding(finding) {
      if (finding.kind === 'botnet') return finding.hosts.every(hosts) || isAll(finding.cnc) ? null : finding

      const left = finding.hosts.filter((host) => !hosts(host))
      if (left.length === 0 || isContact(finding)) return null
      return { ...finding, hosts: left, cnc: finding.cnc.filter((endpoint) => !isAllowed(endpoint)) }
    },
  }
}

const allowsNothing: Allowing = { host: () => false, indicator: () => false, finding: (finding) => finding }

/** What a host does by itself. */
const isActivity = (kind: FindingKind): boolean => (activityTypes as readonly string[]).includes(kind)

/** Whether the list has an endpoint, by its address, its name or its service. */
function endpointsAllowedBy({ names, networks, services = [] }: Allowlist): (endpoint: Endpoint) => boolean {
  const inNetworks = holding(networks)
  const named = new Set(names)
  const ports = services.map((service) => ({
    ...service,
    inside: holding(service.networks),
    names: new Set(service.name === null ? [] : [service.name]),
  }))
  return (endpoint) =>
    inNetworks(endpoint.address) ||
    isUnder(endpoint, named) ||
    ports.some(
      (each) =>
        each.port === endpoint.port && (each.inside(endpoint.address) || isUnder(endpoint, each.names)),
    )
}

function isUnder({ name }: Endpoint, names: ReadonlySet<string>): boolean {
  if (name === null || names.size === 0) return false
  const labels = name.toLowerCase().split('.')
  return labels.some((_, i) => names.has(labels.slice(i).join('.')))
}
