/** Curves of two scores over the same traces: area under ROC, average precision, and false alarms at a recall. */
import { seeded } from '../../src/math/random.ts'
import type { Row } from '../speed/import.ts'

interface Scored {
  readonly malicious: boolean
  readonly ours: number
  readonly theirs: number
}

const resamples = 200

/**
 * Rows for one ground: both scores with 95 % bootstrap intervals, and our false alarms where we catch as many as
 * they.
 */
export function curveRows(
  ground: string,
  traces: readonly Scored[],
  { line, hostDays }: { line: number; hostDays: number },
): Row[] {
  const malicious = traces.filter((each) => each.malicious)
  const clean = traces.filter((each) => !each.malicious)
  const measures = [
    ['area under ROC', areaUnderRoc],
    ['average precision', averagePrecision],
  ] as const
  const rows = measures.map(([name, measure]): Row => {
    const mine = interval(malicious, clean, (g, c) =>
      measure(
        g.map(({ ours }) => ours),
        c.map(({ ours }) => ours),
      ),
    )
    const peer = interval(malicious, clean, (g, c) =>
      measure(
        g.map(({ theirs }) => theirs),
        c.map(({ theirs }) => theirs),
      ),
    )
    return {
      name: `${ground}: ${name}, all callers`,
      figure: mine.value,
      unit: `[${mine.low.toFixed(3)}, ${mine.high.toFixed(3)}]`,
      peer: `RITA ${peer.value.toFixed(3)} [${peer.low.toFixed(3)}, ${peer.high.toFixed(3)}]`,
      asserted: `${malicious.length} callers, ${clean.length} benign traces, ${resamples} resamples`,
    }
  })
  const caught = malicious.filter(({ theirs }) => theirs >= line).length
  const theirAlarms = clean.filter(({ theirs }) => theirs >= line).length
  const ourLine = malicious.map(({ ours }) => ours).toSorted((a, b) => b - a)[caught - 1] ?? 1
  const ourAlarms = clean.filter(({ ours }) => ours >= ourLine).length
  return [
    ...rows,
    {
      name: `${ground}: false alarms at RITA's recall`,
      figure: ourAlarms,
      unit: `traces, ${(ourAlarms / hostDays).toFixed(2)} a host-day`,
      ratio: theirAlarms === 0 ? (ourAlarms === 0 ? 0 : Number.POSITIVE_INFINITY) : ourAlarms / theirAlarms,
      peer: `RITA ${theirAlarms} at recall ${(caught / malicious.length).toFixed(3)}`,
      asserted: `${malicious.length} callers`,
    },
  ]
}

/** Share of pairs that are in order; ties count half. */
export function areaUnderRoc(malicious: readonly number[], clean: readonly number[]): number {
  const all = [
    ...malicious.map((score) => ({ score, malicious: true })),
    ...clean.map((score) => ({ score, malicious: false })),
  ]
  all.sort((a, b) => a.score - b.score)
  let pairs = 0
  let below = 0
  for (let i = 0; i < all.length; ) {
    let [tiedGuilty, tiedClean] = [0, 0]
    const { score } = all[i]!
    for (; i < all.length && all[i]!.score === score; i++) {
      if (all[i]!.malicious) tiedGuilty++
      else tiedClean++
    }
    pairs += tiedGuilty * (below + tiedClean / 2)
    below += tiedClean
  }
  return pairs / (malicious.length * clean.length)
}

/** Mean precision over the malicious, each at its own score; ties share the precision of the last of them. */
export function averagePrecision(malicious: readonly number[], clean: readonly number[]): number {
  const hits = malicious.toSorted((a, b) => b - a)
  const alarms = clean.toSorted((a, b) => b - a)
  let sum = 0
  let found = 0
  let false_ = 0
  while (found < hits.length) {
    const score = hits[found]!
    let tied = found
    while (tied < hits.length && hits[tied] === score) tied++
    while (false_ < alarms.length && alarms[false_]! >= score) false_++
    sum += ((tied - found) * tied) / (tied + false_)
    found = tied
  }
  return sum / hits.length
}

function interval(
  malicious: readonly Scored[],
  clean: readonly Scored[],
  measure: (malicious: readonly Scored[], clean: readonly Scored[]) => number,
) {
  const random = seeded('bootstrap')
  const again = <T>(items: readonly T[]) => items.map(() => items[random.integer(items.length)]!)
  const values = Array.from({ length: resamples }, () => measure(again(malicious), again(clean))).sort(
    (a, b) => a - b,
  )
  return {
    value: measure(malicious, clean),
    low: values[Math.floor(resamples * 0.025)]!,
    high: values[Math.ceil(resamples * 0.975) - 1]!,
  }
}
