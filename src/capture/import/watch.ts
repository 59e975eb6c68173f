/**
 * Follows folders: every record that a sensor writes there is imported once, however its files are rotated.
 *
 * Files of lines are followed while they grow: the lines that are whole are taken. Other files, and compressed ones,
 * are taken when nothing has written to them for a while. What a file is, and how much of it is known, its content
 * says (see content.ts and docs/decisions/0040-contents-and-bundles.md): not its name, place or time. So nothing needs
 * to be remembered over a restart but the ledger.
 */
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import type { InputReport } from '../../model/answer.ts'
import { asWriter } from '../../store/ledger/writers.ts'
import { prepare } from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import { endOfLines, type Found, inputPaths, openInput, reasonOf, type Unfound } from '../input.ts'
import { isOpenLog } from '../logs/open-logs.ts'
import { detect, type Tables, tablesOf } from './detect-format.ts'
import { createImporter, type Importer } from './importer.ts'
import { holdsNoRecords, isAboutInput } from './left-out.ts'
import type { ImportOptions } from './taken.ts'

interface WatchOptions extends ImportOptions {
  /** Milliseconds from one look to the next. */
  readonly every: number
  /** Milliseconds without a change after which a file that is not followed line by line is taken. */
  readonly settle: number
  /** Milliseconds without a change after which a last line without its end is taken too. */
  readonly lastLine: number
  /** Ends the watch; what is under way is finished. */
  readonly signal: AbortSignal
  /** Called after each look: what was taken, what is known under another name, what cannot be read. */
  readonly looked: (look: Look) => Promise<void> | void
}

export interface Look {
  /** Inputs with something new. */
  readonly taken: readonly InputReport[]
  /** Files whose content was in the database already, named for the first time in this watch. */
  readonly known: readonly InputReport[]
  /** Files that cannot be used, each time that they have changed. */
  readonly skipped: readonly LeftOut[]
}

interface LeftOut {
  readonly name: string
  readonly why: string
  /** False where the file is no record of anything, such as a note beside the logs. */
  readonly isTrouble: boolean
}

/** Names that programs give to what they have not finished. */
const unfinishedName = /\.(tmp|temp|part|partial|filepart|crdownload|swp)$|~$|(^|[/\\])nfcapd\.current/

/** What is known of a file since the watch began. */
interface FileState {
  /** Size, time and place on disk. */
  stamp: string
  /** When the stamp was first seen, in milliseconds of `performance.now()`. */
  since: number
  /** Whether nothing more is expected of it under this stamp. */
  done: boolean
  /** Bytes that were taken of a file that is followed. */
  upTo: number
}

interface Watch {
  readonly importer: Importer
  readonly options: WatchOptions
  readonly tables: Tables
  readonly seen: Map<string, FileState>
}

/**
 * Watches until the signal comes.
 * @throws UserError input-missing when a folder is not there at the beginning; what the store throws.
 */
export async function watch(store: Store, paths: readonly string[], options: WatchOptions): Promise<void> {
  await inputPaths(paths)
  await prepare(store)
  await asWriter(store, async () => {
    const importer = await createImporter(store, options)
    const tables = tablesOf(options.profile ?? null)
    const work: Watch = { importer, options, tables, seen: new Map() }
    while (!options.signal.aborted) {
      await lookAt(work, paths)
      await sleep(options.every, undefined, { signal: options.signal }).catch(() => {})
    }
  })
}

async function lookAt(work: Watch, paths: readonly string[]): Promise<void> {
  const { importer, options } = work
  const troubles: Unfound[] = []
  const files = await filesIn(paths, troubles)

  for (const file of files) {
    if (options.signal.aborted) break
    await takeWhatIsNew(work, file, troubles)
  }

  await importer.finish()
  const reports = importer.reports()

  // A file that was moved away while we looked is met again under its new name.
  const skipped = [...importer.skipped(), ...troubles]
    .filter(({ name }) => existsSync(name))
    .map(({ name, why, error }) => ({ name, why, isTrouble: !holdsNoRecords(error) }))
  await options.looked({
    taken: reports.filter(({ known }) => !known),
    known: reports.filter(({ known }) => known),
    skipped,
  })
}

/** Files in the order in which they were last written. */
async function filesIn(paths: readonly string[], troubles: Unfound[]): Promise<Found[]> {
  const found: { file: Found; written: number }[] = []

  for (const path of paths) {
    try {
      const { files } = await inputPaths([path])
      for (const file of files) {
        if (unfinishedName.test(file.name)) continue
        const info = await stat(file.path).catch(() => null)
        if (info) found.push({ file: { ...file, size: info.size, explicit: false }, written: info.mtimeMs })
      }
    } catch (error) {
      if (!isAboutInput(error)) throw error
      troubles.push({ name: path, why: reasonOf(error, path), error })
    }
  }

  return found
    .sort((a, b) => a.written - b.written || (a.file.name < b.file.name ? -1 : 1))
    .map(({ file }) => file)
}

async function takeWhatIsNew(work: Watch, file: Found, troubles: Unfound[]): Promise<void> {
  const { seen, options } = work
  const info = await stat(file.path, { bigint: true }).catch(() => null)
  if (!info) return
  const stamp = `${info.size} ${info.mtimeNs} ${info.ino}`
  const before = seen.get(file.path)
  const now = performance.now()
  if (before?.stamp === stamp && before.done) return
  const state: FileState =
    before?.stamp === stamp ? before : { stamp, since: now, done: false, upTo: before?.upTo ?? -1 }
  seen.set(file.path, state)

  // By its own clock or by ours: that of a file server may be wrong.
  const still = Math.max(now - state.since, Date.now() - Number(info.mtimeMs))
  if (info.size === 0n) return

  try {
    await takeFrom(work, { file: { ...file, size: Number(info.size) }, state, still })
  } catch (error) {
    if (!(error instanceof UserError) || !isAboutInput(error)) throw error
    // What is no format yet may become one while it is written.
    if (still < options.settle) return
    state.done = true
    troubles.push({ name: file.name, why: reasonOf(error, file.name), error })
  }
}

interface Candidate {
  readonly file: Found
  readonly state: FileState
  /** Milliseconds since its last change. */
  readonly still: number
}

async function takeFrom(work: Watch, { file, state, still }: Candidate): Promise<void> {
  const { importer, options, tables } = work
  const found = await openInput(file.path, file.name)
  const done = () => {}

  if (found.archive) {
    if (still < options.settle) return
    await importer.take(file, { done })
    state.done = true
    return
  }

  const { input, reader } = await detect(found, tables, options.format)
  const follows =
    reader.lines !== undefined &&
    (input.compression === 'none' || (input.compression === 'text' && input.grows === true)) &&
    !isOpenLog(file.name) &&
    !/^#path.open_/m.test(input.head)

  if (follows && still < options.lastLine) {
    const upTo = await endOfLines(file.path, file.size)
    if (upTo > 0 && upTo !== state.upTo) await importer.take(file, { done, upTo })
    state.upTo = upTo
    state.done = upTo === file.size && still >= options.settle
    return
  }

  if (still < options.settle) return
  await importer.take(file, { done })
  state.done = true
}
