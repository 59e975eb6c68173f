let last = 0n

/** A number no other load has, larger than all before it: microseconds of now, then ten random bits. */
export function newLoad(): string {
  const now = loadAt(Date.now()) + BigInt(Math.floor(Math.random() * 1024))
  last = now > last ? now : last + 1n
  return last.toString()
}

/** The least load number of a moment, in milliseconds since the epoch. */
export const loadAt = (milliseconds: number): bigint => BigInt(milliseconds) * 1000n * 1024n

/** Greater than the number of any load. */
export const noLoad = (2n ** 64n - 1n).toString()
