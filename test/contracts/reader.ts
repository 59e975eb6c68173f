import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readers } from '../../src/capture/index.ts'
import type { Reader } from '../../src/capture/reader.ts'
import { UserError } from '../../src/errors.ts'
import { openReading, type Read, type Reading, recordsIn } from './reading.ts'

interface ReaderSample {
  readonly reader: Reader
  /** A small input of this format; all of its records good, unless `rejects` says otherwise. */
  readonly sample: Buffer
  /** Records in the sample, rejects among them. */
  readonly records: number
  readonly rejects?: Readonly<Record<string, number>>
  /** Where the sample may be damaged: the first byte behind its headers. */
  readonly body: number
  /** Bytes to cut from the end so that the last record, and no other, is damaged; default 6. */
  readonly cut?: number
  /** Bytes that hurt this format; put over the sample at any place of the body. */
  readonly junk?: readonly (string | Buffer)[]
  /** Damaged inputs that are read; default 300. */
  readonly runs?: number
  /**
   * Whether each line is a record, so that damage inside a line cannot change the number of records. False for
   * binary formats, where damage to a length makes the rest unreadable.
   */
  readonly lines: boolean
}

const usualJunk = [
  '-',
  'x',
  '-1',
  '1e99',
  '\t',
  '\0',
  ',',
  '"',
  '\\',
  '\\x',
  "'",
  '{',
  '}',
  '99999999999999999999',
  'NaN',
  'inf',
  '\u00e9',
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0xc3]),
]

/** What every reader owes. Called once in each reader's own test, with a small sample of its format. */
export function readerContract(given: ReaderSample) {
  const { reader, sample } = given
  describe(`${reader.name} keeps the reader contract`, () => {
    let reading: Reading
    let whole: Read
    beforeAll(async () => {
      reading = await openReading()
      whole = await reading.read(reader, sample)
    })
    afterAll(() => reading.close())

    it('is the only reader that accepts its sample, and never throws on another', () => {
      expect(readers.filter((each) => each.accepts(sample.toString('latin1')))).toEqual([reader])
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (head) => typeof reader.accepts(head) === 'boolean'),
      )
      for (let end = 0; end < Math.min(sample.length, 2000); end += 7)
        reader.accepts(sample.toString('latin1', 0, end))
    })

    it('gives every record of the sample as a row or as a reject', () => {
      expect(whole.rejects).toEqual(given.rejects ?? {})
      expect(recordsIn(whole)).toBe(given.records)
      expect(new Set(whole.rows.map(({ record }) => record)).size).toBeGreaterThan(0)
      for (const { record } of whole.rows) expect(reader.gives).toContain(record)
    })

    it('gives the same rows when read twice', async () => {
      expect(await reading.read(reader, sample)).toEqual(whole)
    })

    it('gives the same rows from gzip and from zstd', async () => {
      expect(await reading.read(reader, gzipSync(sample))).toEqual(whole)
      expect(await reading.read(reader, zstdCompressSync(sample))).toEqual(whole)
    })

    it('reads packed files to the end of their last member, whatever stands between and behind', async () => {
      const middle = sample.length >> 1
      const halves = [sample.subarray(0, middle), sample.subarray(middle)] as const
      const gzip = Buffer.concat([gzipSync(halves[0]), gzipSync(''), gzipSync(halves[1]), Buffer.alloc(1000)])
      expect(await reading.read(reader, gzip)).toEqual(whole)
      const skippable = Buffer.from('5a2a4d1803000000010203', 'hex')
      const frames = halves.flatMap((half) => [skippable, zstdCompressSync(half)])
      expect(await reading.read(reader, Buffer.concat([...frames, skippable, Buffer.alloc(9)]))).toEqual(
        whole,
      )
    })

    it('takes zeros around its text for nothing, and never for the end', async () => {
      const tail = await reading.read(reader, Buffer.concat([sample, Buffer.alloc(5000)]))
      if (!given.lines) return expect(recordsIn(tail)).toBeGreaterThanOrEqual(recordsIn(whole))
      expect(tail.rows).toEqual(whole.rows)
      const hole = await reading.read(reader, Buffer.concat([Buffer.alloc(70_000), sample]))
      expect(hole).toEqual(whole)
    })

    it('reads on behind its end: of two samples one after the other, none is lost', async () => {
      const end = given.lines && sample.at(-1) !== 10 ? Buffer.from('\n') : Buffer.alloc(0)
      const twice = await reading.read(reader, Buffer.concat([sample, end, sample]))
      // Packets and halves of the second join the flows of the first, whose counts then differ.
      if (given.lines) expect(recordsIn(twice)).toBeGreaterThanOrEqual(2 * recordsIn(whole))
      else expect(twice).not.toEqual(whole)
    })

    it('calls broken compression damaged, and nothing else', async () => {
      const packed = gzipSync(sample)
      await expect(reading.read(reader, packed.subarray(0, packed.length - 12))).rejects.toMatchObject({
        code: 'input-damaged',
      })
    })

    it('loses nothing: a cut file gives every record as a row or as a reject', async () => {
      const end = sample.toString('latin1').trimEnd().length
      const cut = await reading.read(
        reader,
        sample.subarray(0, (given.lines ? end : sample.length) - (given.cut ?? 6)),
      )
      expect(recordsIn(cut)).toBe(recordsIn(whole))
    })

    it('never throws on a record it cannot use, and loses none', async () => {
      const place = fc.integer({ min: given.body, max: sample.length })
      const junk = fc.oneof(
        fc.constantFrom(...(given.junk ?? []), ...usualJunk).map((each) => Buffer.from(each as string)),
        fc.uint8Array({ maxLength: 8 }).map((each) => Buffer.from(each)),
      )
      const damages = fc.array(fc.tuple(place, junk, fc.boolean()), { minLength: 1, maxLength: 3 })
      const runs = fc.sample(damages, { numRuns: given.runs ?? 300, seed: 7 })
      if (given.lines)
        await readDamagedLines({ reading, given, runs: runs.map((each) => damaged(sample, each)) })
      else
        for (const each of runs)
          await reading.read(reader, damaged(sample, each)).catch((error: unknown) => {
            if (!(error instanceof UserError)) throw error
          })
    })
  })
}

type Damage = readonly [at: number, what: Buffer, insert: boolean]

const damaged = (sample: Buffer, damages: readonly Damage[]): Buffer =>
  [...damages]
    .sort(([a], [b]) => b - a)
    .reduce<Buffer>(
      (bytes, [at, what, insert]) =>
        Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at + (insert ? 0 : what.length))]),
      sample,
    )

/**
 * All damaged bodies one after the other in one file, since a run of the engine costs more than a line; the
 * header stands once. Lines that still look like records must all come out.
 */
async function readDamagedLines({
  reading,
  given,
  runs,
}: {
  reading: Reading
  given: ReaderSample
  runs: readonly Buffer[]
}): Promise<void> {
  const header = given.sample.subarray(0, given.body)
  const bodies = runs.map((each) => Buffer.concat([each.subarray(given.body), Buffer.from('\n')]))
  const text = Buffer.concat([header, ...bodies])
  const isRecord = (line: Buffer) => {
    // Zeros around a line are a hole in the file.
    const bare = line
      .toString('latin1')
      .replace(/^\0+|\0+$/g, '')
      .replace(/\r$/, '')
    return bare.length > 0 && bare[0] !== '#'
  }
  const lines = Buffer.concat(bodies)
    .toString('latin1')
    .split('\n')
    .map((line) => Buffer.from(line, 'latin1'))
  expect(recordsIn(await reading.read(given.reader, text))).toBe(lines.filter(isRecord).length)
}
