/** Profiles that a person keeps: one readable JSON file each. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../errors.ts'
import { writeOutput } from '../../output.ts'
import { type Profile, parseProfile } from './profile.ts'
import { profiles } from './profiles.ts'

/** `GANNET_PROFILES`, or where the system keeps a person's settings. */
export const profileFolder = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string =>
  environment['GANNET_PROFILES'] ??
  join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'gannet', 'profiles')

/** Profiles in the folder, by name; none where it is absent. */
export async function keptProfiles(folder = profileFolder()): Promise<Profile[]> {
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((each) => each.endsWith('.json')).sort()
  return Promise.all(files.map((each) => readProfile(join(folder, each))))
}

async function readProfile(path: string): Promise<Profile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError('profile-invalid', `${path} cannot be read`, 'Check the path.', error)
  })
  return parseProfile(text, path)
}

/** A profile by its name, the person's before ours, or in a file. @throws UserError profile-invalid. */
export async function profileNamed(name: string, folder = profileFolder()): Promise<Profile> {
  if (/[/\\]|\.json$/.test(name)) return readProfile(name)
  const kept = await keptProfiles(folder)
  const found = [...kept, ...profiles].find((each) => each.name === name)
  if (found) return found
  const all = [...new Set([...kept, ...profiles].map((each) => each.name))].join(', ')
  throw new UserError('profile-invalid', `there is no profile ${name}`, `Give one of: ${all}; or a file.`)
}

/** Keeps a profile under its name; gives the path. @throws UserError profile-invalid, output-failed. */
export async function keepProfile(profile: Profile, folder = profileFolder()): Promise<string> {
  if (!/^[\w-][\w.-]{0,60}$/.test(profile.name))
    throw new UserError(
      'profile-invalid',
      `${JSON.stringify(profile.name)} is not a profile name`,
      'Give letters, digits, dots, dashes and underscores.',
    )

  const path = join(folder, `${profile.name}.json`)

  try {
    await mkdir(folder, { recursive: true })
    await writeOutput(path, profileText(profile))
  } catch (error) {
    throw new UserError(
      'output-failed',
      `${path} cannot be written`,
      'Set GANNET_PROFILES to a folder with write permission.',
      error,
    )
  }

  return path
}

export const profileText = (profile: Profile): string => `${JSON.stringify(profile, null, 2)}\n`
