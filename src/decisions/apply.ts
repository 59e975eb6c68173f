/**
 * An answer judged again with what analysts decided: from what is stored, without an import or an analysis.
 *
 * What a decision allows is taken out of the findings, verdicts are computed again from the indicators that remain, and
 * what was taken out is listed as allowed. Allowing a destination never takes out what a host did by itself (scans,
 * spam, attacks, generated names, relays): only a decision about the host does.
 */
import { type DatedIndicator, indicatorsBelow, judge } from '../findings/index.ts'
import type { Answer, Botnet, Figures, RankedContact } from '../model/answer.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Finding, FindingKind } from '../model/finding.ts'
import type {
  AllowedFinding,
  ConfirmedHost,
  Decided,
  Decision,
  TaggedHost,
  Verb,
} from '../model/review/decision.ts'
import { sayList } from '../model/words/say.ts'
import { type Matcher, matcherOf, type OwnerOf, saySubject } from './subject.ts'

/** Kinds that rest on where a host calls. */
const calling = new Set<FindingKind>([
  'botnet',
  'beacon',
  'family',
  'threat-list',
  'tunnel',
  'flux',
  'wildcard',
  'together',
])

export interface Judged {
  readonly answer: Answer
  readonly figures: Figures
}

/** Whether a decision counts at a time. */
export const inForce = ({ expires }: Decision, now: Date): boolean =>
  expires === null || Date.parse(expires) > now.getTime()

/** The answer with the decisions that are in force `now`. An answer without any keeps its findings as they are. */
export function applyDecisions(
  { answer, figures }: Judged,
  decisions: readonly Decision[],
  { now = new Date(), ownerOf = () => null }: { readonly now?: Date; readonly ownerOf?: OwnerOf } = {},
): Judged {
  const current = decisions.filter((each) => inForce(each, now))
  const matchers = current.map((each) => matcherOf(each, ownerOf))
  const allows = matchers.filter(({ decision }) => decision.verb === 'allow')
  const judged = allows.length === 0 ? { answer, allowed: [] } : withoutAllowed(answer, figures, allows)

  const accused = new Set(matchers.length === 0 ? [] : judged.answer.hosts.map(({ host }) => host))
  const allowedHosts =
    allows.length === 0 ? [] : answer.hosts.map(({ host }) => host).filter((host) => !accused.has(host))
  const confirmed = confirmedIn(answer, matchers, accused)
  const decided: Decided = {
    decisions: current.toSorted((a, b) => (a.made < b.made ? 1 : -1)),
    expired: decisions.filter((each) => !current.includes(each)).map(({ id }) => id),
    allowed: judged.allowed,
    allowedHosts,
    confirmed,
    tagged: taggedIn(answer, matchers),
    warnings: confirmed
      .filter(({ host }) => allowedHosts.includes(host))
      .map(({ host, by }) => {
        const hiding = new Set(
          judged.allowed.filter(({ hosts }) => hosts.includes(host)).flatMap((each) => each.by),
        )
        return contradiction(host, by, [...hiding])
      }),
  }
  return { answer: { ...judged.answer, decided }, figures }
}

/** "Two decisions contradict each other: d1 confirms 10.0.0.7 as a bot, d2 allows it, so its findings are hidden". */
function contradiction(host: string, confirming: string, hiding: readonly string[]): string {
  const own = ` (allow host ${host})`
  const [only = ''] = hiding
  const hidden =
    hiding.length === 1 && only.endsWith(own)
      ? `${only.slice(0, -own.length)} allows it, so its findings are hidden`
      : `${sayList(hiding)} ${hiding.length === 1 ? 'hides' : 'hide'} its findings`
  const decisions = hiding.length === 1 ? 'Two decisions' : 'Decisions'
  return `${decisions} contradict each other: ${confirming} confirms ${host} as a bot, ${hidden}`
}

interface Kept {
  readonly finding: Finding | null
  readonly allowed: AllowedFinding | null
}

