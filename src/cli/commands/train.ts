/** The commands that write models and their calibration: train, calibrate. */

import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import { UserError } from '../../errors.ts'
import type { InputReport } from '../../model/answer.ts'
import { sayMany, sayNumber } from '../../model/words/say.ts'
import { writeOutput } from '../../output.ts'
import { plainJson } from '../../reports/plain-json.ts'
import type { Store } from '../../store/store.ts'
import { extentOf } from '../../traces/beacons/find.ts'
import { calibrationLine } from '../../traces/families/calibrate.ts'
import { familyScores } from '../../traces/families/families.ts'
import { type FamilyModel, type Made, writeModel } from '../../traces/families/family-model.ts'
import { matchDefaults } from '../../traces/families/match.ts'
import { calibrationFile, readModels } from '../../traces/families/model-files.ts'
import { modelText } from '../../traces/families/model-text.ts'
import { trainFamily } from '../../traces/families/train.ts'
import { featuresOf } from '../../traces/features.ts'
import { withDatabase, withTemporaryDatabase } from '../database.ts'
import { decided } from '../decided.ts'
import type { DecisionsFlags, ImportFlags } from '../flags.ts'
import {
  atLeastOne,
  collect,
  databaseOptions,
  decisionsOption,
  importOptions,
  networks,
  notNegative,
} from '../options.ts'
import { benignServers, type SampleFlags, samplesOf, wholeOf } from '../samples.ts'
import { print } from '../say.ts'
import { version } from '../version.ts'
import { answerIn } from './results.ts'
import { importAll, inputsOf } from './run.ts'

/** What says which traces of the samples' records are the bot's. */
export const sampleOptions = (command: Command): Command =>
  importOptions(command)
    .option(
      '--internal <networks>',
      'networks of the infected hosts, as CIDR; comma-separated or repeated',
      networks,
    )
    .option('--allow <files>', 'allowlists of destinations that do not belong to the bot', collect)
    .addOption(
      new Option('--min-calls <n>', 'minimum calls per trace').choices(['4', '10', '20', '50']).default('10'),
    )

/** As commander gives them: choices are texts. */
export interface ModelFlags extends ImportFlags {
  readonly internal?: string[]
  readonly allow?: string[]
  readonly minCalls: string
}

export const sampleFlags = <F extends ModelFlags>(flags: F) => ({
  ...flags,
  minCalls: Number(flags.minCalls),
})

export function madeOf(
  inputs: readonly InputReport[],
  { internal = [], allow = [], cnc = [] }: Partial<SampleFlags>,
): Made {
  return {
    version,
    at: new Date().toISOString(),
    inputs: inputs.map(({ name, sha256 }) => ({ name, sha256 })),
    options: { internal, allow, cnc },
  }
}

interface TrainFlags extends ModelFlags {
  readonly family: string
  readonly from: string[]
  readonly benign?: string[]
  readonly cnc?: string[]
  readonly out: string
}

export const training = (program: Command) => {
  const command = program
    .command('train')
    .description('train a model of a bot family on records of samples')
    .requiredOption('--family <name>', 'name of the family')
    .requiredOption('--from <input...>', 'records of samples: files or directories in any input format')
    .requiredOption('--out <file>', 'where to write the model, such as models/NAME.json')
    .option('--benign <input...>', 'records of clean hosts; their services are left out of the model')
    .option('--cnc <address>', 'use only traces to this address or address:port; repeatable', collect)
  sampleOptions(command).action(async (given: TrainFlags) => {
    const model = await trained(given)
    await mkdir(dirname(given.out), { recursive: true })
    await writeOutput(given.out, writeModel(model))
    print(`wrote ${given.out}\n\n${modelText(model)}`)
  })
}

