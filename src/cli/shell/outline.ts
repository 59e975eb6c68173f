/** The commands as plain data: what completion scripts and the man page are written from. */
import type { Command, Option } from 'commander'
import { groups } from '../options.ts'

export interface OutlinedOption {
  /** `--db`. */
  readonly long: string
  /** `-i`; null where there is none. */
  readonly short: string | null
  /** What is given after it; null for a switch. */
  readonly value: string | null
  readonly choices: readonly string[]
  readonly doc: string
  /** Heading that it stands under in the help text; empty for the last one. */
  readonly group: string
}

export interface OutlinedCommand {
  /** As it is typed, `models list`. */
  readonly name: string
  readonly aliases: readonly string[]
  readonly doc: string
  readonly arguments: readonly {
    readonly name: string
    readonly doc: string
    readonly many: boolean
    readonly needed: boolean
  }[]
  readonly options: readonly OutlinedOption[]
  /** Commands of its own. */
  readonly commands: readonly OutlinedCommand[]
}

export function outlineOf(command: Command, before = ''): OutlinedCommand {
  const name = command.parent === null ? command.name() : `${before}${command.name()}`
  return {
    name,
    aliases: command.aliases(),
    doc: command.description(),
    arguments: command.registeredArguments.map((each) => ({
      name: each.name(),
      doc: each.description,
      many: each.variadic,
      needed: each.required,
    })),
    options: command.options.map(optionOf),
    commands: command.commands.map((each) => outlineOf(each, command.parent === null ? '' : `${name} `)),
  }
}

function optionOf({ long, short, flags, argChoices, description, helpGroupHeading }: Option): OutlinedOption {
  const [, value = null] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? []
  return {
    long: long ?? '',
    short: short ?? null,
    value,
    choices: argChoices ?? [],
    doc: description,
    group: plain(helpGroupHeading ?? ''),
  }
}

/** Options under the headings of the help text, in its order; those without one are last. */
export function underHeadings<Each extends { readonly group: string }>(
  options: readonly Each[],
): { readonly group: string; readonly options: readonly Each[] }[] {
  const order = [...Object.values(groups).map(plain), '']
  const sorted = options.toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
  return [...Map.groupBy(sorted, ({ group }) => group)].map(([group, own]) => ({ group, options: own }))
}

const plain = (heading: string): string => heading.replace(/:$/, '')

/** Every command that has no commands of its own, and the program's name before none. */
export const leavesOf = ({ commands }: OutlinedCommand): OutlinedCommand[] =>
  commands.flatMap((each) => (each.commands.length === 0 ? [each] : leavesOf(each)))
