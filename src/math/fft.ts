/** Power spectra of real signals by the fast Fourier transform (radix 2, in place). */

interface Plan {
  /** Of the stage that joins halves of h values: those at h to 2 h - 1, in the order in which it needs them. */
  readonly cos: Float64Array
  readonly sin: Float64Array
  readonly reversed: Uint32Array
}

const plans = new Map<number, Plan>()

function planOf(size: number): Plan {
  const known = plans.get(size)
  if (known) return known
  const cos = new Float64Array(size)
  const sin = new Float64Array(size)

  for (let half = 1; half < size; half *= 2) {
    const step = size / (2 * half)
    for (let k = 0; k < half; k++) {
      cos[half + k] = Math.cos((2 * Math.PI * k * step) / size)
      sin[half + k] = Math.sin((2 * Math.PI * k * step) / size)
    }
  }

  const reversed = new Uint32Array(size)
  for (let i = 1; i < size; i++) reversed[i] = (reversed[i >> 1]! >> 1) | (i & 1 ? size >> 1 : 0)
  const plan = { cos, sin, reversed }
  plans.set(size, plan)
  return plan
}

/**
 * X[k] = sum over n of x[n] exp(-2 pi i k n / N), in place. Time O(N log N).
 * @throws RangeError unless both parts have the same power of two as length.
 */
export function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length

  if (size < 2 || (size & (size - 1)) !== 0 || imaginary.length !== size)
    throw new RangeError(`size must be a power of two above 1, is ${size} and ${imaginary.length}`)

  const { cos, sin, reversed } = planOf(size)

  for (let i = 0; i < size; i++) {
    const j = reversed[i]!
    if (j <= i) continue
    const a = real[i]!
    const b = imaginary[i]!
    real[i] = real[j]!
    imaginary[i] = imaginary[j]!
    real[j] = a
    imaginary[j] = b
  }

  for (let half = 1; half < size; half *= 2) {
    for (let from = 0; from < size; from += 2 * half) {
      for (let k = 0; k < half; k++) {
        const low = from + k
        const high = low + half
        const c = cos[half + k]!
        const s = sin[half + k]!
        const re = real[high]! * c + imaginary[high]! * s
        const im = imaginary[high]! * c - real[high]! * s
        real[high] = real[low]! - re
        imaginary[high] = imaginary[low]! - im
        real[low] = real[low]! + re
        imaginary[low] = imaginary[low]! + im
      }
    }
  }
}

/** Power |X[k]|² for k from 0 to N/2 of two real signals by one transform; both are overwritten. */
export function powers(first: Float64Array, second: Float64Array): [Float64Array, Float64Array] {
  transform(first, second)
  const size = first.length
  const a = new Float64Array(size / 2 + 1)
  const b = new Float64Array(size / 2 + 1)
  for (let k = 0; k <= size / 2; k++) {
    const other = (size - k) % size
    const sumRe = (first[k]! + first[other]!) / 2
    const sumIm = (second[k]! - second[other]!) / 2
    const differenceRe = (second[k]! + second[other]!) / 2
    const differenceIm = (first[other]! - first[k]!) / 2
    a[k] = sumRe * sumRe + sumIm * sumIm
    b[k] = differenceRe * differenceRe + differenceIm * differenceIm
  }
  return [a, b]
}
