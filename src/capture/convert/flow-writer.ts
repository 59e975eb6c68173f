/**
 * Rows of flows on their way to a file or a stream: through a spool on disk, in the engine's tab-separated text,
 * whoever parsed them, and from there into the form that is asked for. Memory is that of one batch.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { appendFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../../errors.ts'
import { flowColumns } from '../../model/flow.ts'
import type { Query } from '../../model/query.ts'
import { type Column, type Columns, writtenColumns } from '../../model/record.ts'
import { folderBeside, type OutputPlace, openPlace, outputPlace, putInPlace } from '../../output.ts'
import { temporaryPrefix } from '../../store/abandoned.ts'
import { columnType } from '../../store/ddl.ts'
import { join, raw, sql } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'
import { encoder } from '../../store/tsv.ts'
import { type FlowForm, selected } from './flow-formats.ts'
import { hasRowForm, inForm } from './row-forms.ts'

/** Bytes of rows after which a spool is turned into the form. */
const spoolBytes = 64 << 20

export interface FlowWriter {
  rows(rows: readonly object[]): Promise<void>
  /** Rows that are text already, as `encoder` makes it. */
  text(bytes: Uint8Array): Promise<void>
  /** Gives the number of rows. */
  select(values: Readonly<Record<string, Query>>, from: Query): Promise<number>
  /** The rows since the last `keep` are wanted. */
  keep(): Promise<void>
  /** They are not. */
  forget(): Promise<void>
  /** Puts the output in its place. */
  finish(): Promise<void>
  /** Removes what is left of the work, and of an output that was not finished. */
  close(): Promise<void>
}

/** As rows come from readers that write them as text themselves: the position, then what is written of a flow. */
const columns: Columns = { position: { kind: 'id', doc: '' }, ...flowColumns }
const names = ['position', ...writtenColumns(flowColumns)]
const encode = encoder(columns, names)
const typeOf = (name: string): string =>
  columnType(columns[name] as Column).replace('LowCardinality(String)', 'String')
const structure = names.map((name) => `\`${name}\` ${typeOf(name)}`).join(', ')

interface Work {
  readonly store: Store
  readonly form: FlowForm
  /** A stream that takes flows while they are read; null for a file, which is put in its place when all is read. */
  readonly stream: NodeJS.WritableStream | null
  readonly place: OutputPlace | null
  readonly folder: string
  readonly spool: string
  parts: number
  /** Whether the engine wrote rows into the spool. */
  hasParsed: boolean
  /** Bytes in the spool, and of them those of inputs that were read to their end. */
  size: number
  kept: number
  /** Whether something was put out. */
  begun: boolean
}