async function trained(given: TrainFlags): Promise<FamilyModel> {
  const flags = sampleFlags(given)
  const benign = await benignServers(given.benign ?? [], flags)
  const { traces, given: count, inputs } = await samplesOf(given.from, flags, benign)
  return trainFamily({
    family: given.family,
    from: given.from,
    given: count,
    minCalls: flags.minCalls,
    features: traces.map((trace) => featuresOf(trace)),
    made: madeOf(inputs, flags),
  })
}

interface CalibrateFlags extends ImportFlags, DecisionsFlags {
  readonly models: string
  readonly clean?: string[]
  readonly decided?: boolean
  readonly perDay: number
  readonly minHits: number
  readonly floor: number
  readonly internal?: string[]
}

export const calibrating = (program: Command) => {
  const command = program
    .command('calibrate')
    .description('set the threshold of a folder of models on clean traffic')
    .requiredOption('--models <folder>', 'the models; calibration.json is written beside them')
    .option('--clean <input...>', 'records without bots, of the network that is to be watched')
    .option(
      '--decided',
      'take the records of --db instead, without hosts that are confirmed, or accused and not allowed',
    )
    .requiredOption('--per-day <n>', 'tolerable false alarms per day', notNegative)
    .option('--min-hits <n>', 'minimum features that a match hits', atLeastOne, matchDefaults.minHits)
    .option('--floor <score>', 'lowest threshold that the clean traffic may set', notNegative, 1.7)
    .option('--internal <networks>', 'networks whose hosts are judged', networks)

  decisionsOption(databaseOptions(command))
  importOptions(command).action(async (flags: CalibrateFlags) => {
    if ((flags.decided ?? false) === (flags.clean !== undefined))
      throw new UserError(
        'option-invalid',
        'give one kind of clean traffic',
        'Give --clean INPUT, or --decided --db FOLDER.',
      )
    if (flags.decided)
      return withDatabase(flags, { mustExist: true }, async (store) =>
        calibrate(store, flags, { inputs: await inputsOf(store), left: await dubiousHosts(store, flags) }),
      )
    return withTemporaryDatabase(async (store) => {
      const { inputs } = await importAll(store, flags.clean ?? [], flags)
      await calibrate(store, flags, { inputs, left: new Set() })
    })
  })
}

/** Hosts whose traffic may not be clean: confirmed ones, and those that are accused with the decisions. */
async function dubiousHosts(store: Store, flags: CalibrateFlags): Promise<ReadonlySet<string>> {
  const { answer } = await decided(await answerIn(store), flags)
  return new Set([...answer.hosts, ...(answer.decided?.confirmed ?? [])].map(({ host }) => host))
}

interface CleanGround {
  readonly inputs: readonly InputReport[]
  /** Hosts that are left out. */
  readonly left: ReadonlySet<string>
}

async function calibrate(store: Store, flags: CalibrateFlags, { inputs, left }: CleanGround): Promise<void> {
  const { models, hashes } = await readModels(flags.models)
  const scope = await wholeOf(store, flags.internal)
  const scored = await familyScores(store, [scope], models, { minHits: flags.minHits }, left)
  const extent = await extentOf(store, scope)
  const calibration = calibrationLine(
    { ...scored, days: (extent.last - extent.first) / 86.4e9 },
    { ...flags, models: hashes, made: madeOf(inputs, flags) },
  )
  const out = join(flags.models, calibrationFile)
  await writeOutput(out, `${plainJson(calibration, 2)}\n`)
  const { alpha, measured, alarms, days, traces, nearest } = calibration

  print(
    [
      `wrote ${out}`,
      ...(left.size > 0 ? [`without ${sayMany(left.size, 'host')} that may be bots`] : []),
      `alpha ${sayNumber(alpha)}: the clean traffic asks for ` +
        `${sayNumber(measured)}, the floor is ${sayNumber(flags.floor)}`,
      `${sayMany(alarms, 'false alarm')} in ${sayNumber(days)} days of ${sayMany(traces, 'trace')}`,
      ...nearest.slice(0, 5).map((each) => `  ${sayNumber(each.score)}  ${each.family}  ${each.trace}`),
    ].join('\n'),
  )
}
