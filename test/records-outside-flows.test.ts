/** Records of a time in which no flow begins are analysed, and the answer says so. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { importInputs } from '../src/capture/import/import.ts'
import { defaults } from '../src/config.ts'
import type { Answer } from '../src/model/answer.ts'
import { analyse } from '../src/pipeline/index.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import type { Store } from '../src/store/store.ts'
import { connLog } from './fixtures/written-logs.ts'
import { describeWithData, sharedData } from './shared-data.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-outside-'))
  store = await openEmbedded(join(folder, 'database'))
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function answerOf(paths: readonly string[]): Promise<Answer> {
  const { inputs } = await importInputs(store, paths)
  const { answer } = await analyse(store, defaults, { version: 'test', inputs, progress: () => {} })
  return answer
}

/** DNS records of Zeek, as JSON: 60 names that do not exist, a second each. */
const nxdomainCount = (from: number): string =>
  Array.from({ length: 60 }, (_, i) =>
    JSON.stringify({
      _path: 'dns',
      ts: from + i,
      uid: `D${i}`,
      'id.orig_h': '10.0.0.77',
      'id.orig_p': 40_000 + i,
      'id.resp_h': '10.0.0.1',
      'id.resp_p': 53,
      proto: 'udp',
      query: `${'qxzjvkwpfh'.slice(i % 7)}${(i * 7919).toString(36)}kqvz${i}xj.com`,
      qtype_name: 'A',
      rcode_name: 'NXDOMAIN',
      AA: false,
      TC: false,
      RD: true,
      RA: true,
    }),
  ).join('\n')

it('judges the DNS of another year, and says that it has no flows', { timeout: 300_000 }, async () => {
  const conn = join(folder, 'conn.log')
  const dns = join(folder, 'dns.log')
  writeFileSync(conn, connLog(0, 50))
  writeFileSync(dns, nxdomainCount(1_900_000_000))
  const answer = await answerOf([conn, dns])
  expect(answer.analysis.epochs.map(({ flows }) => flows)).toEqual([50, 0])
  expect(answer.hosts.map(({ host }) => host)).toEqual(['10.0.0.77'])
  expect(answer.findings.map(({ kind }) => kind)).toEqual(['dga'])
  const blind = answer.analysis.blindSpots
  expect(blind).toContain('60 DNS records lie outside the time of the flows and are judged without them')
  // The flows have none; the other epoch has.
  expect(blind).toContain('generated names: there are no DNS records with response codes (1 of 2 epochs)')
  expect(blind).toContain('sender addresses of mail, a sign of spam: there are no SMTP records')
  expect(blind.join()).not.toMatch(/scans:|scans, except/)
})

describeWithData('captures/slips/test14-malicious-zeek-dir', 'mail of 2022 beside flows of 1970', () => {
  it('looks at all of it', { timeout: 300_000 }, async () => {
    const answer = await answerOf([sharedData('captures/slips/test14-malicious-zeek-dir')])
    expect(answer.analysis.epochs.map(({ flows }) => flows)).toEqual([5, 0])
    // 521 requests from 30 to 570 s; the flows are all of second 79.
    expect(answer.analysis.epochs[0]!.activities).toEqual({ download: 1 })
    expect(answer.analysis.blindSpots.filter((each) => /mail|SMTP/.test(each))).toEqual([
      '5 mail records lie outside the time of the flows and are judged without them',
      'sender addresses of mail, a sign of spam: there are no SMTP records (1 of 2 epochs)',
    ])
  })
})
