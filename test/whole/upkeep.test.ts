/** The commands that keep a database in order, on the database of version 1 in test/databases/. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import type { Answer } from '../../src/model/answer.ts'
import { schemaVersion } from '../../src/store/schema.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-upkeep-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const gannet = (...args: string[]) =>
  promisify(execFile)(join(root, 'gannet'), [...args, '--db', folder], { maxBuffer: 64e6 })

it('migrate, prune, and say in the evidence what is gone', async () => {
  execFileSync('tar', ['xzf', join(root, 'test/databases/version-1.tar.gz'), '-C', folder])
  await expect(gannet('findings')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('gannet migrate --db FOLDER'),
  })

  const planned = await gannet('migrate', '--dry-run')
  const [first, ...steps] = planned.stdout.trimEnd().split('\n')
  expect(first).toMatch(new RegExp(`^version 1 to ${schemaVersion} .*not done$`))
  const each = Array.from({ length: schemaVersion - 1 }, (_, i) => `  ${i + 1} to ${i + 2}`)
  expect(steps.slice(0, each.length).map((step) => step.split(':')[0])).toEqual(each)
  await expect(gannet('findings')).rejects.toMatchObject({ code: 2 })
  expect((await gannet('migrate')).stdout).toMatch(new RegExp(`^version 1 to ${schemaVersion} `))
  expect((await gannet('migrate')).stdout).toMatch(/nothing to do/)

  const { stdout } = await gannet('findings', '--json')
  const answer = JSON.parse(stdout) as Answer
  expect(answer.botnets).toHaveLength(1)
  const { id } = answer.findings.find(({ kind }) => kind === 'scan')!
  const before = await gannet('evidence', id, '1')
  expect(before.stdout).not.toBe('')
  expect(before.stderr).toBe('')

  expect((await gannet('prune', '--keep', '30d')).stdout).toBe('removed 0 inputs\n')
  expect((await gannet('prune', '--max-disk', '1MB', '--dry-run')).stdout).toBe('would remove 0 inputs\n')
  expect((await gannet('prune', '--max-disk', '0.01MB')).stdout).toMatch(/^removed 1 input\n.*over 10 kB/)

  const after = await gannet('evidence', id, '1')
  expect(after.stderr).toMatch(/1 input with records until 2024-03-12 .* removed; their rows are missing/)
  expect((await gannet('findings', '--json')).stdout).toBe(stdout)
})
