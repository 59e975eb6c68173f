/** A folder of family models with the calibration that goes with them. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../errors.ts'
import { type FamilyModel, type Made, parseModel } from './family-model.ts'

export const calibrationFormat = 'gannet-calibration/1'
export const calibrationFile = 'calibration.json'

/** The line that clean traffic crosses so seldom. Written by `gannet calibrate`. */
export interface Calibration {
  readonly format: typeof calibrationFormat
  /** The line in use: that of the clean traffic, but never under `floor`. */
  readonly alpha: number
  /** The line that the clean traffic by itself asks for. */
  readonly measured: number
  readonly floor: number
  readonly minHits: number
  /** Alarms a day that were asked for, and those that the clean traffic has at `alpha`. */
  readonly perDay: number
  readonly alarms: number
  readonly days: number
  readonly traces: number
  /** Hashes of the models it was made for: with others it is void. */
  readonly models: Readonly<Record<string, string>>
  /** The clean services that come nearest, with their scores, at most 20. */
  readonly nearest: readonly { readonly trace: string; readonly family: string; readonly score: number }[]
  readonly made: Made
}

export interface ModelFolder {
  /** By family. */
  readonly models: readonly FamilyModel[]
  /** SHA-256 of each model's file, by family. */
  readonly hashes: Readonly<Record<string, string>>
  /** null where there is none, or it was made for other models. */
  readonly calibration: Calibration | null
  /** Whether there is a calibration for other models. */
  readonly stale: boolean
}

/**
 * Every `.json` of the folder.
 * @throws UserError model-invalid for a folder without models, a file that is none, or a family that comes twice.
 */
export async function readModels(folder: string): Promise<ModelFolder> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UserError('model-invalid', `there is no folder ${folder}`, 'Make a model: gannet train.', error)
  })
  const files = names.filter((name) => name.endsWith('.json') && name !== calibrationFile).sort()

  const read = await Promise.all(
    files.map(async (name) => {
      const path = join(folder, name)
      const text = await readFile(path, 'utf8')
      return { path, model: parseModel(text, path), hash: createHash('sha256').update(text).digest('hex') }
    }),
  )

  if (read.length === 0) {
    const hint = `Make one: gannet train --family NAME --from FILE --out ${join(folder, 'NAME.json')}.`
    throw new UserError('model-invalid', `${folder} holds no model`, hint)
  }

  const twice = read.find(
    ({ model }, i) => read.findIndex((each) => each.model.family === model.family) !== i,
  )

  if (twice) {
    const message = `${twice.path}: another file of ${folder} is of ${twice.model.family} too`
    throw new UserError('model-invalid', message, 'Keep one of them.')
  }

  const sorted = read.sort((a, b) => a.model.family.localeCompare(b.model.family))
  const hashes = Object.fromEntries(sorted.map(({ model, hash }) => [model.family, hash]))
  const found = names.includes(calibrationFile)
    ? parseCalibration(await readFile(join(folder, calibrationFile), 'utf8'), join(folder, calibrationFile))
    : null
  const stale = found !== null && !sameModels(found.models, hashes)

  return { models: sorted.map(({ model }) => model), hashes, calibration: stale ? null : found, stale }
}

function sameModels(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const families = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...families].every((family) => one[family] === other[family])
}

/** @throws UserError model-invalid. */
function parseCalibration(text: string, source: string): Calibration {
  const invalid = (what: string, cause?: unknown) =>
    new UserError('model-invalid', `${source}: ${what}`, 'Write it again: gannet calibrate.', cause)
  let read: Calibration
  try {
    read = JSON.parse(text) as Calibration
  } catch (error) {
    throw invalid('not JSON', error)
  }
  if (read?.format !== calibrationFormat) throw invalid(`not of the format ${calibrationFormat}`)
  if (!(read.alpha >= 0) || !(read.minHits >= 1)) throw invalid('it has no alpha or no minHits')
  if (typeof read.models !== 'object' || read.models === null) throw invalid('it names no models')
  return read
}

/** The line that is in force: what a person said, else the folder's calibration; what neither says is left out. */
export function lineIn(
  { calibration }: Pick<ModelFolder, 'calibration'>,
  description: { readonly alpha: number | null; readonly minHits: number | null },
): { readonly alpha?: number; readonly minHits?: number } {
  return {
    ...(calibration ? { alpha: calibration.alpha, minHits: calibration.minHits } : {}),
    ...(description.alpha === null ? {} : { alpha: description.alpha }),
    ...(description.minHits === null ? {} : { minHits: description.minHits }),
  }
}

/** What the answer says of a calibration that is for other models. */
export const staleNote = (folder: ModelFolder | null): string[] =>
  folder?.stale
    ? [
        'The calibration of the family models was made for other models and is not used; run gannet calibrate again.',
      ]
    : []
