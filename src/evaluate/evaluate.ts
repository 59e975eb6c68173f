/**
 * An answer against the truth, in the units a defender pays in: hosts, botnets and false alarms a host-day.
 *
 * Never by flows: one busy scanner would outweigh every other machine (pitfalls of CTU-13 evaluations; Garcia et al.,
 * "An empirical comparison of botnet detection methods", Computers & Security 45, 2014, section 6).
 */
import type { AccusedHost, Answer, Botnet } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { TrueBotnet, Truth } from '../model/truth.ts'
import { adjustedRand } from './adjusted-rand.ts'
import { scopeOf } from './scope.ts'

/** Shares are null where nothing was there to be shared. */
export interface Shares {
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
}

export interface HostScore extends Shares {
  /** Hosts that the truth speaks about. */
  readonly judged: number
  readonly days: number
  /** Falsely accused hosts for each clean host and day. */
  readonly falsePositivesPerHostDay: number | null
  /** Accused hosts that the truth says nothing about; they count for nothing. */
  readonly unjudged: readonly string[]
}

export interface BotnetScore extends Shares {
  readonly id: string
  readonly family: string
  readonly size: number
  /** The answered botnet that it was matched with; its members make the shares. */
  readonly match: string | null
  /** Its bots that were accused, in whatever company. */
  readonly accused: number
  /** Members of the match that are not of this botnet. */
  readonly strangers: readonly string[]
  /**
   * Place, from 1, of the first true C&C server among those that the answer names; null where none is, or none is
   * known.
   */
  readonly cncRank: number | null
}

export interface Miss {
  readonly host: string
  readonly botnet: string
  readonly family: string
}

export interface FalseAlarm {
  readonly host: string
  readonly claims: readonly string[]
}

export interface Evaluation {
  readonly about: string
  readonly hosts: HostScore
  readonly botnets: readonly BotnetScore[]
  /** Answered botnets that were matched with no true one. */
  readonly inventedBotnets: readonly string[]
  /** Botnets whose C&C is named among the first k, of those whose C&C is known. */
  readonly cncNamed: { readonly known: number; readonly at: Readonly<Record<'1' | '3' | '10', number>> }
  /**
   * Adjusted Rand index over hosts in a true or an answered botnet; a host in none is a group of its own. Null
   * without any.
   */
  readonly agreement: number | null
  readonly misses: readonly Miss[]
  readonly falseAlarms: readonly FalseAlarm[]
}

const dayInMicros = 86_400e6

export function evaluate(answer: Answer, truth: Truth): Evaluation {
  const bots = new Map(truth.botnets.flatMap((botnet) => botnet.hosts.map((host) => [host, botnet] as const)))
  const judges = scopeOf(truth)
  const accused = answer.hosts.filter(({ host }) => judges(host))
  const named = new Set(accused.map(({ host }) => host))
  const matches = match(truth.botnets, answer.botnets)
  const botnets = truth.botnets.map((botnet) => scoreBotnet(botnet, matches.get(botnet.id), accused))
  const ranks = botnets
    .filter((_, i) => (truth.botnets[i]?.cnc.length ?? 0) > 0)
    .map(({ cncRank }) => cncRank)
  const within = (k: number) => ranks.filter((rank) => rank !== null && rank <= k).length
  const taken = new Set([...matches.values()].map(({ id }) => id))

  return {
    about: truth.about,
    hosts: scoreHosts(answer, truth, { bots, named }),
    botnets,
    inventedBotnets: answer.botnets.filter(({ id }) => !taken.has(id)).map(({ id }) => id),
    cncNamed: { known: ranks.length, at: { 1: within(1), 3: within(3), 10: within(10) } },
    agreement: agreementOf(answer, bots, judges),
    misses: [...bots]
      .filter(([host]) => !named.has(host))
      .map(([host, { id, family }]) => ({ host, botnet: id, family })),
    falseAlarms: accused
      .filter(({ host }) => !bots.has(host))
      .map(({ host, findings }) => ({ host, claims: claimsOf(answer, findings) })),
  }
}

