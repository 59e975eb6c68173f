/** The commands about family models: train, models, calibrate. */

import { join } from 'node:path'
import type { Command } from 'commander'
import { UserError } from '../../errors.ts'
import { plainJson } from '../../reports/plain-json.ts'
import type { FamilySamples } from '../../traces/families/cross-validate.ts'
import { crossValidate } from '../../traces/families/cross-validate.ts'
import type { FamilyModel } from '../../traces/families/family-model.ts'
import { compareModels, matchDefaults } from '../../traces/families/match.ts'
import { calibrationFile, readModels } from '../../traces/families/model-files.ts'
import { modelText } from '../../traces/families/model-text.ts'
import { type Features, featureNames, featuresOf } from '../../traces/features.ts'
import { atLeastOne, collect, natural, notNegative } from '../options.ts'
import { samplesOf } from '../samples.ts'
import { print } from '../say.ts'
import { type ModelFlags, sampleFlags, sampleOptions } from './train.ts'

interface FolderFlags {
  readonly models: string
  readonly json?: boolean
}

const folderOptions = (command: Command): Command =>
  command.requiredOption('--models <folder>', 'folder of models').option('--json', 'print as JSON')

export const models = (program: Command) => {
  const group = program.command('models').description('list, show, compare and test family models')
  for (const add of [list, show, compare, test]) add(group)
}

const list = (group: Command) => {
  folderOptions(
    group.command('list').description('list the models of a folder and their calibration'),
  ).action(async ({ models: folder, json }: FolderFlags) => {
    const { models: all, calibration, stale } = await readModels(folder)
    if (json) return print(plainJson({ models: all, calibration, stale }, 2))
    const clusters = ({ features }: FamilyModel) =>
      featureNames.map((name) => `${name} ${features[name].length}`).join(', ')
    const line = calibration
      ? `alpha ${calibration.alpha.toFixed(2)}, ${calibration.minHits} hits: ` +
        `${calibration.perDay} false alarms per day, set on ${calibration.days.toFixed(2)} days of clean traffic`
      : `alpha ${matchDefaults.alpha}, ${matchDefaults.minHits} hits, as in the ` +
        `paper${stale ? `; ${calibrationFile} is of other models` : '; not calibrated'}`
    print(
      [
        ...all.map((each) => `${each.family}: ${each.provenance.used} traces; clusters: ${clusters(each)}`),
        line,
      ].join('\n'),
    )
  })
}

const show = (group: Command) => {
  const command = group
    .command('show')
    .description('show one model with a chart')
    .argument('<family>', 'name of the family')
  folderOptions(command).action(async (family: string, { models: folder, json }: FolderFlags) => {
    const model = named(family, (await readModels(folder)).models, folder)
    print(json ? plainJson(model, 2) : modelText(model))
  })
}

const compare = (group: Command) => {
  const command = group
    .command('compare')
    .description('show how far one model covers another, per feature')
    .argument('<family>', 'name of the family')
    .argument('<other>', 'family to compare with')
  folderOptions(command).action(
    async (family: string, other: string, { models: folder, json }: FolderFlags) => {
      const { models: all } = await readModels(folder)
      const [a, b] = [named(family, all, folder), named(other, all, folder)]
      const shares = { [b.family]: compareModels(a, b), [a.family]: compareModels(b, a) }
      if (json) return print(plainJson(shares, 2))
      const coverage = (of: FamilyModel, by: FamilyModel) =>
        `${by.family} covers of ${of.family}: ` +
        `${featureNames.map((name) => `${name} ${Math.round(100 * shares[of.family]![name])}%`).join(', ')}`
      print(`${coverage(b, a)}\n${coverage(a, b)}`)
    },
  )
}

function named(family: string, all: readonly FamilyModel[], folder: string): FamilyModel {
  const found = all.find((each) => each.family === family)
  if (found) return found
  const known = all.map((each) => each.family).join(', ')
  throw new UserError('model-invalid', `${folder} has no model of family ${family}`, `Give one of: ${known}.`)
}

