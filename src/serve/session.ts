/** The newest analysis as the pages show it: read once, judged again when decisions change. */
import { stat } from 'node:fs/promises'
import {
  addDecisions,
  applyDecisions,
  type Judged,
  type NewDecision,
  newDecision,
  type OwnerOf,
  parseDecisions,
  readDecisions,
  removeDecision,
  warningsOf,
} from '../decisions/index.ts'
import { UserError } from '../errors.ts'
import { compare } from '../findings/index.ts'
import type { Answer } from '../model/answer.ts'
import type { Comparison } from '../model/review/comparison.ts'
import type { Decision } from '../model/review/decision.ts'
import { noFigures } from '../reports/format.ts'
import { analysesIn, answersBefore, lastAnswer } from '../store/analyses.ts'
import type { Store } from '../store/store.ts'
import { hostRows } from './hosts.ts'
import type { HostRow } from './views.ts'
import type { AdoptOutcome, DecisionOutcome } from './work-views.ts'

interface SessionOptions {
  readonly store: Store
  /** Where decisions are kept; null: they are refused. */
  readonly decisions: string | null
  /** Autonomous systems of addresses, by the databases of the analysis. */
  ownersFor(answer: Answer, decisions: readonly Decision[]): Promise<OwnerOf>
}

/** One state of what is shown. */
export interface Shown extends Judged {
  /** Changes with the analysis and with the decisions. */
  readonly revision: string
  readonly raw: Judged
  readonly decisions: readonly Decision[]
  readonly comparison: Comparison
  readonly rows: readonly HostRow[]
  readonly rowOf: ReadonlyMap<string, HostRow>
}

export interface Session {
  readonly store: Store
  readonly file: string | null
  shown(): Promise<Shown>
  /** Looks for a newer analysis now, and not a second later. */
  renew(): void
  comparison(back: number): Promise<Comparison>
  decide(given: NewDecision, force: boolean): Promise<DecisionOutcome>
  undo(id: string, author: string): Promise<DecisionOutcome>
  /** Adds the decisions of another file. @throws UserError decision-invalid; decision-warned unless `force`. */
  adopt(text: string, force: boolean): Promise<AdoptOutcome>
}

/** Analyses before the last two that are asked whether a finding was there once. */
const remembered = 5

/** Milliseconds for which the database is not asked again whether there is a newer analysis. */
const freshness = 1000

/** Milliseconds that a page waits for that: while an analysis runs, the engine may be busy for seconds. */
const patience = 100

interface Newest {
  readonly key: string
  readonly raw: Judged
  /** Answers before, newest first. */
  readonly earlier: readonly Answer[]
}

export function openSession({ store, decisions: file, ownersFor }: SessionOptions): Session {
  const newest = watchNewest(store)
  let current: Shown | null = null

  const shown = async (): Promise<Shown> => {
    const found = await newest.latest()
    const revision = `${found.key} ${file === null ? '' : await changedAt(file)}`
    if (current?.revision === revision && !hasExpired(current)) return current
    const decisions = file === null ? [] : await readDecisions(file)
    current = judged(found, decisions, { revision, ownerOf: await ownersFor(found.raw.answer, decisions) })
    return current
  }

  const changing = async (change: () => Promise<unknown>) => {
    const begun = performance.now()
    const before = accusedIn(await shown())
    await change()
    current = null
    const after = accusedIn(await shown())
    return {
      gone: [...before].filter((host) => !after.has(host)),
      back: [...after].filter((host) => !before.has(host)),
      milliseconds: Math.round(performance.now() - begun),
    }
  }

  return {
    store,
    file,
    shown,

    renew() {
      newest.renew()
      // Read before somebody asks: of many hosts it takes a while. Who asks is told what is wrong with it.
      shown().catch(() => {})
    },

    async comparison(back) {
      const { answer, decisions, comparison } = await shown()
      if (back === 1) return comparison
      const earlier = await answersBefore(store, { skip: back, most: remembered + 1 })
      return compared(answer, earlier, decisions, await ownersFor(answer, decisions))
    },

    async decide(given, force) {
      const path = fileNeeded(file)
      const { raw, decisions } = await shown()
      const decision = newDecision(given, new Date())
      const ownerOf = await ownersFor(raw.answer, [...decisions, decision])
      const warnings = warningsOf(raw, decisions, [decision], { ownerOf })
      if (!force) refuseWarned(warnings)
      return { decision, warnings, ...(await changing(() => addDecisions(path, [decision]))) }
    },

    async adopt(text, force) {
      const path = fileNeeded(file)
      const added = parseDecisions(text, 'the file')
      const { raw, decisions } = await shown()
      const ownerOf = await ownersFor(raw.answer, [...decisions, ...added])
      const warnings = warningsOf(raw, decisions, added, { ownerOf })
      if (!force) refuseWarned(warnings)
      return { added: added.length, warnings, ...(await changing(() => addDecisions(path, added))) }
    },

    async undo(id, author) {
      const path = fileNeeded(file)
      const decision = (await shown()).decisions.find((each) => each.id === id)
      if (!decision)
        throw new UserError(
          'decision-invalid',
          `there is no decision ${id}`,
          'Look at the list of decisions.',
        )
      return { decision, warnings: [], ...(await changing(() => removeDecision(path, id, author))) }
    },
  }
}

