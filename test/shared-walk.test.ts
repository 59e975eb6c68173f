/** Every file of the real data is read by a reader, or refused with a reason that a person understands. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { detect, tablesOf } from '../src/capture/import/detect-format.ts'
import { openInput } from '../src/capture/input.ts'
import { UserError } from '../src/errors.ts'
import { describeWithData, sharedData } from './shared-data.ts'

/** What is no record of a network, and why it lies there. */
const noRecords: readonly (readonly [RegExp, string])[] = [
  [
    /(^|\/)(README|LICENSE|COPYING|NOTICE|CHANGELOG)[^/]*$|\.(md|txt|cfg|yaml|yml|config|conf)$/i,
    'words and settings',
  ],
  [/^truth\.json$|^conformance\/zeek\/cases\.tsv$/, 'truth beside the data'],
  [/^(lists|names\/dga)\//, 'lists of names and addresses'],
  [
    /\.(out|expected|json|sh|pl|go|rb|py|tests|awk)$/,
    'expected output of other programs’ tests, and their scripts',
  ],
  [
    /^conformance\/zeek\/testing\/btest\/Baseline\//,
    'output of Zeek’s tests: cut logs, and logs of other kinds',
  ],
  [/intel_example\.intel$|top_domains_1k\.csv$/, 'lists of names and addresses'],
  [/loaded_scripts\.log$/, 'what a Zeek has loaded'],
  [/test10-mixed-zeek-dir\/conn\.log$/, 'a log whose first header has a tab before it, which no Zeek writes'],
  [
    /^conformance\/(tcpdump|wireshark|pcapng)\//,
    'broken on purpose from the first byte on, or beside the captures',
  ],
  [/^conformance\/netflow\//, 'templates without a message, and broken datagrams'],
  [/^rita\/truncated\//, 'a log whose headers are cut away'],
]

const files = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort()

describeWithData('', 'real data', () => {
  it('is read, or refused with a reason', async () => {
    const tables = tablesOf(null)
    const read = new Map<string, number>()
    const unexplained: string[] = []
    for (const path of files(sharedData(''))) {
      try {
        const input = await openInput(sharedData(path), path)
        const name = input.archive ?? (await detect(input, tables)).reader.name
        read.set(name, (read.get(name) ?? 0) + 1)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        expect(error.message.startsWith(path)).toBe(true)
        expect(error.hint).not.toBe('')
        // "A Zeek log that no stage uses", "an xz archive" say why by themselves; the rest must be no records.
        const says = error.code === 'input-unsupported'
        if (!says && !noRecords.some(([pattern]) => pattern.test(path)))
          unexplained.push(`${path}: ${error.message}`)
      }
    }
    expect(unexplained).toEqual([])
    const least = {
      zeek: 78,
      'zeek-json': 32,
      argus: 13,
      suricata: 2,
      pcap: 1500,
      pcapng: 180,
      nfdump: 1,
      netflow: 100,
    }
    for (const [name, n] of Object.entries(least))
      expect([name, (read.get(name) ?? 0) >= n]).toEqual([name, true])
  })
})
