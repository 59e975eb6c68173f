/**
 * Flows of any input to a file or a stream, with no database.
 *
 * Rows go through a spool of the engine's tab-separated text, whoever parsed them, and from there into the form that is
 * asked for. Memory is that of one batch, or of one stretch of a long file of lines; a form that can be continued
 * is written spool by spool.
 */
import { UserError } from '../../errors.ts'
import type { RecordName } from '../../model/records.ts'
import type { Store } from '../../store/store.ts'
import { eachMember, nothingInArchive } from '../import/archive-members.ts'
import { readGathered, type Target } from '../import/bundle.ts'
import { inStretches, type StretchSizes } from '../import/chunks.ts'
import { detect, tablesOf } from '../import/detect-format.ts'
import { createContents } from '../import/known-contents.ts'
import { addRemarks, mayBeLeftOut, onlyReason, refuseMostlyRejected } from '../import/left-out.ts'
import { changed, newContentOfLong } from '../import/long-content.ts'
import { small } from '../import/new-content.ts'
import type { ImportProgress } from '../import/taken.ts'
import {
  type Found,
  type GivenPath,
  inputPaths,
  namesOf,
  openInput,
  reasonOf,
  stampOf,
  type Unfound,
} from '../input.ts'
import { isOpenLog } from '../logs/open-logs.ts'
import type { Input, Reader, ReadingChoices } from '../reader.ts'
import { createRejects, type Rejects, type Sample } from '../rejects.ts'
import type { Profile } from '../tables/profile.ts'
import { type FlowForm, flowForms } from './flow-formats.ts'
import { createFlowWriter, type FlowWriter } from './flow-writer.ts'

interface FlowsOptions {
  readonly form: FlowForm
  /** Where the flows go: a path, or a stream that takes them while they are read. */
  readonly out: string | NodeJS.WritableStream
  readonly format?: string | undefined
  readonly profile?: Profile | undefined
  readonly acceptRejects?: boolean
  /** What becomes of records of sampled packets; see `ReadingChoices`. */
  readonly sampled?: 'refuse' | 'scale' | undefined
  readonly progress?: (done: ImportProgress) => void
  /** Sizes of the stretches that long files of lines are read in. */
  readonly stretches?: StretchSizes
}

interface Converted {
  readonly name: string
  readonly format: string
  readonly flows: number
  /** Records of other kinds, which are no flows. */
  readonly others: Readonly<Record<string, number>>
  readonly rejects: Readonly<Record<string, number>>
  readonly rejectSamples: readonly Sample[]
}

export interface Conversion {
  readonly inputs: readonly Converted[]
  readonly skipped: readonly Unfound[]
}

/** The form of this name; without one, that which the ending of the path means. @throws UserError option-invalid. */
export function formOf(name: string | undefined, out: string): FlowForm {
  const all = flowForms.map((each) => each.name).join(', ')
  const form = flowForms.find((each) =>
    name === undefined ? each.endings.some((ending) => out.endsWith(ending)) : each.name === name,
  )
  if (form) return form
  throw new UserError(
    'option-invalid',
    name === undefined ? `--out ${out} does not show a format` : `no flow format is called ${name}`,
    `Give --format with one of: ${all}.`,
  )
}

/**
 * Reads every input and writes its flows. A file is there whole when all is read, or not at all.
 * @throws UserError as an import does; output-failed.
 */
export async function writeFlows(
  store: Store,
  paths: readonly GivenPath[],
  options: FlowsOptions,
): Promise<Conversion> {
  const { files, skipped } = await inputPaths(paths)
  const writer = await createFlowWriter(store, options)

  try {
    const inputs: Converted[] = []
    const of = files.reduce((sum, { size }) => sum + size, 0)
    let before = 0
    let flows = 0
    for (const file of files) {
      const done = (bytes: number) =>
        options.progress?.({
          name: file.name,
          bytes: before + Math.min(bytes, file.size),
          of,
          rows: flows,
        })
      done(0)
      const sum = { inputs, skipped, add: (more: number) => (flows += more) }
      await takeFile(store, writer, { file, options, done, ...sum })
      before += file.size
      done(0)
    }
    if (inputs.length === 0) throw onlyReason(files, skipped) ?? nothingIn(paths, skipped)
    await writer.finish()
    return { inputs, skipped: skipped.map(({ name, why }) => ({ name, why })) }
  } finally {
    await writer.close()
  }
}

