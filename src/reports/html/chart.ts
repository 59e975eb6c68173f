/** The frame that every picture of the page shares: 400 wide, one accessible name, axes drawn from d3 scales. */
import { html, type Insert, type Markup } from './markup.ts'

export const WIDTH = 400

export interface Picture {
  readonly title: string
  /** One sentence that says what to see. */
  readonly see: string
  readonly height: number
  readonly drawing: Insert
}

/** A figure with its sentence above the drawing. `id` is unique on the page. */
export const figure = (id: string, { title, see, height, drawing }: Picture): Markup => html`
<figure>
<figcaption><b>${title}</b> ${see}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${see}</desc>
${drawing}
</svg>
</figure>`

interface Tick {
  readonly at: number
  readonly label: string
}

interface AxisPlace {
  readonly left: number
  readonly right: number
  /** Where the axis line runs. */
  readonly y: number
  /** What is measured, and in what. */
  readonly name: string
}

/** An axis along the bottom with its name under it; labels that would touch the one before are left out. */
export function bottomAxis(ticks: readonly Tick[], { left, right, y, name }: AxisPlace): Markup {
  let free = Number.NEGATIVE_INFINITY
  const shown = ticks.filter(({ at, label }) => {
    const half = label.length * 3.4
    if (at - half < free) return false
    free = at + half + 4
    return true
  })
  return html`<path class="axis" d="M${left} ${y}H${right}"/>
${shown.map(
  ({ at, label }) => html`<path class="axis" d="M${at} ${y}v4"/><text class="middle" x="${at}"
  y="${y + 16}">${label}</text>`,
)}
<text class="middle" x="${(left + right) / 2}" y="${y + 32}">${name}</text>`
}

/** Labels and hair lines of a vertical axis. */
export const leftAxis = (ticks: readonly Tick[], left: number, right: number): Markup =>
  html`${ticks.map(
    ({ at, label }) =>
      html`<path class="axis" d="M${left} ${at}H${right}"/><text class="end" x="${left - 5}"
        y="${at + 4}">${label}</text>`,
  )}`

/** `text` cut to `most` characters in its middle, where names differ least. */
export function shortened(text: string, most: number): string {
  const characters = [...text]
  if (characters.length <= most) return text
  const head = Math.ceil((most - 1) * 0.6)
  return `${characters.slice(0, head).join('')}…${characters.slice(head + 1 - most).join('')}`
}

/** The greatest of `values` that is a number; 0 for none. Takes lists too long to spread. */
export const greatest = (values: Iterable<number>): number => {
  let most = 0
  for (const value of values) if (Number.isFinite(value) && value > most) most = value
  return most
}
