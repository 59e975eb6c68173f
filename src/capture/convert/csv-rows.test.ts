import { describe, expect, it } from 'vitest'
import { seeded } from '../../math/random.ts'
import { type CsvForm, csvRows } from './csv-rows.ts'

const form = (kind: CsvForm['columns'][number]['kind']): CsvForm => ({
  columns: [{ place: 1, kind }],
  cells: 2,
  slowly: (row) => Buffer.from(`slowly ${row.toString('latin1')}\n`, 'latin1'),
})

const csv = (kind: Parameters<typeof form>[0], cell: string): string =>
  csvRows(Buffer.from(`7\t${cell}\n`, 'latin1'), form(kind)).toString('latin1')

describe('a row of CSV made of bytes', () => {
  const random = seeded(3)
  const whole = Array.from({ length: 2000 }, () => Math.floor(10 ** (15 * random.next())))

  it('has seconds as JavaScript writes them', () => {
    for (const micros of [
      0,
      1,
      9,
      10,
      999_999,
      1_000_000,
      1_000_001,
      1_500_000,
      999_999_999_999_999,
      ...whole,
    ])
      expect(csv('seconds', String(micros)), String(micros)).toBe(`${micros / 1e6}\n`)
  })

  it('has times of RFC 3339 with microseconds', () => {
    for (const micros of [
      1_700_000_000_998_789,
      951_782_399_999_999,
      1_000_000,
      ...whole.filter((n) => n >= 1e6),
    ])
      expect(csv('time', String(micros)), String(micros)).toBe(
        `"${new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19)}.${String(micros % 1e6).padStart(6, '0')}Z"\n`,
      )
  })

  it('copies counts, text and addresses', () => {
    expect(csv('number', '1234')).toBe('1234\n')
    expect(csv('number', '\\N')).toBe('\n')
    expect(csv('text', '')).toBe('""\n')
    expect(csv('text', 'caf\xe9')).toBe('"caf\xe9"\n')
    expect(csv('address', '::ffff:192.0.2.1')).toBe('"192.0.2.1"\n')
  })

  it.each([
    ['text', 'a"b'],
    ['text', 'a\\tb'],
    ['address', '2001:db8::1'],
    ['address', '::ffff:1'],
    ['seconds', '-1'],
    ['seconds', '1000000000000000'],
    ['time', '-5'],
    ['time', '12'],
    ['time', '12345678901234567'],
  ] as const)('leaves %s %s to be written slowly', (kind, cell) => {
    expect(csv(kind, cell)).toBe(`slowly 7\t${cell}\n`)
  })

  it('makes room for rows that grow', () => {
    const rows = Buffer.from('7\t"\n'.repeat(5000))
    const long = 'x'.repeat(3000)
    const made = csvRows(rows, { ...form('text'), slowly: () => Buffer.from(`${long}\n`) })
    expect(made.toString()).toBe(`${long}\n`.repeat(5000))
  })
})
