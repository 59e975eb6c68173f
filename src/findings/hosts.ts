/** Findings gathered by host and by botnet: the ranked list of the accused, and of those under the line. */
import type { AccusedHost, Botnet, HostVerdict, RankedContact, SharedIndicator } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding, FindingKind } from '../model/finding.ts'
import { badness, worstFirst } from '../model/rank.ts'
import { clampRatio } from '../model/units.ts'
import { type Indicator, verdictOf } from './verdict.ts'

/** Suspects that an answer lists. */
const mostSuspects = 1000
/** A host whose indicators come to less is not worth a line. */
const leastSuspicion = 0.01

/**
 * One verdict for each host that shows an indicator: of the findings that name it, and of indicators under their
 * detectors' lines.
 */
export function verdictsOf(
  findings: readonly Finding[],
  weakIndicators: readonly Indicator[],
): ReadonlyMap<string, HostVerdict> {
  const indicators = [...findings.flatMap(indicatorsIn), ...weakIndicators]
  return new Map(
    [...Map.groupBy(indicators, ({ host }) => host)].map(([host, own]) => [host, verdictOf(host, own)]),
  )
}

/** What a finding says of each of its hosts. A finding of signs together is no sign of its own. */
function indicatorsIn(finding: Finding): Indicator[] {
  const { kind, hosts, confidence, claim } = finding
  if (kind === 'together') return []
  // A group by its contacts alone is no more evidence than they are.
  const of = isByContacts(finding) ? 'beacon' : kind
  return hosts.map((host) => ({
    host,
    kind: of,
    strength: confidence,
    description: phraseFor(claim, host, kind),
  }))
}

const isByContacts = ({ kind, evidence }: Finding): boolean =>
  kind === 'botnet' && evidence.some((each) => each.kind === 'weighing')

/** The claim without its subject, where the host is the subject. */
function phraseFor(claim: string, host: string, kind: FindingKind): string {
  const words = claim.replace(/\.$/, '')
  if (words.startsWith(`${host} `)) return words.slice(host.length + 1)
  return kind === 'botnet' ? `is one of a group: ${words}` : words
}

/** Every accused host, worst first. @throws RangeError where a finding names a host without a verdict. */
export function accusedHosts(
  findings: readonly Finding[],
  { botnets, verdicts, contacts = [] }: Known,
): AccusedHost[] {
  const contactsOf = Map.groupBy(contacts, ({ host }) => host)
  const byHost = new Map<string, Finding[]>()
  for (const finding of findings) {
    for (const host of finding.hosts) byHost.set(host, [...(byHost.get(host) ?? []), finding])
  }
  return [...byHost]
    .map(([host, about]) => {
      const verdict = verdicts.get(host)
      if (!verdict) throw new RangeError(`no verdict on ${host}`)
      return accusedHost(verdict, about, { botnets, contacts: contactsOf.get(host) ?? [] })
    })
    .sort(byRank)
}

/** What is known beside the findings. */
interface Known {
  readonly botnets: readonly Botnet[]
  readonly verdicts: ReadonlyMap<string, HostVerdict>
  readonly contacts?: readonly RankedContact[]
}

const byRank = (a: AccusedHost, b: AccusedHost) => worstFirst(a, b) || (a.host < b.host ? -1 : 1)

function accusedHost(
  verdict: HostVerdict,
  about: readonly Finding[],
  { botnets, contacts }: { readonly botnets: readonly Botnet[]; readonly contacts: readonly RankedContact[] },
): AccusedHost {
  const ranked = about.toSorted((a, b) => worstFirst(a, b) || (a.id < b.id ? -1 : 1))

  return {
    ...verdict,
    severity: ranked.reduce(
      (worst, { severity }) => (badness(severity) > badness(worst) ? severity : worst),
      ranked[0]!.severity,
    ),
    kinds: [...new Set(ranked.map(({ kind }) => kind))],
    botnet: botnets.find(({ hosts }) => hosts.includes(verdict.host))?.id ?? null,
    cnc: cncOfHost(
      ranked.flatMap(({ cnc }) => cnc),
      contacts,
    ),
    findings: ranked.map(({ id }) => id),
  }
}

/** Score from which a contact that accuses nobody by itself is named behind what the findings name. */
const worthNaming = 0.2

/** The contact that accuses the host first, then what its findings name, then its most suspicious contact. */
function cncOfHost(named: readonly Endpoint[], contacts: readonly RankedContact[]): Endpoint[] {
  const [top] = contacts.toSorted((a, b) => a.rank - b.rank)
  if (!top || top.score < worthNaming) return distinctEndpoints(named)
  const { address, port, protocol, name } = top
  const first = { address, port, protocol, name }
  return distinctEndpoints(top.accused ? [first, ...named] : [...named, first])
}

/** Hosts that no finding names, most suspect first. */
export const suspectsOf = (
  verdicts: ReadonlyMap<string, HostVerdict>,
  accused: readonly AccusedHost[],
): HostVerdict[] => {
  const named = new Set(accused.map(({ host }) => host))
  return [...verdicts.values()]
    .filter(({ host, confidence }) => !named.has(host) && confidence >= leastSuspicion)
    .toSorted((a, b) => b.confidence - a.confidence || (a.host < b.host ? -1 : 1))
    .slice(0, mostSuspects)
}

/** The botnet with the verdict of its members: their mean, so that more evidence of any never lowers it. */
export function botnetVerdict(botnet: Botnet, verdicts: ReadonlyMap<string, HostVerdict>): Botnet {
  const members = botnet.hosts.flatMap((host) => verdicts.get(host) ?? [])
  if (members.length === 0) return botnet
  const mean = members.reduce((sum, { confidence }) => sum + confidence, 0) / members.length
  const kinds = Map.groupBy(
    members.flatMap(({ parts }) => parts),
    ({ kind }) => kind,
  )
  const indicators: SharedIndicator[] = [...kinds].map(([kind, parts]) => ({ kind, members: parts.length }))
  return {
    ...botnet,
    confidence: clampRatio(Math.round(mean * 1e3) / 1e3),
    indicators: indicators.toSorted((a, b) => b.members - a.members || (a.kind < b.kind ? -1 : 1)),
  }
}

/** Each endpoint once, in order of first mention; a name is kept where any mention has one. */
export function distinctEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  const seen = new Map<string, Endpoint>()
  for (const endpoint of endpoints) {
    const key = `${endpoint.address} ${endpoint.port}/${endpoint.protocol}`
    const before = seen.get(key)
    if (!before || (before.name === null && endpoint.name !== null)) seen.set(key, endpoint)
  }
  return [...seen.values()]
}

/** The order of findings in a report. */
export const rankedFindings = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => worstFirst(a, b) || b.hosts.length - a.hosts.length || (a.id < b.id ? -1 : 1))
