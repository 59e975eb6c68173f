/** A beacon in three pictures: its gaps, its calls on a raster of time, its spectrum against chance. */
import { scaleLinear, scaleLog } from 'd3-scale'
import type { BeaconFigure } from '../../model/answer.ts'
import { day, hour, type Micros, minute, seconds } from '../../model/units.ts'
import { sayCount, sayInstant, sayMany, sayNumber, sayShort, saySpan } from '../../model/words/say.ts'
import { bottomAxis, greatest, leftAxis, type Picture, WIDTH } from './chart.ts'
import { html } from './markup.ts'

const LEFT = 44
const RIGHT = WIDTH - 10
const TOP = 20
const BOTTOM = 170

const sayElapsed = (elapsed: number): string =>
  Number.isFinite(elapsed) && Math.abs(elapsed) < 9e9 ? saySpan(seconds(elapsed)) : 'for ever'

/** How long the calls are apart. `period` marks the one that the finding claims. */
export function intervalsPicture({ intervals }: BeaconFigure, period: Micros | null): Picture | null {
  const bins = intervals.filter(({ from, to, count }) => to > from && Number.isFinite(to - from) && count > 0)
  if (bins.length === 0) return null
  const low = Math.min(...bins.map(({ from }) => from))
  const high = greatest(bins.map(({ to }) => to))
  const most = greatest(bins.map(({ count }) => count))
  const bounds = [Math.min(0, low), Math.max(high, low + 1e-6)] as const
  const x = scaleLinear(bounds, [LEFT, RIGHT])
  const y = scaleLinear([0, most], [BOTTOM, TOP])
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  const [top] = bins.toSorted((a, b) => b.count - a.count)
  const mark = period === null ? null : x(period / 1e6)

  return {
    title: 'Time from call to call',
    see: top
      ? `${sayCount(top.count)} of ${sayMany(total, 'interval')} ` +
        `last from ${sayElapsed(top.from)} to ${sayElapsed(top.to)}.`
      : '',
    height: BOTTOM + 36,
    drawing: html`${leftAxis(
      whole(y.ticks(4)).map((tick) => ({ at: y(tick), label: sayShort(tick) })),
      LEFT,
      RIGHT,
    )}
${bins.map(
  ({ from, to, count }) => html`<rect class="fill-accused" x="${x(from)}" y="${y(count)}"
  width="${Math.max(
    x(to) - x(from) - 0.5,
    0.8,
  )}" height="${BOTTOM - y(count)}"><title>${sayCount(count)} from ${sayElapsed(from)} to
${sayElapsed(to)}</title></rect>`,
)}
${
  mark !== null &&
  mark >= LEFT &&
  mark <= RIGHT &&
  html`<path class="cut"
  d="M${mark} ${TOP - 6}V${BOTTOM}"/><text class="strong ${mark > 240 ? 'end' : ''}"
    x="${mark + (mark > 240 ? -6 : 6)}" y="${TOP}">every ${sayElapsed((period ?? 0) / 1e6)}</text>`
}
${bottomAxis(
  elapsedTicks(...bounds).map((tick) => ({ at: x(tick), label: sayElapsed(tick) })),
  { left: LEFT, right: RIGHT, y: BOTTOM, name: 'interval' },
)}`,
  }
}

const roundSteps = [
  1e-3, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
  86_400,
]

/** At most seven round times from `low` to `high`, in seconds. */
function elapsedTicks(low: number, high: number): number[] {
  const step =
    roundSteps.find((each) => (high - low) / each <= 6) ?? Math.ceil((high - low) / 6 / 86_400) * 86_400
  const first = Math.ceil(low / step)
  return Array.from(
    { length: Math.max(0, Math.min(8, Math.floor(high / step) - first + 1)) },
    (_, i) => (first + i) * step,
  )
}

const whole = (ticks: readonly number[]): number[] => ticks.filter(Number.isInteger)

const rowLengths: readonly Micros[] = [
  minute,
  (10 * minute) as Micros,
  hour,
  (6 * hour) as Micros,
  day,
  (7 * day) as Micros,
]
const MOST_ROWS = 48

