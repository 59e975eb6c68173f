/** Every Zeek, Argus and Suricata file of the real captures: records in = rows + rejects, by a count of our own. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readerFor } from '../src/capture/index.ts'
import { openInput } from '../src/capture/input.ts'
import { openReading, type Read, type Reading, rejected } from './contracts/reading.ts'
import { describeWithData, sharedData } from './shared-data.ts'

const textReaders = ['zeek', 'zeek-json', 'argus', 'suricata']

const filesUnder = (folder: string): string[] =>
  readdirSync(sharedData(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/pcap|nfcapd|nfdump|labels\.config/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** Lines that are records, counted without the engine. */
async function recordLines(path: string): Promise<number> {
  let records = 0
  for await (const line of (await openInput(path)).lines())
    if (line !== '' && !line.startsWith('#') && !line.startsWith('StartTime')) records++
  return records
}

for (const [folder, floor] of [
  ['captures', 70],
  ['rita', 40],
  ['background', 1],
] as const) {
  describeWithData(folder, `real logs in ${folder}`, () => {
    let reading: Reading
    beforeAll(async () => {
      reading = await openReading()
    })
    afterAll(() => reading.close())

    it('gives every record as a row or as a reject', async () => {
      const read: { path: string; out: Read }[] = []
      for (const path of filesUnder(folder)) {
        const reader = readerFor((await openInput(path)).head)
        if (!reader || !textReaders.includes(reader.name) || path.includes('corrupt')) continue
        const out = await reading.readPath(reader, path)
        expect([path, out.rows.length + rejected(out)]).toEqual([path, await recordLines(path)])
        read.push({ path, out })
      }
      expect(read.length).toBeGreaterThanOrEqual(floor)
      const suspicious = read.filter(({ out }) => Object.keys(out.rejects).some((r) => !harmless.includes(r)))
      if (process.env['GANNET_SHOW'])
        for (const { path, out } of suspicious) console.log(path, out.rejects, out.samples.slice(0, 3))
      expect(suspicious.map(({ path }) => path.replace(sharedData(''), ''))).toEqual(known[folder])
    }, 600_000)
  })
}

const harmless = ['not-ip', 'not-used', 'superseded']

/** Files that really hold broken records. */
const known: Readonly<Record<string, readonly string[]>> = {
  // A blank for a tab; transfers between no hosts.
  captures: ['captures/slips/test10-mixed-zeek-dir/notice.log', 'captures/zeek-logs/zat/data/files.log'],
  // Cut lines, and a port of 93145.
  rita: ['rita/truncated/conn.log', 'rita/truncated/conn_json.log'],
  background: [],
}
