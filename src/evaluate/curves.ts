/** Precision against recall and ROC over hosts by their scores, with what chance of sampling does to the figures. */
import { seeded } from '../math/random.ts'

export interface ScoredHost {
  readonly host: string
  readonly bot: boolean
  readonly accused: boolean
  /** Only the order counts. */
  readonly score: number
}

interface CurvePoint {
  readonly score: number
  readonly recall: number
  readonly precision: number
  readonly falsePositiveRate: number
}

/** A figure with the 95 % interval of a bootstrap. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface Curves {
  /** From the strictest line to none; hosts of equal score come together. */
  readonly points: readonly CurvePoint[]
  /** Chance that a bot has a higher score than a clean host; ties count half. Null without both. */
  readonly areaUnderRoc: Interval | null
  /**
   * Mean over bots of the precision at their score (Davis and Goadrich, ICML 2006, advise it where clean hosts are
   * many).
   */
  readonly averagePrecision: Interval | null
  readonly precision: Interval | null
  readonly recall: Interval | null
  readonly f1: Interval | null
}

const resamples = 200

export function curvesOf(hosts: readonly ScoredHost[]): Curves {
  const bots = hosts.filter(({ bot }) => bot)
  const clean = hosts.filter(({ bot }) => !bot)
  const both = bots.length > 0 && clean.length > 0
  const measured = (measure: Measure) => intervalOf(bots, clean, measure)
  return {
    points: pointsOf(hosts),
    areaUnderRoc: both ? measured(areaUnderRoc) : null,
    averagePrecision: both ? measured(averagePrecision) : null,
    precision: measured((b, c) => {
      const right = count(b)
      return right / (right + count(c))
    }),
    recall: measured((b) => count(b) / b.length),
    f1: measured((b, c) => (2 * count(b)) / (count(b) + b.length + count(c))),
  }
}

const count = (hosts: readonly ScoredHost[]) => hosts.filter(({ accused }) => accused).length

function pointsOf(hosts: readonly ScoredHost[]): CurvePoint[] {
  const bots = hosts.filter(({ bot }) => bot).length
  const clean = hosts.length - bots
  const levels = [...Map.groupBy(hosts, ({ score }) => score)].sort((a, b) => b[0] - a[0])
  let [right, wrong] = [0, 0]
  return levels.map(([score, own]) => {
    right += own.filter(({ bot }) => bot).length
    wrong += own.filter(({ bot }) => !bot).length
    return {
      score,
      recall: bots === 0 ? 0 : right / bots,
      precision: right / (right + wrong),
      falsePositiveRate: clean === 0 ? 0 : wrong / clean,
    }
  })
}

type Measure = (bots: readonly ScoredHost[], clean: readonly ScoredHost[]) => number

/**
 * Hosts are drawn again, bots and clean ones apart, so that there are always as many of each. Null where it is
 * undefined.
 */
function intervalOf(
  bots: readonly ScoredHost[],
  clean: readonly ScoredHost[],
  measure: Measure,
): Interval | null {
  const value = measure(bots, clean)
  if (!Number.isFinite(value)) return null
  const random = seeded('bootstrap over hosts')
  const again = <T>(items: readonly T[]) => items.map(() => items[random.integer(items.length)]!)
  const values = Array.from({ length: resamples }, () => measure(again(bots), again(clean)))
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
  const at = (share: number) =>
    values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? value
  return { value, low: at(0.025), high: at(0.975) }
}

/** Mann–Whitney: the share of pairs that are in order. */
export function areaUnderRoc(bots: readonly ScoredHost[], clean: readonly ScoredHost[]): number {
  const all = [...bots, ...clean].sort((a, b) => a.score - b.score)
  let [pairs, below] = [0, 0]
  for (let i = 0; i < all.length; ) {
    const { score } = all[i]!
    let [tiedBots, tiedClean] = [0, 0]
    for (; i < all.length && all[i]!.score === score; i++) {
      if (all[i]!.bot) tiedBots++
      else tiedClean++
    }
    pairs += tiedBots * (below + tiedClean / 2)
    below += tiedClean
  }
  return pairs / (bots.length * clean.length)
}

export function averagePrecision(bots: readonly ScoredHost[], clean: readonly ScoredHost[]): number {
  const points = pointsOf([...bots, ...clean])
  let before = 0
  return points.reduce((sum, { recall, precision }) => {
    const gained = recall - before
    before = recall
    return sum + gained * precision
  }, 0)
}