function withoutAllowed(
  answer: Answer,
  figures: Figures,
  allows: readonly Matcher[],
): { answer: Answer; allowed: AllowedFinding[] } {
  const parts = answer.findings.map((finding) => keptOf(finding, allows))
  const kept = parts.flatMap(({ finding }) => finding ?? [])
  const weakIndicators = indicatorsBelow(answer, figures).filter(
    (indicator) => !indicatorAllowed(indicator, allows),
  )
  const botnets = botnetsKept(answer.botnets, kept, allows)
  const { answer: judged, dropped } = judge(answer, { findings: kept, weakIndicators, botnets })
  const touched = new Map(parts.flatMap(({ allowed }) => (allowed ? [[allowed.id, allowed] as const] : [])))
  const weakened = dropped.map((finding) => allowedOf(finding, finding.hosts, allWhoTouch(finding, allows)))
  return { answer: judged, allowed: [...touched.values(), ...weakened] }
}

/** Decisions that took away other indicators of the same hosts: why indicators together no longer suffice. */
const allWhoTouch = ({ hosts }: Finding, allows: readonly Matcher[]): Matcher[] => {
  const about = allows.filter((each) => hosts.some((host) => each.inScope(host)))
  return about.length > 0 ? about : [...allows]
}

/** What remains of a finding, and what was allowed of it. */
function keptOf(finding: Finding, allows: readonly Matcher[]): Kept {
  const by = new Set<Matcher>()
  const remaining = finding.hosts.filter((host) => {
    const covering = covers(finding, host, allows)
    for (const each of covering ?? []) by.add(each)
    return covering === null
  })
  if (by.size === 0) return { finding: trimmed(finding, allows), allowed: null }

  // One host alone is no group.
  const left = finding.kind === 'botnet' && remaining.length < 2 ? [] : remaining
  const gone = finding.hosts.filter((host) => !left.includes(host))
  return {
    finding: left.length === 0 ? null : trimmed(narrowed(finding, left), allows),
    allowed: allowedOf(finding, gone, [...by]),
  }
}

/** The decisions that together allow a finding to a host; null where something of it remains. */
function covers(finding: Finding, host: string, allows: readonly Matcher[]): Matcher[] | null {
  const own = allows.filter((each) => each.inScope(host))
  const itself = own.find((each) => each.coversHost(host))
  if (itself) return [itself]
  if (!calling.has(finding.kind)) return null

  const by = new Set<Matcher>()
  for (const place of placesOf(finding)) {
    const match = own.find((each) => place(each))
    if (!match) return null
    by.add(match)
  }
  return by.size > 0 ? [...by] : null
}

/** Everything that must be allowed for the finding to be: its endpoints, or its names where it is about names. */
function placesOf({ kind, cnc, evidence, rally }: Finding): ((matcher: Matcher) => boolean)[] {
  const byName = (name: string) => (matcher: Matcher) => matcher.coversName(name)
  const names = evidence.flatMap((each) => namesIn(each))
  if (kind === 'tunnel' || kind === 'wildcard') return names.map(byName)
  if (kind === 'flux') return (names.length > 0 ? names : (rally?.names ?? [])).map(byName)
  return cnc.map((endpoint) => (matcher) => matcher.coversEndpoint(endpoint))
}

const namesIn = (evidence: Evidence): string[] => {
  if (evidence.kind === 'tunnel' || evidence.kind === 'labels') return [evidence.domain]
  return evidence.kind === 'spread' && evidence.of === 'name' ? [evidence.name] : []
}

/** The finding without the endpoints that are allowed to all of its hosts. */
function trimmed(finding: Finding, allows: readonly Matcher[]): Finding {
  const everywhere = allows.filter((each) => finding.hosts.every((host) => each.inScope(host)))
  const cnc = finding.cnc.filter((endpoint) => !everywhere.some((each) => each.coversEndpoint(endpoint)))
  return cnc.length === finding.cnc.length ? finding : { ...finding, cnc }
}

/** The finding about fewer hosts, with the scores of these alone. */
function narrowed(finding: Finding, hosts: readonly string[]): Finding {
  const at = hosts.map((host) => finding.hosts.indexOf(host))
  const gone = finding.hosts.length - hosts.length
  return {
    ...finding,
    hosts,
    claim: `${finding.claim.replace(/\.$/, '')} (${gone} of ${finding.hosts.length} allowed).`,
    evidence: finding.evidence.map((each) =>
      each.kind === 'cross-plane' ? { ...each, scores: at.map((i) => each.scores[i] ?? 0) } : each,
    ),
  }
}

const allowedOf = (finding: Finding, hosts: readonly string[], by: readonly Matcher[]): AllowedFinding => ({
  id: finding.id,
  kind: finding.kind,
  severity: finding.severity,
  confidence: finding.confidence,
  claim: finding.claim,
  cnc: finding.cnc,
  hosts,
  by: by.map(({ decision }) => `${decision.id} (allow ${saySubject(decision.subject)})`),
})

