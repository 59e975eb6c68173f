/**
 * Fuzzing of what is around records: members and frames, encodings, envelopes in envelopes, archives; whole and
 * damaged.
 *
 * Lines of each text format are wrapped in up to four ways. What is whole must give the lines again, and the format
 * that they are of; what is damaged may be refused with a reason, and must not throw anything else. `node
 * test/fuzz-wrapped.ts FILES [SEED]` runs it for long; a share runs in the tests.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { eachMember } from '../src/capture/import/archive-members.ts'
import { detect, tablesOf } from '../src/capture/import/detect-format.ts'
import { openInput } from '../src/capture/input.ts'
import { UserError } from '../src/errors.ts'
import { type Random, randomFrom } from './fuzz-random.ts'
import { formats } from './fuzz-texts.ts'

type Wrap = (random: Random, bytes: Buffer) => Buffer

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)]!

const byLine =
  (wrap: (line: string, i: number, random: Random) => string): Wrap =>
  (random, bytes) => {
    const lines = bytes.toString().split('\n').slice(0, -1)
    return Buffer.from(`${lines.map((line, i) => wrap(line, i, random)).join('\n')}\n`)
  }

const cut = (random: Random, bytes: Buffer): Buffer[] => {
  const at = [...Array(random(4))].map(() => random(bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length))
}

const skippable = (random: Random): Buffer => {
  const frame = Buffer.alloc(8 + random(40), random(256))
  frame.writeUInt32LE(0x184d2a50 + random(16), 0)
  frame.writeUInt32LE(frame.length - 8, 4)
  return frame
}

const gzip: Wrap = (random, bytes) =>
  Buffer.concat([...cut(random, bytes).map((piece) => gzipSync(piece)), Buffer.alloc(random(3) * 256)])

const zstd: Wrap = (random, bytes) =>
  Buffer.concat(
    cut(random, bytes).flatMap((piece) => [
      ...(random(2) === 0 ? [skippable(random)] : []),
      zstdCompressSync(piece),
    ]),
  )

/** A tar of the one file. */
const tar: Wrap = (_, bytes) => {
  const header = Buffer.alloc(512)
  header.write('logs/input')
  header.write('0000644\0', 100)
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('14524770400\0', 136)
  header.write('        0', 148)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, bytes, Buffer.alloc(((512 - (bytes.length % 512)) % 512) + 1024)])
}

