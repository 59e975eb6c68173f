import { scannedPortsOf } from '../activities/index.ts'
import { dropCplane } from '../cflows/index.ts'
import type { AnalysisOptions } from '../config.ts'
import { fillQueried } from '../dns/index.ts'
import { UserError } from '../errors.ts'
import { identify } from '../findings/index.ts'
import type { InputReport } from '../model/answer.ts'
import type { Networks, Scope } from '../model/networks.ts'
import { sayRejects } from '../model/words/rejects.ts'
import { sayList } from '../model/words/say.ts'
import { readAllowlist } from '../store/allowlist.ts'
import { forgetStages, keepAnswer } from '../store/analyses.ts'
import { epochsIn } from '../store/epochs.ts'
import { internalNetworks, withUnused } from '../store/internal.ts'
import { analysing } from '../store/ledger/turns.ts'
import type { Store } from '../store/store.ts'
import { hashesOf } from '../threats/index.ts'
import { findContacts } from '../traces/contacts/find.ts'
import { findFamilies } from '../traces/families/families.ts'
import { lineIn, type ModelFolder, readModels } from '../traces/families/model-files.ts'
import { findSlow } from '../traces/slow/find.ts'
import { answerOf } from './answer.ts'
import { channelsIn } from './channels.ts'
import {
  type Analysed,
  type Context,
  type EpochResult,
  noNames,
  type StageResults,
  type Work,
  wholeOf,
} from './context.ts'
import { namesOf } from './dns.ts'
import { analyseEpoch } from './epoch.ts'
import { openKnowledge } from './knowledge.ts'
import { identifyMachines } from './machines.ts'
import { surveyEpochs } from './survey.ts'
import { threatsIn } from './threats.ts'
import { together } from './together.ts'

/**
 * Analyses everything in the database, or the last of it (`options.last`), and keeps the answer there. Another analysis
 * of this process is waited for.
 * @throws UserError nothing-to-analyse when it holds no record; option-invalid; list-invalid.
 */
export const analyse = (store: Store, options: AnalysisOptions, context: Context): Promise<Analysed> =>
  analysing(store, () => analyseNow(store, options, context))

async function analyseNow(store: Store, options: AnalysisOptions, context: Context): Promise<Analysed> {
  const epochs = await epochsIn(store, options.epochHours, options.last)
  if (epochs.length === 0) throw nothingToAnalyse(store, context.inputs)
  const internal = await internalNetworks(store, options.internal)
  const models = options.models === null ? null : await readModels(options.models)
  const work = await begin(store, options, { context, models })

  const movers = await identifyMachines(store)
  const networks = await usedNetworks(work, internal.networks)
  context.progress('dns', 0)
  await fillQueried(store, since(options, epochs))

  // C-plane, A-plane and their correlation, epoch by epoch.
  const results: EpochResult[] = []
  const scopes = epochs.map(
    ({ from, to }, number): Scope => ({ epoch: number, from, to, internal: networks }),
  )
  const surveyed = await surveyEpochs(work, scopes)
  for (const scope of scopes) {
    const progress: Context['progress'] = (stage, share) =>
      context.progress(stage, (0.9 * (scope.epoch + share)) / epochs.length)
    results.push(await analyseEpoch(work, scope, surveyed(scope), progress))
  }
  await dropCplane(store, work.id)
  const whole = wholeOf(scopes)

  // Hosts are judged in JavaScript: the statements of the rest wait for that, not the other way round.
  const judging = Promise.withResolvers<void>()
  const found = { scopes, results, models, internal: internal.networks, whenJudging: judging.resolve }
  const [single, named] = await together(work, [
    () => singleHosts(work, found).finally(judging.resolve),
    async () => {
      await judging.promise
      return namedIn(work, found)
    },
  ])

  context.progress('findings', 0.97)
  const stages = { results, ...single, ...named, models, internal, context, whole }
  const analysed = await answerOf(work, { ...stages, movers })
  await keepAnswer(store, analysed.answer, analysed.figures)
  return analysed
}

/** With what no record uses, where that is not to be looked for in far more records than are analysed. */
const usedNetworks = ({ store, options, context }: Work, networks: Networks): Promise<Networks> =>
  options.last === undefined ? withUnused(store, networks, context) : Promise.resolve(networks)

interface Found {
  readonly scopes: readonly Scope[]
  readonly results: readonly EpochResult[]
}

interface Judging {
  readonly models: ModelFolder | null
  /** As they are of any records: hourly aggregates outlive records. */
  readonly internal: Networks
  /** Called when the records of hosts are read. */
  readonly whenJudging: () => void
}

/** Single hosts, over all epochs: what they contact, how, and whether it is as malware of a family would. */
async function singleHosts(
  { store, options, id, allow, context }: Work,
  { scopes, results, models, internal, whenJudging }: Found & Judging,
): Promise<Pick<StageResults, 'contacts' | 'slow' | 'families'>> {
  context.progress('traces', 0.9)
  const whole = wholeOf(scopes)
  const contacts = options.beacons
    ? await findContacts(store, whole, {
        analysis: id,
        allow,
        whenJudging,
        scanned: scannedPortsOf(results.flatMap(({ activities }) => activities)),
      })
    : []

  const isSlowFound = options.beacons && options.mode !== 'paper'
  const slow = isSlowFound ? await findSlow(store, { ...whole, internal }, { allow }) : []
  const families = models ? await findFamilies(store, scopes, models.models, lineIn(models, options)) : []
  return { contacts, slow, families }
}

/** What lists, names and channels show, over all epochs. */
async function namedIn(
  work: Work,
  { scopes, results }: Found,
): Promise<Pick<StageResults, 'threats' | 'names' | 'channels'>> {
  work.context.progress('threats', 0.95)
  const whole = wholeOf(scopes)
  return {
    threats: await threatsIn(work, scopes),
    names: work.options.names ? await namesOf(work, whole, results) : noNames,
    channels: await channelsIn(work, whole),
  }
}

/** Where the records begin that are analysed: nowhere, without `last`. */
const since = (
  { last }: AnalysisOptions,
  [first]: readonly { readonly from: number }[],
): { from?: number } => (last === undefined || first === undefined ? {} : { from: first.from })

interface Beginning {
  readonly context: Context
  readonly models: ModelFolder | null
}

/** Names the analysis by all that decides its answer, and removes what an interrupted one of that name left. */
async function begin(store: Store, options: AnalysisOptions, { context, models }: Beginning): Promise<Work> {
  const inputs = context.inputs.map(({ sha256 }) => sha256).toSorted()
  const lists = await hashesOf(options.threats)
  const id = identify('a', [inputs, options, models?.hashes, ...(lists.length > 0 ? [lists] : [])])
  const allow = await readAllowlist(options.allow)
  const places = await openKnowledge(options)

  await forgetStages(store, id)
  return { store, options, id, allow, places, context }
}

/** Inputs of which every record was left out are named, with what they held. */
function nothingToAnalyse(store: Store, inputs: readonly InputReport[]): UserError {
  const none = 'nothing-to-analyse'
  if (inputs.length === 0) {
    const hint = 'Import some first: gannet import FILE --db FOLDER.'
    return new UserError(none, `there are no records in ${store.where}`, hint)
  }

  const held = inputs.map(({ name, rejects }) => {
    const left = Object.entries(rejects)
    return `${name} (${left.length > 0 ? `left out: ${sayRejects(left)}` : 'empty'})`
  })
  return new UserError(
    none,
    `there is no record to analyse in ${sayList(held, 3)}`,
    'Give records of traffic: packets, flows, or logs such as conn.log and dns.log.',
  )
}
