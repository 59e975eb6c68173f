/** The page of the manual, in the macros of man(7). */
import { leavesOf, type OutlinedCommand, type OutlinedOption, underHeadings } from './outline.ts'

/** Text in which troff sees no request and no escape. */
const text = (given: string): string =>
  given
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replace(
      /[^\0-\x7f]/gu,
      (each) => `\\[u${each.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    )

const placeholder = (name: string): string => `\\fI${text(name)}\\fR`

function optionLines({ long, short, value, choices, doc }: OutlinedOption): string[] {
  const names = [short, long].filter((each) => each !== null).map((each) => `\\fB${text(each)}\\fR`)
  return [
    '.TP',
    `${names.join(', ')}${value === null ? '' : ` ${placeholder(value)}`}`,
    `${text(doc)}${choices.length > 0 ? `; one of ${choices.map(text).join(', ')}` : ''}`,
  ]
}

function commandLines(command: OutlinedCommand): string[] {
  const args = command.arguments.map(({ name, many, needed }) => {
    const shown = `${placeholder(name)}${many ? ' ...' : ''}`
    return needed ? shown : `[${shown}]`
  })
  const options = command.options.length > 0 ? [' [\\fIoptions\\fR]'] : []
  const { doc } = command

  return [
    `.SS gannet ${text(command.name)}${options.join('')}${args.length > 0 ? ` ${args.join(' ')}` : ''}`,
    `${text(doc.charAt(0).toUpperCase() + doc.slice(1))}.`,
    ...(command.aliases.length > 0 ? [`Also: \\fBgannet ${command.aliases.map(text).join(', ')}\\fR.`] : []),
    ...command.arguments
      .filter((each) => each.doc !== '')
      .flatMap((each) => ['.TP', placeholder(each.name), text(each.doc)]),
    ...underHeadings(command.options).flatMap(({ group, options: own }) => [
      ...(group === '' ? [] : ['.PP', `\\fI${text(group)}\\fR`]),
      ...own.flatMap(optionLines),
    ]),
  ]
}

const exitCodes = [
  ['0', 'Success, with or without findings.'],
  ['1', '\\fB\\-\\-fail\\-on\\fR was given and a finding is that severe or worse.'],
  ['2', 'An error that you can fix: one line says what and where, the next what to do.'],
  ['70', 'Internal error; a stack trace is printed.'],
  ['130', 'Interrupted.'],
] as const

const environment = [
  ['GANNET_AUTHOR', 'Who decides, where \\fB\\-\\-author\\fR is not given.'],
  ['GANNET_TOKEN', 'Access token of \\fBgannet serve\\fR.'],
  ['NO_COLOR', 'No colours, if it is set.'],
] as const

const listed = (rows: readonly (readonly [string, string])[]): string[] =>
  rows.flatMap(([name, doc]) => ['.TP', `\\fB${text(name)}\\fR`, doc])

const ending = [
  '.SH EXIT STATUS',
  ...listed(exitCodes),
  '.SH ENVIRONMENT',
  ...listed(environment),
  '.SH FILES',
  '.TP',
  '\\fIFOLDER\\fR.decisions.yaml',
  'What analysts decided about a database folder, and \\fIFOLDER\\fR.decisions.yaml.log, who decided what.',
  '.SH SEE ALSO',
  'The manual: docs/README.md of the package, or the page Method of \\fBgannet serve\\fR.',
]

export function manPage(program: OutlinedCommand, version: string): string {
  return `${[
    `.TH GANNET 1 "" "Gannet ${version}" "User Commands"`,
    '.SH NAME',
    'gannet \\- find botnets in network records',
    '.SH SYNOPSIS',
    '.B gannet',
    '[\\fB\\-\\-debug\\fR] \\fIcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]',
    '.SH DESCRIPTION',
    text(program.doc),
    'Results go to standard output, everything else to standard error. Progress appears on a terminal only.',
    '.SH COMMANDS',
    ...leavesOf(program).flatMap(commandLines),
    ...ending,
  ].join('\n')}\n`
}
