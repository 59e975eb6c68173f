import { expect, it } from 'vitest'
import { formats, fuzz } from './fuzz-texts.ts'

it('lines of every text format, however damaged, lose no record, throw nothing and do not hang', async () => {
  const result = await fuzz(32_000, 3, 2000)
  expect(Object.keys(result.kinds)).toHaveLength(formats.length)
  // The fuzzer is worth something only when much is read and much is not.
  for (const { rows, rejects } of Object.values(result.kinds)) {
    expect(rows).toBeGreaterThan(400)
    expect(rejects).toBeGreaterThan(100)
  }
  expect(result.slowest).toBeLessThan(20_000)
})