/** When the calls were made: rows of equal time, read like lines of text. */
export function rasterPicture({ starts }: BeaconFigure): Picture | null {
  const first = Math.min(
    ...starts.slice(0, 1),
    starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  )
  const last = greatest(starts)
  if (starts.length === 0 || !Number.isFinite(first)) return null
  const row =
    rowLengths.find((each) => (last - first) / each <= MOST_ROWS) ??
    day * Math.ceil((last - first) / MOST_ROWS / day)
  const origin = Math.floor(first / row) * row
  const rows = Math.floor((last - origin) / row) + 1
  const pitch = rows > 24 ? 8 : 12
  const bottom = TOP - 8 + rows * pitch
  const left = 54
  const x = (instant: number) => left + (((instant - origin) % row) / row) * (RIGHT - left)

  const marks = new Set(
    starts.map(
      (start) =>
        `M${x(start).toFixed(1)} ${TOP - 8 + Math.floor((start - origin) / row) * pitch + 1}v${pitch - 2}`,
    ),
  )

  const every = Math.ceil(rows / (rows * pitch > 200 ? 12 : 8))
  const labels = Array.from({ length: Math.ceil(rows / every) }, (_, i) => i * every)
  const rowName = (at: number) =>
    row >= day ? sayInstant(at as Micros).slice(5, 10) : sayInstant(at as Micros).slice(11, 16)

  return {
    title: 'When the calls came',
    see:
      `One row is ${saySpan(row as Micros)}, each stroke one of ` +
      `${sayMany(starts.length, 'call')}; a clock draws straight or evenly slanted columns.`,
    height: bottom + 36,
    drawing: html`${labels.map(
      (i) => html`<text class="end" x="${left - 6}"
      y="${TOP - 8 + i * pitch + pitch - 1}">${rowName(origin + i * row)}</text>`,
    )}
<path class="line line-accused" stroke-width="1.4" d="${[...marks].join('')}"/>
${bottomAxis(
  [0, 0.25, 0.5, 0.75, 1].map((share) => ({
    at: left + share * (RIGHT - left),
    label: share === 0 ? '0' : saySpan((share * row) as Micros),
  })),
  {
    left,
    right: RIGHT,
    y: bottom,
    name: `time into the row (rows from ${sayInstant(origin as Micros).slice(0, 10)}, UTC)`,
  },
)}`,
  }
}

const COLUMNS = 320

/** Power against period, on a logarithmic axis, with the line that chance reaches. */
export function spectrumPicture({ spectrum, threshold }: BeaconFigure): Picture | null {
  const points = spectrum.filter(
    ({ period, power }) => period > 0 && Number.isFinite(period) && Number.isFinite(power),
  )
  const [best] = points.toSorted((a, b) => b.power - a.power)
  if (!best) return null
  const low = points.reduce((least, { period }) => Math.min(least, period), best.period)
  const high = Math.max(greatest(points.map(({ period }) => period)), low * 1.01)
  const x = scaleLog([low, high], [LEFT, RIGHT])
  const y = scaleLinear([0, Math.max(best.power, greatest([threshold]), 1e-12) * 1.08], [BOTTOM, TOP]).clamp(
    true,
  )
  const columns = new Map<number, number>()

  for (const { period, power } of points) {
    const column = Math.round(((x(period) - LEFT) / (RIGHT - LEFT)) * COLUMNS)
    columns.set(column, Math.max(power, columns.get(column) ?? 0))
  }

  const path = [...columns]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([column, power], i) =>
        `${i === 0 ? 'M' : 'L'}${(LEFT + (column / COLUMNS) * (RIGHT - LEFT)).toFixed(1)} ${y(power).toFixed(1)}`,
    )

  const line = y(threshold)
  const peak = x(best.period)
  const verdict = best.power > threshold ? `${sayNumber(best.power / threshold)} times` : 'not over'

  return {
    title: 'Rhythm against chance',
    see:
      `The strongest period is ${sayElapsed(best.period)}, ` +
      `${verdict} what the same calls reach when shuffled (dashed).`,
    height: BOTTOM + 36,
    drawing: html`${leftAxis(
      y.ticks(4).map((tick) => ({ at: y(tick), label: sayShort(tick) })),
      LEFT,
      RIGHT,
    )}
<path class="line line-accused" d="${path.join('')}"/>
<path class="cut" d="M${LEFT} ${line}H${RIGHT}"/><text class="end strong" x="${RIGHT}" y="${line - 5}">chance</text>
<text class="strong ${peak > 240 ? 'end' : ''}" x="${peak + (peak > 240 ? -7 : 7)}"
  y="${TOP + 4}">${sayElapsed(best.period)}</text>
${bottomAxis(
  decades(low, high).map((tick) => ({ at: x(tick), label: sayElapsed(tick) })),
  { left: LEFT, right: RIGHT, y: BOTTOM, name: 'period (logarithmic); upright: power' },
)}`,
  }
}

const roundPeriods = [
  1e-3,
  1e-2,
  0.1,
  1,
  10,
  60,
  600,
  3600,
  6 * 3600,
  86_400,
  7 * 86_400,
  30 * 86_400,
  365 * 86_400,
]

const decades = (low: number, high: number): number[] => {
  const round = roundPeriods.filter((each) => each >= low && each <= high)
  return round.length >= 2 ? round : [low, high]
}
