import { few } from './smallest.ts'

/** Seeds of simulated days. docs/method/held-out.md says what each side is for. */
const from = (first: number): readonly number[] => Array.from({ length: 10 }, (_, i) => first + i)

/** Thresholds may be set on these. */
export const tuningSeeds = from(1)

/** Figures are reported on these, and nothing is set on them. */
export const reportingSeeds = from(11)

/** Scenarios on which thresholds may be set, with tuning seeds alone. */
export const tuningNetworks: readonly string[] = ['campus-day', 'odd-campus']

/** Scenarios that nothing is set on, whatever the seed. */
export const reportingNetworks: readonly string[] = ['office', 'campus', 'isp', 'data-centre', 'home']

/** Families of bots that were in the records when thresholds were set. */
export const tuningFamilies: readonly string[] = ['irc', 'http-fixed', 'http-random', 'p2p']

/** The seeds after `--seeds`, as `11`, `11,13` or `11-20`; else `seeds`, of which the smallest form has the first. */
export function seedsAsked(
  seeds: readonly number[],
  args: readonly string[] = process.argv,
): readonly number[] {
  const at = args.indexOf('--seeds')
  if (at < 0) return few(seeds)
  return (args[at + 1] ?? '').split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number)
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || last < first)
      throw new RangeError(`no seeds: ${part}`)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}
