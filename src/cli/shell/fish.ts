/** Completion for fish, with what each command and option is for. */
import { leavesOf, type OutlinedCommand, type OutlinedOption } from './outline.ts'

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

function optionLine(condition: string, { long, short, value, choices, doc }: OutlinedOption): string {
  const names = `-l ${long.slice(2)}${short === null ? '' : ` -s ${short.slice(1)}`}`
  const after = value === null ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r -F'
  return `complete -c gannet -n ${quoted(condition)} ${names}${after} -d ${quoted(doc)}`
}

/** Whether the command, and of a group its own, was typed. */
const typed = ({ name, aliases }: OutlinedCommand): string => {
  const [top = '', own] = name.split(' ')
  const first = `__fish_seen_subcommand_from ${[top, ...(own === undefined ? aliases : [])].join(' ')}`
  return own === undefined ? first : `${first}; and __fish_seen_subcommand_from ${own}`
}

export function fishScript(program: OutlinedCommand): string {
  const tops = program.commands.flatMap(({ name, aliases, doc }) =>
    [name, ...aliases].map(
      (each) => `complete -c gannet -f -n __fish_use_subcommand -a ${each} -d ${quoted(doc)}`,
    ),
  )
  const owns = program.commands.flatMap(({ name, commands }) => {
    const all = commands.map((each) => each.name.slice(name.length + 1))
    const none = `__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${all.join(' ')}`
    return commands.map(
      (each, i) => `complete -c gannet -f -n ${quoted(none)} -a ${all[i]} -d ${quoted(each.doc)}`,
    )
  })
  const options = leavesOf(program).flatMap((leaf) =>
    leaf.options.map((option) => optionLine(typed(leaf), option)),
  )

  return [
    '# Completion of gannet for fish: gannet completion fish > ~/.config/fish/completions/gannet.fish',
    ...tops,
    ...owns,
    ...program.options.map((option) => optionLine('__fish_use_subcommand', option)),
    ...options,
    '',
  ].join('\n')
}
