/** HTML that is made only one way: a template in which every value is escaped unless it is markup already. */
import { printable } from '../printable.ts'

const MARKUP: unique symbol = Symbol('markup')

/** Text that may stand in a page as it is. Made by the `html` tag alone. */
export interface Markup {
  readonly [MARKUP]: string
}

/** What may stand in a template: nothing is written for null and false. */
export type Insert = string | number | Markup | null | false | readonly Insert[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character)

const isMarkup = (value: Insert): value is Markup =>
  typeof value === 'object' && value !== null && MARKUP in value

/** Input text with its line breaks kept; for `pre`. */
export const lines = (text: string): Markup => ({
  [MARKUP]: text
    .split('\n')
    .map((line) => escaped(printable(line)))
    .join('\n'),
})

function written(value: Insert): string {
  if (value === null || value === false) return ''
  if (typeof value === 'number') return coordinate(value)
  if (typeof value === 'string') return escaped(printable(value))
  if (isMarkup(value)) return value[MARKUP]
  return value.map(written).join('')
}

/** A number as SVG takes it, to a hundredth; 0 for one that is none. */
const coordinate = (value: number): string =>
  Number.isFinite(value) ? String(Math.round(value * 100) / 100) : '0'

/** `` html`<td>${name}</td>` ``: names are escaped, numbers rounded to a hundredth, lists joined. */
export const html = (parts: TemplateStringsArray, ...values: readonly Insert[]): Markup => ({
  [MARKUP]: parts.reduce((done, part, i) => done + written(values[i - 1] ?? null) + part),
})

export const textOf = (markup: Markup): string => markup[MARKUP]
