import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyAnswer } from '../../test/fixtures/any-answer.ts'
import { sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { csv } from './csv.ts'
import { noFigures } from './format.ts'
import { formats } from './index.ts'

/** A reader of RFC 4180, written apart from the writer. */
function cellsOf(text: string): string[][] {
  const rows = text.match(/(?:"(?:[^"]|"")*"|[^"\r\n])*\r\n/g) ?? []
  expect(rows.join('')).toBe(text)
  return rows.map((row) =>
    (row.slice(0, -2).match(/(?:^|,)(?:"(?:[^"]|"")*"|[^",]*)/g) ?? []).map((cell) =>
      cell.replace(/^,/, '').replace(/^"([\s\S]*)"$/, (_, inner: string) => inner.replaceAll('""', '"')),
    ),
  )
}

describe('the CSV report', () => {
  it('has a row for each accused host, worst first', () => {
    const [head, first, ...rest] = cellsOf(csv.render(sampleAnswer))
    expect(head).toEqual([
      'host',
      'severity',
      'confidence',
      'indicators',
      'changes',
      'kinds',
      'botnet',
      'cnc',
      'findings',
      'rally',
      'techniques',
    ])
    expect(first).toEqual([
      '10.0.0.7',
      'high',
      '0.93',
      'botnet 0.93; scan 0.60',
      'without the heaviest it would come to 0.31',
      'botnet scan',
      'b:3fa2c1d0',
      '203.0.113.9:443/tcp (cdn.example.net); 203.0.113.77:8080/tcp',
      'f:3fa2c1d0 f:1e77f002',
      'fixed names: cdn.example.net',
      'T1046 T1071.001 T1573',
    ])
    expect(rest).toHaveLength(14)
  })

  it('keeps its shape and starts no formula, whatever the input says', () => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        const rows = cellsOf(csv.render(answer))
        expect(rows).toHaveLength(answer.hosts.length + 1)
        for (const row of rows) {
          expect(row).toHaveLength(11)
          for (const cell of row) expect(cell).not.toMatch(/^[=+\-@]|[\p{Cc}\p{Cf}]/u)
        }
      }),
    )
  })
})

describe('the list of formats', () => {
  it('has each name and ending once, and each format writes something', () => {
    expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length)
    expect(new Set(formats.map(({ extension }) => extension)).size).toBe(formats.length)
    for (const format of formats) expect(format.render(sampleAnswer, noFigures)).not.toBe('')
  })
})
