/** Contacts whose calls lie hours to weeks apart: as findings, as indicators under the line, and in the ranked list. */
import { beaconFinding, type DatedIndicator } from '../findings/index.ts'
import type { RankedContact } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding } from '../model/finding.ts'
import { clampRatio, micros } from '../model/units.ts'
import type { Contact } from '../traces/contacts/find.ts'
import { slowClaim, slowDoubts, slowEndpoint, slowEvidence, slowFacts } from '../traces/slow/evidence.ts'
import type { SlowContact } from '../traces/slow/find.ts'

/** Those that the contacts of the analysed time do not accuse already, under the same name or address. */
export function slowOnly(slow: readonly SlowContact[], accusing: readonly Contact[]): SlowContact[] {
  const known = new Set(
    accusing.flatMap(({ trace }) => [
      `${trace.client} ${trace.name}`,
      ...trace.servers.map((server) => `${trace.client} ${server}`),
    ]),
  )
  return slow.filter(
    ({ trace: { client, name, servers } }) =>
      !(name !== null && known.has(`${client} ${name}`)) &&
      !servers.some((server) => known.has(`${client} ${server}`)),
  )
}

export const slowFindings = (slow: readonly SlowContact[], threshold: number): Finding[] =>
  slow
    .filter(({ verdict }) => verdict.score >= threshold)
    .map((contact) => beaconFinding(slowFacts(contact, threshold)))

/** Score from which one under the line counts with other indicators. */
const weakest = 0.1

const slowIndicators = (slow: readonly SlowContact[], threshold: number): DatedIndicator[] =>
  slow
    .filter(({ verdict: { score } }) => score < threshold && score >= weakest)
    .map((contact) => {
      const { trace, verdict } = contact
      return {
        host: trace.client,
        kind: 'beacon',
        strength: verdict.score,
        description: slowClaim(contact).slice(trace.client.length + 1, -1),
        from: micros(trace.visits[0]! * 1e6),
        to: micros(trace.visits.at(-1)! * 1e6),
        cnc: [slowEndpoint(contact)],
        evidence: () => slowEvidence(contact, threshold),
        doubts: slowDoubts(contact),
      }
    })

/**
 * What the calls of the analysed time and the visits of all the time kept say of contacts under the line. Of a place
 * that both make suspect, the stronger says it; of one that visits accuse, neither.
 */
export function callingIndicators(
  ofCalls: readonly DatedIndicator[],
  slow: readonly SlowContact[],
  threshold: number,
): DatedIndicator[] {
  const place = ({ host, cnc: [end] }: DatedIndicator) => placeOf(host, end!)
  const ofVisits = slowIndicators(slow, threshold)
  const accused = slow.filter(({ verdict }) => verdict.score >= threshold)
  const strengths = new Map([
    ...accused.map((each) => [placeOf(each.trace.client, slowEndpoint(each)), 1] as const),
    ...ofVisits.map((each) => [place(each), each.strength] as const),
  ])
  const calls = ofCalls.filter((each) => !(each.strength <= (strengths.get(place(each)) ?? 0)))
  const said = new Set(calls.map(place))

  return [...calls, ...ofVisits.filter((each) => !said.has(place(each)))]
}

const placeOf = (host: string, { address, name, port, protocol }: Endpoint): string =>
  `${host} ${name ?? address} ${port} ${protocol}`

/** Without their rank, which is among the other contacts of their host. */
export const slowRanked = (
  slow: readonly SlowContact[],
  threshold: number,
): (Omit<RankedContact, 'rank'> & { readonly exact: number })[] =>
  slow.map((contact) => {
    const { trace, verdict } = contact
    return {
      host: trace.client,
      ...slowEndpoint(contact),
      score: clampRatio(Math.round(verdict.score * 1e3) / 1e3),
      exact: verdict.score,
      accused: verdict.score >= threshold,
      servers: trace.servers.length,
      calls: trace.visits.length,
      from: micros(trace.visits[0]! * 1e6),
      to: micros(trace.visits.at(-1)! * 1e6),
      reasons: verdict.reasons,
    }
  })
