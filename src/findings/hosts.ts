/** Findings gathered by host and by botnet: the ranked list of the accused. */
import type { AccusedHost, Botnet } from '../model/answer.ts'
import type { Endpoint, Finding } from '../model/finding.ts'
import { badness, worstFirst } from '../model/rank.ts'
import { clampRatio } from '../model/units.ts'

/**
 * Every accused host, worst first. Its confidence is that at least one of its findings is right, taking kinds as
 * independent and findings of one kind as the same evidence: more evidence never lowers it.
 */
export function accusedHosts(findings: readonly Finding[], botnets: readonly Botnet[]): AccusedHost[] {
  const byHost = new Map<string, Finding[]>()
  for (const finding of findings) {
    for (const host of finding.hosts) byHost.set(host, [...(byHost.get(host) ?? []), finding])
  }
  return [...byHost].map(([host, about]) => accusedHost(host, about, botnets)).sort(byRank)
}

const byRank = (a: AccusedHost, b: AccusedHost) => worstFirst(a, b) || (a.host < b.host ? -1 : 1)

function accusedHost(host: string, about: readonly Finding[], botnets: readonly Botnet[]): AccusedHost {
  const ranked = about.toSorted((a, b) => worstFirst(a, b) || (a.id < b.id ? -1 : 1))
  const best = new Map<string, number>()
  for (const { kind, confidence } of ranked) best.set(kind, Math.max(best.get(kind) ?? 0, confidence))
  const doubt = [...best.values()].reduce((product, confidence) => product * (1 - confidence), 1)
  return {
    host,
    confidence: clampRatio(Math.round(1e3 * (1 - doubt)) / 1e3),
    severity: ranked.reduce(
      (worst, { severity }) => (badness(severity) > badness(worst) ? severity : worst),
      ranked[0]!.severity,
    ),
    kinds: [...new Set(ranked.map(({ kind }) => kind))],
    botnet: botnets.find(({ hosts }) => hosts.includes(host))?.id ?? null,
    cnc: distinctEndpoints(ranked.flatMap(({ cnc }) => cnc)),
    findings: ranked.map(({ id }) => id),
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

/** The order in which findings are told. */
export const rankedFindings = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => worstFirst(a, b) || b.hosts.length - a.hosts.length || (a.id < b.id ? -1 : 1))
