/**
 * How likely two clusters share so many hosts by chance.
 *
 * With thousands of C-clusters some will share two hosts with any A-cluster; BotMiner's own false positives were
 * mostly such pairs (its section 5.3). The hypergeometric tail, times the number of pairs looked at (Bonferroni),
 * is the number of such overlaps to be expected from hosts that have nothing to do with each other.
 */

const logFactorials: number[] = [0]
function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i))
  return logFactorials[n]!
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k)

/**
 * P(overlap ≥ `shared`) for sets of sizes `a` and `b` drawn at random from `population`: 0 to 1.
 * @throws RangeError where a set is larger than the population or `shared` than a set.
 */
export function overlapByChance({ population, a, b, shared }: Overlap): number {
  if (a > population || b > population || shared > Math.min(a, b)) {
    throw new RangeError(`no such overlap: ${shared} of ${a} and ${b} in ${population}`)
  }
  const whole = logChoose(population, b)
  let sum = 0
  for (let k = Math.max(shared, a + b - population); k <= Math.min(a, b); k++) {
    sum += Math.exp(logChoose(a, k) + logChoose(population - a, b - k) - whole)
  }
  return Math.min(1, sum)
}

export interface Overlap {
  readonly population: number
  readonly a: number
  readonly b: number
  readonly shared: number
}