function nothingIn(paths: readonly GivenPath[], skipped: readonly Unfound[]): UserError {
  const why = skipped.slice(0, 5).map(({ name, why: reason }) => `${name}: ${reason}`)
  return new UserError(
    'input-unknown-format',
    `nothing in ${namesOf(paths)} can be read${why.length > 0 ? ` (${why.join('; ')})` : ': no files there'}`,
    'Give files or directories of records.',
  )
}

interface One {
  readonly file: Found
  readonly options: FlowsOptions
  readonly done: (bytes: number) => void
}

interface Taking extends One {
  readonly inputs: Converted[]
  readonly skipped: Unfound[]
  readonly add: (flows: number) => void
}

/**
 * Converts a file, or each file of an archive; what cannot be used is left out, unless the file was named and
 * broken.
 */
async function takeFile(store: Store, writer: FlowWriter, taking: Taking): Promise<void> {
  const { file, inputs, skipped, add } = taking

  try {
    const opened = await openInput(file.path, file.name)
    if (opened.archive) {
      let members = 0
      const lost = await eachMember(opened, async (member) => {
        members++
        await takeFile(store, writer, { ...taking, file: member })
      })
      skipped.push(...lost)
      if (members === 0 && lost.length === 0) throw nothingInArchive(file.name)
      return
    }
    const converted = await convert(store, writer, { ...taking, opened })
    add(converted.flows)
    inputs.push(converted)
  } catch (error) {
    if (!mayBeLeftOut(file, error)) throw error
    await writer.forget()
    skipped.push({ name: file.name, why: reasonOf(error, file.name), error })
  }
}

async function convert(
  store: Store,
  writer: FlowWriter,
  { file, options, done, opened }: One & { opened: Input },
): Promise<Converted> {
  const { input, reader } = await detect(
    opened,
    tablesOf(options.profile ?? null, sampledOf(options)),
    options.format,
  )
  const rejects = createRejects()
  const others = new Map<string, number>()
  const passOver = (record: RecordName, rows: number): void => {
    others.set(record, (others.get(record) ?? 0) + rows)
  }
  let flows = 0

  const target = {
    only: 'flow',
    passOver,
    async write(record, rows) {
      if (record !== 'flow') return passOver(record, rows.length)
      flows += rows.length
      await writer.rows(rows)
    },
    async writeText(record, rows, make) {
      if (record !== 'flow') return passOver(record, rows)
      flows += rows
      await writer.text(make(''))
    },
    parse: (source, use) => store.parse(source, use),
    describe: (path, format) => store.describe(path, format),
    async insertSelect(_, values, from) {
      const added = await writer.select(values, from)
      flows += added
      return added
    },
    rows: (query) => store.rows(query),
  } satisfies Target

  if (
    reader.lines &&
    !isOpenLog(input.name) &&
    !/^#path.open_/m.test(input.head) &&
    // Of a packed file nobody knows how long it is.
    (input.size > longFrom(options) || input.compression !== 'none')
  ) {
    await readLong(reader, { input, rejects, target, options, done })
  } else await reader.read(input, { ...target, rejects, progress: done }, sampledOf(options))

  addRemarks(input, rejects)
  if (!options.acceptRejects) refuseMostlyRejected({ name: input.name, format: reader.name }, flows, rejects)
  await writer.keep()

  return {
    name: file.name,
    format: reader.name,
    flows,
    others: Object.fromEntries(others),
    rejects: Object.fromEntries(rejects.counts),
    rejectSamples: rejects.samples,
  }
}

const sampledOf = ({ sampled }: FlowsOptions): ReadingChoices => (sampled ? { sampled } : {})

/** Bytes above which a file of lines is read in stretches. */
const longFrom = ({ stretches }: FlowsOptions): number => Math.min(small, stretches?.own ?? small)

interface Long extends Pick<One, 'options' | 'done'> {
  readonly input: Input
  readonly rejects: Rejects
  readonly target: Target
}

/** Reads a long file of lines stretch by stretch, so that memory is that of one. */
async function readLong(reader: Reader, { input, rejects, target, options, done }: Long): Promise<void> {
  const { name, path } = input
  const stamp = await stampOf(path)
  const rest = await newContentOfLong({ input, kind: reader, known: createContents(), before: null })
  await inStretches({ reader, sizes: options.stretches, ...rest }, async (stretch) => {
    const part = { name, path, rejects, lines: 0, shift: stretch.shift }
    await readGathered(reader, { path: stretch.path, parts: [part], beside: stretch.beside }, () => target)
    done(stretch.passed)
  })
  if ((await stampOf(path)) !== stamp) throw changed(name)
}
