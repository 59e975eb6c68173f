/**
 * Threat lists as files: one entry a line, CSV, MISP (warning list, event, feed), STIX 2.1 bundles; gzip too.
 *
 * A list is what strangers wrote: an entry that names nothing is counted and sampled as a reject, one that would accuse
 * innocents is refused with its reason, and neither ends the reading. Lines are read as a stream; JSON is held whole, up
 * to `largestJson`.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UserError } from '../errors.ts'
import type { InputReport } from '../model/answer.ts'
import { csvCells, headOf, type Row, rowOf } from './csv.ts'
import {
  type Entry,
  type Indicator,
  indicatorOf,
  type Listed,
  type Refusal,
  refusalOf,
  refusals,
} from './indicator.ts'
import { jsonEntries } from './json.ts'

export interface ListSettings {
  /** When the records begin, in microseconds: what was out of date by then is refused. */
  readonly from: number
  readonly isSharedName: (name: string) => boolean
  /** Whether a destination is trusted by the user's own list. */
  readonly isAllowed: (indicator: Indicator) => boolean
}

/** The largest JSON file that is read, in bytes: a JavaScript string holds no more. */
const largestJson = 400e6
const longestLine = 1 << 16
/** Addresses change hands; one that was last seen longer ago than this is not matched. */
const staleAfter = 365 * 86_400e6

const refusalText = (refusal: Refusal): string => `refused: ${refusals[refusal]}`

/**
 * Reads one list. `take` gets what is to be matched, in batches; the report counts what was taken, rejected and refused.
 * @throws UserError list-invalid where the file cannot be read at all, or holds nothing that names anything.
 */
export async function readThreatList(
  path: string,
  settings: ListSettings,
  take: (batch: readonly Listed[]) => Promise<void>,
): Promise<InputReport> {
  const reading = createReading(path, settings, take)
  const { head, size } = await headOfFile(path)
  const gzip = head[0] === 0x1f && head[1] === 0x8b
  const first = gzip ? await firstByte(path) : firstText(head)
  if (first === '{' || first === '[') await readJson(path, { size, gzip, reading })
  else await readLines(path, gzip, reading)
  return reading.report(await hashOf(path))
}

function createReading(
  path: string,
  settings: ListSettings,
  take: (batch: readonly Listed[]) => Promise<void>,
) {
  const counts = new Map<string, number>()
  const samples: { reason: string; position: number; sample: string }[] = []
  let list = basename(path).replace(/\.gz$/, '')
  let format = 'plain'
  let taken = 0
  let batch: Listed[] = []
  const leaveOut = (reason: string, position: number, sample: string) => {
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
    if (samples.filter((each) => each.reason === reason).length < 3)
      samples.push({
        reason,
        position,
        sample: sample
          .slice(0, 200)
          .replace(/\p{Cc}/gu, '\ufffd')
          .toWellFormed(),
      })
  }
  const flush = async () => {
    if (batch.length > 0) await take(batch)
    batch = []
  }
  return {
    leaveOut,
    flush,
    named: (name: string) => {
      if (name.trim() !== '') list = name.trim().slice(0, 120)
    },
    is: (name: string) => {
      format = name
    },
    /** Takes an entry; what it gives must be waited for. */
    entry({ value, said, listed, until, refused }: Entry, position: number): Promise<void> | undefined {
      const indicator = indicatorOf(value)
      if (!indicator) {
        leaveOut('it names nothing that can be matched', position, value)
        return
      }
      const against =
        refused ??
        datedRefusal(indicator, { listed, until }, settings.from) ??
        refusalOf(indicator, settings.isSharedName) ??
        (settings.isAllowed(indicator) ? 'allowed' : null)
      if (against) {
        leaveOut(refusalText(against), position, value)
        return
      }
      taken++
      batch.push({ ...indicator, list, said: said.slice(0, 200), listed })
      return batch.length >= 20_000 ? flush() : undefined
    },
    report(sha256: string): InputReport {
      if (taken + counts.size === 0)
        throw new UserError(
          'list-invalid',
          `the list ${path} has no entries`,
          'Give one entry per line, CSV, MISP or STIX 2.1 JSON.',
        )
      return {
        name: path,
        format: `threat list, ${format}`,
        sha256,
        records: { indicator: taken },
        duplicates: 0,
        rejects: Object.fromEntries(counts),
        rejectSamples: samples,
        known: false,
      }
    },
  }
}

export type Reading = ReturnType<typeof createReading>

function datedRefusal(
  { type }: Indicator,
  { listed, until }: Pick<Entry, 'listed' | 'until'>,
  from: number,
): Refusal | null {
  if (until !== null && until < from) return 'expired'
  const moves = type === 'address' || type === 'network' || type === 'service'
  return moves && listed !== null && listed < from - staleAfter ? 'stale' : null
}

async function headOfFile(path: string): Promise<{ head: Buffer; size: number }> {
  try {
    const { size } = await stat(path)
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
      return { head: buffer.subarray(0, bytesRead), size }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new UserError('list-invalid', `the list ${path} cannot be read`, 'Check the path.', error)
  }
}

const firstText = (head: Buffer): string =>
  head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()[0] ?? ''

async function firstByte(path: string): Promise<string> {
  for await (const chunk of streamOf(path, true)) return firstText(chunk as Buffer)
  return ''
}

