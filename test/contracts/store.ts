/** What both adapters of the store owe. The same tests run on the embedded engine and on a real server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Param } from '../../src/model/query.ts'
import type { Columns, Kind } from '../../src/model/record.ts'
import { columnList } from '../../src/store/ddl.ts'
import {
  address,
  addresses,
  addressText,
  float,
  id,
  ids,
  integers,
  name,
  numbers,
  raw,
  sql,
  texts,
} from '../../src/store/sql.ts'
import type { Store, TextFile } from '../../src/store/store.ts'
import { encoder } from '../../src/store/tsv.ts'

export const hostile = [
  '',
  "'",
  '"',
  '`',
  '\\',
  "\\'",
  '\\N',
  'NULL',
  '{p1:String}',
  '$x',
  "'; DROP TABLE ledger; --",
  'a\0b',
  'tab\tline\nreturn\r',
  '\u0001\u001b[31m',
  'ü \u{1f41d} \u202e',
  '[]',
  "['a','b']",
  '%s %n',
  'x'.repeat(1 << 20),
  `x${'\u{1f41d}'.repeat(1 << 15)}`,
]

export function storeContract(title: string, open: () => Promise<Store>): void {
  describe(title, () => {
    let store: Store
    const folder = mkdtempSync(join(tmpdir(), 'gannet-contract-'))
    beforeAll(async () => {
      store = await open()
    })
    afterAll(async () => {
      await store?.close()
      rmSync(folder, { recursive: true, force: true })
    })
    binding(() => store)
    results(() => store)
    inserts(() => store)
    files(() => store, folder)
    failures(() => store)
    // Last: an embedded store reads only once it was asked.
    asked(() => store)
  })
}

function binding(store: () => Store): void {
  describe('binds values', () => {
    it('of hostile text, alone and in a list', async () => {
      for (const text of hostile) {
        const member = text.slice(0, 4095)
        const [row] = await store().rows(sql`
          SELECT ${text} AS alone, ${texts([member, 'end'])} AS listed, length(${text}) AS bytes,
                 'p1' AS after, ${[member]} AS plain`)
        expect(row, text.slice(0, 30)).toEqual({
          alone: text,
          listed: [member, 'end'],
          bytes: Buffer.byteLength(text),
          after: 'p1',
          plain: [member],
        })
      }
    })

    it.each<[string, Param, string, unknown]>([
      ['a whole number', 7, 'Int64', 7],
      ['a negative one', -7, 'Int64', -7],
      ['the largest safe one', Number.MAX_SAFE_INTEGER, 'Int64', Number.MAX_SAFE_INTEGER],
      ['a larger one', 2 ** 60, 'Float64', 2 ** 60],
      ['a fraction', 0.1, 'Float64', 0.1],
      ['the least', 5e-324, 'Float64', 5e-324],
      ['the most', 1.7976931348623157e308, 'Float64', 1.7976931348623157e308],
      ['true', true, 'Bool', true],
      ['false', false, 'Bool', false],
      ['null', null, 'Nullable(String)', null],
      ['a whole float', float(3), 'Float64', 3],
      ['an id', id('18446744073709551615'), 'UInt64', '18446744073709551615'],
      ['ids', ids(['18446744073709551615', '0']), 'Array(UInt64)', '[18446744073709551615,0]'],
      ['whole numbers', integers([1, -2]), 'Array(Int64)', [1, -2]],
      ['numbers', numbers([1, -2.5]), 'Array(Float64)', [1, -2.5]],
      ['numbers as they are', [1, 2.5], 'Array(Float64)', [1, 2.5]],
      ['no texts', texts([]), 'Array(String)', []],
      ['no numbers', numbers([]), 'Array(Float64)', []],
      ['no ids', ids([]), 'Array(UInt64)', '[]'],
      ['an address', address('192.0.2.1'), 'IPv6', '::ffff:192.0.2.1'],
      ['addresses', addresses(['2001:db8::1']), 'Array(IPv6)', ['2001:db8::1']],
    ])('%s', async (_, value, type, back) => {
      const asText = type.includes('UInt64')
      const shown = asText ? sql`toString(${value})` : sql`${value}`
      expect(await store().rows(sql`SELECT ${shown} AS v, toTypeName(${value}) AS type`)).toEqual([
        { v: back, type },
      ])
    })

    it('NaN and infinities', async () => {
      const [row] = await store().rows(sql`
        SELECT isNaN(${Number.NaN}) AS nan, ${Number.POSITIVE_INFINITY} > 1e300 AS most,
               ${Number.NEGATIVE_INFINITY} < -1e300 AS least,
               arrayMap(v -> isFinite(v), ${numbers([1, Number.NaN, Number.POSITIVE_INFINITY])}) AS finite`)
      expect(row).toEqual({ nan: 1, most: 1, least: 1, finite: [1, 0, 0] })
    })

    it('of long lists', async () => {
      const many = Array.from({ length: 30_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
      const [row] = await store().rows(sql`
        SELECT length(${addresses(many)}) AS n, length(${texts(many)}[30000]) AS last,
               ${address('10.0.117.47')} IN ${addresses(many)} AS inside,
               ${address('10.0.117.48')} IN ${addresses(many)} AS outside`)
      expect(row).toEqual({ n: 30_000, last: 11, inside: 1, outside: 0 })
    })

    it('of long lists of numbers, which go another way than short ones', async () => {
      const many = Array.from({ length: 5000 }, (_, i) => i / 4 - 100)
      const whole = many.map(Math.round)
      const [row] = await store().rows(sql`
        SELECT arraySum(${numbers(many)}) AS floats, arraySum(${many}) AS plain, arraySum(${integers(whole)}) AS whole,
               arraySum(${ids(whole.map((value) => String(value + 100)))}) AS ids,
               isNaN(arraySum(${numbers([...many, Number.NaN])})) AS nan,
               arraySum(${{ type: 'Array(UInt16)', value: whole.map((value) => value + 100) }}) AS ports,
               length(${texts(whole.map(String))}) AS texts`)
      const sum = many.reduce((a, b) => a + b, 0)
      const wholes = whole.reduce((a, b) => a + b, 0)
      const shifted = wholes + 100 * whole.length
      expect(row).toEqual({
        floats: sum,
        plain: sum,
        whole: wholes,
        ids: shifted,
        nan: 1,
        ports: shifted,
        texts: 5000,
      })
    })

    it('of spliced queries, each with its own', async () => {
      const inner = sql`${'b'} AS inner`
      expect(await store().rows(sql`SELECT ${'a'} AS before, ${inner}, ${'c'} AS after`)).toEqual([
        { before: 'a', inner: 'b', after: 'c' },
      ])
    })

    it('of statements under way at the same time', async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => store().rows<{ v: number }>(sql`SELECT ${i} AS v`)),
      )
      expect(answers.map(([row]) => row?.v)).toEqual(Array.from({ length: 40 }, (_, i) => i))
    })
  })
}

function results(store: () => Store): void {
  describe('gives results', () => {
    const all = raw(`
      SELECT toUInt64(number) AS u64, toInt64(-number) AS i64, toUInt8(number) AS u8, number / 2 AS f64,
             toFloat32(number) AS f32, if(number = 1, NULL, toUInt64(number)) AS maybe,
             if(number = 1, NULL, number / 2) AS maybeF64, concat('t', toString(number)) AS text,
             if(number = 1, NULL, toString(number)) AS maybeText, toLowCardinality('w') AS word,
             [number, number + 1] AS counts, [number / 4] AS floats, [toString(number)] AS texts,
             if(number = 1, 'é', 'plain') AS accent, [NULL, 'ß', ''] AS maybeTexts, [['a'], []] AS nested,
             number = 1 AS yes
      FROM numbers(3)`)

    it('as columns: numbers as Float64Array, NaN for none', async () => {
      const columns = await store().columns(all)
      for (const key of ['u64', 'i64', 'u8', 'f64', 'f32', 'maybe', 'maybeF64', 'yes'])
        expect(columns[key], key).toBeInstanceOf(Float64Array)
      expect(columns).toEqual({
        u64: Float64Array.of(0, 1, 2),
        i64: Float64Array.of(0, -1, -2),
        u8: Float64Array.of(0, 1, 2),
        f64: Float64Array.of(0, 0.5, 1),
        f32: Float64Array.of(0, 1, 2),
        maybe: Float64Array.of(0, Number.NaN, 2),
        maybeF64: Float64Array.of(0, Number.NaN, 1),
        text: ['t0', 't1', 't2'],
        maybeText: ['0', null, '2'],
        word: ['w', 'w', 'w'],
        counts: [Float64Array.of(0, 1), Float64Array.of(1, 2), Float64Array.of(2, 3)],
        floats: [Float64Array.of(0), Float64Array.of(0.25), Float64Array.of(0.5)],
        texts: [['0'], ['1'], ['2']],
        accent: ['plain', 'é', 'plain'],
        maybeTexts: Array(3).fill([null, 'ß', '']),
        nested: expect.anything(),
        yes: Float64Array.of(0, 1, 0),
      })
    })

    it('as columns of many blocks, in order', async () => {
      const { n, list } = await store().columns(
        sql`SELECT number AS n, range(number % 3) AS list FROM numbers(${200_000}) ORDER BY n`,
      )
      expect((n as Float64Array).every((value, i) => value === i)).toBe(true)
      expect((list as number[][]).every((value, i) => value.length === i % 3)).toBe(true)
    })

    it('as cells: what the columns hold, a row at a time and in any order', async () => {
      const query = `SELECT toFloat64(number) AS n, if(number = 3, NULL, toString(number)) AS word, [n, 1.5] AS list,
        [concat('ä', toString(number)), ''] AS words FROM numbers(200000) ORDER BY number`
      const columns = await store().columns(query)
      const cells = await store().cells(query)

      for (const [key, cell] of Object.entries(cells)) {
        expect(cell).toHaveLength(200_000)
        for (const row of [0, 199_999, 70_000, 3, 4]) expect(cell.at(row), key).toEqual(columns[key]![row])
        expect(cell.at(200_000), key).toBeUndefined()
      }
      expect((await store().cells('SELECT 1 AS a, [1.5] AS b WHERE 0'))['b']).toHaveLength(0)
    })

    it('as no columns when there is no row, yet with their names', async () => {
      const columns = await store().columns('SELECT 1 AS a, [1.5] AS b WHERE 0')
      expect(Object.keys(columns)).toEqual(['a', 'b'])
      expect(columns['a']).toHaveLength(0)
      expect(columns['b']).toHaveLength(0)
    })

    it('but no address as a column: it must be text', async () => {
      const bad = store().columns(sql`SELECT ${address('10.0.0.1')} AS host`)
      await expect(bad).rejects.toThrow(/host is an address.*addressText/)
      expect(
        await store().columns(
          sql`SELECT ${addressText('a')} AS host FROM (SELECT arrayJoin(${addresses(['10.0.0.1', '2001:db8::1'])}) AS a)`,
        ),
      ).toEqual({ host: ['10.0.0.1', '2001:db8::1'] })
    })

    it('as rows', async () => {
      expect((await store().rows(all))[1]).toEqual({
        u64: 1,
        i64: -1,
        u8: 1,
        f64: 0.5,
        f32: 1,
        maybe: null,
        maybeF64: null,
        text: 't1',
        maybeText: null,
        word: 'w',
        counts: [1, 2],
        floats: [0.25],
        texts: ['1'],
        accent: 'é',
        maybeTexts: [null, 'ß', ''],
        nested: [['a'], []],
        yes: 1,
      })
    })
  })
}

const columns = {
  id: { kind: 'id', doc: '' },
  time: { kind: 'time', doc: '' },
  span: { kind: 'span', doc: '' },
  address: { kind: 'address', doc: '' },
  port: { kind: 'port', doc: '' },
  count: { kind: 'count', doc: '' },
  number: { kind: 'number', doc: '' },
  text: { kind: 'text', doc: '' },
  word: { kind: 'word', doc: '' },
  texts: { kind: 'texts', doc: '' },
  counts: { kind: 'counts', doc: '' },
  numbers: { kind: 'numbers', doc: '' },
  addresses: { kind: 'addresses', doc: '' },
  flag: { kind: 'flag', doc: '' },
  maybeCount: { kind: 'count', doc: '', optional: true },
  maybeText: { kind: 'text', doc: '', optional: true },
} as const satisfies Columns & Record<Kind, unknown>

const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('\\', "'", '"', '\t', '\n', '\r', '\0', 'N', '[', ',', ']', '{', '}') }),
  fc.constantFrom(...hostile.slice(0, -2)),
)
const anyAddress = fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::7:1', 'fe80::1'))
const anyRow = fc.record({
  id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  time: fc.integer({ min: -1e15, max: Number.MAX_SAFE_INTEGER }),
  span: safe,
  address: anyAddress,
  port: fc.integer({ min: 0, max: 65_535 }),
  count: safe,
  number: finite,
  text: anyText,
  word: anyText,
  texts: fc.array(anyText, { maxLength: 4 }),
  counts: fc.array(safe, { maxLength: 4 }),
  numbers: fc.array(finite, { maxLength: 4 }),
  addresses: fc.array(anyAddress, { maxLength: 3 }),
  flag: fc.boolean(),
  maybeCount: fc.option(safe),
  maybeText: fc.option(anyText),
})

/** Addresses as the engine prints them. */
const printed = (value: string) => (value.includes(':') ? value : `::ffff:${value}`)

