import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  agreement,
  captures,
  compare,
  missing,
  ours,
  peers,
  type Talk,
  wholeFrames,
} from './packet-matrix.ts'
import { describeWithData, sharedData } from './shared-data.ts'

describeWithData('pcap', 'the same packets through other readers', () => {
  for (const peer of peers) {
    const absent = missing(peer)
    it.skipIf(absent)(`${peer.name}${absent ? ` (skipped: ${absent} is not installed)` : ''}`, async () => {
      for (const capture of captures.slice(1, 3)) {
        const { pairs, ...unlike } = await compare(peer, capture)
        expect(pairs).toBeGreaterThan(20)
        expect(unlike).toEqual({ onlyOurs: 0, onlyTheirs: 0, packets: 0, bytes: 0 })
      }
    })
  }

  it('leaves out frames that were cut, and no other, for the peer that does not read them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gannet-whole-'))
    try {
      const packets = async (path: string) =>
        [...(await ours(path)).values()].reduce((sum, each) => sum + each.packets, 0)
      const given = sharedData(captures[1]!)
      const { path, cut } = wholeFrames(given, join(folder, 'whole.pcap'))
      expect(cut).toBe(3)
      expect(await packets(path)).toBe((await packets(given)) - 3)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

it('tells what is not the same', () => {
  const talk = (packets: number, bytes: number): Talk => new Map([['tcp a b', { packets, bytes }]])
  expect(agreement(talk(2, 100), talk(2, 128), 14)).toMatchObject({ packets: 0, bytes: 0 })
  expect(agreement(talk(2, 100), talk(2, 127), 14)).toMatchObject({ packets: 0, bytes: 1 })
  expect(agreement(talk(2, 100), talk(3, 142), 14)).toMatchObject({ packets: 1, bytes: 0 })
  expect(agreement(talk(2, 100), new Map(), 0)).toMatchObject({ onlyOurs: 1, onlyTheirs: 0 })
})
