/** Parse, call, print. */
import { CommanderError, InvalidArgumentError } from 'commander'
import { UserError } from '../errors.ts'
import { diskFull } from './disk-full.ts'
import { detachInput } from './piped-input.ts'
import { createProgram } from './program.ts'
import { say, sayLines } from './say.ts'
import { Interrupted } from './with-interrupt.ts'

const exitUser = 2
const exitBug = 70

// `-` as an input is standard input; no other option reads it.
if (!process.argv.includes('-')) detachInput()

// Whoever reads the output, as `head`, may have enough of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const program = await createProgram(process.argv.slice(2))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(diskFull(error) ?? error)
}

/** Prints what went wrong; gives the exit code. */
function report(error: unknown): number {
  if (error instanceof Interrupted) return 0
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUser
  const debug = Boolean(program.opts()['debug'])
  if (error instanceof UserError) {
    say(`gannet: ${error.message}`)
    say(`  ${error.hint}`)
    if (debug) sayLines(`${error.code}: ${error.stack}\n${String(error.cause ?? '')}`)
    return exitUser
  }
  if (error instanceof InvalidArgumentError) {
    say(`gannet: ${error.message}`)
    return exitUser
  }
  sayLines(`gannet: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}`)
  return exitBug
}
