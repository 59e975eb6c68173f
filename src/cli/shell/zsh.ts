/** Completion for zsh, with what each command and option is for. */
import { leavesOf, type OutlinedCommand, type OutlinedOption } from './outline.ts'

/** Text within single quotes of a specification, where `:` and brackets have a meaning. */
const spec = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''")

function optionSpec({ long, short, value, choices, doc }: OutlinedOption): string {
  const names = short === null ? long : `(${short} ${long})'{${short},${long}}'`
  const after =
    value === null ? '' : `:${spec(value)}:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}`
  return `'${names}[${spec(doc)}]${after}'`
}

const described = (commands: readonly OutlinedCommand[], within = ''): string =>
  commands
    .flatMap(({ name, aliases, doc }) =>
      [name.slice(within.length), ...aliases].map((each) => `      '${each}:${spec(doc)}'`),
    )
    .join('\n')

const functionOf = (name: string): string => `_gannet_${name.replaceAll(' ', '_')}`

function leaf(command: OutlinedCommand): string {
  const args = command.arguments.map(({ name, many }, i) => `'${many ? '*' : i + 1}:${spec(name)}:_files'`)
  const lines = [...command.options.map(optionSpec), ...args]
  return `${functionOf(command.name)}() {
  _arguments -s ${lines.join(' \\\n    ')}
}`
}

const group = ({ name, commands }: OutlinedCommand): string => `${functionOf(name)}() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${described(commands, `${name} `)}
    )
    _describe command commands
  else
    local own=$words[2]
    shift words; (( CURRENT-- ))
    (( $+functions[${functionOf(name)}_$own] )) && ${functionOf(name)}_$own
  fi
}`

export function zshScript(program: OutlinedCommand): string {
  const groups = program.commands.filter(({ commands }) => commands.length > 0)
  const aliases = program.commands.flatMap(({ name, aliases: all }) =>
    all.map((each) => `    ${each}) command=${name} ;;`),
  )

  return `#compdef gannet
# Completion of gannet for zsh: gannet completion zsh > "\${fpath[1]}/_gannet"
${[...leavesOf(program).map(leaf), ...groups.map(group)].join('\n')}
_gannet() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${described(program.commands)}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  case $command in
${aliases.join('\n')}
  esac
  shift words; (( CURRENT-- ))
  (( $+functions[_gannet_$command] )) && _gannet_$command
}
# Loaded by itself, or read by source.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _gannet "$@"; else compdef _gannet gannet; fi
`
}
