import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { zipMembers } from '../content/zip.ts'
import { writtenAt } from './alert-time.ts'
import { writtenAs } from './lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-vanished-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An input may vanish between any two looks at it: that is its reader's reason, and no fault of the program. */
const looks: readonly [string, (path: string) => Promise<unknown>][] = [
  ['gives its time to a copy', (path) => writtenAs(join(folder, 'copy'), path)],
  ['asks for its time', writtenAt],
  ['opens it as an archive', (path) => Array.fromAsync(zipMembers(path, { folder, lost: () => {} }))],
]

it.each(looks)('says that an input is not there any more where it %s', async (_, look) => {
  writeFileSync(join(folder, 'copy'), '')
  await expect(look(join(folder, 'gone'))).rejects.toMatchObject({ code: 'input-missing' })
})
