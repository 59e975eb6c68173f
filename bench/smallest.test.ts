import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { benched, firstOfSpeed, theyRun } from '../test/smallest-benchmarks.ts'
import { benchmarks } from './index.ts'

theyRun(benchmarks.slice(firstOfSpeed))

it('profiles statements and stages', async () => {
  const records = fileURLToPath(new URL('../test/golden/zeek-json-mixed', import.meta.url))
  const printed = await benched('profile', records)
  expect(printed).toContain('Statements, by the line that sends them')
  expect(printed).toMatch(/^import .*\d/m)
  expect(printed).toMatch(/^activities\/find\.ts:\d+ .*\d/m)
}, 120_000)
