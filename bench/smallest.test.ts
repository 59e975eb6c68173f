/**
 * Every benchmark that has a smallest form still runs to its end, checks its result and gives rows. Nothing is
 * written.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { benchmarks } from './index.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

it.each(benchmarks.filter(({ smallest }) => smallest).map(({ name }) => name))(
  '%s runs in its smallest form',
  async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, name, '--smallest'], {
      maxBuffer: 1 << 26,
    })
    expect(stdout.split('\n').filter((line) => line.startsWith('  ')).length).toBeGreaterThan(0)
  },
  240_000,
)

it('profiles statements and stages', async () => {
  const records = fileURLToPath(new URL('../test/golden/zeek-json-mixed', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'profile', records])
  expect(stdout).toContain('Statements, by the line that sends them')
  expect(stdout).toMatch(/^import .*\d/m)
}, 120_000)