/** Of any text. */
const encodings: readonly Wrap[] = [
  (_, bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  (_, bytes) => Buffer.from(`\ufeff${bytes}`, 'utf16le'),
  (random, bytes) => Buffer.concat([Buffer.alloc(16 + random(100_000)), bytes]),
  (_, bytes) => Buffer.concat([bytes, Buffer.alloc(4096)]),
]

/** Of lines that are objects. */
const ofObjects: readonly Wrap[] = [
  byLine((line, i) => `<14>Nov 14 22:13:${10 + (i % 50)} host app[${i}]: ${line}`),
  byLine((line) => `<14>1 2023-11-14T22:13:20.003Z host app 91 - [x@1 a="b"] ${line}`),
  byLine((line) => `@cee: ${line}`),
  byLine((line) => `2023-11-14T22:13:20.123456789Z stdout F ${line}`),
  byLine((line) => `{"_index":"a","_source":${line}}`),
  byLine((line) => JSON.stringify({ '@timestamp': '2023-11-14T22:13:20Z', message: line })),
  byLine((line) => JSON.stringify({ log: `${line}\n`, stream: 'stdout' })),
  byLine((line) => JSON.stringify({ event: { original: line } })),
  byLine((line) => JSON.stringify({ PRIORITY: '6', MESSAGE: [...Buffer.from(line)] })),
  byLine((line) => JSON.stringify(JSON.parse(line), null, 2)),
  (_, bytes) => Buffer.from(`[${bytes.toString().trimEnd().split('\n').join(',')}]`),
  (_, bytes) => Buffer.from(`[\n${bytes.toString().trimEnd().split('\n').join(',\n')}\n]\n`),
  (_, bytes) => Buffer.from(bytes.toString().replaceAll('\n', '')),
  (_, bytes) => Buffer.from(`{"Records": [${bytes.toString().trimEnd().split('\n').join(', ')}]}`),
]

const damage: Wrap = (random, bytes) => {
  const damaged = Buffer.from(bytes)
  for (let i = 0; i < 1 + random(6); i++) damaged[random(damaged.length)] = random(256)
  return random(3) === 0 ? damaged.subarray(0, random(damaged.length)) : damaged
}

interface WrappedResult {
  readonly files: number
  readonly lines: number
  /** Of the damaged ones. */
  readonly refused: number
}

/** @throws Error naming the seed and the file where lines are lost or anything but a UserError is thrown. */
export async function fuzzWrapped(files: number, seed = 7): Promise<WrappedResult> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'gannet-wrapped-'))
  const total = { files: 0, lines: 0, refused: 0 }
  try {
    for (; total.files < files; total.files++) {
      const found = await wrappedFile(random, join(folder, 'input')).catch((error: unknown) => {
        throw new Error(`file ${total.files} of seed ${seed}: ${error}`, { cause: error })
      })
      total.lines += found.lines
      total.refused += found.refused
    }
    return total
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const tables = tablesOf(null)

/** The lines that a reader gets of a file, and its format; an archive's are those of its one file. */
async function linesOf(path: string): Promise<{ format: string; lines: string[] }> {
  const opened = await openInput(path, 'input')
  if (opened.archive) {
    let found = { format: '', lines: [] as string[] }
    await eachMember(opened, async (member) => {
      found = await linesOf(member.path)
    })
    return found
  }
  const { input, reader } = await detect(opened, tables)
  const text = Buffer.concat(await Array.fromAsync(input.bytes())).toString()
  const lines = text.split('\n').map((line) => bare(line))
  return { format: reader.name, lines: lines.filter((line) => line !== '') }
}

/** Without zeros and blanks around. */
function bare(line: string): string {
  let [from, to] = [0, line.length]
  while (from < to && line.charCodeAt(from) === 0) from++
  while (to > from && line.charCodeAt(to - 1) === 0) to--
  return line.slice(from, to).trim()
}

/** Objects are compared by what they hold. */
const normal = (line: string): string => (line.startsWith('{') ? JSON.stringify(JSON.parse(line)) : line)

async function wrappedFile(random: Random, path: string): Promise<{ lines: number; refused: number }> {
  const format = pick(random, formats)
  const lines = Array.from({ length: 1 + random(6) }, (_, i) => format.line(random, i))
  const plain = Buffer.from(`${format.header}${lines.join('\n')}\n`)

  const isObjects = lines[0]!.startsWith('{')
  const around = isObjects && random(4) > 0 ? [pick(random, ofObjects)] : []
  const encoded = random(3) === 0 ? [pick(random, encodings)] : []
  const packed = random(2) === 0 ? [pick(random, [gzip, zstd])] : []
  const inArchive = random(6) === 0 ? [tar] : []
  const wraps = [...around, ...encoded, ...packed, ...inArchive]
  const whole = wraps.reduce<Buffer>((bytes, wrap) => wrap(random, bytes), plain)

  writeFileSync(path, whole)
  const found = await linesOf(path)
  const wanted = plain
    .toString()
    .split('\n')
    .filter((line) => line !== '')
  if (found.format !== format.reader.name)
    throw new Error(`${format.reader.name} is taken for ${found.format}`)
  if (found.lines.map(normal).join('\n') !== wanted.map((line) => normal(line.trim())).join('\n'))
    throw new Error(
      `${wanted.length} lines of ${format.reader.name} became ${found.lines.length}: ${found.lines[0]?.slice(0, 300)}`,
    )

  writeFileSync(path, damage(random, whole))
  const refused = await linesOf(path).then(
    () => 0,
    (error: unknown) => {
      if (error instanceof UserError) return 1
      throw error
    },
  )
  return { lines: wanted.length, refused }
}

if (import.meta.main) {
  const [files = '2000', seed = '7'] = process.argv.slice(2)
  console.log(await fuzzWrapped(Number(files), Number(seed)))
}
