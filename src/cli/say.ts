/**
 * What a command says, on its two streams. Names of files and texts of the network are in it, so nothing of it acts on
 * a terminal, wherever it comes from: each character that would is written as its number.
 */
import { printable } from '../reports/printable.ts'

/** Whether a text has anything that acts, ends of lines and tabs apart: most have not, and may be long. */
const acting = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

const inert = (text: string): string => (acting.test(text) ? text.replace(/[^\n\t]+/g, printable) : text)

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)

/** The styles of a report on a terminal (reports/text-layout.ts): bold, dim, three colours, and their ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const styles = /(\u001b\[(?:1|2|22|31|33|36|39)m)/

/** Prints a result, with its styles where that is a terminal. */
export function print(text: string): void {
  const parts = process.stdout.isTTY ? text.split(styles) : [text]
  // Every other part is a style.
  const shown = parts.map((part, i) => (i % 2 === 1 ? part : inert(part))).join('')
  process.stdout.write(ended(shown))
}

/** Says one line beside the result. */
export const say = (line: string): void => void process.stderr.write(`${printable(line)}\n`)

/** Says lines beside the result, whose ends are not of an input. */
export const sayLines = (text: string): void => void process.stderr.write(ended(inert(text)))