async function* once(...chunks: Uint8Array[]) {
  yield* chunks
}

function inserts(store: () => Store): void {
  describe('takes rows', () => {
    it('of every kind of column, and gives them back as they were', async () => {
      await store().run(
        `CREATE TABLE kinds (batch UInt64, position UInt64, ${columnList(columns)}) ENGINE = MergeTree ORDER BY position`,
      )
      const names = ['batch', 'position', ...Object.keys(columns)]
      const number = { kind: 'id', doc: '' } as const
      const encode = encoder({ batch: number, position: number, ...columns }, names)
      let batch = 0
      await fc.assert(
        fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 40 }), async (rows) => {
          batch++
          const numbered = rows.map((row, position) => ({ batch, position, ...row }))
          await store().insert('kinds', names, once(encode(numbered)))
          const back = await store().rows(
            sql`SELECT * EXCEPT (batch, position, id), toString(id) AS id FROM kinds
                WHERE batch = ${batch} ORDER BY position`,
          )
          expect(back).toEqual(
            rows.map((row) => ({
              ...row,
              address: printed(row.address),
              addresses: row.addresses.map(printed),
            })),
          )
        }),
        { numRuns: 25 },
      )
    })

    it('in many chunks, an empty one and none at all', async () => {
      await store().run('CREATE TABLE chunks (n UInt64) ENGINE = MergeTree ORDER BY n')
      await store().insert('chunks', ['n'], once())
      await store().insert('chunks', ['n'], once(Buffer.from('1\n'), Buffer.alloc(0), Buffer.from('2\n3\n')))
      expect(await store().rows('SELECT sum(n) AS n, count() AS rows FROM chunks')).toEqual([
        { n: 6, rows: 3 },
      ])
    })

    it('and refuses what does not fit, keeping nothing of that chunk', async () => {
      await store().run('CREATE TABLE narrow (n UInt8) ENGINE = MergeTree ORDER BY n')
      const bad = store().insert('narrow', ['n'], once(Buffer.from('1\nsome text\n')))
      await expect(bad).rejects.toThrow()
      expect(await store().rows('SELECT count() AS n FROM narrow')).toEqual([{ n: 0 }])
    })
  })
}

