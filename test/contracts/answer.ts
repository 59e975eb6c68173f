/** What the schema cannot say of an answer: that its parts agree with each other. */
import type { AccusedHost, Answer, Botnet } from '../../src/model/answer.ts'
import type { Finding } from '../../src/model/finding.ts'
import { badness, worstFirst } from '../../src/model/rank.ts'

/** Everything that is wrong with `answer`, as sentences; empty when it keeps the contract. */
export function checkAnswer(answer: Answer): string[] {
  return [
    ...repeats(
      'finding',
      answer.findings.map(({ id }) => id),
    ),
    ...repeats(
      'botnet',
      answer.botnets.map(({ id }) => id),
    ),
    ...repeats(
      'host',
      answer.hosts.map(({ host }) => host),
    ),
    ...unsorted(
      'hosts',
      answer.hosts.map((host) => ({ ...host, id: host.host })),
    ),
    ...unsorted('findings', answer.findings),
    ...answer.hosts.flatMap((host) => hostFaults(host, answer)),
    ...answer.botnets.flatMap((botnet) => botnetFaults(botnet, answer)),
    ...answer.findings.flatMap((finding) => findingFaults(finding, answer)),
    ...unspeakable(answer, 'answer'),
  ]
}

function repeats(noun: string, ids: readonly string[]): string[] {
  return ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `${noun} ${id} is there twice`)
}

type Ranked = Parameters<typeof worstFirst>[0] & { readonly id: string }

function unsorted(list: string, items: readonly Ranked[]): string[] {
  return items.flatMap((item, i) => {
    const before = items[i - 1]
    return before && worstFirst(before, item) > 0
      ? [`${list}: ${item.id} is worse than ${before.id} before it`]
      : []
  })
}

function hostFaults(accused: AccusedHost, answer: Answer): string[] {
  const { host } = accused
  const faults = repeats(`${host}: finding`, accused.findings)
  if (accused.findings.length === 0) faults.push(`${host} is accused without a finding`)
  const about: Finding[] = []
  for (const id of accused.findings) {
    const finding = answer.findings.find((each) => each.id === id)
    if (!finding) faults.push(`${host}: there is no finding ${id}`)
    else if (!finding.hosts.includes(host)) faults.push(`${host}: finding ${id} is not about it`)
    else about.push(finding)
  }
  const kinds = new Set(about.map(({ kind }) => kind))
  for (const kind of accused.kinds) if (!kinds.has(kind)) faults.push(`${host}: no finding is a ${kind}`)
  for (const kind of kinds) if (!accused.kinds.includes(kind)) faults.push(`${host}: kinds lacks ${kind}`)
  if (about.some(({ severity }) => badness(severity) > badness(accused.severity))) {
    faults.push(`${host}: a finding is worse than ${accused.severity}`)
  }
  const botnet = answer.botnets.find(({ id }) => id === accused.botnet)
  if (accused.botnet !== null && !botnet) faults.push(`${host}: there is no botnet ${accused.botnet}`)
  if (botnet && !botnet.hosts.includes(host)) faults.push(`${host}: botnet ${botnet.id} does not list it`)
  return faults
}

function botnetFaults(botnet: Botnet, { hosts }: Answer): string[] {
  const faults = repeats(`botnet ${botnet.id}: host`, botnet.hosts)
  if (botnet.hosts.length === 0) faults.push(`botnet ${botnet.id} has no hosts`)
  for (const member of botnet.hosts) {
    const accused = hosts.find(({ host }) => host === member)
    if (!accused) faults.push(`botnet ${botnet.id}: ${member} is not in hosts`)
    else if (accused.botnet === null) faults.push(`botnet ${botnet.id}: ${member} is listed without a botnet`)
  }
  return faults
}

function findingFaults(finding: Finding, { hosts }: Answer): string[] {
  const { id } = finding
  const faults = repeats(`${id}: host`, finding.hosts)
  if (finding.hosts.length === 0) faults.push(`${id} accuses nobody`)
  if (finding.claim.trim() === '') faults.push(`${id} claims nothing`)
  if (finding.evidence.length === 0) faults.push(`${id} rests on nothing`)
  if (finding.doubts.length === 0) faults.push(`${id} has no doubts`)
  if (finding.from > finding.to) faults.push(`${id} ends before it starts`)
  for (const host of finding.hosts) {
    const accused = hosts.find((each) => each.host === host)
    if (!accused?.findings.includes(id)) faults.push(`${id}: ${host} is not in hosts with this finding`)
  }
  for (const evidence of finding.evidence) {
    const at = `${id}: ${evidence.kind}`
    if (evidence.flows.length > 10) faults.push(`${at} cites ${evidence.flows.length} flows; at most 10`)
    if (evidence.query.sql.trim() === '') faults.push(`${at} has no query`)
    if (evidence.kind === 'cross-plane' && evidence.scores.length !== finding.hosts.length) {
      faults.push(`${at} has ${evidence.scores.length} scores for ${finding.hosts.length} hosts`)
    }
  }
  return faults
}

/** Places of the numbers that JSON has no word for. */
function unspeakable(value: unknown, path: string): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => unspeakable(each, `${path}.${key}`))
}
