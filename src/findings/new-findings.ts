import type { Answer } from '../model/answer.ts'
import { worstFirst } from '../model/rank.ts'
import { accusedHosts } from './hosts.ts'

/**
 * The part of an answer that an earlier one did not have: findings by id, and the hosts that these accuse. A botnet
 * is listed when all its members are accused anew, so that the rest keeps the contract of a whole answer. The verdict
 * on a host stays that of all its findings, and so does its severity.
 */
export function newFindingsIn(answer: Answer, before: Answer | null): Answer {
  const known = new Set(before?.findings.map(({ id }) => id))
  const findings = answer.findings.filter(({ id }) => !known.has(id))
  const accused = new Set(findings.flatMap(({ hosts }) => hosts))
  const botnets = answer.botnets.filter(({ hosts }) => hosts.every((host) => accused.has(host)))
  const verdicts = new Map(answer.hosts.map((verdict) => [verdict.host, verdict]))
  const hosts = accusedHosts(findings, { botnets, verdicts, contacts: answer.contacts })
    .map((each) => ({ ...each, severity: verdicts.get(each.host)?.severity ?? each.severity }))
    .sort(worstFirst)
  return { ...answer, findings, botnets, hosts, suspects: [] }
}
