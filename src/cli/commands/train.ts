/** The commands that write models and their calibration: train, calibrate. */

import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import type { InputReport } from '../../model/answer.ts'
import { sayMany, sayNumber } from '../../model/words/say.ts'
import { writeOutput } from '../../output.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { extentOf } from '../../traces/beacons/find.ts'
import { calibrationLine } from '../../traces/families/calibrate.ts'
import { familyScores } from '../../traces/families/families.ts'
import { type FamilyModel, type Made, writeModel } from '../../traces/families/family-model.ts'
import { matchDefaults } from '../../traces/families/match.ts'
import { calibrationFile, readModels } from '../../traces/families/model-files.ts'
import { modelText } from '../../traces/families/model-text.ts'
import { trainFamily } from '../../traces/families/train.ts'
import { featuresOf } from '../../traces/features.ts'
import { withTemporaryDatabase } from '../database.ts'
import type { ImportFlags } from '../flags.ts'
import { atLeastOne, collect, importOptions, notNegative } from '../options.ts'
import { benignServers, type SampleFlags, samplesOf, wholeOf } from '../samples.ts'
import { print } from '../say.ts'
import { version } from '../version.ts'
import { importAll } from './run.ts'

/** What says which traces of the samples' records are the bot's. */
export const sampleOptions = (command: Command): Command =>
  importOptions(command)
    .option(
      '--internal <networks>',
      'networks of the infected hosts, as CIDR; comma-separated or repeated',
      collect,
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

interface CalibrateFlags extends ImportFlags {
  readonly models: string
  readonly clean: string[]
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
    .requiredOption('--clean <input...>', 'records without bots, of the network that is to be watched')
    .requiredOption('--per-day <n>', 'tolerable false alarms per day', notNegative)
    .option('--min-hits <n>', 'minimum features that a match hits', atLeastOne, matchDefaults.minHits)
    .option('--floor <score>', 'lowest threshold that the clean traffic may set', notNegative, 1.7)
    .option('--internal <networks>', 'networks whose hosts are judged', collect)

  importOptions(command).action((flags: CalibrateFlags) =>
    withTemporaryDatabase(async (store) => {
      const { models, hashes } = await readModels(flags.models)
      const { inputs } = await importAll(store, flags.clean, flags)
      const scope = await wholeOf(store, flags.internal)
      const scored = await familyScores(store, [scope], models, { minHits: flags.minHits })
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
          `alpha ${sayNumber(alpha)}: the clean traffic asks for ` +
            `${sayNumber(measured)}, the floor is ${sayNumber(flags.floor)}`,
          `${sayMany(alarms, 'false alarm')} in ${sayNumber(days)} days of ${sayMany(traces, 'trace')}`,
          ...nearest.slice(0, 5).map((each) => `  ${sayNumber(each.score)}  ${each.family}  ${each.trace}`),
        ].join('\n'),
      )
    }),
  )
}
