/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey, PractRand), 53 bits a draw.
 *
 * The same seed gives the same numbers in every run. `split` makes a stream from the *seed* and a label, never
 * from how far the parent has been read, so that a new consumer does not shift the numbers of the others.
 * Not for secrets.
 */

interface Writable<T> {
  readonly length: number
  [index: number]: T
}

export interface Random {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  next(): number
  /** Uniform whole number from 0 to n - 1. @throws RangeError unless n is a whole number from 1 to 2^32. */
  integer(n: number): number
  normal(mean?: number, sd?: number): number
  /** Exponential with this mean: the gaps of a Poisson process. */
  exponential(mean: number): number
  /** Pareto: at least `scale`, tail exponent `shape`; the mean is infinite where shape <= 1. */
  pareto(shape: number, scale?: number): number
  /** exp of a normal(mu, sigma); the median is exp(mu). */
  logNormal(mu: number, sigma: number): number
  /** Poisson count with mean `lambda` >= 0. */
  poisson(lambda: number): number
  /** One element, each as likely. @throws RangeError on an empty list. */
  pick<T>(list: readonly T[]): T
  /** Fisher-Yates **in place**; returns the same array. Hand it a copy to keep the order. */
  shuffle<A extends Writable<unknown>>(array: A): A
  /** An independent stream that depends on this one's seed and the label alone. */
  split(label: string | number): Random
}

type Key = readonly [number, number, number, number]

/** A stream from a seed; a number and its decimal text are different seeds. */
export function seeded(seed: number | string): Random {
  return stream(derive([0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef], seed))
}

function stream(key: Key): Random {
  const draw = sfc32(key)
  let spare: number | undefined

  const next = () => ((draw() >>> 5) * 67108864 + (draw() >>> 6)) / 9007199254740992
  /** In (0, 1], for logarithms. */
  const positive = () => 1 - next()
  const integer = (n: number) => {
    if (!Number.isInteger(n) || n < 1 || n > 4294967296) throw new RangeError(`n must be 1..2^32, is ${n}`)
    return Math.floor(next() * n)
  }
  /** Marsaglia's polar method: only log and sqrt. */
  const standard = () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    for (;;) {
      const u = 2 * next() - 1
      const v = 2 * next() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      spare = v * factor
      return u * factor
    }
  }
  const normal = (mean = 0, sd = 1) => mean + sd * standard()

  return {
    next,
    integer,
    normal,
    exponential: (mean) => -mean * Math.log(positive()),
    pareto: (shape, scale = 1) => scale * Math.exp(-Math.log(positive()) / shape),
    logNormal: (mu, sigma) => Math.exp(normal(mu, sigma)),
    poisson: (lambda) => poisson(lambda, next),
    pick: (list) => {
      if (list.length === 0) throw new RangeError('nothing to pick from')
      return list[integer(list.length)]!
    },
    shuffle: (array) => {
      for (let i = array.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1))
        const held = array[i]
        array[i] = array[j]
        array[j] = held
      }
      return array
    },
    split: (label) => stream(derive(key, label)),
  }
}

function sfc32(key: Key): () => number {
  let [a, b, c] = key
  let counter = key[3] | 0
  const draw = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t
  }
  for (let i = 0; i < 15; i++) draw()
  return draw
}

/** Four 32-bit lanes of a key, each hashed on from the lanes of the parent. */
function derive(parent: Key, label: string | number): Key {
  const text = typeof label === 'number' ? `#${label}` : `"${label}`
  const lanes = parent.map((lane, i) => {
    let hash = mix(lane ^ Math.imul(i + 1, 0x85ebca6b))
    for (let at = 0; at < text.length; at++) hash = mix(Math.imul(hash ^ text.charCodeAt(at), 0x01000193) + i)
    return hash
  })
  const all = lanes.reduce((sum, lane) => mix(sum ^ lane), 0)
  return lanes.map((lane, i) => mix(lane + Math.imul(all, 2 * i + 1))) as unknown as Key
}

/** The finaliser of splitmix32: every input bit reaches every output bit. */
function mix(value: number): number {
  let x = (value + 0x9e3779b9) | 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return x ^ (x >>> 15)
}

/** Knuth's product below 30; above it Hörmann's transformed rejection (PTRS, 1993), whose cost does not grow. */
function poisson(lambda: number, next: () => number): number {
  if (!(lambda >= 0) || lambda > 2 ** 50) throw new RangeError(`lambda must be 0..2^50, is ${lambda}`)

  if (lambda < 30) {
    const limit = Math.exp(-lambda)
    let count = 0
    for (let product = next(); product > limit; product *= next()) count++
    return count
  }

  const b = 0.931 + 2.53 * Math.sqrt(lambda)
  const a = -0.059 + 0.02483 * b
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
  const edge = 0.9277 - 3.6224 / (b - 2)

  for (;;) {
    const u = next() - 0.5
    const v = 1 - next()
    const us = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / us + b) * u + lambda + 0.43)
    if (us >= 0.07 && v <= edge) return k
    if (k < 0 || (us < 0.013 && v > us)) continue
    const accept = Math.log((v * inverseAlpha) / (a / (us * us) + b))
    if (accept <= k * Math.log(lambda) - lambda - logFactorial(k)) return k
  }
}

/** ln k! by Stirling's series; the sum of logarithms below 16, where the series is not yet exact. */
function logFactorial(k: number): number {
  if (k < 16) {
    let sum = 0
    for (let i = 2; i <= k; i++) sum += Math.log(i)
    return sum
  }
  const x = k + 1
  const inverse = 1 / (x * x)
  const series = (1 / 12 - inverse * (1 / 360 - inverse / 1260)) / x
  return (x - 0.5) * Math.log(x) - x + 0.9189385332046728 + series
}
