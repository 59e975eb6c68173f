/** Hosts that call one server alike, though nothing else brings them together: a small botnet without activities. */

import type { Endpoint } from '../model/endpoint.ts'
import { type Evidence, isOfOneHost } from '../model/evidence.ts'
import { clampRatio, type Micros, micros } from '../model/units.ts'
import { sayEndpoint, sayList, sayMany } from '../model/words/say.ts'
import type { BotnetFinding } from './botnets.ts'
import { identify } from './identity.ts'

/** One member of such a group with the contact that accuses it. */
interface AlikeCaller {
  readonly host: string
  readonly confidence: number
  readonly calls: number
  readonly from: Micros
  readonly to: Micros
  readonly evidence: readonly Evidence[]
}

interface SharedContactFacts {
  readonly endpoint: Endpoint
  /** At least two. */
  readonly members: readonly AlikeCaller[]
  /** Internal hosts that call it at all. */
  readonly callers: number
}

/** Members whose evidence the finding carries. */
const mostShown = 2

/** The group as a finding. Its confidence is that of its weakest member: none is less sure for the others. */
export function sharedContactFinding({ endpoint, members, callers }: SharedContactFacts): BotnetFinding {
  const ranked = members.toSorted((a, b) => b.confidence - a.confidence || (a.host < b.host ? -1 : 1))
  const hosts = ranked.map(({ host }) => host)
  const confidence = Math.min(...ranked.map((each) => each.confidence))
  const calls = ranked.reduce((sum, each) => sum + each.calls, 0)

  return {
    endpoints: [{ ...endpoint, members: hosts, callers, flows: calls, rank: 1 }],
    topology: 'star',
    structure: null,
    activities: [],
    finding: {
      id: identify('f', [
        'shared-contact',
        hosts.toSorted(),
        endpoint.name ?? endpoint.address,
        endpoint.port,
      ]),
      kind: 'botnet',
      hosts,
      from: micros(Math.min(...ranked.map(({ from }) => from))),
      to: micros(Math.max(...ranked.map(({ to }) => to))),
      severity: confidence >= 0.9 ? 'high' : 'medium',
      confidence: clampRatio(Math.round(confidence * 1e3) / 1e3),
      claim: `${sayList(hosts)} contact ${sayEndpoint(endpoint)} in the same way; ${others(callers - hosts.length)}.`,
      cnc: [endpoint],
      rally: null,
      evidence: evidenceOf(ranked.slice(0, mostShown)),
      doubts: [
        'it is a program that only these machines have: an agent, a licence server, the cloud of a device',
        'it is one machine under several addresses',
      ],
    },
  }
}

const others = (count: number): string =>
  count <= 0
    ? 'no other host does'
    : `${sayMany(count, 'other host')} contact${count === 1 ? 's' : ''} it too`

/** Evidence about one host says which; how many hosts contact the server is the same for all. */
const evidenceOf = (members: readonly AlikeCaller[]): Evidence[] =>
  members.flatMap(({ host, evidence }, i) =>
    evidence
      .filter(({ kind }) => i === 0 || kind !== 'rarity')
      .map((each): Evidence => (isOfOneHost(each) ? { ...each, host } : each)),
  )
