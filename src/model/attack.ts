/**
 * MITRE ATT&CK techniques of what is found. Enterprise matrix, version 16: https://attack.mitre.org/techniques/.
 *
 * A technique is read from the kind of a finding and from its evidence; it is not stored, so that answers of older
 * versions have it too. Each row says why the technique fits.
 */
import type { ActivityType } from './activity.ts'
import type { Endpoint } from './endpoint.ts'
import type { Finding, FindingKind } from './finding.ts'

export interface Technique {
  /** `T1071.001`. */
  readonly id: string
  readonly name: string
  /** Short name of the tactic, as ATT&CK's own data has it. */
  readonly tactic:
    | 'command-and-control'
    | 'discovery'
    | 'exfiltration'
    | 'impact'
    | 'lateral-movement'
    | 'resource-development'
  /** Why it is given. */
  readonly why: string
}

export const techniques = {
  T1071: {
    id: 'T1071',
    name: 'Application Layer Protocol',
    tactic: 'command-and-control',
    why: 'connects to a server again and again, as a bot does to its command and control',
  },
  'T1071.001': {
    id: 'T1071.001',
    name: 'Web Protocols',
    tactic: 'command-and-control',
    why: 'its command and control is on port 80, 443, 8000, 8080 or 8443',
  },
  'T1071.004': {
    id: 'T1071.004',
    name: 'DNS',
    tactic: 'command-and-control',
    why: 'its command and control is on port 53, or data passes in names and answers',
  },
  T1573: {
    id: 'T1573',
    name: 'Encrypted Channel',
    tactic: 'command-and-control',
    why: 'its command and control is on a port of TLS (443, 8443)',
  },
  T1090: {
    id: 'T1090',
    name: 'Proxy',
    tactic: 'command-and-control',
    why: 'forwards what external hosts send',
  },
  'T1090.003': {
    id: 'T1090.003',
    name: 'Multi-hop Proxy',
    tactic: 'command-and-control',
    why: 'is part of a peer-to-peer overlay that carries orders from bot to bot',
  },
  T1105: {
    id: 'T1105',
    name: 'Ingress Tool Transfer',
    tactic: 'command-and-control',
    why: 'fetches programs',
  },
  T1568: {
    id: 'T1568',
    name: 'Dynamic Resolution',
    tactic: 'command-and-control',
    why: 'a name of its own for each victim',
  },
  'T1568.001': {
    id: 'T1568.001',
    name: 'Fast Flux DNS',
    tactic: 'command-and-control',
    why: 'the addresses of a name change over infected machines',
  },
  'T1568.002': {
    id: 'T1568.002',
    name: 'Domain Generation Algorithms',
    tactic: 'command-and-control',
    why: 'asks for generated names',
  },
  T1572: {
    id: 'T1572',
    name: 'Protocol Tunneling',
    tactic: 'command-and-control',
    why: 'data passes through the DNS',
  },
  T1048: {
    id: 'T1048',
    name: 'Exfiltration Over Alternative Protocol',
    tactic: 'exfiltration',
    why: 'sends data out by another way than its command and control',
  },
  'T1048.003': {
    id: 'T1048.003',
    name: 'Exfiltration Over Unencrypted Non-C2 Protocol',
    tactic: 'exfiltration',
    why: 'sends data out by mail or FTP from a host that never did',
  },
  T1046: {
    id: 'T1046',
    name: 'Network Service Discovery',
    tactic: 'discovery',
    why: 'tries many servers or many ports',
  },
  T1210: {
    id: 'T1210',
    name: 'Exploitation of Remote Services',
    tactic: 'lateral-movement',
    why: 'attacks services of other hosts, as signatures have it',
  },
  T1496: {
    id: 'T1496',
    name: 'Resource Hijacking',
    tactic: 'impact',
    why: 'is used to send mail for others',
  },
} as const satisfies Readonly<Record<string, Technique>>

type TechniqueId = keyof typeof techniques

const ofActivity: Readonly<Record<ActivityType, readonly TechniqueId[]>> = {
  scan: ['T1046'],
  spam: ['T1496'],
  download: ['T1105'],
  exploit: ['T1210'],
  dga: ['T1568.002'],
}

/** What each kind of finding stands for, before its evidence is read. */
export const techniquesOfKind: Readonly<Record<FindingKind, readonly TechniqueId[]>> = {
  ...ofActivity,
  botnet: ['T1071'],
  beacon: ['T1071'],
  family: ['T1071'],
  relay: ['T1090'],
  p2p: ['T1090.003'],
  'threat-list': ['T1071'],
  tunnel: ['T1071.004', 'T1572'],
  flux: ['T1568.001'],
  wildcard: ['T1568'],
  exfiltration: ['T1048.003'],
  together: [],
}

/** Kinds whose `cnc` is where orders come from. */
const calls: readonly FindingKind[] = ['botnet', 'beacon', 'family', 'threat-list', 'together']

const web = new Set([80, 443, 8000, 8080, 8443])
const tls = new Set([443, 8443])

const ofEndpoint = ({ port, protocol }: Endpoint): TechniqueId[] => {
  if (port === 53) return ['T1071.004']
  if (protocol !== 'tcp') return []
  return [...(web.has(port) ? (['T1071.001'] as const) : []), ...(tls.has(port) ? (['T1573'] as const) : [])]
}

/**
 * The techniques of one finding, by id; with `host`, those of that host: of what only some hosts did, if it did it.
 * None for kinds that this version does not know, and for weak indicators together that name no place.
 */
export function techniquesOf(
  finding: Pick<Finding, 'kind' | 'cnc' | 'evidence' | 'rally'>,
  host?: string,
): Technique[] {
  const { kind, cnc, evidence, rally } = finding
  const ids = new Set<TechniqueId>(techniquesOfKind[kind] ?? [])
  if (kind === 'together' && cnc.length > 0) ids.add('T1071')
  if (calls.includes(kind)) for (const id of cnc.flatMap(ofEndpoint)) ids.add(id)

  for (const each of evidence) {
    if (each.kind === 'activity' && (host === undefined || each.hosts.includes(host)))
      for (const id of ofActivity[each.activity] ?? []) ids.add(id)
    if (each.kind === 'structure' && each.topology === 'p2p') ids.add('T1090.003')
  }

  if (rally?.method === 'generated-names') ids.add('T1568.002')
  if (rally?.method === 'ip-flux' || rally?.method === 'double-flux') ids.add('T1568.001')
  // A sub-technique says more than its parent.
  if (ids.has('T1071.001') || ids.has('T1071.004')) ids.delete('T1071')
  return [...ids].toSorted().map((id) => techniques[id])
}

/** The address of its page. */
export const techniqueUrl = ({ id }: Pick<Technique, 'id'>): string =>
  `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`