/** @throws UserError output-failed when nothing can be written beside the output. */
export async function createFlowWriter(
  store: Store,
  { form, out }: { readonly form: FlowForm; readonly out: string | NodeJS.WritableStream },
): Promise<FlowWriter> {
  const place = typeof out === 'string' ? await outputPlace(out) : null
  const folder = await workFolder(place)
  const spool = joinPath(folder, 'spool')
  const stream = typeof out === 'string' ? (place?.kind === 'file' ? null : openPlace(place!)) : out
  stream?.on('error', () => {})
  const work: Work = {
    ...{ store, form, place, stream, folder, spool },
    ...{ parts: 0, size: 0, kept: 0, begun: false, hasParsed: false },
  }

  return {
    rows: (rows) => append(work, encode(rows)),
    text: (bytes) => append(work, bytes),
    select: (values, from) => select(work, values, from),
    async keep() {
      work.kept = work.size
      await turnWhenDue(work)
    },
    async forget() {
      if (work.size > work.kept) await truncate(spool, work.kept)
      work.size = work.kept
    },
    finish: () => finish(work),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Beside a file that is to be made, so that it is moved in one step; else where the system keeps what is temporary. */
async function workFolder(place: OutputPlace | null): Promise<string> {
  const beside = place?.kind === 'file' ? await folderBeside(place) : null
  if (beside !== null) return beside
  // A file in a folder that is not to be written may itself be.
  if (place?.kind === 'file' && !place.before) throw cannotWrite(place, null)
  return mkdtemp(temporaryPrefix())
}

const cannotWrite = ({ name }: OutputPlace, cause: unknown) =>
  new UserError(
    'output-failed',
    `${name} cannot be written`,
    'Give a path in a folder with write permission.',
    cause ?? undefined,
  )

async function append(work: Work, bytes: Uint8Array): Promise<void> {
  await appendFile(work.spool, bytes)
  work.size += bytes.length
  // A stream gets its rows while they come; a file waits, for the input may turn out to be no good.
  if (work.stream) await turnWhenDue(work)
}

const nextPart = (work: Work): string => joinPath(work.folder, `part-${++work.parts}`)

async function select(work: Work, values: Readonly<Record<string, Query>>, from: Query): Promise<number> {
  const part = nextPart(work)
  const read = names.map((name) => sql`${values[name] ?? raw('NULL')} AS ${raw(`\`_${name}\``)}`)
  const typed = names.map((name) => `CAST(\`_${name}\`, '${typeOf(name)}') AS \`${name}\``).join(', ')
  const rows = sql`SELECT ${raw(typed)} FROM (SELECT ${join(read, ', ')} FROM ${from})`
  await work.store.save(rows, { path: part, format: 'TSV', settings: { compile_expressions: 0 } })
  const lines = await linesIn(part)
  if (lines > 0) {
    work.hasParsed = true
    work.size += (await stat(part)).size
    await pipeline(createReadStream(part), createWriteStream(work.spool, { flags: 'a' }))
  }
  await rm(part, { force: true })
  return lines
}

/** Lines of a file that the engine wrote; none where it wrote no file, having no row. */
async function linesIn(path: string): Promise<number> {
  let lines = 0
  if ((await stat(path).catch(() => null)) === null) return 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
  return lines
}

async function turnWhenDue(work: Work): Promise<void> {
  if (work.form.joins && work.size >= spoolBytes) await turn(work)
}

/** Turns the spool into the form and puts it out; one thread, so that rows keep their order. */
async function turn(work: Work): Promise<void> {
  const { store, form, spool } = work
  if (work.size === 0) return
  if (!work.hasParsed && hasRowForm(form)) return turnHere(work)
  const part = nextPart(work)
  await store.parse({ path: spool, gzip: false, format: 'TSV', structure }, (table) =>
    saved(store, { form, part }, sql`${table}`),
  )
  await emptied(work)
  await put(work, part)
}

/** The same without the engine, for rows that none but built-in readers wrote. */
async function turnHere(work: Work): Promise<void> {
  await giveHead(work)
  await give(work, Readable.from(inForm(work.form, work.spool)))
  await emptied(work)
}

async function emptied(work: Work): Promise<void> {
  await rm(work.spool)
  work.size = 0
  work.kept = 0
  work.hasParsed = false
}

const saved = (store: Store, { form, part }: { form: FlowForm; part: string }, from: Query): Promise<void> =>
  store.save(sql`SELECT ${selected(form)} FROM ${from}`, {
    path: part,
    format: form.format,
    settings: { ...form.settings, max_threads: 1 },
  })

async function giveHead(work: Work): Promise<void> {
  if (!work.begun) await give(work, Readable.from([Buffer.from(work.form.head)]))
  work.begun = true
}

async function put(work: Work, part: string): Promise<void> {
  await giveHead(work)
  await give(work, createReadStream(part, { highWaterMark: 1 << 20 }))
  await rm(part)
}

const unfinished = ({ folder }: Work): string => joinPath(folder, 'out')

async function give(work: Work, bytes: Readable): Promise<void> {
  const { stream, place } = work
  if (!stream) return pipeline(bytes, createWriteStream(unfinished(work), { flags: 'a' }))
  await pipeline(bytes, stream, { end: false }).catch((error: unknown) => {
    throw place ? cannotWrite(place, error) : error
  })
}

async function finish(work: Work): Promise<void> {
  const { store, form, place, stream } = work
  await turn(work)
  if (!work.begun && form.joins) await give(work, Readable.from([Buffer.from(form.head)]))
  else if (!work.begun) {
    const part = nextPart(work)
    await saved(store, { form, part }, sql`null(${structure})`)
    await put(work, part)
  }
  if (!place) return
  if (!stream) await putInPlace(unfinished(work), place)
  else if (place.kind === 'stream') await new Promise<void>((done) => stream.end(() => done()))
}