/** @throws RangeError on negative counts. */
export function shares(truePositives: number, falsePositives: number, falseNegatives: number): Shares {
  if (Math.min(truePositives, falsePositives, falseNegatives) < 0)
    throw new RangeError('counts cannot be negative')
  const of = (part: number, whole: number) => (whole === 0 ? null : part / whole)
  return {
    truePositives,
    falsePositives,
    falseNegatives,
    precision: of(truePositives, truePositives + falsePositives),
    recall: of(truePositives, truePositives + falseNegatives),
    f1: of(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  }
}

interface Judged {
  readonly bots: ReadonlyMap<string, TrueBotnet>
  readonly named: ReadonlySet<string>
}

function scoreHosts(answer: Answer, truth: Truth, { bots, named }: Judged): HostScore {
  const truePositives = [...bots.keys()].filter((host) => named.has(host)).length
  const known = new Set([...bots.keys(), ...named, ...(truth.benign ?? [])]).size
  const judged = truth.benign === null ? Math.max(answer.analysis.hosts, known) : known
  const days = daysOf(answer, truth)
  const falsePositives = named.size - truePositives
  const cleanDays = (judged - bots.size) * days
  const judges = scopeOf(truth)
  return {
    ...shares(truePositives, falsePositives, bots.size - truePositives),
    judged,
    days,
    falsePositivesPerHostDay: cleanDays > 0 ? falsePositives / cleanDays : null,
    unjudged: answer.hosts.map(({ host }) => host).filter((host) => !judges(host)),
  }
}

/** As the truth has it; where it gives no times, as the records had it. */
function daysOf({ analysis }: Answer, truth: Truth): number {
  if (truth.to > truth.from) return (truth.to - truth.from) / dayInMicros
  return analysis.from !== null && analysis.to !== null ? (analysis.to - analysis.from) / dayInMicros : 0
}

/** One answered botnet at most for each true one, the pair with the largest Jaccard index first. */
function match(truths: readonly TrueBotnet[], answers: readonly Botnet[]): Map<string, Botnet> {
  const pairs = truths
    .flatMap((truth) =>
      answers.map((answer) => ({ truth, answer, likeness: jaccard(truth.hosts, answer.hosts) })),
    )
    .filter(({ likeness }) => likeness > 0)
    .toSorted((a, b) => b.likeness - a.likeness)
  const matches = new Map<string, Botnet>()
  const taken = new Set<string>()
  for (const { truth, answer } of pairs) {
    if (matches.has(truth.id) || taken.has(answer.id)) continue
    matches.set(truth.id, answer)
    taken.add(answer.id)
  }
  return matches
}

function jaccard(a: readonly string[], b: readonly string[]): number {
  const common = new Set(a).intersection(new Set(b)).size
  return common / (a.length + b.length - common)
}

function scoreBotnet(
  truth: TrueBotnet,
  found: Botnet | undefined,
  accused: readonly AccusedHost[],
): BotnetScore {
  const own = new Set(truth.hosts)
  const members = found?.hosts ?? []
  const inside = members.filter((host) => own.has(host)).length
  const accusedOwn = accused.filter(({ host }) => own.has(host))

  return {
    id: truth.id,
    family: truth.family,
    size: own.size,
    ...shares(inside, members.length - inside, own.size - inside),
    match: found?.id ?? null,
    accused: accusedOwn.length,
    strangers: members.filter((host) => !own.has(host)),
    cncRank: rankOf(truth.cnc, found ? [found.cnc] : accusedOwn.map(({ cnc }) => cnc)),
  }
}

/** Best place over the lists. `address:port` in the truth stands for any transport. */
function rankOf(truth: readonly string[], lists: readonly (readonly Endpoint[])[]): number | null {
  const known = new Set(truth)
  const places = lists
    .map((list) =>
      list.findIndex(({ address, port, protocol }) =>
        [`${address}:${port}/${protocol}`, `${address}:${port}`].some((text) => known.has(text)),
      ),
    )
    .filter((place) => place >= 0)
  return places.length === 0 ? null : Math.min(...places) + 1
}

function agreementOf(
  answer: Answer,
  bots: ReadonlyMap<string, TrueBotnet>,
  judges: (host: string) => boolean,
): number | null {
  const answered = new Map(
    answer.botnets.flatMap(({ id, hosts }) => hosts.filter(judges).map((host) => [host, id] as const)),
  )
  const hosts = [...new Set([...bots.keys(), ...answered.keys()])]
  if (hosts.length === 0) return null
  const label = (group: string | undefined, host: string) =>
    group === undefined ? `alone ${host}` : `in ${group}`
  return adjustedRand(
    hosts.map((host) => label(bots.get(host)?.id, host)),
    hosts.map((host) => label(answered.get(host), host)),
  )
}

function claimsOf({ findings }: Answer, ids: readonly string[]): string[] {
  return ids.map(
    (id) => findings.find((finding) => finding.id === id)?.claim ?? `finding ${id} is not in the answer`,
  )
}
