/** Completion for bash: commands, options, and the choices of options; file names for the rest. */
import { leavesOf, type OutlinedCommand } from './outline.ts'

const words = (texts: readonly string[]): string => texts.join(' ')

const optionsOf = ({ options }: OutlinedCommand): string[] =>
  options.flatMap(({ long, short }) => (short === null ? [long] : [short, long]))

const ownOf = (name: string, commands: readonly OutlinedCommand[]): string[] =>
  commands.map((each) => each.name.slice(name.length + 1))

export function bashScript(program: OutlinedCommand): string {
  const tops = program.commands.flatMap(({ name, aliases }) => [name, ...aliases])
  const groups = program.commands.filter(({ commands }) => commands.length > 0)
  const leaves = leavesOf(program)
  const namesOf = ({ name, aliases }: OutlinedCommand) =>
    [name, ...aliases].map((each) => `'${each}'`).join('|')

  const choices = leaves.flatMap((leaf) =>
    leaf.options
      .filter((option) => option.choices.length > 0)
      .flatMap((option) =>
        [leaf.name, ...leaf.aliases].map(
          (name) =>
            `    '${name} ${option.long}') COMPREPLY=($(compgen -W '${words(option.choices)}' -- "$word")); return ;;`,
        ),
      ),
  )
  const takes = leaves.flatMap((leaf) => {
    const long = leaf.options
      .filter(({ value }) => value !== null)
      .flatMap(({ long: each, short }) => [each, short ?? []].flat())
    return long.length === 0 ? [] : [`    ${namesOf(leaf)}) takes=' ${words(long)} ' ;;`]
  })

  return `# Completion of gannet for bash: source <(gannet completion bash)
_gannet() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' own='' takes='' each i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    each=\${COMP_WORDS[i]}
    [[ $each == -* ]] && continue
    command=$each
    break
  done
  case $command in
${groups
  .map(
    ({ name, commands }) => `    ${name})
      for ((i++; i < COMP_CWORD; i++)); do
        [[ \${COMP_WORDS[i]} == -* ]] || { own=\${COMP_WORDS[i]}; break; }
      done
      if [[ -z $own ]]; then
        COMPREPLY=($(compgen -W '${words(ownOf(name, commands))}' -- "$word"))
        return
      fi
      command="$command $own" ;;`,
  )
  .join('\n')}
    '') COMPREPLY=($(compgen -W '${words([...tops, ...optionsOf(program)])}' -- "$word")); return ;;
    help) COMPREPLY=($(compgen -W '${words(tops)}' -- "$word")); return ;;
  esac
  case "$command $before" in
${choices.join('\n')}
  esac
  case $command in
${takes.join('\n')}
  esac
  # What an option takes may be a file.
  [[ $takes == *" $before "* ]] && return
  [[ $word == -* ]] || return
  case $command in
${leaves
  .map((leaf) => {
    const all = words([...optionsOf(leaf), '--help'])
    return `    ${namesOf(leaf)}) COMPREPLY=($(compgen -W '${all}' -- "$word")) ;;`
  })
  .join('\n')}
  esac
}
complete -o bashdefault -o default -F _gannet gannet
`
}
