/** The command `gannet`: parse, call, print. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { UserError } from '../errors.ts'
import { commands } from './commands.ts'
import { version } from './version.ts'

const exitUser = 2
const exitBug = 70

const program = new Command('gannet')
  .description('Finds botnets in the records a network already has.')
  .version(version)
  .showHelpAfterError('(gannet --help says what there is)')
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride()
  .option('--debug', 'show the cause of an error')
for (const add of commands) add(program)

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
