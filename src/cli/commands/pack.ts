/** `gannet evidence FINDING --pack PLACE`: a finding with its flows and packets, for somebody else. */

import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { UserError } from '../../errors.ts'
import type { Answer } from '../../model/answer.ts'
import type { Finding } from '../../model/finding.ts'
import { sayCount, sayMany } from '../../model/words/say.ts'
import { writeOutput } from '../../output.ts'
import { type CapturePlaces, type Pack, packStream, writePack } from '../../packs/index.ts'
import type { Store } from '../../store/store.ts'
import { collect } from '../options.ts'
import { print } from '../say.ts'

export interface PackFlags {
  readonly pack?: string
  readonly capture?: readonly string[]
}

export const packOptions = (command: Command): Command =>
  command
    .option(
      '--pack <place>',
      'write an evidence pack: a folder, or an archive if the name ends in .zip (docs/reference/evidence-pack.md)',
    )
    .option(
      '--capture <paths>',
      'for --pack: captures to cut instead of the imported ones, or folders with the imported ones; repeatable',
      collect,
    )

interface About {
  readonly answer: Answer
  readonly finding: Finding
}

/** Writes the pack and says what is in it. @throws UserError output-failed; input-missing. */
export async function givePack(
  store: Store,
  about: About,
  { pack, capture = [] }: PackFlags & { readonly pack: string },
): Promise<void> {
  const places = await placesIn(capture)
  if (pack === '-' || /\.zip$/i.test(pack)) {
    const held: Pack[] = []
    await writeOutput(pack, await packStream(store, about, places, (each) => held.push(each)))
    // Standard output is the archive itself there.
    if (pack !== '-') for (const each of held) print(contents(pack, each))
    return
  }

  const held = await writePack(store, about, { folder: pack, places }).catch(
    (error: NodeJS.ErrnoException) => {
      if (
        error instanceof UserError ||
        !/^(EACCES|EEXIST|EISDIR|ENOTDIR|ENOTEMPTY|EPERM|EROFS)$/.test(String(error.code))
      )
        throw error
      throw new UserError(
        'output-failed',
        `${pack} cannot be written`,
        'Give a folder with write permission.',
        error,
      )
    },
  )
  print(contents(pack, held))
}

/** What a pack holds: its files, how many flows, the packets of each capture. */
const contents = (pack: string, { files, flows, captures }: Pack): string =>
  [
    `${pack}: ${files.join(', ')}`,
    `${sayMany(flows, 'flow')}`,
    ...captures.map(({ from, file, packets, remark }) =>
      file === null
        ? `no packets of ${from}: ${remark}`
        : `${sayCount(packets)} packets of ${from}${remark === '' ? '' : `; ${remark}`}`,
    ),
  ].join('\n')

async function placesIn(paths: readonly string[]): Promise<CapturePlaces> {
  const folders: string[] = []
  const files: string[] = []
  for (const path of paths) {
    const kind = await stat(path).catch((error: unknown) => {
      throw new UserError('input-missing', `there is no ${path}`, 'Check the path.', error)
    })
    if (kind.isDirectory()) folders.push(path)
    else files.push(path)
  }
  return { folders, files }
}
