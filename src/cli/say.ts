/**
 * What a command says, on its two streams. Names of files and texts of the network are in it, so nothing of it acts on
 * a terminal, wherever it comes from: each character that would is written as its number.
 */
import { printable } from '../reports/printable.ts'

/** Whether a text has anything that acts, ends of lines and tabs apart: most have not, and may be long. */
const acting = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

/** Text of any number of lines, ended. */
function inert(text: string): string {
  const ended = text.endsWith('\n') ? text : `${text}\n`
  return acting.test(ended) ? ended.replace(/[^\n\t]+/g, printable) : ended
}

/** Prints a result. */
export const print = (text: string): void => void process.stdout.write(inert(text))

/** Says one line beside the result. */
export const say = (line: string): void => void process.stderr.write(`${printable(line)}\n`)

/** Says lines beside the result, whose ends are not of an input. */
export const sayLines = (text: string): void => void process.stderr.write(inert(text))
