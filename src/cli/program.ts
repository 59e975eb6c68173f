import { Command } from 'commander'
import { commands, type ListedCommand } from './commands.ts'
import { sayLines } from './say.ts'
import { version } from './version.ts'

/**
 * The command line; docs/reference/cli.md is written from it.
 * @param words What was typed behind `gannet`: commands that are not named in it have their name and their line in the
 * help text only. Without it all are whole.
 */
export async function createProgram(words?: readonly string[]): Promise<Command> {
  const program = new Command('gannet')
    .description('Finds botnets in the network records that you already have.')
    .version(version)
    .showHelpAfterError('(gannet --help says what there is)')
    .configureOutput({ writeErr: sayLines })
    .exitOverride()
    .option('--debug', 'show the cause of an error')

  const called = words && calledIn(words)
  // A completion script is written from every command.
  const isWhole = !words || called === 'completion'
  for (const listed of commands) {
    const { name, alias } = listed
    if (isWhole || called === name || (alias && called === alias)) (await listed.load())(program)
    else announce(program, listed)
  }
  for (const command of program.commands) pointAtHelp(command, `gannet ${command.name()}`)

  return program
}

/** A mistake behind a command names the help text of that command. */
function pointAtHelp(command: Command, words: string): void {
  command.showHelpAfterError(`(${words} --help says what there is)`)
  for (const each of command.commands) pointAtHelp(each, `${words} ${each.name()}`)
}

/** The command that is called, or that help is asked for; an option before it has no value. */
function calledIn(words: readonly string[]): string | undefined {
  const [first, second] = words.filter((word) => !word.startsWith('-'))
  return first === 'help' ? second : first
}

/** The name of a command, for the help text and for what a mistyped name may have meant. */
function announce(program: Command, { name, alias, takes, doc }: ListedCommand): void {
  const command = program.command(name).description(doc)
  if (alias !== undefined) command.alias(alias)
  for (const argument of takes.split(' ')) {
    if (argument === '[options]') command.option('--any', 'that it has some is all that the help text shows')
    else if (argument !== '') command.argument(argument)
  }
}
