/**
 * Gives each test file a temporary folder of its own: a command says that it removed the folders of runs that were
 * killed, and those of another test are none of its.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const usual = process.env['TMPDIR']
const folder = mkdtempSync(join(tmpdir(), 'gannet-'))
// Some tests begin processes of another user.
chmodSync(folder, 0o755)
process.env['TMPDIR'] = folder

afterAll(() => {
  if (usual === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = usual
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
