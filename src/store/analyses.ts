/** Analyses and their answers, kept so that findings can be read again and compared. */

import { type Activity, activityColumns } from '../model/activity.ts'
import type { Answer, Figures } from '../model/answer.ts'
import { cclusterColumns } from '../model/ccluster.ts'
import { cflowColumns } from '../model/cflow.ts'
import { oneChunk } from './chunk.ts'
import { integers, sql } from './sql.ts'
import type { Store } from './store.ts'
import { encoder } from './tsv.ts'

/** Tables that hold what one analysis made on its way, a partition each. */
const stageTables = {
  cflow: cflowColumns,
  ccluster: cclusterColumns,
  activity: activityColumns,
} as const

/** Removes what earlier analyses made on their way; their answers stay. */
export async function forgetStages(store: Store, analysis: string): Promise<void> {
  const before = store.isUnmade?.('analysis')
    ? []
    : await store.rows<{ analysis: string }>(sql`SELECT DISTINCT analysis FROM analysis`)
  const ids = new Set([analysis, ...(store.kind === 'embedded' ? before.map((row) => row.analysis) : [])])
  for (const table of Object.keys(stageTables)) {
    for (const id of ids) await store.alter(table, sql`DROP PARTITION ${id}`)
  }
}

/** Keeps the activities of an analysis. */
export async function keepActivities(
  store: Store,
  analysis: string,
  activities: readonly Activity[],
): Promise<void> {
  if (activities.length === 0) return
  const columns = { analysis: { kind: 'text', doc: '' }, ...activityColumns } as const
  const names = Object.keys(columns)
  const encode = encoder(columns, names)
  await store.insert('activity', names, oneChunk(encode(activities.map((each) => ({ ...each, analysis })))))
}

/** Keeps the answer of an analysis, with its figures. */
export async function keepAnswer(store: Store, answer: Answer, figures: Figures): Promise<void> {
  const columns = {
    analysis: { kind: 'text', doc: '' },
    made: { kind: 'time', doc: '' },
    version: { kind: 'word', doc: '' },
    answer: { kind: 'text', doc: '' },
    figures: { kind: 'text', doc: '' },
  } as const

  const names = Object.keys(columns)

  // The newest is the one that came last, though the clock went back.
  const [newest] = await analysesIn(store, 1)
  const row = {
    analysis: answer.analysis.id,
    made: Math.max(Date.now() * 1000, (newest?.made ?? 0) + 1),
    version: answer.version,
    answer: JSON.stringify(answer),
    figures: JSON.stringify(figures),
  }

  await store.insert('analysis', names, oneChunk(encoder(columns, names)([row])))
}

/** The newest answer, or the one `back` analyses before it; null where there is none. */
export async function lastAnswer(
  store: Store,
  { back = 0 }: { back?: number } = {},
): Promise<{ answer: Answer; figures: Figures } | null> {
  // By column: as rows the texts would be escaped, and read, twice.
  const { answer = [], figures = [] } = await store.columns(
    sql`SELECT answer, figures FROM analysis ORDER BY made DESC LIMIT 1 OFFSET ${back}`,
  )
  return answer.length > 0
    ? { answer: JSON.parse(String(answer[0])) as Answer, figures: JSON.parse(String(figures[0])) as Figures }
    : null
}

/** What an earlier analysis said of hosts. */
export interface SaidBefore {
  /** Microseconds: the time that it read. */
  readonly from: number
  readonly to: number
  readonly findings: Answer['findings']
  readonly weakIndicators: NonNullable<Figures['weakIndicators']>
}

/** Newest analyses that are read for each day that is asked for, beside the last one of each day of the clock. */
const analysesOfDay = 4

/**
 * What the last analysis of each day of the records said; of at most so many days, the newest last.
 *
 * A service makes an analysis or more on each day; who reads in a month of logs makes all of them on one. So the last
 * analysis of each day of the clock is looked at, and some of the newest: no more, since answers are long and many.
 */
export async function saidByDay(store: Store, days: number): Promise<SaidBefore[]> {
  const newest = await analysesIn(store, analysesOfDay * days)
  const last = await store.rows<{ latest: number }>(sql`
    SELECT toFloat64(max(made)) AS latest FROM analysis GROUP BY intDiv(made, 86400000000) AS day
    ORDER BY day DESC LIMIT ${days}`)
  const asked = [...new Set([...newest.map(({ made }) => made), ...last.map(({ latest }) => latest)])]

  const {
    time = [],
    findings = [],
    weak = [],
  } = await store.columns(sql`
    SELECT JSONExtractRaw(last.1, 'analysis') AS time, JSONExtractRaw(last.1, 'findings') AS findings,
      JSONExtractRaw(last.2, 'weakIndicators') AS weak
    FROM (
      SELECT intDiv(JSONExtractInt(answer, 'analysis', 'to'), 86400000000) AS day,
        argMax((answer, figures), made) AS last
      FROM analysis WHERE made IN ${integers(asked)} GROUP BY day ORDER BY day DESC LIMIT ${days})
    ORDER BY day`)

  return Array.from(time, (each, i) => {
    const { from, to } = JSON.parse(String(each)) as Answer['analysis']
    return {
      from: from ?? 0,
      to: to ?? 0,
      findings: JSON.parse(String(findings[i])),
      weakIndicators: JSON.parse(String(weak[i]) || '[]'),
    }
  })
}

/** An analysis that was kept. */
interface KeptAnalysis {
  readonly analysis: string
  /** When, in microseconds since 1970. */
  readonly made: number
  readonly version: string
}

/** Every analysis that was kept, newest first; at most `most`. */
export const analysesIn = (store: Store, most = 1000): Promise<KeptAnalysis[]> =>
  store.rows<KeptAnalysis>(
    sql`SELECT analysis, toFloat64(made) AS made, version FROM analysis ORDER BY made DESC LIMIT ${most}`,
  )

/** Answers from the `skip`th newest on, newest first; at most `most`. */
export async function answersBefore(
  store: Store,
  { skip, most }: { readonly skip: number; readonly most: number },
): Promise<Answer[]> {
  const { answer = [] } = await store.columns(
    sql`SELECT answer FROM analysis ORDER BY made DESC LIMIT ${most} OFFSET ${skip}`,
  )
  return Array.from(answer, (text) => JSON.parse(String(text)) as Answer)
}
