import { describe, expect, it } from 'vitest'
import { benchmarks } from './index.ts'
import { changes, changesText, type Recorded, slowerText } from './results.ts'
import { benchmarksPage } from './results-page.ts'
import type { Row } from './row.ts'

const row = (figure: number, more: Partial<Row> = {}): Row => ({
  name: 'import',
  figure,
  unit: 'rows/s',
  asserted: 'all rows',
  ...more,
})

const recorded = (...rows: Row[]): Recorded => ({
  command: 'npm run bench -- import',
  date: '2026-01-02',
  commit: 'abc1234',
  machine: { cores: 2, memoryGigabytes: 8, processor: 'a processor' },
  node: '24.0.0',
  engine: '26.7',
  seconds: 3,
  rows,
})

const verdicts = (before: Row[], after: Row[]) =>
  changes(before.length > 0 ? recorded(...before) : undefined, recorded(...after)).map(
    ({ verdict }) => verdict,
  )

describe('what got better and worse', () => {
  it('follows the unit, and what the row says over it', () => {
    expect(verdicts([row(100)], [row(103)])).toEqual(['better'])
    expect(verdicts([row(100)], [row(97)])).toEqual(['worse'])
    expect(verdicts([row(100, { unit: 's' })], [row(103, { unit: 's' })])).toEqual(['worse'])
    expect(verdicts([row(1, { better: 'less' })], [row(0, { better: 'less' })])).toEqual(['better'])
    expect(verdicts([row(1, { better: 'neither' })], [row(2, { better: 'neither' })])).toEqual(['changed'])
  })

  it('leaves out what moved by 2 % or less', () => {
    expect(verdicts([row(100)], [row(102)])).toEqual([])
    expect(verdicts([row(100)], [row(102.1)])).toEqual(['better'])
    expect(verdicts([row(0)], [row(0)])).toEqual([])
    expect(verdicts([row(0, { better: 'less' })], [row(1, { better: 'less' })])).toEqual(['worse'])
  })

  it('keeps rows of one name and two peers apart, and tells new from gone', () => {
    const [a, b] = [row(1, { peer: 'a' }), row(5, { peer: 'b' })]
    expect(verdicts([a, b], [b, a])).toEqual([])
    expect(verdicts([a], [b])).toEqual(['new', 'gone'])
    expect(verdicts([], [a])).toEqual(['new'])
  })

  it('says the worse first', () => {
    const text = changesText(
      changes(
        recorded(row(10), row(10, { name: 'memory', unit: 'MB' }), row(1, { name: 'old' })),
        recorded(row(20), row(20, { name: 'memory', unit: 'MB' })),
      ),
    )
    expect(text.split('\n')).toEqual([
      '  worse   memory: 10 to 20 MB',
      '  gone    old (was 1 rows/s)',
      '  better  import: 10 to 20 rows/s',
    ])
  })
})

describe('what got slower', () => {
  const slower = (before: number, after: number, unit = 's') => {
    const was = recorded(row(before, { unit }))
    return slowerText(was, changes(was, recorded(row(after, { unit }))))
  }

  it('is told over a tenth, and of what', () => {
    expect(slower(10, 11)).toBe('Nothing is worse by more than 10 % than on 2026-01-02 at abc1234.')
    expect(slower(10, 11.2)).toContain('  import: 10 to 11.2 s (12 %)')
    expect(slower(10, 8.8)).toContain('Nothing')
    expect(slower(1, 0.8, '×')).toContain('  import: 1 to 0.8 × (-20 %)')
    expect(slowerText(undefined, [])).toBe('No run is recorded to compare with.')
  })
})

describe('docs/benchmarks.md', () => {
  it('has a section for each benchmark that has results, in the order of the list', () => {
    const list = [
      { name: 'b', doc: 'Second.' },
      { name: 'a', doc: 'First.' },
      { name: 'c', doc: 'Never run.' },
    ]
    const page = benchmarksPage({ a: recorded(row(1)), b: recorded(row(2, { peer: 'p', ratio: 0.5 })) }, list)
    expect(page.match(/^## .*$/gm)).toEqual(['## b', '## a'])
    expect(page).toContain('| import | 2 | rows/s | p | 0.5 | all rows |')
    expect(page).toContain('| import | 1 | rows/s | all rows |')
    expect(page).toContain('2 cores (a processor), 8 GB')
  })

  it('crosses cases with measures, and says once what was checked', () => {
    const rows = ['default', 'paper'].flatMap((mode) => [
      row(1, { name: `${mode}: found`, unit: 'bots', asserted: '3 bots' }),
      row(2, { name: `${mode}: time`, unit: 's', asserted: 'the result' }),
    ])
    const page = benchmarksPage({ a: recorded(...rows) }, [{ name: 'a', doc: 'First.' }])
    expect(page).toContain(
      [
        '| measured | default | paper | checked |',
        '| --- | --- | --- | --- |',
        '| found (bots) | 1 | 1 | 3 bots |',
        '| time (s ↓) | 2 | 2 | the result |',
      ].join('\n'),
    )
  })

  it('is made of benchmarks with names of their own', () => {
    const names = benchmarks.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})
