/**
 * Gives each test file a temporary folder of its own: a command says that it removed the folders of runs that were
 * killed, and those of another test are none of its. What its processes compile is kept where `./gannet` keeps it: a
 * third of the processor time of a small one.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const usual = process.env['TMPDIR']
const folder = mkdtempSync(join(tmpdir(), 'gannet-'))
// Some tests begin processes of another user.
chmodSync(folder, 0o755)
process.env['TMPDIR'] = folder

const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
process.env['NODE_COMPILE_CACHE'] ??= join(caches, 'gannet', 'compiled')

afterAll(() => {
  if (usual === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = usual
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
