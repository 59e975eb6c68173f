/**
 * Wildcard campaigns: `*.domain` answers for labels that each stand for one victim, as in spam and phishing.
 *
 * Labels asked once, by one client each, all with the same few answers and hardly a failure. A generator's names fail,
 * a tunnel's carry much and are many a client, content networks and telemetry ask the same label again and again.
 */
import { addressText, float, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { rowsOfParts, type Span } from './partitions.ts'

interface WildcardFacts {
  readonly registered: string
  readonly clients: readonly string[]
  readonly clientCount: number
  readonly queries: number
  readonly names: number
  /** Pairs of a client and a name. */
  readonly pairs: number
  readonly failed: number
  /** Distinct sets of answers. */
  readonly answerSets: number
  readonly answered: number
  readonly payload: number
  readonly entropy: number
  readonly first: number
  readonly last: number
}

export interface Wildcard extends WildcardFacts {
  readonly confidence: number
}

const wildcardLines = {
  /** A label a host is enough: campaigns reach few readers of one network. */
  leastNames: 10,
  leastClients: 10,
  /** Names over questions. */
  leastFresh: 0.6,
  /** Clients a name: one, but for a shared link. */
  mostSharing: 1.1,
  mostNamesOfClient: 5,
  mostFailed: 0.05,
  mostAnswerSets: 4,
  leastPayload: 8,
  leastEntropy: 2.5,
} as const

export async function wildcardsIn(store: Store, span: Span): Promise<Wildcard[]> {
  const { leastNames, leastClients, leastPayload, leastEntropy, mostFailed } = wildcardLines

  const facts = await rowsOfParts<WildcardFacts>(
    store,
    span,
    leastNames,
    // The inner statement leaves out with small states what `wildcardOf` would.
    (asked) => sql`
    SELECT registered,
      arrayMap(x -> ${addressText('x')}, arraySlice(arraySort(groupUniqArray(client)), 1, 200)) AS clients,
      toFloat64(uniqExact(client)) AS clientCount,
      toFloat64(count()) AS queries, toFloat64(uniqCombined64(20)(query)) AS names,
        toFloat64(uniqCombined64(20)(client, query)) AS pairs,
      toFloat64(countIf(responseCode = 'NXDOMAIN')) AS failed,
      toFloat64(uniqCombined64If(20)(arraySort(answers), notEmpty(answers))) AS answerSets,
        toFloat64(countIf(notEmpty(answers))) AS answered,
      avg(asked.payload) AS payload, avg(toInt64(round(asked.entropy * 1e3))) / 1e3 AS entropy,
      toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM ${asked} AS asked WHERE queryType IN ('A', 'AAAA', '') AND registered IN (
      SELECT registered FROM ${asked} AS every WHERE queryType IN ('A', 'AAAA', '') GROUP BY registered
      HAVING count() >= ${leastNames} AND uniqUpTo(${raw(String(leastClients - 1))})(client) >= ${leastClients}
        AND avg(every.payload) >= ${leastPayload} AND avg(every.entropy) >= ${float(leastEntropy)}
        AND countIf(responseCode = 'NXDOMAIN') <= ${mostFailed} * count())
    GROUP BY registered HAVING names >= ${leastNames} AND clientCount >= ${leastClients}`,
  )

  return facts.flatMap((each) => wildcardOf(each) ?? [])
}

function wildcardOf(facts: WildcardFacts): Wildcard | null {
  const lines = wildcardLines
  const { queries, names, pairs, clientCount } = facts
  const labels =
    names >= lines.leastNames && facts.payload >= lines.leastPayload && facts.entropy >= lines.leastEntropy
  const spread = clientCount >= lines.leastClients && names <= lines.mostNamesOfClient * clientCount
  const once = names >= lines.leastFresh * queries && pairs <= lines.mostSharing * names
  const same =
    facts.answered >= 0.5 * queries && facts.answerSets <= Math.min(lines.mostAnswerSets, 0.2 * names)
  if (!(labels && spread && once && same) || facts.failed > lines.mostFailed * queries) return null
  return { ...facts, confidence: 0.5 + 0.3 * Math.min(1, Math.log10(names / lines.leastNames)) }
}
