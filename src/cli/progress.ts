/** The line that says how far the work is: on a terminal's error output, drawn over itself, gone at the end. */
import { stripVTControlCharacters } from 'node:util'
import type { ImportProgress } from '../capture/import/taken.ts'

/** The part of `process.stderr` that is used. */
interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressLine {
  /** Shows how far the import is; at most ten times a second. */
  show(done: ImportProgress): void
  /** Shows a short text, at once. */
  say(text: string): void
  /** Wipes the line. */
  clear(): void
}

const every = 100
/** The rate is shown after this many milliseconds; before, it is noise. */
const settled = 1000

/** A line on `screen`; silent where that is no terminal. `now` gives milliseconds. */
export function createProgressLine(
  screen: Screen,
  now: () => number = () => performance.now(),
): ProgressLine {
  if (!screen.isTTY) return { show() {}, say() {}, clear() {} }
  const began = now()
  let drawn = Number.NEGATIVE_INFINITY
  let shown = false

  return {
    show(done) {
      const at = now()
      if (at - drawn < every) return
      drawn = at
      shown = true
      screen.write(`\r${progressText(done, at - began, (screen.columns || 80) - 1)}\u001b[K`)
    },
    say(text) {
      shown = true
      screen.write(`\r${text.slice(0, (screen.columns || 80) - 1)}\u001b[K`)
    },
    clear() {
      if (shown) screen.write('\r\u001b[K')
      shown = false
    },
  }
}

/** The line itself, at most `width` wide; `elapsed` in milliseconds. */
export function progressText(
  { name, bytes, of, rows }: ImportProgress,
  elapsed: number,
  width: number,
): string {
  const share = of > 0 ? Math.min(1, bytes / of) : 0
  const parts = [`${String(Math.floor(share * 100)).padStart(3)}%`]
  if (elapsed >= settled && bytes > 0) {
    parts.push(`${(bytes / 1000 / elapsed).toFixed(1)} MB/s`)
    if (rows > 0) parts.push(`${Math.round((rows * 1000) / elapsed).toLocaleString('en')} rows/s`)
    if (share < 1) parts.push(`${spanText((elapsed * (1 - share)) / share)} left`)
  }
  const figures = parts.join('  ')
  const room = width - figures.length - 2
  const shown = plain(name)
  if (room < 8) return figures.slice(0, Math.max(0, width))

  return `${figures}  ${shown.length <= room ? shown : `…${shown.slice(shown.length - room + 1)}`}`
}

/** A name from a disk may hold anything. */
const plain = (name: string): string => stripVTControlCharacters(name).replace(/\p{C}/gu, '\ufffd')

function spanText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
