/** Lines of the text report: labels in a column, sentences wrapped, colours where a terminal is. */
import { styleText } from 'node:util'
import type { Severity } from '../model/finding.ts'
import type { RenderOptions } from './format.ts'
import { printable } from './printable.ts'
import { unbroken, widthOf, wrap } from './wrap.ts'

const LABEL = 11

type Paint = Parameters<typeof styleText>[0]

const severityPaint: Readonly<Record<Severity, Paint>> = {
  high: ['red', 'bold'],
  medium: ['yellow', 'bold'],
  low: ['cyan', 'bold'],
  note: ['bold'],
}

export interface Page {
  readonly width: number
  readonly isTemporary: boolean
  paint(style: Paint, text: string): string
}

export const pageOf = ({ color = false, width = 80, isTemporary = false }: RenderOptions): Page => ({
  width: Math.max(width, 30),
  isTemporary,
  paint: (style, text) => (color ? styleText(style, text, { validateStream: false }) : text),
})

/** A command that shows more, and where the database is gone afterwards how to keep it. */
export const commandOver = (command: string, { isTemporary }: Page): string =>
  isTemporary ? `${command}, after gannet run with --db FOLDER` : command

/** Lines of input text made safe, not broken between a number and its unit. */
const wrapped = (sentence: string, width: number): string[] =>
  wrap(unbroken(printable(sentence)), width).map((line) => line.replaceAll('\u00a0', ' '))

/** `HIGH  Claim…`, with later lines under the claim. Double spaces stay where it all fits one line. */
export function headline(severity: Severity, claim: string, page: Page): string[] {
  const indent = severity.length + 2
  const line = printable(claim)
  const lines = widthOf(line) <= page.width - indent ? [line] : wrapped(claim, page.width - indent)
  const name = page.paint(severityPaint[severity], severity.toUpperCase())
  return lines.map((each, i) => (i === 0 ? `${name}  ${each}` : `${' '.repeat(indent)}${each}`))
}

/** Items under one label; where there are several, the lines that carry one on stand a little to the right. */
export function labelled(label: string, items: readonly string[], page: Page): string[] {
  const hang = items.length > 1 ? 2 : 0
  const head = page.paint('dim', `  ${label.padEnd(LABEL - 2)}`)
  const lines = items.flatMap((item) =>
    wrapped(item, page.width - LABEL - hang).map((line, i) => (i === 0 ? line : ' '.repeat(hang) + line)),
  )
  return lines.map((line, i) => (i === 0 ? `${head}${line}` : `${' '.repeat(LABEL)}${line}`))
}

export const plain = (sentence: string, page: Page): string[] => wrapped(sentence, page.width)

export const indented = (sentence: string, page: Page, indent = 2): string[] =>
  wrapped(sentence, page.width - indent).map((line) => ' '.repeat(indent) + line)

export const bullets = (sentences: readonly string[], page: Page): string[] =>
  sentences.flatMap((each) =>
    wrapped(each, page.width - 4).map((line, i) => `  ${i === 0 ? '- ' : '  '}${line}`),
  )

export const heading = (title: string, page: Page): string[] => ['', page.paint('bold', title)]
