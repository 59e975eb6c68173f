import type { InputReport } from '../../model/answer.ts'
import type { Load } from '../../store/load.ts'
import type { Store } from '../../store/store.ts'
import { type Found, openInput, reasonOf, stampOf, type Unfound } from '../input.ts'
import { isOpenLog } from '../logs/open-logs.ts'
import type { Input, ReadingChoices } from '../reader.ts'
import { createRejects } from '../rejects.ts'
import { eachMember, nothingInArchive } from './archive-members.ts'
import { readLines } from './bundle.ts'
import { inStretches } from './chunks.ts'
import { detect, type Tables, tablesOf } from './detect-format.ts'
import { contentOf } from './known-content.ts'
import { type Contents, createContents, either, type KnownContents } from './known-contents.ts'
import { addRemarks, mayBeLeftOut, refuseMostlyRejected } from './left-out.ts'
import { changed, newContentOfLong } from './long-content.ts'
import { newContentOf, partOf, small } from './new-content.ts'
import { createPublisher, type Publisher, type Slot } from './publisher.ts'
import { readGroup, sinkOf } from './read-group.ts'
import { type Remembered, remembered } from './remembered.ts'
import type { How, ImportOptions, Opened, Taken, Waiting } from './taken.ts'

/** Files, and bytes of them, that are read together. */
export const most = { files: 256, bytes: 16 << 20 }

export interface Importer {
  /**
   * Takes a file, now or with those that follow.
   * @throws UserError when a file that was named cannot be read; of others, and of what is of no use, `skipped` tells.
   */
  take(file: Found, how: How): Promise<void>
  /** Reads and publishes all that was taken. */
  finish(): Promise<void>
  /** What became of each input since it was asked last, in their order. */
  reports(): InputReport[]
  skipped(): Unfound[]
  /** Rows so far. */
  rows(): number
}

/** What the functions below share. */
interface Work {
  readonly store: Store
  readonly options: ImportOptions
  readonly publisher: Publisher
  readonly tables: Tables
  /** By path. */
  readonly memory: Map<string, Remembered>
  waiting: Waiting[]
  /** Of those that wait. */
  readonly waitingContents: Contents
  /** Of those, and of what is published or waits for that. */
  readonly known: KnownContents
  skipped: Unfound[]
  rows: number
  /** The load of the file at hand. */
  reading: Load | null
}

export async function createImporter(store: Store, options: ImportOptions): Promise<Importer> {
  const publisher = await createPublisher(store)
  const tables = tablesOf(options.profile ?? null, sampledOf(options))
  const state = { memory: new Map<string, Remembered>(), waiting: [], skipped: [], rows: 0, reading: null }
  const waitingContents = createContents()
  const known = either(publisher.contents(), waitingContents)
  const work: Work = { store, options, publisher, tables, waitingContents, known, ...state }

  return {
    take: (file, how) => takeOrLeave(work, file, how),
    async finish() {
      await flush(work)
      await publisher.finish()
    },
    reports: () => publisher.take(),
    skipped: () => work.skipped.splice(0),
    rows: () => work.rows + (work.reading?.rows() ?? 0),
  }
}

async function takeOrLeave(work: Work, file: Found, how: How): Promise<void> {
  try {
    await takeFile(work, file, how)
  } catch (error) {
    work.reading = null
    // What came before it is kept, in its order.
    await flush(work)
    leave(work, file, error)
  }
}

/** @throws `error`, unless it is about a file that was found and not named. */
function leave({ skipped }: Work, file: Found, error: unknown): void {
  if (!mayBeLeftOut(file, error)) throw error
  skipped.push({ name: file.name, why: reasonOf(error, file.name), error })
}

/** Takes the files in an archive, each as if it had been found in a folder. */
async function takeMembers(work: Work, archive: Input, { done }: How): Promise<void> {
  let taken = 0
  const lost = await eachMember(
    archive,
    async (file) => {
      taken++
      await takeOrLeave(work, file, { done: () => done(archive.size) })
    },
    () => flush(work),
  )
  work.skipped.push(...lost)
  if (taken === 0 && lost.length === 0) throw nothingInArchive(archive.name)
}

async function takeFile(work: Work, file: Found, how: How): Promise<void> {
  const stamp = await stampOf(file.path)
  const found = await openInput(file.path, file.name, { upTo: how.upTo })
  if (found.archive) return takeMembers(work, found, how)
  const { input, reader } = await detect(found, work.tables, work.options.format)
  const slot = work.publisher.reserve()
  const opened = { file, input, reader, slot, stamp: how.upTo === undefined ? stamp : null }

  // Of an open_ log a later line takes the place of an earlier one: it is read whole.
  const inLines = reader.lines && !isOpenLog(input.name) && !/^#path.open_/m.test(input.head)

  if (!inLines) return takeWhole(work, opened, how)

  // What is left of a file when its envelope is off is read from its beginning, whatever of it is known.
  const upTo = input.compression === 'none' ? how.upTo : undefined
  const lines = { ...how, upTo }
  const end = upTo ?? input.size
  const isLong =
    end - (work.memory.get(file.path)?.mark.bytes ?? 0) > least(work) && input.compression === 'none'
  if (isLong || !(await takeLines(work, opened, lines))) await takeStretches(work, opened, lines)
}

