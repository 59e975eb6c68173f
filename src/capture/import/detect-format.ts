/** Which reader an input is for, or why it is for none. */
import { UserError } from '../../errors.ts'
import { envelopes } from '../content/envelopes.ts'
import { type Foreign, foreignKind } from '../content/foreign.ts'
import { headerless } from '../content/headerless.ts'
import { keyValues } from '../content/key-values.ts'
import { snortForms } from '../content/snort-forms.ts'
import { formats, readerFor, readerNamed } from '../index.ts'
import { withoutEnvelope } from '../input.ts'
import { firstObject } from '../logs/json.ts'
import type { Input, Reader, ReadingChoices, Remark } from '../reader.ts'
import type { Profile } from '../tables/profile.ts'
import { csvReader, jsonlReader, keysOf, parquetReader, tableFields } from '../tables/tables.ts'
import { skipping } from './skipping.ts'

/** Readers of tables, under the profile that the person gave or under ours. */
export interface Tables {
  readonly given: boolean
  readonly csv: Reader
  readonly jsonl: Reader
  readonly parquet: Reader
}

export const tablesOf = (profile: Profile | null, choices: ReadingChoices = {}): Tables => ({
  given: profile !== null,
  csv: csvReader(profile, choices),
  jsonl: jsonlReader(profile, choices),
  parquet: parquetReader(profile, choices),
})

const isTable = (name: string): name is 'csv' | 'jsonl' | 'parquet' => /^(csv|jsonl|parquet)$/.test(name)

/** An input whose envelopes are taken off, and the reader of its records. */
export interface Detected {
  readonly input: Input
  readonly reader: Reader
}

/**
 * Which reader an input is for, and what has to be taken off before.
 *
 * The content is looked at as it is, then without what other programs put around records (`content/envelopes.ts`), then
 * under the header that it lacks, then behind first lines that are of something else.
 * @throws UserError when the input is empty, unknown, or known and of no use.
 */
export async function detect(input: Input, tables: Tables, format?: string): Promise<Detected> {
  if (format) {
    const reader = isTable(format) ? tables[format] : readerNamed(format)
    const accepts = (head: string) => (reader.accepts(head) ? reader : null)
    return (await unwrapped(input, accepts)) ?? { input, reader }
  }

  if (input.head === '')
    throw new UserError('input-empty', `${input.name} is empty`, 'Give a file with records.')

  const accepts = (head: string) => acceptedBy(head, tables)
  const reader = accepts(input.head)
  if (reader && !isTable(reader.name)) return { input, reader }
  const kind = otherKind(input)
  if (kind) throw new UserError('input-unsupported', `${input.name} is ${kind.what}`, kind.hint)
  const found = reader ? { input, reader } : await unwrapped(input, accepts)
  if (found) return found
  if (tables.given) return { input, reader: tables[shapeOf(input.head)] }
  throw unknown(input)
}

function acceptedBy(head: string, tables: Tables): Reader | null {
  const reader = readerFor(head)
  if (reader && !isTable(reader.name)) return reader
  if (!tables.given) return reader && isTable(reader.name) ? tables[reader.name] : null
  const { csv, jsonl, parquet } = tables
  return [parquet, jsonl, csv].find((each) => each.accepts(head)) ?? null
}

type Accepts = (head: string) => Reader | null

/** Envelopes in envelopes are opened so deep. */
const deepest = 3

async function unwrapped(input: Input, accepts: Accepts): Promise<Detected | null> {
  return (await insideOf(input, accepts, deepest)) ?? behindLines(input, accepts)
}

async function insideOf(input: Input, accepts: Accepts, depth: number): Promise<Detected | null> {
  const reader = accepts(input.head)
  if (reader && (depth === deepest || isOfText(reader))) return { input, reader }
  if (depth === 0) return null
  for (const envelope of [...envelopes, ...snortForms, keyValues, ...headerless]) {
    const opened = envelope(input.head)
    if (!opened) continue
    const inner = await withoutEnvelope(input, opened)
    if (inner.head === '' || inner.head === input.head) continue
    const found = await insideOf(inner, accepts, depth - 1)
    if (found) return found
  }
  return null
}

const isOfText = ({ name, lines }: Reader): boolean => lines !== undefined || name === 'nfdump-text'

/** First lines that are looked behind. */
const mostForeign = 20

/** Records behind first lines that are blank or of something else. */
async function behindLines(input: Input, accepts: Accepts): Promise<Detected | null> {
  const { head } = input
  let at = 0

  for (let count = 1; count <= mostForeign; count++) {
    at = head.indexOf('\n', at) + 1
    if (at === 0) return null
    const reader = accepts(head.slice(at))
    if (!reader || !isOfText(reader)) continue
    // What tells each line by itself, or by headers wherever they stand, counts the lines before as well.
    if (reader.lines !== 'first') return { input, reader }
    const [from, foreign] = [at, head.slice(0, at)]
    const opened = {
      what: `text behind ${count} ${count === 1 ? 'line' : 'lines'} of something else`,
      grows: true,
      through: (chunks: AsyncIterable<Buffer>) => skipping(chunks, from),
    }
    const sample = Buffer.from(foreign.trim(), 'latin1').toString()
    const remarks: Remark[] = sample === '' ? [] : [{ reason: 'not-used', position: 1, sample, times: count }]
    return { input: await withoutEnvelope(input, opened, remarks), reader }
  }

  return null
}

const shapeOf = (head: string): 'csv' | 'jsonl' | 'parquet' =>
  head.startsWith('PAR1') ? 'parquet' : /^\s*\{/.test(head) ? 'jsonl' : 'csv'

function unknown({ name, head }: Input): UserError {
  const shape = shapeOf(head)
  const fields =
    shape === 'csv' ? tableFields(head) : shape === 'jsonl' ? keysOf(firstObject(head) ?? {}) : []

  if (fields.length < 3)
    return new UserError(
      'input-unknown-format',
      `${name} is in no known format`,
      `Give one of: ${formats()}. Force one with --format.`,
    )

  if (shape === 'jsonl' && fields.includes('ts')) {
    return new UserError(
      'input-unsupported',
      `${name} is a Zeek log that no stage uses, as JSON`,
      'Give conn.log and the logs beside it.',
    )
  }

  const shown = fields.slice(0, 12).map((field) => field.slice(0, 40))

  return new UserError(
    'input-unknown-format',
    `${name} is a table whose columns no mapping profile knows (${shown.join(', ')}${fields.length > 12 ? ' …' : ''})`,
    'If these are flows, map the columns: --map THEIRS=start,THEIRS=client,THEIRS=server,…',
  )
}

/** Kinds of file that we know and do not read. */
function otherKind({ head, name, isBlank }: Input): Foreign | null {
  if (isBlank) return { what: 'nothing but zeros', hint: 'Copy it again: what was written is not in it.' }
  const zeek = /^#path\t(\S+)/m.exec(head.slice(0, 2000))
  if (head.startsWith('#separator') && zeek) {
    return {
      what: `a Zeek log that no stage uses (${zeek[1]})`,
      hint: 'Give conn.log and the logs beside it.',
    }
  }
  return foreignKind(head, name)
}
