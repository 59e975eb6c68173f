/**
 * Measures the packaged table of autonomous systems against the ranges that providers publish:
 * `node bench/fit/check-knowledge.ts`. Every /24 of IPv4 and at most 4,096 /48s of each IPv6 network are looked up; a
 * network counts by its size. Prints a table for docs/decisions/0053-owners-of-addresses.md.
 */
import { type KeyRange, rangeOf } from '../../src/knowledge/addresses.ts'
import { ownerOfSystem } from '../../src/knowledge/owners.ts'
import { readPacked } from '../../src/knowledge/packed.ts'
import { packagedSystemOf } from '../../src/knowledge/systems.ts'

const mostOfOne = 4096

interface Share {
  right: number
  other: number
  none: number
  readonly others: Map<string, number>
}

const networks = new Map<string, KeyRange[]>()
let owner = ''
for (const line of readPacked('ranges').body.toString('latin1').split('\n')) {
  if (line.startsWith('@')) owner = line.slice(1).split('\t')[0] ?? ''
  const range = line.startsWith('@') ? null : rangeOf(line)
  if (range) networks.set(owner, [...(networks.get(owner) ?? []), range])
}

/** Networks that no other of the list contains. */
const outermost = (ranges: readonly KeyRange[]): KeyRange[] =>
  ranges
    .toSorted((a, b) => a.version - b.version || a.first - b.first || b.last - a.last)
    .reduce<KeyRange[]>((kept, each) => {
      const before = kept.at(-1)
      if (before === undefined || before.version !== each.version || each.first > before.last) kept.push(each)
      return kept
    }, [])

const addressOf = (version: 4 | 6, key: number): string =>
  version === 4
    ? [24, 16, 8, 0].map((bits) => Math.floor(key / 2 ** bits) % 256).join('.')
    : `${[32, 16, 0].map((bits) => (Math.floor(key / 2 ** bits) % 65_536).toString(16)).join(':')}::`

function shareOf(expected: string, ranges: readonly KeyRange[], version: 4 | 6): Share {
  const share: Share = { right: 0, other: 0, none: 0, others: new Map() }
  for (const { first, last } of outermost(ranges.filter((each) => each.version === version))) {
    const size = last - first + 1
    const step = version === 4 ? 256 : Math.max(1, Math.ceil(size / mostOfOne))
    for (let key = first; key <= last; key += step) {
      const weight = Math.min(step, last - key + 1)
      const system = packagedSystemOf(addressOf(version, key))
      const found = system === null ? null : ownerOfSystem(system).owner
      if (found === null) share.none += weight
      else if (found === expected) share.right += weight
      else {
        share.other += weight
        share.others.set(found, (share.others.get(found) ?? 0) + weight)
      }
    }
  }
  return share
}

console.log('| Owner | | networks | owner is right | another | no system | the others |')
console.log('| --- | --- | --- | --- | --- | --- | --- |')
for (const [name, ranges] of networks)
  for (const version of [4, 6] as const) {
    const { right, other, none, others } = shareOf(name, ranges, version)
    const percent = (part: number) => `${((100 * part) / (right + other + none)).toFixed(2)} %`
    const most = [...others].sort((a, b) => b[1] - a[1]).slice(0, 4)
    const named = most.map(([each, weight]) => `${each} ${percent(weight)}`).join(', ') || '–'
    const count = ranges.filter((each) => each.version === version).length
    console.log(
      `| ${name} | IPv${version} | ${count} | ${percent(right)} | ${percent(other)} | ${percent(none)} | ${named} |`,
    )
  }
