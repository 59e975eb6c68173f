/** The files in a tar or zip, one after the other, as inputs that are named for it. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../errors.ts'
import { withTemporaryFolder } from '../../store/temporary.ts'
import { tarMembers } from '../content/archives.ts'
import type { Member } from '../content/members.ts'
import { Broken } from '../content/packing.ts'
import { zipMembers } from '../content/zip.ts'
import type { Found, Unfound } from '../input.ts'
import type { Input } from '../reader.ts'
import { small } from './new-content.ts'

/**
 * Gives each file to `use`. Large ones are gone when it is done with them, small ones, which may be read later, after
 * `settle`.
 * @returns members that cannot be read, and why.
 * @throws UserError input-damaged where the archive breaks off; what came before was given.
 */
export const eachMember = (
  archive: Input,
  use: (file: Found) => Promise<void>,
  settle: () => Promise<void> = async () => {},
): Promise<Unfound[]> =>
  withTemporaryFolder(async (folder) => {
    const lost: Unfound[] = []
    const nameOf = (member: string) => join(archive.name, member)
    const unpacking = {
      folder,
      lost: ({ name, why }: { name: string; why: string }) => void lost.push({ name: nameOf(name), why }),
    }

    try {
      for await (const member of membersOf(archive, unpacking)) {
        if (isHidden(member)) continue
        await use({ path: member.path, name: nameOf(member.name), size: member.size, explicit: false })
        if (member.size > small) await rm(member.path, { force: true })
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      throw new UserError(
        'input-damaged',
        `${archive.name} is damaged: ${error.message}`,
        'Copy it again, or unpack what can be saved and import that.',
        error,
      )
    } finally {
      await settle()
    }

    return lost
  })

const membersOf = (archive: Input, unpacking: Parameters<typeof tarMembers>[1]): AsyncIterable<Member> =>
  archive.archive === 'zip' ? zipMembers(archive.path, unpacking) : tarMembers(archive.bytes(), unpacking)

/** As in folders, names that begin with a dot are left out; so is what macOS puts beside files. */
const isHidden = ({ name }: Member): boolean =>
  name.split('/').some((part) => part.startsWith('.') && part !== '.' && part !== '..') ||
  name.startsWith('__MACOSX/')

export const nothingInArchive = (name: string): UserError =>
  new UserError('input-empty', `${name} is an archive without files`, 'Give files of records.')
