/** Which reader an input is for, or why it is for none. */
import { UserError } from '../../errors.ts'
import { formats, readerFor, readerNamed } from '../index.ts'
import { firstObject } from '../logs/json.ts'
import type { Input, Reader } from '../reader.ts'
import type { Profile } from '../tables/profile.ts'
import { csvReader, jsonlReader, keysOf, parquetReader, tableFields } from '../tables/tables.ts'

/** Readers of tables, under the profile that the person gave or under ours. */
export interface Tables {
  readonly given: boolean
  readonly csv: Reader
  readonly jsonl: Reader
  readonly parquet: Reader
}

export const tablesOf = (profile: Profile | null): Tables => ({
  given: profile !== null,
  csv: csvReader(profile),
  jsonl: jsonlReader(profile),
  parquet: parquetReader(profile),
})

const isTable = (name: string): name is 'csv' | 'jsonl' | 'parquet' => /^(csv|jsonl|parquet)$/.test(name)

/** @throws UserError when the input is empty, unknown or known and of no use. */
export function readerOf(input: Input, tables: Tables, format?: string): Reader {
  if (format) return isTable(format) ? tables[format] : readerNamed(format)
  if (input.head === '') {
    throw new UserError('input-empty', `${input.name} is empty`, 'Give a file with records in it.')
  }
  const reader = readerFor(input.head)
  if (reader && !isTable(reader.name)) return reader
  const kind = otherKind(input.head)
  if (kind) throw new UserError('input-unsupported', `${input.name} is ${kind.what}`, kind.hint)
  if (tables.given) return tables[shapeOf(input.head)]
  if (reader && isTable(reader.name)) return tables[reader.name]
  throw unknown(input)
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
      `${name} is in no format that can be read`,
      `Give one of: ${formats()}. Force one with --format.`,
    )
  if (shape === 'jsonl' && fields.includes('ts')) {
    return new UserError(
      'input-unsupported',
      `${name} is a Zeek log of a kind that is not used, as JSON`,
      'Give conn.log and its companions.',
    )
  }
  const shown = fields.slice(0, 12).map((field) => field.slice(0, 40))
  return new UserError(
    'input-unknown-format',
    `${name} is a table whose columns no profile knows (${shown.join(', ')}${fields.length > 12 ? ' …' : ''})`,
    'If these are flows, say what the columns mean: --map FIELD=start,FIELD=client,FIELD=server,…',
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
