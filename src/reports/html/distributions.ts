/** One feature of a C-cluster against all other C-flows, in the pooled-quantile bins. */
import { scaleBand, scaleLinear } from 'd3-scale'
import type { Distribution } from '../../model/answer.ts'
import { sayShare, sayShort } from '../../model/words/say.ts'
import { greatest, leftAxis, type Picture, WIDTH } from './chart.ts'
import { html, type Markup } from './markup.ts'

const LEFT = 40
const RIGHT = WIDTH - 6
const TOP = 24
const BOTTOM = 140

/** Paired bars: the group's share in front, the share of all others beside it, and each cut point by its value. */
export function distributionPicture(distribution: Distribution): Picture {
  const { feature, unit, cuts, cluster, rest } = withoutEmptyBins(distribution)
  const bins = Math.max(cluster.length, rest.length, 1)
  const x = scaleBand(
    Array.from({ length: bins }, (_, i) => i),
    [LEFT, RIGHT],
  ).paddingInner(0.16)
  const most = Math.max(greatest([...cluster, ...rest]), 1e-3)
  const y = scaleLinear([0, Math.min(most, 1) * 1.05], [BOTTOM, TOP]).clamp(true)
  const peak = cluster.indexOf(greatest(cluster))
  const half = x.bandwidth() / 2

  const bars = (shares: readonly number[], shift: number, style: string): Markup[] =>
    shares.map((share, i) => {
      const top = Number.isFinite(share) ? y(share) : BOTTOM
      return html`<rect class="${style}" x="${(x(i) ?? 0) + shift}" y="${top}" width="${half}"
        height="${BOTTOM - top}"><title>${sayShare(share)}</title></rect>`
    })

  return {
    title: `${feature.charAt(0).toUpperCase()}${feature.slice(1)}`,
    see:
      `${sayShare(cluster[peak] ?? 0)} of the group’s values are ` +
      `${between(cuts, peak)}; of all others, ${sayShare(rest[peak] ?? 0)} are.`,
    height: BOTTOM + 66,
    drawing: html`${leftAxis(
      y.ticks(3).map((tick) => ({ at: y(tick), label: sayShare(tick) })),
      LEFT,
      RIGHT,
    )}
<rect class="fill-accused" x="${LEFT}" y="2" width="10" height="10"/><text x="${LEFT + 14}" y="11">the group</text>
<rect class="fill-rest" x="${LEFT + 92}" y="2" width="10" height="10"/><text x="${LEFT + 106}"
  y="11">all other C-flows</text>
${bars(cluster, 0, 'fill-accused')}${bars(rest, half, 'fill-rest')}
<path class="axis" d="M${LEFT} ${BOTTOM}H${RIGHT}"/>
${cuts.slice(0, bins - 1).map((cut, i) => cutLabel(cut, (x(i + 1) ?? 0) - (x.step() - x.bandwidth()) / 2))}
<text class="middle" x="${(LEFT + RIGHT) / 2}"
  y="${BOTTOM + 58}">${unit}, cut at quantiles of all C-flows</text>`,
  }
}

/** Bins between cuts that read the same as one: where most values are equal, quantiles are too. */
function withoutEmptyBins(distribution: Distribution): Distribution {
  const { cuts } = distribution
  const kept = cuts.map((cut, i) => i === cuts.length - 1 || sayShort(cut) !== sayShort(cuts[i + 1]!))
  const merged = (shares: readonly number[]): number[] => {
    const sums = [0]
    shares.forEach((share, i) => {
      sums[sums.length - 1]! += share
      if (kept[i] && i < shares.length - 1) sums.push(0)
    })
    return sums
  }

  return {
    ...distribution,
    cuts: cuts.filter((_, i) => kept[i]),
    cluster: merged(distribution.cluster),
    rest: merged(distribution.rest),
  }
}

const cutLabel = (cut: number, at: number): Markup =>
  html`<path class="axis" d="M${at} ${BOTTOM}v5"/><text class="end"
    transform="translate(${at + 4} ${BOTTOM + 11}) rotate(-55)">${sayShort(cut)}</text>`

function between(cuts: readonly number[], bin: number): string {
  const low = cuts[bin - 1]
  const high = cuts[bin]
  if (low === undefined) return high === undefined ? 'in one bin' : `at most ${sayShort(high)}`
  return high === undefined ? `over ${sayShort(low)}` : `over ${sayShort(low)} to ${sayShort(high)}`
}
