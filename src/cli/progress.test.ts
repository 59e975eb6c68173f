import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createProgressLine, progressText } from './progress.ts'

function fakeScreen(isTTY: boolean, columns?: number) {
  const written: string[] = []
  return { isTTY, ...(columns ? { columns } : {}), written, write: (text: string) => written.push(text) }
}
const half = { name: 'logs/conn.log', bytes: 50e6, of: 100e6, rows: 400_000 }

describe('the text', () => {
  it('says share, rates, time left and file', () => {
    expect(progressText(half, 10_000, 79)).toBe(' 50%  5.0 MB/s  40,000 rows/s  10 s left  logs/conn.log')
  })

  it('says no rate in the first second, and no rows where none are known', () => {
    expect(progressText(half, 999, 79)).toBe(' 50%  logs/conn.log')
    expect(progressText(half, 1000, 79)).toContain('MB/s')
    expect(progressText({ ...half, rows: 0 }, 10_000, 79)).toBe(' 50%  5.0 MB/s  10 s left  logs/conn.log')
  })

  it.each([
    [59_000, '59 s left'],
    [60_000, '1 min left'],
    [3_540_000, '59 min left'],
    [3_600_000, '1 h 0 min left'],
  ])('tells %i ms as %s', (elapsed, text) => {
    expect(progressText(half, elapsed, 79)).toContain(`  ${text}  `)
  })

  it('of nothing is no division by nothing', () => {
    expect(progressText({ name: 'a', bytes: 0, of: 0, rows: 0 }, 5000, 79)).toBe('  0%  a')
  })

  it('never says 100% before the end', () => {
    expect(progressText({ ...half, bytes: 99_999_999 }, 10, 79)).toBe(' 99%  logs/conn.log')
    expect(progressText({ ...half, bytes: 1e8 }, 10, 79)).toBe('100%  logs/conn.log')
  })

  it('keeps the end of a long name, and draws nothing that a name smuggles in', () => {
    const name = `${'x'.repeat(200)}/conn.log`
    expect(progressText({ ...half, name }, 0, 30)).toBe(` 50%  …${'x'.repeat(14)}/conn.log`)
    const text = progressText({ ...half, name: 'a\u001b[2J\r\nb' }, 0, 79)
    expect(text).toBe(' 50%  a\ufffd\ufffdb')
  })

  it('is never wider than the screen', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat({ max: 200 }), (name, bytes, elapsed, width) => {
        const text = progressText({ name, bytes, of: 2 ** 31, rows: bytes }, elapsed, width)
        expect(text.length).toBeLessThanOrEqual(width)
        expect(text).not.toMatch(/\p{C}/u)
      }),
    )
  })
})

describe('the line', () => {
  it('is drawn over itself, at most ten times a second, and wiped', () => {
    const screen = fakeScreen(true, 40)
    let now = 0
    const line = createProgressLine(screen, () => now)
    line.show(half)
    now = 99
    line.show(half)
    expect(screen.written).toEqual(['\r 50%  logs/conn.log\u001b[K'])
    now = 100
    line.show({ ...half, bytes: 60e6 })
    line.clear()
    line.clear()
    expect(screen.written.slice(1)).toEqual(['\r 60%  logs/conn.log\u001b[K', '\r\u001b[K'])
  })

  it('is not there where the output is no terminal', () => {
    const screen = fakeScreen(false)
    const line = createProgressLine(screen)
    line.show(half)
    line.clear()
    expect(screen.written).toEqual([])
  })

  it('wipes nothing that was not drawn', () => {
    const screen = fakeScreen(true)
    createProgressLine(screen).clear()
    expect(screen.written).toEqual([])
  })
})
