import { expect, it } from 'vitest'
import { fuzzPackets } from './fuzz-packets.ts'

it('reads captures that are made up and damaged: nothing throws, nothing hangs, no frame is lost', () => {
  const { captures, frames, packets, rejected, records } = fuzzPackets(1500, 1)
  expect(captures).toBe(1500)
  // The captures reach what they are to test: flows, rejects, and records of what is said.
  expect(packets).toBeGreaterThan(frames / 2)
  expect(rejected).toBeGreaterThan(frames / 20)
  expect(records).toBeGreaterThan(frames / 20)
})