function files(store: () => Store, folder: string): void {
  const lines = hostile.filter((text) => !/[\n\r]/.test(text))
  const parsed = async (file: TextFile) =>
    store().parse(file, (table) =>
      store().rows<{ row: number; text: string }>(
        sql`SELECT toFloat64(row) AS row, text FROM ${table} ORDER BY row`,
      ),
    )
  const asLines = { gzip: false, format: 'LineAsString', structure: 'text String' }

  describe('parses files', () => {
    it.each([false, true])('with hostile content, gzip %s', async (gzip) => {
      const path = join(folder, `hostile-${gzip}`)
      const content = `${lines.join('\n')}\n`
      writeFileSync(path, gzip ? gzipSync(content) : content)
      expect(await parsed({ ...asLines, path, gzip })).toEqual(lines.map((text, i) => ({ row: i + 1, text })))
    })

    it('by several threads, with the line number of each row', async () => {
      const path = join(folder, 'long')
      writeFileSync(path, Array.from({ length: 400_000 }, (_, i) => `${i + 1} ${'x'.repeat(40)}`).join('\n'))
      const file = { ...asLines, path }
      const [found] = await store().parse(file, (table) =>
        store().rows(
          sql`SELECT toFloat64(count()) AS n, toFloat64(countIf(startsWith(text, concat(toString(row), ' ')))) AS right
              FROM ${table}`,
        ),
      )
      expect(found).toEqual({ n: 400_000, right: 400_000 })
    })

    it.each([
      'a*.log',
      'a?.log',
      'a{b,c}.log',
      'a{1..3}.log',
      "it's.log",
      'back\\slash.log',
      'a::b.zip :: c',
      'ü 字.log',
    ])('called %s and no other', async (called) => {
      const path = join(folder, called)
      writeFileSync(join(folder, 'ab.log'), 'another\n')
      writeFileSync(path, 'the one\n')
      expect(await parsed({ ...asLines, path })).toEqual([{ row: 1, text: 'the one' }])
    })

    it('that are empty', async () => {
      const path = join(folder, 'empty')
      writeFileSync(path, '')
      expect(await parsed({ ...asLines, path })).toEqual([])
    })

    it('in other formats, with settings', async () => {
      const path = join(folder, 'cells.csv')
      writeFileSync(path, `head\n"a ""quoted"" one",'2'\n{p1:String},3\n`)
      const file = {
        path,
        gzip: false,
        format: 'CSV',
        structure: 'a String, b String',
        settings: { input_format_csv_skip_first_lines: 1, format_csv_allow_single_quotes: 0 },
      }
      const rows = await store().parse(file, (table) =>
        store().rows(sql`SELECT a, b FROM ${table} ORDER BY row`),
      )
      expect(rows).toEqual([
        { a: 'a "quoted" one', b: "'2'" },
        { a: '{p1:String}', b: '3' },
      ])
    })

    it('more than once in a statement', async () => {
      const path = join(folder, 'twice')
      writeFileSync(path, 'a\nb\n')
      const rows = await store().parse({ ...asLines, path }, (table) =>
        store().rows(sql`SELECT text FROM ${table} WHERE row = (SELECT max(row) FROM ${table})`),
      )
      expect(rows).toEqual([{ text: 'b' }])
    })

    it('and says when gzip breaks off', async () => {
      const path = join(folder, 'broken.gz')
      const whole = gzipSync(Array.from({ length: 9999 }, (_, i) => `${i * 7919}\n`).join(''))
      writeFileSync(path, whole.subarray(0, whole.length / 2))
      await expect(parsed({ ...asLines, path, gzip: true })).rejects.toThrow()
    })
  })
}

function failures(store: () => Store): void {
  it('passes on a wrong statement as our bug, not as something to fix by the user', async () => {
    await expect(store().rows('SELECT nothing FROM nowhere')).rejects.toThrow(/nowhere/)
    await expect(store().run(sql`SELECT * FROM ${name('nowhere')}`)).rejects.not.toHaveProperty('hint')
    expect(await store().rows('SELECT 1 AS still')).toEqual([{ still: 1 }])
  })
}

function asked(store: () => Store): void {
  it('lets a person ask with values, and only read', async () => {
    await store().run('CREATE TABLE kept (n UInt8) ENGINE = MergeTree ORDER BY n')
    await store().run('INSERT INTO kept VALUES (7)')
    expect(await store().ask('SELECT n, {word:String} AS word FROM kept', { word: "it's" })).toEqual([
      { n: 7, word: "it's" },
    ])
    await expect(store().ask('DROP TABLE kept', {})).rejects.toThrow()
    await expect(store().ask('INSERT INTO kept VALUES (8)', {})).rejects.toThrow()
    expect(await store().ask('SELECT n FROM kept', {})).toEqual([{ n: 7 }])
  })
}
