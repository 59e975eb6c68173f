import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { storeContract } from '../../test/contracts/store.ts'
import { openEmbedded } from './embedded.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-embedded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

storeContract('the embedded engine', () => openEmbedded(join(folder, "a new 'folder'")))
