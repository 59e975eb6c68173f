/** `gannet config check`: says whether a configuration of `gannet monitor` can be used. */

import type { Command, Option } from 'commander'
import { targetOf } from '../../alerts/index.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { print } from '../say.ts'
import { asWritten } from '../units.ts'
import { keyOf, type MonitorConfig, readConfig, sections } from './config.ts'

export const configuring = (program: Command): void => {
  const command = program.command('config').description('check a configuration of gannet monitor')
  command
    .command('check')
    .description('name the first fault and its line, or print what the file means')
    .argument('<file>', 'configuration file')
    .action(async (path: string) => print(plainJson(shownOf(await readConfig(path)), 2)))
  command
    .command('keys')
    .description('list the sections and their keys')
    .action(() => print(keysText()))
}

/** What a file means, without its secrets: a service that checks its file puts this into the log of the system. */
export function shownOf({ database, ...rest }: MonitorConfig): Readonly<Record<string, unknown>> {
  const { url } = database
  const shown = Object.entries(rest).map(([section, flags]) => [section, withoutDatabase(section, flags)])
  return {
    database: { ...database, ...(url === undefined ? {} : { url: withoutPasswords(url) }) },
    ...Object.fromEntries(shown),
  }
}

const withoutPasswords = (urls: string): string => urls.replace(/(\/\/[^/@,]*?:)[^/,]*@/g, '$1…@')

/** Values that hold secrets, as they are shown. */
const secrets: Readonly<Record<string, (value: unknown) => unknown>> = {
  'serve.token': () => '…',
  'analyze.alert': (places) => (places as string[]).map((place) => targetOf(place).shown),
}

/** The values of a section by key. */
const withoutDatabase = (section: string, flags: object) => {
  const values = flags as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    sections[section]!.flatMap((option) => {
      const value = values[option.attributeName()]
      const shown = secrets[`${section}.${keyOf(option)}`] ?? ((given: unknown) => asWritten(option, given))
      return value === undefined ? [] : [[keyOf(option), shown(value)] as const]
    }),
  )
}

/** A key that takes something away means its text when it is false. */
const meaningOf = (option: Option): string =>
  `${keyOf(option)}: ${option.negate ? 'false: ' : ''}${option.description}`

export const keysText = (): string =>
  Object.entries(sections)
    .map(([section, options]) =>
      [`${section}:`, ...options.map((option: Option) => `  ${meaningOf(option)}`)].join('\n'),
    )
    .join('\n')
