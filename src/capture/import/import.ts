/**
 * Inputs to records, whole or nothing, each content once.
 *
 * A file that fails leaves no row; the files before it stay. See `store/ledger.ts`.
 */
import { UserError } from '../../errors.ts'
import type { InputReport } from '../../model/answer.ts'
import { asWriter } from '../../store/ledger/writers.ts'
import { prepare } from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import { formats, readerNamed } from '../index.ts'
import { type GivenPath, inputPaths, namesOf } from '../input.ts'
import { createImporter } from './importer.ts'
import { onlyReason } from './left-out.ts'
import type { ImportOptions } from './taken.ts'

export interface Imported {
  readonly inputs: readonly InputReport[]
  /** Files in a directory that could not be used. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
}

/**
 * Imports files and directories.
 *
 * A file that was named and is missing, damaged or not to be read ends the import. One that holds nothing of use, and
 * any that was found in a directory or an archive and cannot be read, is listed in `skipped` and the others go on.
 * @throws UserError when a named file cannot be read, or when no input is of use.
 */
export async function importInputs(
  store: Store,
  paths: readonly GivenPath[],
  options: ImportOptions = {},
): Promise<Imported> {
  if (options.format) readerNamed(options.format)
  const given = await inputPaths(paths)
  await prepare(store)
  return asWriter(store, () => importFiles(store, paths, { given, options }))
}

interface Importing {
  readonly given: Awaited<ReturnType<typeof inputPaths>>
  readonly options: ImportOptions
}

async function importFiles(
  store: Store,
  paths: readonly GivenPath[],
  { given: { files, skipped }, options }: Importing,
): Promise<Imported> {
  const importer = await createImporter(store, options)
  const of = files.reduce((sum, { size }) => sum + size, 0)
  let before = 0

  for (const file of files) {
    const { name } = file
    const done = (bytes: number) =>
      options.progress?.({
        name,
        bytes: before + Math.min(bytes, file.size),
        of,
        rows: importer.rows(),
      })
    done(0)
    try {
      await importer.take(file, { done })
    } catch (error) {
      await importer.finish().catch(() => {})
      throw error
    }
    before += file.size
    done(0)
  }

  await importer.finish()
  const last = files.at(-1)
  if (last) options.progress?.({ name: last.name, bytes: of, of, rows: importer.rows() })
  const inputs = importer.reports()
  skipped.push(...importer.skipped())
  if (inputs.length === 0) throw onlyReason(files, skipped) ?? nothingRead(paths, skipped)

  return { inputs, skipped: skipped.map(({ name, why }) => ({ name, why })) }
}

function nothingRead(paths: readonly GivenPath[], skipped: Imported['skipped']): UserError {
  const list = skipped.slice(0, 5).map(({ name, why }) => `${name}: ${why}`)
  const more = skipped.length > list.length ? `; and ${skipped.length - list.length} more` : ''
  return new UserError(
    'input-unknown-format',
    `nothing in ${namesOf(paths)} can be read${list.length > 0 ? ` (${list.join('; ')}${more})` : ': no files there'}`,
    `Give files or directories with one of: ${formats()}.`,
  )
}
