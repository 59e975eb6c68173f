/** The command that shows profiles of tables, and the profile that flags name. */

import type { Command } from 'commander'
import { mapOf, type Profile, profileOf } from '../../capture/tables/profile.ts'
import {
  keepProfile,
  keptProfiles,
  profileFolder,
  profileNamed,
  profileText,
} from '../../capture/tables/profile-files.ts'
import { profiles } from '../../capture/tables/profiles.ts'
import { UserError } from '../../errors.ts'
import { wrap } from '../../reports/wrap.ts'
import type { ImportFlags } from '../flags.ts'
import { print, say } from '../say.ts'

/** The profile that the flags say, or none. @throws UserError option-invalid, profile-invalid, output-failed. */
export async function profileFrom({ map, profile, saveProfile }: ImportFlags): Promise<Profile | undefined> {
  if (map && profile)
    throw new UserError('option-invalid', '--map and --profile are both given', 'Give one of them.')
  if (saveProfile !== undefined && !map)
    throw new UserError('option-invalid', '--save-profile has no mapping to save', 'Give --map too.')
  if (profile !== undefined) return profileNamed(profile)
  if (!map) return undefined
  const made = profileOf(map, saveProfile)
  if (saveProfile !== undefined) say(`gannet: kept profile ${saveProfile} in ${await keepProfile(made)}`)
  return made
}

const nameWidth = 16

/** A name and what it is, beside each other; as wide as the terminal, or in one line where there is none. */
function entry(
  name: string,
  doc: string,
  width = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string {
  const indent = ' '.repeat(nameWidth + 3)
  return `  ${name.padEnd(nameWidth)} ${wrap(doc, width - indent.length).join(`\n${indent}`)}`
}

const list = async (): Promise<string> => {
  const kept = await keptProfiles()
  const line = (profile: Profile) => entry(profile.name, profile.doc || mapOf(profile).replaceAll(',', ', '))
  const yours = kept.length > 0 ? kept.map(line) : ['  none; --save-profile NAME keeps what --map says']
  return [
    `yours, in ${profileFolder()}:`,
    ...yours,
    '',
    'built-in, used if the columns match:',
    ...profiles.map(line),
  ].join('\n')
}

export const showingProfiles = (program: Command): void => {
  program
    .command('profiles')
    .description('list the mapping profiles of tables, or print one as a file')
    .argument('[name]', 'profile to print')
    .action(async (name: string | undefined) => {
      print(name === undefined ? await list() : profileText(await profileNamed(name)))
    })
}
