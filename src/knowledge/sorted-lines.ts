/**
 * Sorted lines searched by halving in the bytes themselves: nothing has to be taken apart when they are
 * loaded.
 */

const lineFeed = 10
const tab = 9

/**
 * Looks for the line whose first field is the key. Lines are in ascending order of bytes, end with a line
 * feed each, and fields with a tab.
 *
 * @returns what stands behind the first tab, empty where the line has none; null where there is no such
 * line.
 */
export function fieldOf(lines: Buffer, key: string): string | null {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const start = lines.lastIndexOf(lineFeed, middle - 1) + 1
    const order = compare(lines, start, key)
    if (order === 0) return tailOf(lines, start + key.length)
    if (order < 0) low = lines.indexOf(lineFeed, middle) + 1 || lines.length
    else high = start
  }
  return null
}

/** Below zero where the first field of the line comes before the key. */
function compare(lines: Buffer, start: number, key: string): number {
  for (let i = 0; i < key.length; i++) {
    const byte = lines[start + i] ?? lineFeed
    if (byte === lineFeed || byte === tab) return -1
    const difference = byte - key.charCodeAt(i)
    if (difference !== 0) return difference
  }
  const end = lines[start + key.length]
  return end === lineFeed || end === tab ? 0 : 1
}

function tailOf(lines: Buffer, end: number): string {
  if (lines[end] !== tab) return ''
  return lines.toString('latin1', end + 1, lines.indexOf(lineFeed, end))
}
