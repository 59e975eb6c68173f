/** What a botnet or a host did over time: one row of bars for each kind of activity. */
import type { Timeline } from '../../model/answer.ts'
import type { Micros } from '../../model/units.ts'
import { sayCount, sayInstant, sayMany, saySpan } from '../../model/words/say.ts'
import { bottomAxis, greatest, type Picture, WIDTH } from './chart.ts'
import { html, type Markup } from './markup.ts'
import { timeTicks } from './time-axis.ts'

const LEFT = 8
const RIGHT = WIDTH - 8
const ROW = 58
const MOST_ROWS = 12

/** The picture, or null where there is no bin to draw. */
export function timelinePicture({ from, step, series }: Timeline): Picture | null {
  const bins = greatest(series.map(({ counts }) => counts.length))
  if (bins === 0) return null
  const rows = series.slice(0, MOST_ROWS)
  const to = (from + step * bins) as Micros
  const x = (bin: number) => LEFT + ((RIGHT - LEFT) * bin) / bins
  const bottom = rows.length * ROW + 4
  const ticks = timeTicks(from, to).map(({ at, label }) => ({
    at: x((at - from) / Math.max(step, 1)),
    label,
  }))

  return {
    title: 'What was done when',
    see: `${peakSentence(rows, from, step)} One bar is ${saySpan(step)}; each row has its own scale.`,
    height: bottom + 36,
    drawing: html`${rows.map(({ name, counts }, row) =>
      rowOf({ name, counts, top: row * ROW, x, cnc: row === 0 && rows.length > 1 }),
    )}
${bottomAxis(ticks, { left: LEFT, right: RIGHT, y: bottom, name: 'UTC' })}`,
  }
}

function peakSentence(series: Timeline['series'], from: Micros, step: Micros): string {
  const peaks = series.map(({ name, counts }) => ({
    name,
    count: greatest(counts),
    bin: counts.indexOf(greatest(counts)),
  }))
  const sharpest = peaks.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count)[0]
  if (!sharpest) return 'Nothing was counted.'
  const when = sayInstant((from + step * sharpest.bin) as Micros)
  return `Most at once: ${sayCount(sharpest.count)} ${sharpest.name} at ${when}.`
}

interface Row {
  readonly name: string
  readonly counts: readonly number[]
  readonly top: number
  readonly cnc: boolean
  x(bin: number): number
}

function rowOf({ name, counts, top, x }: Row): Markup {
  const most = greatest(counts)
  const base = top + ROW - 6
  const tall = ROW - 26
  const bar = (count: number, bin: number): string => {
    const height = most > 0 && count > 0 && Number.isFinite(count) ? Math.max(1, (count / most) * tall) : 0
    const width = Math.max(x(bin + 1) - x(bin) - 0.4, 0.4)
    return height === 0
      ? ''
      : `M${short(x(bin))} ${short(base)}v${short(-height)}h${short(width)}V${short(base)}z`
  }
  const style = name.startsWith('C&C') ? 'fill-cnc' : name.startsWith('other') ? 'fill-rest' : 'fill-accused'
  return html`<text class="strong" x="${LEFT}" y="${top + 14}">${name}</text><text class="end" x="${RIGHT}"
    y="${top + 14}">at most ${sayMany(most, 'event')}</text>
<path class="axis" d="M${LEFT} ${base}H${RIGHT}"/><path class="${style}" d="${counts.map(bar).join('')}"/>`
}

const short = (value: number): string => String(Math.round(value * 100) / 100)
