/** What a benchmark gives, and where what it says at length is written. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isSmallest } from './smallest.ts'

/** One measured number. */
export interface Row {
  readonly name: string
  readonly figure: number
  readonly unit: string
  /** Our figure over the peer's. */
  readonly ratio?: number
  readonly peer?: string
  /** What was checked before the clock counted, or what the figure was counted over. */
  readonly asserted: string
  /** What it was at commit c380d27, where that was measured, and what is wanted; in the same unit. */
  readonly before?: number
  readonly goal?: number
  /** Which way is better; where it is not said, more is. `neither` for sizes that are only told. */
  readonly better?: 'more' | 'less' | 'neither'
}

const methodPages = new URL('../docs/method/', import.meta.url)

/** Writes a page of docs/method. */
export function writePage(name: string, text: string): void {
  if (!isSmallest) writeFileSync(fileURLToPath(new URL(name, methodPages)), `${text.trimEnd()}\n`)
}

/**
 * Writes the measured part of a page of docs/method, between two marks; what people wrote around it stays. A page
 * without the marks gets them at its end.
 */
export function fillPage(name: string, text: string): void {
  const [open, close] = ['<!-- measured: begin -->', '<!-- measured: end -->']
  const path = fileURLToPath(new URL(name, methodPages))
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const part = `${open}\n\n${text.trim()}\n\n${close}`
  const [from, to] = [before.indexOf(open), before.indexOf(close)]
  const whole =
    from < 0 || to < from
      ? `${before}\n${part}\n`
      : before.slice(0, from) + part + before.slice(to + close.length)
  if (!isSmallest) writeFileSync(path, `${whole.trim()}\n`)
}

/** Writes one named part of such a page, between its own marks, which must be there. */
export function fillPart(page: string, part: string, text: string): void {
  const path = fileURLToPath(new URL(page, methodPages))
  const before = readFileSync(path, 'utf8')
  const [open, close] = [`<!-- ${part}: begin -->`, `<!-- ${part}: end -->`]
  const [from, to] = [before.indexOf(open), before.indexOf(close)]
  if (from < 0 || to < from) throw new RangeError(`${page} has no part ${part}`)
  if (!isSmallest)
    writeFileSync(path, `${before.slice(0, from)}${open}\n\n${text.trim()}\n\n${before.slice(to)}`)
}

/** A table in Markdown. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

export const percent = (share: number | null): string =>
  share === null ? '–' : `${(100 * share).toFixed(1)} %`

/** Four figures are enough for a reader. */
export const shortNumber = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 10_000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(4)))
