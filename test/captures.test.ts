/** Every capture file there is, many of them malformed on purpose: none may throw, hang or lose a frame. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openInput } from '../src/capture/input.ts'
import { pcap, pcapng } from '../src/capture/pcap/pcap.ts'
import type { Sink } from '../src/capture/reader.ts'
import { createRejects } from '../src/capture/rejects.ts'
import { describeWithData, sharedData } from './shared-data.ts'

/** How many captures a folder has, and what is in them: counted once, and held to. */
async function readFolder(folder: string) {
  const entries = readdirSync(sharedData(folder), { recursive: true, withFileTypes: true })
  let files = 0
  let packets = 0
  const rejects: Record<string, number> = {}
  for (const entry of entries.filter((each) => each.isFile())) {
    const input = await openInput(join(entry.parentPath, entry.name))
    const reader = [pcap, pcapng].find((each) => each.accepts(input.head))
    if (!reader) continue
    files++
    const counted = createRejects()
    const sink = {
      rejects: counted,
      write: async (record: string, rows: readonly { packets: number }[]) => {
        if (record === 'flow') for (const row of rows) packets += row.packets
      },
      progress: () => {},
    }
    await reader.read(input, sink as unknown as Sink)
    for (const [reason, n] of counted.counts) rejects[reason] = (rejects[reason] ?? 0) + n
  }
  return { files, packets, rejects }
}

const folders: readonly (readonly [
  string,
  { files: number; packets: number; rejects: Record<string, number> },
])[] = [
  ['conformance/pcapng', { files: 48, packets: 120, rejects: { 'bad-time': 20 } }],
  [
    'conformance/tcpdump',
    {
      files: 667,
      packets: 5141,
      rejects: { 'not-ip': 3863, unsupported: 384, truncated: 27, 'bad-field': 14, 'bad-time': 1 },
    },
  ],
  ['conformance/wireshark', { files: 122, packets: 8301, rejects: { unsupported: 1594, 'not-ip': 4896 } }],
  [
    'conformance/zeek/testing/btest/Traces',
    {
      files: 804,
      packets: 238_017,
      rejects: { 'not-ip': 682, unsupported: 8, 'bad-field': 44, truncated: 6, superseded: 125 },
    },
  ],
  ['pcap', { files: 6, packets: 6054, rejects: { 'not-ip': 1186 } }],
  ['names/dns-pcap', { files: 3, packets: 55_399, rejects: {} }],
  ['captures/slips', { files: 6, packets: 12_214, rejects: { 'not-ip': 550 } }],
]

describeWithData('conformance/pcapng', 'captures made to be hard', () => {
  it.each(folders)('%s', async (folder, expected) => {
    expect(await readFolder(folder)).toEqual(expected)
  })
})
