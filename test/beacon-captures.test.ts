/** The model-free verdict on real captures: the C&C first and alone, the clean desktop in peace. */
import { expect, it } from 'vitest'
import { isCnc, realCaptures, withCapture } from '../bench/samples/beacon-captures.ts'
import { findBeacons } from '../src/traces/beacons/find.ts'
import { describeWithData } from './shared-data.ts'

const infected = ['njRAT 001', 'Emotet', 'AsyncRAT', 'AndroidTester 003', 'STRRAT', 'njRAT pcap', 'sandcat']

describeWithData('captures/stratosphere-001', 'findBeacons on real captures', () => {
  it.each(realCaptures.filter(({ name }) => infected.includes(name)))(
    'accuses the C&C of $name alone',
    async (capture) => {
      const found = await withCapture(capture, ({ store, scope }) => findBeacons(store, scope))
      expect(found.length).toBeGreaterThan(0)
      for (const { endpoint } of found) expect(isCnc(capture, endpoint.address, endpoint.port)).toBe(true)
    },
  )

  it.each(realCaptures.filter(({ name }) => ['desktop 008', 'desktop 010', 'Normal 2013'].includes(name)))(
    'accuses nothing on $name',
    async (capture) => {
      expect(await withCapture(capture, ({ store, scope }) => findBeacons(store, scope))).toEqual([])
    },
  )
})
