/** Small looks at the bytes of a datagram. */

/** Where zeros end: a datagram may be filled up with them. */
export function zerosEnd(view: DataView, at: number, end: number): number {
  let next = at
  while (next < end && view.getUint8(next) === 0) next++
  // A version begins with a zero byte.
  return next === end ? end : next - 1
}

export function isZero(view: DataView, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (view.getUint8(i) !== 0) return false
  return true
}

/** The first 48 bytes of [at, end) in hexadecimal, as a sample for a reject. */
export function hex(view: DataView, at: number, end: number): string {
  const from = Math.min(at, view.byteLength)
  const size = Math.min(48, Math.max(0, end - from), view.byteLength - from)
  return Buffer.from(view.buffer, view.byteOffset + from, size).toString('hex')
}

/** The two words of `hashBytes`. */
export const hash = new Uint32Array(2)

/**
 * Words that are all looked at, and of those behind them one in this many: a prime, so that each field has its
 * turn.
 */
const wholeWords = 16
const stride = 13

/**
 * Puts a hash of 64 bits of the datagram in bytes [at, end) into `hash`: of its length, its header, and some of its
 * words (FNV-1a, and its like with another prime).
 */
export function hashBytes(view: DataView, at: number, end: number): void {
  let one = 0x811c9dc5 ^ (end - at)
  let two = 0x9e3779b9
  const last = end - 4
  const head = Math.min(last, at + (wholeWords - 1) * 4)

  for (let next = at; next <= head; next += 4) {
    const word = view.getInt32(next)
    one = Math.imul(one ^ word, 0x01000193)
    two = Math.imul(two ^ word, 0x85ebca6b)
  }

  for (let next = head + stride * 4; next <= last; next += stride * 4) {
    const word = view.getInt32(next)
    one = Math.imul(one ^ word, 0x01000193)
    two = Math.imul(two ^ word, 0x85ebca6b)
  }

  hash[0] = one
  hash[1] = two
}