interface TestFlags extends ModelFlags {
  readonly models?: string
  readonly sample?: string[]
  readonly clean?: string[]
  readonly runs: number
  readonly seed: number
  readonly alpha: number
  readonly minHits: number
  readonly json?: boolean
}

const test = (group: Command) => {
  const command = group
    .command('test')
    .description('cross-validate: train on 70% of each family’s traces, detect the rest among clean ones')
    .option('--models <folder>', 'read the training records of these models again')
    .option('--sample <family=input>', 'records of a family; repeatable', collect)
    .option('--clean <input...>', 'records without bots, to count false alarms')
    .option('--runs <n>', 'number of random splits', atLeastOne, 50)
    .option('--seed <n>', 'seed of the splits', natural, 1)
    .option('--alpha <score>', 'a match scores above this', notNegative, matchDefaults.alpha)
    .option('--min-hits <n>', 'minimum features that a match hits', atLeastOne, matchDefaults.minHits)
    .option('--json', 'print as JSON')

  sampleOptions(command).action(async (given: TestFlags) => {
    const flags = sampleFlags(given)
    const families: FamilySamples[] = []

    for (const [family, { from, options }] of await sourcesOf(given)) {
      const { traces } = await samplesOf(from, { ...flags, ...options })
      families.push({ family, features: traces.map((trace) => featuresOf(trace)) })
    }

    const short = families.find(({ features }) => features.length < 2)

    if (short) {
      const message = `${short.family} has ${short.features.length} of the 2 traces or more that can be split`
      throw new UserError(
        'nothing-to-analyse',
        message,
        'Give more records of the family, or a lower --min-calls.',
      )
    }

    const benign = await cleanFeatures(given.clean ?? [], flags)
    const results = crossValidate(families, benign, given)
    if (given.json) return print(plainJson({ benign: benign.length, results }, 2))
    print(
      [
        `${given.runs} runs, 70% to train, alpha ${given.alpha}, ${given.minHits} hits, ${benign.length} clean traces`,
        ...results.map(
          ({ family, traces, detected, named: right, detectedRange: [low, high], falseAlarms }) =>
            `${family}: ${percent(detected)} of held-out traces found (95% of ` +
            `runs: ${percent(low)} to ${percent(high)}), ${percent(right)} under its ` +
            `name, ${falseAlarms.toFixed(2)} false alarms per run; ${traces} traces`,
        ),
      ].join('\n'),
    )
  })
}

const percent = (share: number): string => `${Math.round(100 * share)}%`

interface Source {
  readonly from: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/** By family: the records of stored models, then those that were named. */
async function sourcesOf({ models: folder, sample = [] }: TestFlags): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>()

  for (const { family, provenance } of folder ? (await readModels(folder)).models : []) {
    const {
      internal = [],
      allow = [],
      cnc = [],
    } = (provenance.made?.options ?? {}) as Record<string, string[]>
    const options = { internal, allow, ...(cnc.length > 0 ? { cnc } : {}), minCalls: provenance.minCalls }
    sources.set(family, { from: provenance.from, options })
  }

  for (const each of sample) {
    const [, family, path] = /^([^=]+)=(.+)$/s.exec(each) ?? []
    if (!family || !path)
      throw new UserError('option-invalid', `--sample ${each} has no family`, 'Give FAMILY=INPUT.')
    sources.set(family, { from: [...(sources.get(family)?.from ?? []), path], options: {} })
  }

  if (sources.size > 0) return sources
  const hint = `Give --models FOLDER or --sample FAMILY=${join('samples', 'conn.log')}.`
  throw new UserError('option-invalid', 'there is nothing to test', hint)
}

async function cleanFeatures(
  paths: readonly string[],
  flags: Parameters<typeof samplesOf>[1],
): Promise<Features[]> {
  if (paths.length === 0) return []
  const { cnc: _cnc, allow: _allow, ...rest } = flags
  return (await samplesOf(paths, rest)).traces.map((trace) => featuresOf(trace))
}
