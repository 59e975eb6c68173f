/** `gannet config check`: says whether a configuration of `gannet monitor` can be used. */

import type { Command, Option } from 'commander'
import { plainJson } from '../../reports/plain-json.ts'
import { print } from '../say.ts'
import { keyOf, readConfig, sections } from './config.ts'

export const configuring = (program: Command): void => {
  const command = program.command('config').description('check a configuration of gannet monitor')
  command
    .command('check')
    .description('name the first fault and its line, or print what the file means')
    .argument('<file>')
    .action(async (path: string) => {
      const { database, ...rest } = await readConfig(path)
      const shown = Object.fromEntries(
        Object.entries(rest).map(([section, flags]) => [section, withoutDatabase(section, flags)]),
      )
      print(plainJson({ database, ...shown }, 2))
    })
  command
    .command('keys')
    .description('list the sections and their keys')
    .action(() => print(keysText()))
}

/** The values of a section by key. */
const withoutDatabase = (section: string, flags: object) => {
  const values = flags as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    sections[section]!.flatMap((option) => {
      const value = values[option.attributeName()]
      return value === undefined ? [] : [[keyOf(option), value] as const]
    }),
  )
}

const keysText = (): string =>
  Object.entries(sections)
    .map(([section, options]) =>
      [`${section}:`, ...options.map((option: Option) => `  ${keyOf(option)}: ${option.description}`)].join(
        '\n',
      ),
    )
    .join('\n')
