import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UserError } from '../errors.ts'
import { csvCells, headOf, type Row, rowOf } from './csv.ts'
import { type Entry, indicatorOf } from './indicator.ts'
import { jsonEntries } from './json.ts'
import { largestJson, longestLine, type Reading, tooLong } from './reading.ts'

export function streamOf(path: string, gzip: boolean): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 18 })
  return gzip ? pipeline(file, createGunzip(), () => {}) : file
}

interface JsonFile {
  readonly size: number
  readonly gzip: boolean
  readonly reading: Reading
}

export async function readJson(path: string, { size, gzip, reading }: JsonFile): Promise<void> {
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

export async function readLines(path: string, gzip: boolean, reading: Reading): Promise<void> {
  let head: Row | null = null
  let position = 0

  try {
    for await (const lines of linesOf(streamOf(path, gzip))) {
      for (const line of lines) {
        position++
        if (line === null) {
          reading.leaveOut(tooLong, position, '')
          continue
        }
        const text = position === 1 ? line.replace(/^\ufeff/, '') : line
        const isPlain = startsPlain(text)
        if (!isPlain && text.trim() === '') continue
        // A comment may be the head of a table, as abuse.ch writes it.
        const told = isPlain ? text : text.replace(/^\s*(#|\/\/|;)\s*/, '')
        const description: Row | null = head === null ? headOf(told) : null
        if (description) {
          head = description
          reading.is('CSV')
          continue
        }
        if (!isPlain && /^\s*(#|\/\/|;|!)/.test(text)) continue
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

/** Whether a line begins with a letter or digit, as most do, and so is neither empty nor a comment. */
function startsPlain(line: string): boolean {
  const code = line.charCodeAt(0)
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

/** A line without a head: the first cell that names something, and a comment after it. */
function looseEntry(text: string): Entry {
  const bare = text.trim()

  if (!/[\s#]/.test(bare) && indicatorOf(bare))
    return { value: bare, description: '', listed: null, until: null, refused: null }

  const [, body = '', comment = ''] = /^(.*?)(?:\s+#\s*(.*))?$/.exec(text) ?? []
  const blank = { description: comment.trim(), listed: null, until: null, refused: null }

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