function indicatorAllowed({ host, kind, cnc }: DatedIndicator, allows: readonly Matcher[]): boolean {
  const own = allows.filter((each) => each.inScope(host))
  if (own.some((each) => each.coversHost(host))) return true
  if (!calling.has(kind) || cnc.length === 0) return false
  return cnc.every((endpoint) => own.some((each) => each.coversEndpoint(endpoint)))
}

/** Botnets that a finding still tells of, with the hosts and servers that remain. */
function botnetsKept(
  botnets: readonly Botnet[],
  findings: readonly Finding[],
  allows: readonly Matcher[],
): Botnet[] {
  const everywhere = allows.filter(({ decision }) => decision.scope === null)
  const grouped = findings.filter(({ kind }) => kind === 'botnet')
  return botnets.flatMap((botnet) => {
    const hosts = botnet.hosts.filter((host) => grouped.some((each) => each.hosts.includes(host)))
    if (hosts.length < 2) return []
    const cnc = botnet.cnc.filter((endpoint) => !everywhere.some((each) => each.coversEndpoint(endpoint)))
    return [{ ...botnet, hosts, cnc }]
  })
}

/** The contacts without those that decisions allow, or whose hosts they allow. */
export function contactsNotAllowed(
  contacts: readonly RankedContact[],
  allowing: readonly Decision[],
  ownerOf: OwnerOf,
): RankedContact[] {
  const allows = allowing.map((each) => matcherOf(each, ownerOf))
  const isAllowed = (contact: RankedContact) =>
    allows.some(
      (each) => each.inScope(contact.host) && (each.coversHost(contact.host) || each.coversEndpoint(contact)),
    )
  return contacts.filter((contact) => !isAllowed(contact))
}

/** Hosts that are confirmed, or that call what is confirmed as command and control. */
const confirmedIn = (
  answer: Answer,
  matchers: readonly Matcher[],
  accused: ReadonlySet<string>,
): ConfirmedHost[] =>
  [...hostsOf(answer, matchers, 'confirm')].map(([host, [by]]) => ({
    host,
    by: by!.decision.id,
    accused: accused.has(host),
  }))

/** Tags of the hosts that a decision names, or that call what it names. */
const taggedIn = (answer: Answer, matchers: readonly Matcher[]): TaggedHost[] =>
  [...hostsOf(answer, matchers, 'tag')].map(([host, by]) => ({
    host,
    tags: [...new Set(by.flatMap(({ decision }) => decision.tags))].toSorted(),
  }))

/** Hosts that decisions of one verb are about, by themselves or by where a finding has them call. */
function hostsOf(
  { hosts, suspects, findings }: Answer,
  matchers: readonly Matcher[],
  verb: Verb,
): Map<string, Matcher[]> {
  const own = matchers.filter(({ decision }) => decision.verb === verb)
  if (own.length === 0) return new Map()
  const named = own.flatMap(({ decision: { subject } }) => (subject.kind === 'host' ? [subject.value] : []))
  const all = new Set([...hosts.map(({ host }) => host), ...suspects.map(({ host }) => host), ...named])
  const calls = Map.groupBy(
    findings.flatMap(({ hosts: about, cnc }) => about.map((host) => ({ host, cnc }))),
    ({ host }) => host,
  )

  const isAbout = (each: Matcher, host: string) =>
    each.inScope(host) &&
    (each.coversHost(host) ||
      (calls.get(host) ?? []).some(({ cnc }) => cnc.some((endpoint) => each.coversEndpoint(endpoint))))

  return new Map(
    [...all].flatMap((host) => {
      const by = own.filter((each) => isAbout(each, host))
      return by.length > 0 ? [[host, by] as const] : []
    }),
  )
}

/** What new decisions would hide that is confirmed, as sentences; empty where nothing. */
export function warningsOf(
  judged: Judged,
  decisions: readonly Decision[],
  added: readonly Decision[],
  options: { readonly now?: Date; readonly ownerOf?: OwnerOf } = {},
): readonly string[] {
  const before = new Set(applyDecisions(judged, decisions, options).answer.decided?.warnings)
  const after = applyDecisions(judged, [...decisions, ...added], options).answer.decided?.warnings ?? []
  return after.filter((each) => !before.has(each))
}
