/**
 * A small share of docs/method/real-ground.md as a gate: clean and infected captures of real machines, C&C and honest
 * behaviours over an office, each with its right answer. All of the tuning side, since a gate is looked at whenever a
 * detector is changed. Analysed in this process; the office is imported once, and each behaviour laid over it and taken
 * away again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GroundCase, groundCases } from '../../bench/real-ground/cases.ts'
import { type Judged, judged } from '../../bench/real-ground/figures.ts'
import { shortened } from '../../bench/real-ground/run.ts'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { forget, ledger, prepare } from '../../src/store/ledger.ts'
import type { Store } from '../../src/store/store.ts'
import { describeWithData } from '../shared-data.ts'

/** Of captures, and of behaviours over the office: the C&C first, both of an accused victim and among its contacts. */
const withServer = {
  captures: ['strato-001-njrat', 'field-cerber-magnitude', 'field-dnscat-idle-mx', 'pcap-agenttesla-ftp'],
  office: ['40-cs-60s-j37', '56-doh-c2', '59-icmp-tunnel', '74-two-victims-same-c2'],
}
const quiet = {
  captures: ['field-laptop-1h', 'field-desktop-011', 'iot-sentinel-WeMoSwitch', 'field-crawl-00020'],
  office: ['01-eset-txt', '16-syncthing-bittorrent', '19-rmm-remote-help', '25-vulnerability-scanner'],
}

/** The answer to a case whose last path is laid over what the store holds, and taken away again. */
async function answered(store: Store, of: GroundCase): Promise<Judged> {
  const before = new Set((await ledger(store)).map(({ load }) => load))
  const { inputs } = await importInputs(store, of.paths.slice(-1))
  const options = { ...defaults, internal: of.internal }
  const { answer } = await analyse(store, options, { version: 'test', inputs, progress: () => {} })
  for (const { load } of await ledger(store)) if (!before.has(load)) await forget(store, load)
  return judged(of, { ...shortened(answer, of.victims), seconds: 0, failed: null })
}

describeWithData('truth.json', 'on real ground', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-ground-'))
  let cases: ReadonlyMap<string, GroundCase>
  beforeAll(() => {
    cases = new Map(groundCases().map((each) => [each.name, each]))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

  const caseNamed = (name: string): GroundCase => {
    const of = cases.get(name)
    if (!of) throw new Error(`no case ${name}: its records are not there`)
    expect(of.side).toBe('tuning')
    return of
  }

  describe.each(['captures', 'office'] as const)('%s', (ground) => {
    let store: Store
    beforeAll(async () => {
      store = await openEmbedded(join(folder, ground))
      await prepare(store)
      const [office] = caseNamed(withServer[ground][0]!).paths.slice(0, -1)
      if (office) await importInputs(store, [office])
    })
    afterAll(() => store?.close())

    it.each(withServer[ground])('%s: the victim is accused, the C&C first, and nobody else', async (name) => {
      const { right, cncFirst, rank, others } = await answered(store, caseNamed(name))
      expect({ right, cncFirst, rank, others }).toEqual({ right: true, cncFirst: true, rank: 1, others: 0 })
    })

    it.each(quiet[ground])('%s: nobody is accused', async (name) => {
      const { answer } = await answered(store, caseNamed(name))
      expect(answer.hosts).toBeGreaterThan(0)
      expect(answer.accused.map(({ host, claims }) => [host, claims[0]])).toEqual([])
    })
  })
})
