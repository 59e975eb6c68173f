/** The stages of infection of some hosts over time: one row a host, one mark an indicator. */

import { type LifeCycle, type LifeStage, lifeStages } from '../../model/life-cycle.ts'
import type { Micros } from '../../model/units.ts'
import { stageNames } from '../../model/words/explain.ts'
import { sayInstant, sayMany } from '../../model/words/say.ts'
import { bottomAxis, type Picture, WIDTH } from './chart.ts'
import { html, type Markup } from './markup.ts'
import { timeTicks } from './time-axis.ts'

const LEFT = 150
const RIGHT = WIDTH - 8
const LANE = 9
const ROW = LANE * lifeStages.length + 12
const MOST_ROWS = 12

function declaredSentence(declared: number, all: number): string {
  if (all > 1) return `${sayMany(declared, 'host')} of ${all} declared infected.`
  return declared === 1 ? 'Enough for an infection.' : 'Not enough for an infection by the stages alone.'
}

/** The picture, or null where there is nothing to draw. */
export function stagesPicture(cycles: readonly LifeCycle[]): Picture | null {
  const rows = cycles.slice(0, MOST_ROWS)
  const indicators = rows.flatMap(({ stages }) => stages)
  if (indicators.length === 0) return null
  const from = indicators.reduce<number>(
    (least, { first }) => Math.min(least, first),
    indicators[0]!.first,
  ) as Micros
  const to = Math.max(
    from + 60e6,
    indicators.reduce<number>((most, { last }) => Math.max(most, last), indicators[0]!.last),
  ) as Micros
  const x = (at: number) => LEFT + ((RIGHT - LEFT) * (at - from)) / (to - from)
  const bottom = rows.length * ROW + 4
  const ticks = timeTicks(from, to).map(({ at, label }) => ({ at: x(at), label }))
  const declared = cycles.filter((each) => each.declared).length
  const left =
    cycles.length > rows.length ? ` ${sayMany(cycles.length - rows.length, 'more host')} not drawn.` : ''

  return {
    title: 'Stages of infection',
    see:
      `${declaredSentence(declared, cycles.length)} Lanes of each host from the top: ` +
      `${lifeStages
        .map((stage) => stageNames[stage])
        .join(', ')}; pale marks are outside the window that was scored.${left}`,
    height: bottom + 36,
    drawing: html`${rows.map((cycle, row) => rowOf(cycle, row * ROW, x))}
${bottomAxis(ticks, { left: LEFT, right: RIGHT, y: bottom, name: 'UTC' })}`,
  }
}

const styles: Readonly<Record<LifeStage, string>> = {
  'inbound-scan': 'fill-rest',
  'inbound-exploit': 'fill-rest',
  download: 'fill-accused',
  rally: 'fill-cnc',
  activity: 'fill-accused',
  upkeep: 'fill-accused',
}

function rowOf({ host, stages, score, declared }: LifeCycle, top: number, x: (at: number) => number): Markup {
  const marks = stages.map(({ stage, first, last, what, counted }) => {
    const y = top + 6 + lifeStages.indexOf(stage) * LANE
    const left = x(first)
    const width = Math.max(3, x(last) - left)
    return html`<rect class="${styles[stage] ?? 'fill-rest'}" x="${short(left)}" y="${short(y)}"
      width="${short(width)}" height="${LANE - 3}" opacity="${counted ? '1' : '0.35'}"><title>${sayInstant(first)}:
${stageNames[stage]}: ${what}</title></rect>`
  })
  return html`<text class="strong" x="8" y="${top + 18}">${host}</text><text x="8"
    y="${top + 34}">${score.toFixed(2)}${declared ? ', declared' : ''}</text>
${marks}<path class="axis" d="M${LEFT} ${top + ROW - 4}H${RIGHT}"/>`
}

const short = (value: number): string => String(Math.round(value * 100) / 100)
