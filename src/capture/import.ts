/**
 * Inputs to records, whole or nothing, each content once.
 *
 * A file that fails leaves no row; the files before it stay. See `store/ledger.ts`.
 */
import { UserError } from '../errors.ts'
import type { InputReport } from '../model/answer.ts'
import type { Load } from '../store/load.ts'
import { prepare } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { removeUnfinished } from '../store/unfinished.ts'
import { formats, readerFor, readerNamed } from './index.ts'
import { contentHash, type Found, inputPaths, openInput, reasonOf, stampOf } from './input.ts'
import { createPublisher, type Publisher } from './published.ts'
import type { Input, Reader, Sink } from './reader.ts'
import { createRejects, harmless, type Rejects, rejectReasons } from './rejects.ts'

export interface ImportOptions {
  /** Name of the reader, where the content does not tell. */
  readonly format?: string | undefined
  /** What becomes of records of sampled packets; see `ReadingChoices`. */
  readonly sampled?: 'refuse' | 'scale' | undefined
  /** Keep an input even when most of its records are rejected. */
  readonly acceptRejects?: boolean
  /** Called often, with bytes read of all bytes, and the rows of the inputs that are read. */
  readonly progress?: (done: ImportProgress) => void
}

export interface ImportProgress {
  /** The input at hand. */
  readonly name: string
  readonly bytes: number
  readonly of: number
  readonly rows: number
}

export interface Imported {
  readonly inputs: readonly InputReport[]
  /** Files in a directory that could not be used. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
}

/**
 * Imports files and directories.
 *
 * A file that was named and cannot be used ends the import; one that was found in a directory is listed in
 * `skipped` and the others go on.
 * @throws UserError when a named file is unknown or unreadable, or when nothing at all could be read.
 */
export async function importInputs(
  store: Store,
  paths: readonly string[],
  options: ImportOptions = {},
): Promise<Imported> {
  if (options.format) readerNamed(options.format)
  const { files, skipped } = await inputPaths(paths)
  await prepare(store)
  await removeUnfinished(store)
  const publisher = await createPublisher(store)
  const of = files.reduce((sum, { size }) => sum + size, 0)
  let before = 0
  let rows = 0
  for (const file of files) {
    const { name } = file
    const done = (bytes: number) =>
      options.progress?.({ name, bytes: before + Math.min(bytes, file.size), of, rows })
    try {
      done(0)
      rows += await importOne(publisher, store, { file, options, done })
    } catch (error) {
      if (file.explicit || !isAboutInput(error)) {
        await publisher.finish().catch(() => {})
        throw error
      }
      skipped.push({ name, why: reasonOf(error, name) })
    }
    before += file.size
    done(0)
  }
  await publisher.finish()
  if (publisher.reports.length === 0) throw nothingRead(paths, skipped)
  return { inputs: publisher.reports, skipped }
}

const isAboutInput = (error: unknown): boolean =>
  error instanceof UserError && error.code.startsWith('input-')

function readerOf(input: Input, { format }: ImportOptions): Reader {
  if (format) return readerNamed(format)
  if (input.head === '') {
    throw new UserError('input-empty', `${input.name} is empty`, 'Give a file with records in it.')
  }
  const reader = readerFor(input.head)
  if (reader) return reader
  const kind = otherKind(input.head)
  if (kind) throw new UserError('input-unsupported', `${input.name} is ${kind.what}`, kind.hint)
  throw new UserError(
    'input-unknown-format',
    `${input.name} is in no format that can be read`,
    `Give one of: ${formats()}. Force one with --format.`,
  )
}

/** Kinds of file that we know and do not read. */
function otherKind(head: string): { what: string; hint: string } | null {
  const zeek = /^#path\t(\S+)/m.exec(head.slice(0, 2000))
  if (head.startsWith('#separator') && zeek) {
    return {
      what: `a Zeek log of a kind that is not used (${zeek[1]})`,
      hint: 'Give conn.log and its companions.',
    }
  }
  const [, what, hint] = foreign.find(([magic]) => head.startsWith(magic)) ?? []
  return what && hint ? { what, hint } : null
}

const foreign = [
  ['PK\u0003\u0004', 'a zip archive', 'Unpack it first.'],
  ['\u00fd7zXZ', 'an xz archive', 'Unpack it first.'],
  ['BZh', 'a bzip2 archive', 'Unpack it first.'],
] as const

function nothingRead(paths: readonly string[], skipped: Imported['skipped']): UserError {
  const list = skipped.slice(0, 5).map(({ name, why }) => `${name}: ${why}`)
  const more = skipped.length > list.length ? `; and ${skipped.length - list.length} more` : ''
  return new UserError(
    'input-unknown-format',
    `nothing in ${paths.join(', ')} can be read${list.length > 0 ? ` (${list.join('; ')}${more})` : ': no files there'}`,
    `Give files or directories with one of: ${formats()}.`,
  )
}

interface One {
  readonly file: Found
  readonly options: ImportOptions
  readonly done: (bytes: number) => void
}

/** Reads one file and gives it to the publisher; gives its rows. */
async function importOne(publisher: Publisher, store: Store, { file, options, done }: One): Promise<number> {
  const input = await openInput(file.path, file.name)
  const reader = readerOf(input, options)
  const stamp = await stampOf(input.path)
  const sha256 = await contentHash(input.path)
  if (await publisher.known(sha256, input.name)) return 0
  const load = publisher.begin()
  const rejects = createRejects()
  const choices = options.sampled ? { sampled: options.sampled } : {}
  await reader.read(input, sinkOf(store, { load, rejects, done }), choices)
  if ((await stampOf(input.path)) !== stamp) {
    throw new UserError(
      'input-unreadable',
      `${input.name} changed while it was read`,
      'Give it again when nothing writes to it any more.',
    )
  }
  if (!options.acceptRejects) refuseMostlyRejected(input, load.rows(), rejects)
  await publisher.add(
    {
      load: load.load,
      name: input.name,
      sha256,
      bytes: input.size,
      format: reader.name,
      rejects: Object.fromEntries(rejects.counts),
      rejectSamples: rejects.samples,
    },
    load.rows(),
  )
  return load.rows()
}

function sinkOf(
  store: Store,
  { load, rejects, done }: { load: Load; rejects: Rejects; done: One['done'] },
): Sink {
  return {
    rejects,
    write: (record, rows) => load.write(record, rows),
    writeText: (record, rows, make) => load.writeText(record, rows, make),
    parse: (file, use) => store.parse(file, use),
    insertSelect: (record, values, from) => load.insertSelect(record, values, from),
    rows: (query) => store.rows(query),
    progress: done,
  }
}

function refuseMostlyRejected(input: Input, taken: number, rejects: Rejects): void {
  const bad = [...rejects.counts]
    .filter(([reason]) => !harmless.has(reason))
    .reduce((sum, [, n]) => sum + n, 0)
  if (taken >= bad) return
  const reasons = [...rejects.counts]
    .map(([reason, n]) => `${n} ${reason} (${rejectReasons[reason]})`)
    .join(', ')
  const sample = rejects.samples.find(({ reason }) => !harmless.has(reason))
  const first = sample ? `; first at record ${sample.position}: ${sample.sample.slice(0, 80)}` : ''
  throw new UserError(
    'input-mostly-rejected',
    `${input.name}: ${bad} of ${bad + taken} records cannot be used: ${reasons}${first}`,
    'Check that the file is what it seems, or keep the rest with --accept-rejects.',
  )
}
