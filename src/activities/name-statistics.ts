/**
 * Whether two sets of failed domains were made by the same kind of generator.
 *
 * Two bots of one family share few names where each tries some of very many (Conficker C: 500 of 50,000, so 1% of
 * their sets in common), or were seeded apart. Pleiades (Antonakakis et al., USENIX Security 2012) therefore
 * clusters by statistics of the names beside the names themselves. These are few and plain: suffixes, lengths,
 * kinds of letters.
 */

interface NameStatistics {
  readonly count: number
  /** Share of the names by suffix: what follows the first label. */
  readonly suffixes: ReadonlyMap<string, number>
  readonly meanLength: number
  readonly sdLength: number
  /** Shares of all letters. */
  readonly vowels: number
  readonly digits: number
  readonly hyphens: number
}

/** Names that statistics need. */
const least = 8

export function statisticsOf(domains: Iterable<string>): NameStatistics {
  const suffixes = new Map<string, number>()
  let [count, letters, vowels, digits, hyphens, squares] = [0, 0, 0, 0, 0, 0]

  for (const domain of domains) {
    const dot = domain.indexOf('.')
    const label = dot < 0 ? domain : domain.slice(0, dot)
    const suffix = dot < 0 ? '' : domain.slice(dot + 1)
    suffixes.set(suffix, (suffixes.get(suffix) ?? 0) + 1)
    count++
    letters += label.length
    squares += label.length ** 2
    vowels += label.length - label.replaceAll(/[aeiou]/g, '').length
    digits += label.length - label.replaceAll(/[0-9]/g, '').length
    hyphens += label.length - label.replaceAll('-', '').length
  }

  const meanLength = count === 0 ? 0 : letters / count

  return {
    count,
    suffixes: new Map([...suffixes].map(([suffix, n]) => [suffix, n / count])),
    meanLength,
    sdLength: count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - meanLength ** 2)),
    vowels: vowels / Math.max(1, letters),
    digits: digits / Math.max(1, letters),
    hyphens: hyphens / Math.max(1, letters),
  }
}

/** True where suffixes overlap by half and lengths and letters are within what so few names may differ by chance. */
export function areAlike(a: NameStatistics, b: NameStatistics): boolean {
  if (a.count < least || b.count < least) return false
  const overlap = [...a.suffixes].reduce(
    (sum, [suffix, share]) => sum + Math.min(share, b.suffixes.get(suffix) ?? 0),
    0,
  )
  const noise = Math.sqrt(1 / a.count + 1 / b.count)
  const near = (x: number, y: number, spread: number) => Math.abs(x - y) <= 2 * spread * noise + 0.02
  const sd = Math.max(a.sdLength, b.sdLength)

  return (
    overlap >= 0.5 &&
    Math.abs(a.meanLength - b.meanLength) <= 0.5 + 2 * sd * noise &&
    Math.abs(a.sdLength - b.sdLength) <= 1 + sd / 2 &&
    near(a.vowels, b.vowels, 0.2) &&
    near(a.digits, b.digits, 0.2) &&
    near(a.hyphens, b.hyphens, 0.1)
  )
}