/** Looks for a newer analysis now and then. */
function watchNewest(store: Store) {
  let newest: Newest | null = null
  let looked = Number.NEGATIVE_INFINITY
  let looking: Promise<Newest> | null = null

  const look = (): Promise<Newest> => {
    const own = newestIn(store, newest).then((found) => {
      newest = found
      // Another look was asked for meanwhile where it is not this one: then this one may have come too early.
      if (looking === own) looked = performance.now()
      return found
    })

    const over = () => {
      if (looking === own) looking = null
    }
    own.then(over, over)
    return own
  }

  /** The newest analysis; what was newest a second ago, where the engine is too busy to say. */
  const latest = async (): Promise<Newest> => {
    if (newest !== null && performance.now() - looked <= freshness) return newest
    looking ??= look()
    if (newest === null || looked === Number.NEGATIVE_INFINITY) return looking
    const known = newest
    return Promise.race([looking, new Promise<Newest>((late) => setTimeout(() => late(known), patience))])
  }

  const renew = (): void => {
    looked = Number.NEGATIVE_INFINITY
    looking = null
  }

  return { latest, renew }
}

const accusedIn = ({ answer }: Shown): ReadonlySet<string> => new Set(answer.hosts.map(({ host }) => host))

/** The newest analysis; `known` where it is still that. @throws UserError nothing-to-analyse. */
async function newestIn(store: Store, known: Newest | null): Promise<Newest> {
  const [head] = await analysesIn(store, 1)
  const last = head ? `${head.analysis} ${head.made}` : null
  if (last !== null && known?.key === last) return known
  const raw = await lastAnswer(store)
  if (last !== null && raw)
    return { key: last, raw, earlier: await answersBefore(store, { skip: 1, most: remembered + 1 }) }
  throw new UserError(
    'nothing-to-analyse',
    `${store.where} has not been analysed`,
    'Run: gannet analyze --db FOLDER.',
  )
}

function compared(
  answer: Answer,
  earlier: readonly Answer[],
  decisions: readonly Decision[],
  ownerOf: OwnerOf,
): Comparison {
  const [before = null, ...older] = earlier.map(
    (each) => applyDecisions({ answer: each, figures: noFigures }, decisions, { ownerOf }).answer,
  )
  return compare(answer, before, older)
}

function judged(
  { raw, earlier }: Newest,
  decisions: readonly Decision[],
  { revision, ownerOf }: { readonly revision: string; readonly ownerOf: OwnerOf },
): Shown {
  const { answer, figures } = applyDecisions(raw, decisions, { ownerOf })
  const comparison = compared(answer, earlier, decisions, ownerOf)
  const rows = hostRows(answer, raw.answer, { comparison, figures })

  return {
    answer,
    figures,
    revision,
    raw,
    decisions,
    comparison,
    rows,
    rowOf: new Map(rows.map((each) => [each.host, each])),
  }
}

/** Whether a decision that was in force has expired since. */
const hasExpired = ({ answer }: Shown): boolean =>
  (answer.decided?.decisions ?? []).some(
    ({ expires }) => expires !== null && Date.parse(expires) <= Date.now(),
  )

/** When a file was written, to the nanosecond, and how long it is; empty where it is not there. */
async function changedAt(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found === null ? '' : `${found.mtimeNs} ${found.size}`
}

/** @throws UserError decision-warned where there is a warning. */
function refuseWarned(warnings: readonly string[]): void {
  if (warnings.length === 0) return
  throw new UserError('decision-warned', warnings.join('; '), 'If you mean it, decide all the same.')
}

function fileNeeded(file: string | null): string {
  if (file !== null) return file
  throw new UserError(
    'option-invalid',
    'no decisions file is given',
    'Start gannet serve with --decisions FILE.',
  )
}
