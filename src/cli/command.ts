/** Parse, call, print. */
import { CommanderError, InvalidArgumentError } from 'commander'
import { UserError } from '../errors.ts'
import { detachInput } from './piped-input.ts'
import { createProgram } from './program.ts'

const exitUser = 2
const exitBug = 70

// `-` as an input is standard input; nothing else of ours reads it.
if (!process.argv.includes('-')) detachInput()

const program = await createProgram(process.argv.slice(2))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

/** Prints what went wrong; gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUser
  const debug = Boolean(program.opts()['debug'])
  if (error instanceof UserError) {
    process.stderr.write(`gannet: ${error.message}\n  ${error.hint}\n`)
    if (debug) process.stderr.write(`${error.code}: ${error.stack}\n${String(error.cause ?? '')}\n`)
    return exitUser
  }
  if (error instanceof InvalidArgumentError) {
    process.stderr.write(`gannet: ${error.message}\n`)
    return exitUser
  }
  process.stderr.write(
    `gannet: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return exitBug
}