function streamOf(path: string, gzip: boolean): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 18 })
  return gzip ? pipeline(file, createGunzip(), () => {}) : file
}

/** SHA-256 of each file: what a list held when it was read. @throws UserError list-invalid. */
export async function hashesOf(paths: readonly string[]): Promise<string[]> {
  const hashes: string[] = []
  for (const path of paths) {
    await headOfFile(path)
    hashes.push(await hashOf(path))
  }
  return hashes
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

interface JsonFile {
  readonly size: number
  readonly gzip: boolean
  readonly reading: Reading
}

async function readJson(path: string, { size, gzip, reading }: JsonFile): Promise<void> {
  const tooLarge = () =>
    new UserError(
      'list-invalid',
      `${path} is larger than ${largestJson / 1e6} MB of JSON`,
      'Split it, or give one entry per line.',
    )
  if (size > largestJson) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  let parsed: unknown
  try {
    for await (const chunk of streamOf(path, gzip)) {
      length += (chunk as Buffer).length
      if (length > largestJson) throw tooLarge()
      chunks.push(chunk as Buffer)
    }
    parsed = JSON.parse(
      Buffer.concat(chunks)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    )
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      'list-invalid',
      `${path} is not JSON, or is truncated`,
      'Give a MISP or STIX 2.1 file, CSV, or one entry per line.',
      error,
    )
  }
  const found = jsonEntries(parsed)
  if (!found)
    throw new UserError(
      'list-invalid',
      `${path} is neither a MISP list, event or feed nor a STIX bundle`,
      'Give one of those, CSV, or one entry per line.',
    )
  reading.is(found.format)
  reading.named(found.name)
  let position = 0
  for (const each of found.entries) {
    position++
    if ('reject' in each) reading.leaveOut(each.reject, position, each.sample)
    else await reading.entry(each, position)
  }
  await reading.flush()
}

async function readLines(path: string, gzip: boolean, reading: Reading): Promise<void> {
  let head: Row | null = null
  let position = 0
  try {
    for await (const lines of linesOf(streamOf(path, gzip))) {
      for (const line of lines) {
        position++
        if (line === null) {
          reading.leaveOut(`longer than ${longestLine} characters`, position, '')
          continue
        }
        const text = position === 1 ? line.replace(/^\ufeff/, '') : line
        if (text.trim() === '') continue
        // A comment may be the head of a table, as abuse.ch writes it.
        const said: Row | null = head === null ? headOf(text.replace(/^\s*(#|\/\/|;)\s*/, '')) : null
        if (said) {
          head = said
          reading.is('CSV')
          continue
        }
        if (/^\s*(#|\/\/|;|!)/.test(text)) continue
        const taken = reading.entry(head ? rowOf(text, head) : looseEntry(text), position)
        if (taken) await taken
      }
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      'list-invalid',
      `the list ${path} is truncated or unreadable`,
      'Copy it again.',
      error,
    )
  }
  await reading.flush()
}

/** A line without a head: the first cell that names something, and a comment after it. */
function looseEntry(text: string): Entry {
  const bare = text.trim()
  if (!/[\s#]/.test(bare) && indicatorOf(bare))
    return { value: bare, said: '', listed: null, until: null, refused: null }
  const [, body = '', comment = ''] = /^(.*?)(?:\s+#\s*(.*))?$/.exec(text) ?? []
  const blank = { said: comment.trim(), listed: null, until: null, refused: null }
  // hosts files: 0.0.0.0 name
  const [, blocked] = /^(?:0\.0\.0\.0|127\.0\.0\.1)\s+(\S+)$/.exec(body.trim()) ?? []
  if (blocked !== undefined) return { ...blank, value: blocked }
  if (indicatorOf(body)) return { ...blank, value: body.trim() }
  const cells = csvCells(
    body,
    /[\t]/.test(body) ? '\t' : body.includes(';') && !body.includes(',') ? ';' : ',',
  )
  const at = cells.findIndex((cell) => indicatorOf(cell) !== null)
  if (at < 0) return { ...blank, value: body.trim() }
  const next = cells[at + 1] ?? ''
  const port =
    /^\d{1,5}$/.test(next.trim()) && indicatorOf(cells[at]!)?.type === 'address' ? `:${next.trim()}` : ''
  const value =
    cells[at]!.includes(':') && port !== '' ? `[${cells[at]!.trim()}]${port}` : `${cells[at]!.trim()}${port}`
  return { ...blank, value: indicatorOf(value) ? value : cells[at]! }
}

/** Lines of a stream, some at a time; null for one that is too long, of which nothing is kept. */
async function* linesOf(stream: Readable): AsyncGenerator<(string | null)[]> {
  let rest = ''
  let skipping = false
  stream.setEncoding('utf8')
  for await (const chunk of stream) {
    const pieces = (rest + (chunk as string)).split('\n')
    rest = pieces.pop() ?? ''
    const lines: (string | null)[] = []
    for (const piece of pieces) {
      lines.push(skipping || piece.length > longestLine ? null : piece.replace(/\r$/, ''))
      skipping = false
    }
    if (lines.length > 0) yield lines
    if (rest.length > longestLine) {
      rest = ''
      skipping = true
    }
  }
  if (skipping) yield [null]
  else if (rest !== '') yield [rest.replace(/\r$/, '')]
}
