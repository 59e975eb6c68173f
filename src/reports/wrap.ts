const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\uff01-\uff60]/u
const mark = /\p{M}/u

/** Columns that a character takes on a terminal: 2 for East Asian ones, 0 for combining marks. */
const columnsOf = (character: string): number => {
  if (character < '\u0300') return 1
  if (mark.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/** Columns that a line without control characters takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

/** The start of `text` that fits `width` columns, marked with an ellipsis where some is left off. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  return `${cut(text, Math.max(0, width - 1))[0]}…`
}

function cut(text: string, width: number): [string, string] {
  let used = 0
  let at = 0
  for (const character of text) {
    const columns = columnsOf(character)
    if (used + columns > width) break
    used += columns
    at += character.length
  }
  return [text.slice(0, at), text.slice(at)]
}

/** Lines of at most `width` columns, broken at spaces; a word longer than a line is broken inside. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(width, 8)
  const lines: string[] = []
  let line = ''

  for (const word of text.split(' ').filter((each) => each !== '')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (widthOf(joined) <= room) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (widthOf(line) > room) {
      const [head, tail] = cut(line, room)
      lines.push(head)
      line = tail
    }
  }

  if (line !== '') lines.push(line)

  return lines
}

const unitAfterNumber = /(\d) (?=(?:[kMGTP]?B|µs|ms|s|min|h|d)\b)/g

/** The sentence with its units held to their numbers by no-break spaces. */
export const unbroken = (sentence: string): string => sentence.replace(unitAfterNumber, '$1\u00a0')
