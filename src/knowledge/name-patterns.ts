/**
 * Patterns of host names, found by walking up the labels of a name.
 *
 *     time.apple.com        this name
 *     .e5.sk                this domain and every name below it
 *     *-courier.push.apple.com    a star stands for any characters but a dot
 *
 * A pattern never begins in the middle of a domain and never ends before the last label, so that nobody can
 * match it by registering a name of their own.
 */

/** The pattern that matched and what it belongs to. */
interface Rule<T> {
  readonly value: T
  /** Null: the key itself, as it stands. */
  readonly test: RegExp | 'below' | null
}

interface NameIndex<T> {
  /** Values whose patterns match, the most specific first. Names in lower case, without the last dot. */
  matches(name: string): T[]
}

export function nameIndex<T>(
  entries: Iterable<readonly [patterns: readonly string[], value: T]>,
): NameIndex<T> {
  const rules = new Map<string, Rule<T>[]>()
  for (const [patterns, value] of entries)
    for (const pattern of patterns) {
      const { key, test } = compiled(pattern)
      rules.set(key, [...(rules.get(key) ?? []), { value, test }])
    }

  const matches = (name: string): T[] => {
    const found: T[] = []
    for (let at = 0; at >= 0; at = nextLabel(name, at)) {
      const some = rules.get(at === 0 ? name : name.slice(at))
      if (some) for (const rule of some) if (accepts(rule.test, name, at)) found.push(rule.value)
    }
    return found
  }
  return { matches }
}

function accepts(test: RegExp | 'below' | null, name: string, at: number): boolean {
  if (test === 'below') return true
  return test === null ? at === 0 : test.test(name)
}

/** Where the next label begins; -1 after the last. */
function nextLabel(name: string, at: number): number {
  const dot = name.indexOf('.', at)
  return dot < 0 ? -1 : dot + 1
}

function compiled(pattern: string): { key: string; test: RegExp | 'below' | null } {
  if (!/^\.?[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)*$/.test(pattern) || /^\.?.*\*$/.test(pattern))
    throw new Error(`${pattern} is no pattern of names`)
  if (pattern.startsWith('.')) {
    if (pattern.includes('*'))
      throw new Error(`${pattern}: a star stands for part of one label; no dot before it`)
    return { key: pattern.slice(1), test: 'below' }
  }
  if (!pattern.includes('*')) return { key: pattern, test: null }

  const labels = pattern.split('.')
  const key = labels.slice(labels.findLastIndex((label) => label.includes('*')) + 1).join('.')
  const source = pattern.replaceAll('.', String.raw`\.`).replaceAll('*', '[^.]*')
  return { key, test: new RegExp(`^${source}$`) }
}
