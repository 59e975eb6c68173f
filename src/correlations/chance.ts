/**
 * How likely two clusters share this many hosts by chance.
 *
 * With thousands of C-clusters some will share two hosts with any A-cluster; BotMiner's own false positives were
 * mostly such pairs (its section 5.3). An overlap is judged by how many as unlikely as it hosts that have nothing to do
 * with each other would give over all pairs looked at. A pair of small clusters cannot be unlikely, however it
 * falls, and so adds nothing: Tarone, "A modified Bonferroni method for discrete data", Biometrics 46, 1990;
 * Westfall and Wolfinger, "Multiple tests with discrete distributions", The American Statistician 51, 1997.
 */

const logFactorials: number[] = [0]
function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i))
  return logFactorials[n]!
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k)

/** Sizes of two clusters, and of the hosts that they are drawn from. */
export interface Sizes {
  readonly population: number
  readonly a: number
  readonly b: number
}

/**
 * P(overlap ≥ k) for k from 0 to the smaller size, for sets drawn at random: the hypergeometric tail, never growing.
 * @throws RangeError where a set is larger than the population.
 */
export function overlapTails({ population, a, b }: Sizes): Float64Array {
  if (a > population || b > population) throw new RangeError(`no such sets: ${a} and ${b} in ${population}`)
  const [least, most] = [Math.max(0, a + b - population), Math.min(a, b)]
  const whole = logChoose(population, b)
  const tails = new Float64Array(most + 1)
  let sum = 0
  for (let k = most; k >= least; k--) {
    sum += Math.exp(logChoose(a, k) + logChoose(population - a, b - k) - whole)
    tails[k] = Math.min(1, sum)
  }
  return tails.fill(1, 0, least + 1)
}

/** Looks of one kind: how many pairs of clusters of these sizes were looked at. */
interface Comparisons extends Sizes {
  readonly times: number
}

/**
 * Of a probability p: how many overlaps at most as likely as p are to be expected over all the looks. The sum over
 * the looks of the largest probability not over p that each can have; exact whatever depends on what, since
 * expectations add.
 */
export function expectedBelow(comparisons: readonly Comparisons[]): (probability: number) => number {
  const kinds = comparisons.map(({ times, ...sizes }) => ({ times, tails: overlapTails(sizes) }))
  const known = new Map<number, number>()
  return (probability) => {
    const before = known.get(probability)
    if (before !== undefined) return before
    // Tails are sums of exponentials: equal ones may differ in their last digits.
    const line = probability * (1 + 1e-9)
    const expected = kinds.reduce((sum, { times, tails }) => {
      const k = tails.findIndex((tail) => tail <= line)
      return k < 0 ? sum : sum + times * tails[k]!
    }, 0)
    known.set(probability, expected)
    return expected
  }
}
