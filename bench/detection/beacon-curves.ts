/** Curves of two scores over the same traces: area under ROC, average precision, and false alarms at a recall. */
import { seeded } from '../../src/math/random.ts'
import type { Row } from '../speed/import.ts'

interface Scored {
  readonly guilty: boolean
  readonly ours: number
  readonly theirs: number
}

const resamples = 200

/** Rows for one ground: both scores with 95 % bootstrap intervals, and our false alarms where we catch as many as they. */
export function curveRows(
  ground: string,
  traces: readonly Scored[],
  { line, hostDays }: { line: number; hostDays: number },
): Row[] {
  const guilty = traces.filter((each) => each.guilty)
  const clean = traces.filter((each) => !each.guilty)
  const measures = [
    ['area under ROC', areaUnderRoc],
    ['average precision', averagePrecision],
  ] as const
  const rows = measures.map(([name, measure]): Row => {
    const mine = interval(guilty, clean, (g, c) =>
      measure(
        g.map(({ ours }) => ours),
        c.map(({ ours }) => ours),
      ),
    )
    const peer = interval(guilty, clean, (g, c) =>
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
      asserted: `${guilty.length} callers, ${clean.length} innocent traces, ${resamples} resamples`,
    }
  })
  const caught = guilty.filter(({ theirs }) => theirs >= line).length
  const theirAlarms = clean.filter(({ theirs }) => theirs >= line).length
  const ourLine = guilty.map(({ ours }) => ours).toSorted((a, b) => b - a)[caught - 1] ?? 1
  const ourAlarms = clean.filter(({ ours }) => ours >= ourLine).length
  return [
    ...rows,
    {
      name: `${ground}: false alarms at RITA's recall`,
      figure: ourAlarms,
      unit: `traces, ${(ourAlarms / hostDays).toFixed(2)} a host-day`,
      ratio: theirAlarms === 0 ? (ourAlarms === 0 ? 0 : Number.POSITIVE_INFINITY) : ourAlarms / theirAlarms,
      peer: `RITA ${theirAlarms} at recall ${(caught / guilty.length).toFixed(3)}`,
      asserted: `${guilty.length} callers`,
    },
  ]
}

/** Share of pairs that are in order; ties count half. */
export function areaUnderRoc(guilty: readonly number[], clean: readonly number[]): number {
  const all = [
    ...guilty.map((score) => ({ score, guilty: true })),
    ...clean.map((score) => ({ score, guilty: false })),
  ]
  all.sort((a, b) => a.score - b.score)
  let pairs = 0
  let below = 0
  for (let i = 0; i < all.length; ) {
    let [tiedGuilty, tiedClean] = [0, 0]
    const { score } = all[i]!
    for (; i < all.length && all[i]!.score === score; i++) {
      if (all[i]!.guilty) tiedGuilty++
      else tiedClean++
    }
    pairs += tiedGuilty * (below + tiedClean / 2)
    below += tiedClean
  }
  return pairs / (guilty.length * clean.length)
}

/** Mean precision over the guilty, each at its own score; ties share the precision of the last of them. */
export function averagePrecision(guilty: readonly number[], clean: readonly number[]): number {
  const hits = guilty.toSorted((a, b) => b - a)
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
  guilty: readonly Scored[],
  clean: readonly Scored[],
  measure: (guilty: readonly Scored[], clean: readonly Scored[]) => number,
) {
  const random = seeded('bootstrap')
  const again = <T>(items: readonly T[]) => items.map(() => items[random.integer(items.length)]!)
  const values = Array.from({ length: resamples }, () => measure(again(guilty), again(clean))).sort(
    (a, b) => a - b,
  )
  return {
    value: measure(guilty, clean),
    low: values[Math.floor(resamples * 0.025)]!,
    high: values[Math.ceil(resamples * 0.975) - 1]!,
  }
}
