import { expect, it } from 'vitest'
import { fuzz } from './fuzz-datagrams.ts'

it('datagrams and files of exporters, however damaged, lose no record, throw nothing and do not hang', async () => {
  const result = await fuzz(20_000)
  expect(result.kinds).toMatchObject({ datagrams: expect.any(Number), nfdump: expect.any(Number) })
  // The fuzzer is worth something only when much is read and much is not.
  expect(result.flows).toBeGreaterThan(5000)
  expect(result.rejects).toBeGreaterThan(5000)
  expect(result.slowest).toBeLessThan(5000)
})
