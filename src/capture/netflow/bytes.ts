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
