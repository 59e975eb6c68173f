/**
 * How usual it is that letters follow each other so, in registered names that people use.
 *
 * Chances of a letter after the two before it, smoothed with those after one and of the letter alone (Witten and Bell
 * 1991), kept as bytes. Counted by `bench/fit/fit-names.ts` from the training half of the popular names.
 */

const alphabet = '^abcdefghijklmnopqrstuvwxyz0123456789-$'
const size = alphabet.length
const codeOf = new Int8Array(128).fill(-1)
for (let i = 0; i < size; i++) codeOf[alphabet.charCodeAt(i)] = i
const end = size - 1

/** Bits a byte step of a kept chance stands for. */
const step = 1 / 16

export interface LetterTable {
  /** Base64 of size³ bytes: minus log2 of the chance of the third letter after the first two, in steps of 1/16 bit. */
  readonly chances: string
  /** Letter groups of five that many popular names have, one after the other without a separator. */
  readonly words: string
  /** Under this many bits below the mean of popular names a letter is strange. */
  readonly strange: number
}

export interface Letters {
  /** Log2 chance of each letter after those before it, the end included; one value a letter and one more. */
  fitsOf(label: string): Float64Array
  /** Share of the letters that stand in a usual group of five. */
  wordShare(label: string): number
  readonly strange: number
}

export function lettersFrom({ chances, words, strange }: LetterTable): Letters {
  const table = Uint8Array.from(Buffer.from(chances, 'base64'))
  if (table.length !== size ** 3)
    throw new RangeError(`the table of letters has ${table.length} chances, not ${size ** 3}`)
  const usual = new Set<string>()
  for (let at = 0; at + wordLength <= words.length; at += wordLength)
    usual.add(words.slice(at, at + wordLength))
  return {
    strange,
    fitsOf: (label) => fitsIn(label, (at) => -(table[at] as number) * step),
    wordShare: (label) => coveredBy(label, usual),
  }
}

const wordLength = 5

function fitsIn(label: string, chanceAt: (index: number) => number): Float64Array {
  const fits = new Float64Array(label.length + 1)
  let first = 0
  let second = 0
  for (let i = 0; i <= label.length; i++) {
    const third = i === label.length ? end : letterAt(label, i)
    fits[i] = chanceAt((first * size + second) * size + third)
    first = second
    second = third
  }
  return fits
}

/** What is no letter of a host name counts as a hyphen. */
const letterAt = (label: string, i: number): number => {
  const found = codeOf[label.charCodeAt(i) & 127] as number
  return found > 0 && found < end ? found : (codeOf[45] as number)
}

function coveredBy(label: string, usual: ReadonlySet<string>): number {
  let covered = 0
  let until = 0
  for (let i = 0; i + wordLength <= label.length; i++) {
    if (!usual.has(label.slice(i, i + wordLength))) continue
    covered += i + wordLength - Math.max(until, i)
    until = i + wordLength
  }
  return label.length === 0 ? 0 : covered / label.length
}

/** Counts a table from labels, and the groups that at least `leastNames` of them have. */
export function letterTable(labels: readonly string[], leastNames: number): LetterTable {
  const counts = [new Float64Array(size), new Float64Array(size ** 2), new Float64Array(size ** 3)] as const

  for (const label of labels) {
    let first = 0
    let second = 0
    for (let i = 0; i <= label.length; i++) {
      const third = i === label.length ? end : letterAt(label, i)
      counts[0][third]!++
      counts[1][second * size + third]!++
      counts[2][(first * size + second) * size + third]!++
      first = second
      second = third
    }
  }

  const chances = smoothed(counts)
  const bytes = Uint8Array.from(chances, (chance) =>
    Math.min(255, Math.round(-Math.log2(Math.max(chance, 1e-9)) / step)),
  )
  const letters = { chances: Buffer.from(bytes).toString('base64'), words: groupsIn(labels, leastNames) }

  return { ...letters, strange: strangeOf(labels, lettersFrom({ ...letters, strange: 0 })) }
}

/** Witten-Bell: each order leaves as much to the shorter one as it has seen different letters. */
function smoothed([one, two, three]: readonly [Float64Array, Float64Array, Float64Array]): Float64Array {
  const under = blended(one, new Float64Array(size).fill(1 / size))
  return blended(three, blended(two, under))
}

function blended(counts: Float64Array, shorter: Float64Array): Float64Array {
  const result = new Float64Array(counts.length)
  for (let at = 0; at < counts.length; at += size) {
    let total = 0
    let kinds = 0
    for (let i = 0; i < size; i++) {
      total += counts[at + i] as number
      if ((counts[at + i] as number) > 0) kinds++
    }
    const back = at % shorter.length
    for (let i = 0; i < size; i++) {
      const less = shorter[back + i] as number
      result[at + i] = total === 0 ? less : ((counts[at + i] as number) + kinds * less) / (total + kinds)
    }
  }
  return result
}

function groupsIn(labels: readonly string[], leastNames: number): string {
  const names = new Map<string, number>()
  for (const label of labels) {
    const own = new Set<string>()
    for (let i = 0; i + wordLength <= label.length; i++) own.add(label.slice(i, i + wordLength))
    for (const group of own) names.set(group, (names.get(group) ?? 0) + 1)
  }
  return [...names]
    .filter(([group, count]) => count >= leastNames && /^[a-z]+$/.test(group))
    .map(([group]) => group)
    .sort()
    .join('')
}

/** The log2 chance that one letter in fifty of the labels is under. */
function strangeOf(labels: readonly string[], letters: Letters): number {
  const fits = labels.flatMap((label) => [...letters.fitsOf(label)]).sort((a, b) => a - b)
  return fits[Math.floor(fits.length / 50)] ?? 0
}