/** Bytes of new lines above which a file is read by itself. */
const least = ({ options }: Work): number => Math.min(small, options.stretches?.own ?? small)

/** Takes what is new in a file of lines, with others; false where that is too much. */
async function takeLines(work: Work, { file, input, reader, slot }: Opened, { upTo }: How): Promise<boolean> {
  const before = work.memory.get(file.path) ?? null
  const seen = await newContentOf({ input, kind: reader, known: work.known, upTo, before })
  const { content, held, remember, hasRecords } = seen

  if (content.known > 0 && (content.known === content.bytes || !hasRecords)) {
    await known(work, slot, { name: input.name, sha256: content.knownSha256 })
    return true
  }

  if (upTo !== undefined && !hasRecords) return true
  if (held === null) return false
  const load = work.publisher.loads.begin()
  const rejects = createRejects()
  const part = { ...partOf(input, seen), load, rejects }
  work.waiting.push({ file, slot, input, reader, content, load, rejects, remember, part, bytes: held.length })
  work.waitingContents.add(content)
  const all = work.waiting.reduce((sum, each) => sum + each.bytes, 0)
  if (work.waiting.length >= most.files || all >= most.bytes) await flush(work)

  return true
}

/** Takes what is new in a file of lines by itself, stretch by stretch, into one load. */
async function takeStretches(work: Work, opened: Opened, { done, upTo }: How): Promise<void> {
  const { file, input, reader, slot, stamp } = opened
  await flush(work)
  const before = work.memory.get(file.path) ?? null
  const fresh = await newContentOfLong({ input, kind: reader, known: work.known, upTo, before })
  const load = work.publisher.loads.begin()
  const rejects = createRejects()
  work.reading = load

  const cut = await inStretches(
    { reader, sizes: work.options.stretches, ...fresh },
    async ({ path, shift, beside, passed }) => {
      const part = { name: input.name, path: input.path, load, rejects, lines: 0, shift }
      await readLines({ store: work.store, loads: work.publisher.loads }, reader, {
        path,
        parts: [part],
        beside,
      })
      done(passed)
    },
  )

  work.reading = null
  await refuseChanged(input, stamp)
  const { content, mark } = fresh.ended(input.name)

  if (cut.records === 0 && content.known > 0)
    return known(work, slot, { name: input.name, sha256: content.knownSha256 })

  if (cut.records === 0 && upTo !== undefined) return
  const remember = upTo === undefined ? null : await remembered(input, mark, cut.scan)
  await publish(work, { file, slot, input, reader, content, load, rejects, remember })
}

const sampledOf = ({ sampled }: ImportOptions): ReadingChoices => (sampled ? { sampled } : {})

async function takeWhole(work: Work, opened: Opened, { done }: How): Promise<void> {
  const { file, input, reader, slot, stamp } = opened
  const { content } = await contentOf(input.bytes(), work.known)
  if (content.known === content.bytes && content.known > 0)
    return known(work, slot, { name: input.name, sha256: content.knownSha256 })
  await flush(work)
  const load = work.publisher.loads.begin()
  const rejects = createRejects()
  work.reading = load
  await reader.read(input, sinkOf(work.store, { load, rejects, done }), sampledOf(work.options))
  work.reading = null
  await refuseChanged(input, stamp)
  await publish(work, { file, slot, input, reader, content, load, rejects, remember: null })
}

export async function known(work: Work, slot: Slot, { name, sha256 }: { name: string; sha256: string }) {
  if (work.waiting.some(({ content }) => content.sha256 === sha256)) await flush(work)
  await work.publisher.known(slot, sha256, name)
}

async function publish(work: Work, taken: Taken): Promise<void> {
  const { file, slot, input, reader, content, load, rejects, remember } = taken
  addRemarks(input, rejects)
  if (!work.options.acceptRejects)
    refuseMostlyRejected({ name: input.name, format: reader.name }, load.rows(), rejects)

  work.rows += load.rows()
  const entry = {
    load: load.load,
    name: input.name,
    sha256: content.sha256,
    bytes: content.bytes,
    format: reader.name,
    rejects: Object.fromEntries(rejects.counts),
    rejectSamples: rejects.samples,
  }
  await work.publisher.add(slot, entry, load.rows())
  if (remember) work.memory.set(file.path, remember)
}

/** Reads what waits, format by format, and gives it to the publisher in the order in which it came. */
async function flush(work: Work): Promise<void> {
  const now = work.waiting
  work.waiting = []
  work.waitingContents.clear()
  for (const group of Map.groupBy(now, ({ reader }) => reader).values())
    await readGroup(work.store, work.publisher, group)
  for (const each of now) {
    try {
      if (each.error !== undefined) throw each.error
      await publish(work, each)
    } catch (error) {
      leave(work, each.file, error)
    }
  }
}

async function refuseChanged({ name, path }: Input, stamp: string | null): Promise<void> {
  if (stamp !== null && (await stampOf(path)) !== stamp) throw changed(name)
}
