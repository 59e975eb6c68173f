import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeAbandoned, temporaryPrefix } from './abandoned.ts'
import { withTemporaryFolder } from './temporary.ts'

const before = process.env['TMPDIR']
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'abandoned-test-'))
  process.env['TMPDIR'] = folder
})
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(folder, { recursive: true, force: true })
})

/** What a process leaves that is killed while it works. */
function killed(): string {
  const module = fileURLToPath(new URL('temporary.ts', import.meta.url))
  const script = `
    import { mkdirSync, writeFileSync } from 'node:fs'
    import { withTemporaryFolder } from ${JSON.stringify(module)}
    await withTemporaryFolder(async (folder) => {
      mkdirSync(folder + '/deep')
      writeFileSync(folder + '/deep/data', 'x'.repeat(5000))
      process.stdout.write(folder)
      process.kill(process.pid, 'SIGKILL')
      await new Promise(() => {})
    })`
  const { stdout, signal } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script],
    { encoding: 'utf8' },
  )
  expect(signal).toBe('SIGKILL')
  return stdout
}

it('removes what a killed process left, and says how much', () => {
  const left = killed()
  expect(existsSync(left)).toBe(true)
  expect(removeAbandoned()).toEqual({ folders: 1, bytes: 5000 })
  expect(existsSync(left)).toBe(false)
  expect(removeAbandoned()).toEqual({ folders: 0, bytes: 0 })
})

it('leaves alone what is in use, what is of another machine, and what only looks alike', async () => {
  const other = temporaryPrefix().replace(/gannet-[0-9a-f]{8}-/, 'gannet-00000000-')
  const names = [`${other}abc`, join(folder, 'gannet-old'), join(folder, 'gannet-999999999-x')]
  for (const name of names) mkdirSync(name)
  const dead = temporaryPrefix().replace(`-${process.pid}-`, '-999999999-')
  writeFileSync(`${dead}file`, 'no folder')
  await withTemporaryFolder(async (inUse) => {
    expect(removeAbandoned()).toEqual({ folders: 0, bytes: 0 })
    expect(existsSync(inUse)).toBe(true)
  })
  for (const name of [...names, `${dead}file`]) expect(existsSync(name)).toBe(true)
})
