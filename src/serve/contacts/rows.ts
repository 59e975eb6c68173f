/** Contacts of hosts with places outside, most suspect first. */

import { indicatorsBelow } from '../../findings/index.ts'
import type { Answer, Figures } from '../../model/answer.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { ContactsView, RankedRow } from './views.ts'

/** Every contact that the answer ranks; of an answer that ranks none, those in which a detector saw something. */
export function contactRows(
  answer: Answer,
  figures: Figures,
): { source: ContactsView['source']; rows: RankedRow[] } {
  // An answer of an older version has no list.
  const ranked = (answer as Partial<Answer>).contacts ?? []
  if (ranked.length === 0) return { source: 'indicators', rows: signRows(answer, figures) }

  const findingOf = new Map(
    answer.findings.flatMap(({ id, hosts, cnc }) =>
      cnc.flatMap((place) => hosts.map((host) => [keyOf(host, place), id] as const)),
    ),
  )
  const rows = ranked.map(({ host, address, port, protocol, name, score, reasons }) => ({
    host,
    address,
    port,
    protocol,
    name,
    score,
    rank: 0,
    reasons: reasons.filter(({ logOdds }) => logOdds >= leastSaid).map(({ description }) => description),
    finding: findingOf.get(keyOf(host, { address, port, protocol, name })) ?? null,
  }))
  // The list has an end; what a finding or a weaker indicator names belongs to it all the same.
  const listed = new Set(rows.map((each) => keyOf(each.host, each)))
  const missing = signRows(answer, figures).filter((each) => !listed.has(keyOf(each.host, each)))
  return {
    source: 'ranked',
    rows: [...rows, ...missing].toSorted((a, b) => b.score - a.score).map(numbered),
  }
}

/** Log odds under which a reason is not said: they would print as +0.0. */
const leastSaid = 0.05

const keyOf = (host: string, { address, port, protocol }: Endpoint): string =>
  `${host} ${address} ${port}/${protocol}`

const numbered = (row: RankedRow, i: number): RankedRow => ({ ...row, rank: i + 1 })

function signRows(answer: Answer, figures: Figures): RankedRow[] {
  const found = answer.findings.flatMap(({ id, kind, hosts, cnc, confidence, claim }) =>
    kind === 'threat-list' || kind === 'together'
      ? []
      : hosts.flatMap((host) =>
          cnc.map((place) => ({
            ...place,
            host,
            score: confidence as number,
            reasons: [`${kind}: ${claim}`],
            finding: id,
          })),
        ),
  )

  const weakIndicators = indicatorsBelow(answer, figures).flatMap(
    ({ host, kind, cnc, strength, description }) =>
      cnc.map((place) => ({
        ...place,
        host,
        score: strength,
        reasons: [`${kind}, under its threshold: ${description}`],
        finding: null,
      })),
  )

  const grouped = Map.groupBy([...found, ...weakIndicators], (each) => keyOf(each.host, each))

  const merged = [...grouped.values()].map((all) => {
    const best = all.reduce((most, each) => (each.score > most.score ? each : most))
    return {
      ...best,
      name: all.find(({ name }) => name !== null)?.name ?? null,
      reasons: [...new Set(all.flatMap(({ reasons }) => reasons))],
      finding: all.find(({ finding }) => finding !== null)?.finding ?? null,
      rank: 0,
    }
  })

  return merged.toSorted((a, b) => b.score - a.score || (a.host < b.host ? -1 : 1)).map(numbered)
}
