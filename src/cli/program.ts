import { Command } from 'commander'
import { commands } from './commands.ts'
import { version } from './version.ts'

/** The command line; docs/reference/cli.md is written from it. */
export function createProgram(): Command {
  const program = new Command('gannet')
    .description('Finds botnets in the network records that you already have.')
    .version(version)
    .showHelpAfterError('(gannet --help says what there is)')
    .configureOutput({ outputError: (text, write) => write(text) })
    .exitOverride()
    .option('--debug', 'show the cause of an error')
  for (const add of commands) add(program)
  return program
}
