/**
 * What of one name the classifier looks at.
 *
 * The first part are the features of FANCI (Schüppen et al., USENIX Security 2018, section 4): structure, language and
 * statistics of a single name, without its public suffix. Those that are fixed here by what a registered label is
 * (valid suffix, underscore, IP address, `www`) are left to the baseline in `bench/detection/fanci.ts`. The second
 * part are ours: how likely the label's letters follow each other as in registered names that people use.
 */
import type { Letters } from './letter-model.ts'

export const nameFeatures = [
  'length',
  'vowels',
  'digits',
  'alphabet',
  'repeated',
  'consonantRuns',
  'digitRuns',
  'entropy',
  'hyphens',
  'hex',
  'longestConsonants',
  'longestDigits',
  'longestLetters',
  'changes',
  'firstDigit',
  'letterFit',
  'worstFit',
  'fitSpread',
  'strange',
  'fitHead',
  'fitTail',
  'bigramSpread',
  'wordShare',
] as const

/** Values in the order of `nameFeatures`; `label` in lower case without dots. */
export function featuresOf(label: string, letters: Letters): Float64Array {
  const length = Math.max(1, label.length)
  const fits = letters.fitsOf(label)
  const sorted = fits.slice().sort()
  const half = fits.length >> 1

  return Float64Array.of(
    label.length,
    share(label, isVowel),
    share(label, isDigit),
    alphabetOf(label) / length,
    repeatedIn(label),
    runShare(label, isConsonant),
    runShare(label, isDigit),
    entropyOf(label),
    share(label, (code) => code === 45),
    hexShare(label),
    longestRun(label, isConsonant),
    longestRun(label, isDigit),
    longestRun(label, isLetter),
    changesIn(label) / length,
    isDigit(label.charCodeAt(0)) ? 1 : 0,
    mean(fits),
    sorted[0] ?? 0,
    spread(fits),
    fits.filter((fit) => fit < letters.strange).length / Math.max(1, fits.length),
    mean(fits.subarray(0, half)),
    mean(fits.subarray(half)),
    bigramSpread(label),
    letters.wordShare(label),
  )
}

const isVowel = (code: number): boolean =>
  code === 97 || code === 101 || code === 105 || code === 111 || code === 117
const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isLetter = (code: number): boolean => code >= 97 && code <= 122
const isConsonant = (code: number): boolean => isLetter(code) && !isVowel(code)

function share(text: string, is: (code: number) => boolean): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (is(text.charCodeAt(i))) count++
  return count / Math.max(1, text.length)
}

/** Share of the characters that stand in runs of two or more of this kind. */
function runShare(text: string, is: (code: number) => boolean): number {
  let count = 0
  let run = 0
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && is(text.charCodeAt(i))) run++
    else {
      if (run > 1) count += run
      run = 0
    }
  }
  return count / Math.max(1, text.length)
}

function longestRun(text: string, is: (code: number) => boolean): number {
  let longest = 0
  let run = 0
  for (let i = 0; i < text.length; i++) {
    run = is(text.charCodeAt(i)) ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}

/** Times that letters turn to digits or back. */
function changesIn(text: string): number {
  let count = 0
  for (let i = 1; i < text.length; i++)
    if (isDigit(text.charCodeAt(i)) !== isDigit(text.charCodeAt(i - 1))) count++
  return count
}

const alphabetOf = (text: string): number => new Set(text).size

/** Share of the alphabet that comes more than once. */
function repeatedIn(text: string): number {
  const counts = countsOf(text)
  let repeated = 0
  for (const count of counts.values()) if (count > 1) repeated++
  return repeated / Math.max(1, counts.size)
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const each of text) counts.set(each, (counts.get(each) ?? 0) + 1)
  return counts
}

/** Shannon entropy of the characters, in bits. */
export function entropyOf(text: string): number {
  let bits = 0
  for (const count of countsOf(text).values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

const hexShare = (text: string): number => share(text, (code) => isDigit(code) || (code >= 97 && code <= 102))

/** Standard deviation of how often each pair of letters comes. */
function bigramSpread(text: string): number {
  const counts = new Map<string, number>()
  for (let i = 0; i + 1 < text.length; i++) {
    const pair = text.slice(i, i + 2)
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  return spread(Float64Array.from(counts.values()))
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const each of values) sum += each
  return values.length === 0 ? 0 : sum / values.length
}

function spread(values: Float64Array): number {
  const middle = mean(values)
  let squares = 0
  for (const each of values) squares += (each - middle) ** 2
  return values.length === 0 ? 0 : Math.sqrt(squares / values.length)
}
