/**
 * Everything that is measured of one analysis, from its database: shares, curves, windows, and why each fault came
 * about.
 */
import type { Answer, Figures } from '../model/answer.ts'
import type { Truth } from '../model/truth.ts'
import { inside, parseNetworks } from '../store/networks.ts'
import { addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { curvesOf, type ScoredHost } from './curves.ts'
import { evaluate } from './evaluate.ts'
import type { WholeEvaluation } from './page.ts'
import { bestContacts, explained, reasonsOf, type Weighed } from './why.ts'
import { type Accusation, timed } from './windows.ts'

/** What an answer does not hold: the threshold of its contacts, and a baseline. */
export interface Lookup {
  /** Score from which a contact accused its host. */
  readonly contactThreshold: number
  /** RITA's best score of each host, and when. */
  readonly rita: ReadonlyMap<string, { readonly score: number; readonly from: number; readonly to: number }>
}

/** RITA 5 calls a pair of this beacon score of medium severity, in its shipped configuration. */
export const ritaLine = 0.7

/** The lines that an answer's analysis was held to. */
export const linesOf = ({ analysis }: Answer): { threshold: number } => ({
  threshold: Number(analysis.options['threshold'] ?? 0),
})

export async function evaluateWhole(
  store: Store,
  { answer, figures, truth, lookup }: { answer: Answer; figures: Figures; truth: Truth; lookup: Lookup },
): Promise<WholeEvaluation> {
  const evaluation = evaluate(answer, truth)
  const judged = await judgedHosts(store, answer, truth)
  const bots = new Set(truth.botnets.flatMap(({ hosts }) => hosts))
  const accused = new Map(answer.hosts.map(({ host, confidence }) => [host, confidence]))

  const best = bestContacts(answer)

  const ours = judged.map((host): ScoredHost => {
    const confidence = accused.get(host)
    const below = Math.min(0.999, best.get(host)?.score ?? 0)
    return {
      host,
      bot: bots.has(host),
      accused: confidence !== undefined,
      score: confidence === undefined ? below : 1 + confidence,
    }
  })

  const theirs = judged.map((host): ScoredHost => {
    const score = lookup.rita.get(host)?.score ?? 0
    return { host, bot: bots.has(host), accused: score >= ritaLine, score }
  })
  const byRita = [...lookup.rita].flatMap(([host, { score, from, to }]): Accusation[] =>
    score >= ritaLine ? [{ host, from, to }] : [],
  )

  const { misses, falseAlarms } = await explained(store, {
    answer,
    truth,
    misses: evaluation.misses,
    falseAlarms: evaluation.falseAlarms,
    weighed: { ...weighedOf(answer, figures), contacts: best, contactThreshold: lookup.contactThreshold },
  })

  return {
    evaluation,
    curves: curvesOf(ours),
    peerCurves: [{ name: `RITA at ${ritaLine}`, curves: curvesOf(theirs) }],
    timed: await timed(store, {
      answer,
      truth,
      judged,
      peers: [{ name: `RITA at ${ritaLine}`, accusations: byRita }],
    }),
    misses,
    falseAlarms,
    unjudged: evaluation.hosts.unjudged.map((host) => ({ host, reasons: reasonsOf(answer, host) })),
  }
}

function weighedOf(answer: Answer, { scores = [] }: Figures): Pick<Weighed, 'crossPlane' | 'crossPlaneLine'> {
  const crossPlane = new Map<string, number>()
  for (const { host, score } of scores) crossPlane.set(host, Math.max(score, crossPlane.get(host) ?? 0))
  return { crossPlane, crossPlaneLine: linesOf(answer).threshold }
}

/** Hosts that the truth speaks about and the records show as clients, and bots even where no record shows them. */
async function judgedHosts(store: Store, answer: Answer, truth: Truth): Promise<string[]> {
  const bots = truth.botnets.flatMap(({ hosts }) => hosts)
  if (truth.benign !== null) return [...new Set([...bots, ...truth.benign])]
  const networks = parseNetworks(truth.internal.length > 0 ? truth.internal : answer.analysis.internal)
  const rows = await store.rows<{ host: string }>(
    sql`SELECT DISTINCT ${addressText('client')} AS host FROM flow WHERE ${inside('client', networks)} ORDER BY host`,
  )
  return [...new Set([...bots, ...rows.map(({ host }) => host)])]
}
