/** The component of `gannet monitor` that analyses and alerts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { analysesIn, lastAnswer } from '../../store/analyses.ts'
import { ledger } from '../../store/ledger.ts'
import type { Store } from '../../store/store.ts'
import { alertChanges, changesIn } from '../commands/diff.ts'
import { writeReports } from '../commands/run.ts'
import { decided } from '../decided.ts'
import { optionsOf, type Place } from '../flags.ts'
import { analyseBeside } from '../work-beside.ts'
import type { MonitorConfig } from './config.ts'
import type { Log } from './log.ts'
import type { Monitored, MonitorState } from './state.ts'
import type { Component } from './supervise.ts'

/** Milliseconds between two looks at the ledger. */
const look = 5000

/**
 * Analyses when there is something new and the time between two has passed, or at once when it is asked for. An
 * analysis that takes longer than that delays the next; two never run at once.
 */
export const analysing = (
  flags: MonitorConfig['analyze'],
  place: Place,
  { store, state, log }: Monitored,
): Component => ({
  name: 'analyze',
  run: async (signal, running) => {
    const options = optionsOf(flags)
    state.answer ??= (await lastAnswer(store))?.answer ?? null
    let alerted = await alertFor(store, flags, { log, alerted: null })
    let before = (await isAnalysed(store)) ? await publishedIn(store) : nothing
    let due = performance.now()
    let { asked } = state
    running()

    while (!signal.aborted) {
      const published = await publishedIn(store)
      await readLedger(store, state)
      // An analysis may have been started from the pages.
      alerted = await alertFor(store, flags, { log, alerted })

      const isDue = asked.signal.aborted || (published !== before && performance.now() >= due)
      asked = state.asked

      if (isDue && published !== nothing) {
        due = performance.now() + flags.every / 1000
        alerted = await analyseOnce(store, options, { flags, place, state, log, alerted })
        before = published
      }

      const next = Math.min(look, flags.every / 1000)
      await sleep(next, undefined, { signal: AbortSignal.any([signal, asked.signal]) }).catch(() => {})
    }
  },
})

/** Whether the newest analysis has seen every input. */
async function isAnalysed(store: Store): Promise<boolean> {
  const last = await lastAnswer(store)
  const seen = new Set(last?.answer.inputs.map(({ sha256 }) => sha256))
  return (await ledger(store)).every(({ sha256 }) => seen.has(sha256))
}

/** What `publishedIn` gives where nothing was ever published. */
const nothing = '0'

/**
 * Differs when a load was published, which need not be the one with the greatest number: that says when it was begun.
 * The same when loads are removed.
 */
async function publishedIn(store: Store): Promise<string> {
  const [row] = await store.rows<{ print: string }>(
    `SELECT toString(groupBitXor(cityHash64(load))) AS print
     FROM (SELECT load FROM ledger UNION DISTINCT SELECT load FROM removed)`,
  )
  return row?.print ?? nothing
}

async function readLedger(store: Store, state: MonitorState): Promise<void> {
  const [row] = await store.rows<{ inputs: number; newest: number }>(
    'SELECT toFloat64(count()) AS inputs, toFloat64(ifNull(max(lastStart), 0)) AS newest FROM ledger',
  )
  state.inputs = row?.inputs ?? 0
  state.newest = row?.newest ?? 0
}

interface Analysing {
  readonly flags: MonitorConfig['analyze']
  readonly place: Place
  readonly state: MonitorState
  readonly log: Log
  /** When the analysis that was alerted on last was made; null: not known. */
  readonly alerted: number | null
}

/** Analyses, alerts and writes reports; gives when the analysis that was alerted on last was made. */
async function analyseOnce(
  store: Store,
  options: ReturnType<typeof optionsOf>,
  { flags, place, state, log, alerted }: Analysing,
): Promise<number | null> {
  const stages = new Map<string, number>()
  let [stage, since] = ['', performance.now()]
  const progress = (next: string) => {
    const now = performance.now()
    if (stage !== '') stages.set(stage, (stages.get(stage) ?? 0) + (now - since) / 1000)
    ;[stage, since] = [next, now]
  }

  const begun = performance.now()
  const found = await analyseBeside(store, place, options, progress).catch((error: unknown) => {
    if (error instanceof UserError && error.code === 'nothing-to-analyse') return null
    throw error
  })
  if (!found) return alerted
  progress('')

  const judged = await decided(found, flags)
  state.answer = judged.answer
  state.stages = stages
  state.analyses++
  state.analysed = Date.now()
  const { findings, hosts } = judged.answer
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(1))
  log.info('analyze', 'analysed', { seconds, findings: findings.length, hosts: hosts.length })

  // First: a report that cannot be written keeps no alert back.
  const newest = await alertFor(store, flags, { log, alerted })
  await writeReports(judged, flags)
  return newest
}

/** Analyses that are looked back on for the one that was alerted on last. */
const mostBack = 100

/**
 * Alerts on what the newest analysis has and the one that was alerted on last had not, whoever began those between;
 * where that one is not known, the one before the newest. What was given before is not given again. Gives when the
 * newest was made.
 */
async function alertFor(
  store: Store,
  flags: MonitorConfig['analyze'],
  { log, alerted }: Pick<Analysing, 'log' | 'alerted'>,
): Promise<number | null> {
  if (!flags.alert) return null
  const made = (await analysesIn(store, mostBack)).map((each) => each.made)
  const [newest] = made
  if (newest === undefined || newest === alerted) return alerted

  const back = alerted === null ? 1 : Math.max(1, made.indexOf(alerted))
  const delivered = await alertChanges(await changesIn(store, flags, back), flags)
  if (delivered) log.info('analyze', 'alerts', { ...delivered })
  return newest
}
