/** `gannet completion SHELL`: a script by which a shell completes commands and options. */
import { Argument, type Command } from 'commander'
import { print } from '../say.ts'
import { outlineOf, shells } from '../shell/index.ts'

export const completing = (program: Command): void => {
  const names = Object.keys(shells) as (keyof typeof shells)[]
  program
    .command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(names))
    .action((shell: keyof typeof shells) => print(shells[shell](outlineOf(program))))
}
