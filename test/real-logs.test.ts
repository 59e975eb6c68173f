/** Every Zeek, Argus and Suricata file of the real captures: records in = rows + rejects, by a count of our own. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readerFor } from '../src/capture/index.ts'
import { openInput } from '../src/capture/input.ts'
import { type Counted, openReading, type Reading, rejected } from './contracts/reading.ts'
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
      const read: { path: string; out: Counted }[] = []
      for (const path of filesUnder(folder)) {
        const reader = readerFor((await openInput(path)).head)
        if (!reader || !textReaders.includes(reader.name) || path.includes('corrupt')) continue
        const out = await reading.countPath(reader, path)
        // What the user data of a flow says is a record beside the one of its line.
        const { flow = 0, ...others } = out.counts
        const beside = reader.name === 'argus' ? 0 : Object.values(others).reduce((sum, n) => sum + n, 0)
        expect([path, flow + beside + rejected(out)]).toEqual([path, await recordLines(path)])
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

const onlyDns = 'captures/slips-more/2015-03-24_capture1-only-dns.binetflow'
describeWithData(onlyDns, 'user data of a real Argus file', () => {
  it('has the code of each answer, as the header says it', async () => {
    const reading = await openReading()
    const path = sharedData(onlyDns)
    const { rows } = await reading.readPath(readerFor((await openInput(path)).head)!, path)
    await reading.close()
    const dns = rows.filter(({ record }) => record === 'dns')
    // Of each line, the low four bits of the fourth byte of what the server said.
    const codes: Record<string, number> = {}
    for await (const line of (await openInput(path)).lines()) {
      if (line.startsWith('StartTime')) continue
      const [, text = ''] = /d\[\d+\]=([^,]*)/.exec(line) ?? []
      const code = text === '' ? 'none' : String(Buffer.from(text, 'base64').readUInt8(3) & 15)
      codes[code] = (codes[code] ?? 0) + 1
    }
    expect(codes).toEqual({ '0': 2827, '2': 40, '3': 4, none: 43 })
    const read = Object.groupBy(dns, (row) => String(row['responseCode']))
    expect(Object.fromEntries(Object.entries(read).map(([code, own]) => [code, own!.length]))).toEqual({
      NOERROR: 2827,
      SERVFAIL: 40,
      NXDOMAIN: 4,
      '': 43,
    })
    expect(dns.every((row) => /^[a-z0-9_.-]+$/.test(String(row['query'])))).toBe(true)
  })
})
