/**
 * Inputs to records, whole or nothing, each content once.
 *
 * A file that fails leaves no row; the files before it stay. See `store/ledger.ts`.
 */
import { UserError } from '../errors.ts'
import type { InputReport } from '../model/answer.ts'
import {
  knownInput,
  type LedgerRow,
  prepare,
  publish,
  removeUnfinished,
  rowsInLoad,
} from '../store/ledger.ts'
import { beginLoad } from '../store/load.ts'
import type { Store } from '../store/store.ts'
import { formats, readerFor, readerNamed } from './index.ts'
import { contentHash, inputPaths, openInput } from './input.ts'
import type { Input, Reader, Sink } from './reader.ts'
import { createRejects, harmless, type Rejects, rejectReasons } from './rejects.ts'

export interface ImportOptions {
  /** Name of the reader, where the content does not tell. */
  readonly format?: string | undefined
  /** Keep an input even when most of its records are rejected. */
  readonly acceptRejects?: boolean
  /** Called often, with bytes read of all bytes. */
  readonly progress?: (done: { name: string; bytes: number; of: number }) => void
}

export interface Imported {
  readonly inputs: readonly InputReport[]
  /** Files in a directory that no reader knows. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
}

/**
 * Imports files and directories.
 * @throws UserError when a named file is unknown or unreadable, or when nothing at all could be read.
 */
export async function importInputs(
  store: Store,
  paths: readonly string[],
  options: ImportOptions = {},
): Promise<Imported> {
  await prepare(store)
  await removeUnfinished(store)
  const found = await inputPaths(paths)
  const opened = await Promise.all(
    found.map(async (each) => ({ ...each, input: await openInput(each.path, each.name) })),
  )
  const of = opened.reduce((sum, { input }) => sum + input.size, 0)
  let before = 0
  const inputs: InputReport[] = []
  const skipped: { name: string; why: string }[] = []
  for (const { input, explicit } of opened) {
    const done = (bytes: number) => options.progress?.({ name: input.name, bytes: before + bytes, of })
    const reader = readerOf(input, explicit, options)
    if (typeof reader === 'string') skipped.push({ name: input.name, why: reader })
    else
      inputs.push(
        await importOne(store, { input, reader, done, acceptRejects: options.acceptRejects ?? false }),
      )
    before += input.size
    done(0)
  }
  if (inputs.length === 0) throw nothingRead(paths, skipped)
  return { inputs, skipped }
}

/** The reader for this input, or why there is none (for files that were found, not named). */
function readerOf(input: Input, explicit: boolean, { format }: ImportOptions): Reader | string {
  if (format) return readerNamed(format)
  if (input.head === '') {
    if (!explicit) return 'it is empty'
    throw new UserError('input-empty', `${input.name} is empty`, 'Give a file with records in it.')
  }
  const reader = readerFor(input.head)
  if (reader) return reader
  const reason = otherKind(input.head)
  if (!explicit) return reason ?? 'no reader knows it'
  throw new UserError(
    'input-unknown-format',
    `${input.name} is in no format that can be read${reason ? `: ${reason}` : ''}`,
    `Give one of: ${formats()}. Force one with --format.`,
  )
}

/** Kinds of file that we know and do not read. */
function otherKind(head: string): string | null {
  const zeek = /^#path\t(\S+)/m.exec(head.slice(0, 2000))
  if (head.startsWith('#separator') && zeek) return `a Zeek log of a kind that is not used (${zeek[1]})`
  if (/^\x0c\xa5|^\xa5\x0c/.test(head)) return 'an nfdump file; convert it with: nfdump -r FILE -o csv'
  return null
}

function nothingRead(paths: readonly string[], skipped: readonly { name: string; why: string }[]): UserError {
  const list = skipped.slice(0, 5).map(({ name, why }) => `${name}: ${why}`)
  const more = skipped.length > list.length ? `; and ${skipped.length - list.length} more` : ''
  return new UserError(
    'input-unknown-format',
    `nothing in ${paths.join(', ')} can be read${list.length > 0 ? ` (${list.join('; ')}${more})` : ': no files there'}`,
    `Give files or directories with one of: ${formats()}.`,
  )
}

interface One {
  readonly input: Input
  readonly reader: Reader
  readonly done: (bytes: number) => void
  readonly acceptRejects: boolean
}

async function importOne(store: Store, { input, reader, done, acceptRejects }: One): Promise<InputReport> {
  const sha256 = await contentHash(input.path)
  const known = await knownInput(store, sha256)
  if (known) return { ...reportOf(known), name: input.name, known: true }
  const load = beginLoad(store)
  const rejects = createRejects()
  const sink: Sink = {
    rejects,
    write: (record, rows) => load.write(record, rows),
    parse: (file, use) => store.parse(file, use),
    insertSelect: (record, values, from) => load.insertSelect(record, values, from),
    rows: (query) => store.rows(query),
    progress: done,
  }
  await reader.read(input, sink)
  await load.flush()
  if ((await contentHash(input.path)) !== sha256) {
    throw new UserError(
      'input-unreadable',
      `${input.name} changed while it was read`,
      'Give it again when it is finished.',
    )
  }
  const row = {
    load: load.load,
    name: input.name,
    sha256,
    bytes: input.size,
    format: reader.name,
    rejects: Object.fromEntries(rejects.counts),
    rejectSamples: rejects.samples,
  }
  if (!acceptRejects) await refuseMostlyRejected(store, input, { load: load.load, rejects })
  return reportOf(await publish(store, row))
}

async function refuseMostlyRejected(
  store: Store,
  input: Input,
  { load, rejects }: { load: string; rejects: Rejects },
): Promise<void> {
  const bad = [...rejects.counts]
    .filter(([reason]) => !harmless.has(reason))
    .reduce((sum, [, n]) => sum + n, 0)
  if (bad === 0) return
  const taken = await rowsInLoad(store, load)
  if (taken >= bad) return
  const reasons = [...rejects.counts]
    .map(([reason, n]) => `${n} ${reason} (${rejectReasons[reason]})`)
    .join(', ')
  const sample = rejects.samples[0]
  throw new UserError(
    'input-mostly-rejected',
    `${input.name}: ${bad} of ${bad + taken} records cannot be used: ${reasons}${sample ? `; first at ${sample.position}: ${sample.sample.slice(0, 80)}` : ''}`,
    'Check that the file is what it seems, or keep the rest with --accept-rejects.',
  )
}

const reportOf = (row: LedgerRow): InputReport => ({
  name: row.name,
  format: row.format,
  sha256: row.sha256,
  records: row.records,
  duplicates: row.duplicates,
  rejects: row.rejects,
  rejectSamples: row.rejectSamples,
  known: false,
})
