/**
 * A small share of docs/method/real-ground.md as a gate: clean and infected captures of real machines, C&C and honest
 * behaviours over an office, each with its right answer. All of the tuning side, since a gate is looked at whenever a
 * detector is changed.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { type GroundCase, groundCases } from '../../bench/real-ground/cases.ts'
import { type Judged, judged } from '../../bench/real-ground/figures.ts'
import { freshAnswer } from '../../bench/real-ground/run.ts'
import { describeWithData } from '../shared-data.ts'

/** The C&C first, both of an accused victim and among its ranked contacts. */
const withServer = {
  infected: ['strato-001-njrat', 'field-cerber-magnitude', 'field-dnscat-idle-mx', 'pcap-agenttesla-ftp'],
  cnc: ['40-cs-60s-j37', '56-doh-c2', '59-icmp-tunnel', '74-two-victims-same-c2'],
}
const quiet = {
  clean: ['field-laptop-1h', 'field-desktop-011', 'iot-sentinel-WeMoSwitch', 'field-crawl-00020'],
  honest: ['01-eset-txt', '16-syncthing-bittorrent', '19-rmm-remote-help', '25-vulnerability-scanner'],
}

describeWithData('truth.json', 'on real ground', () => {
  let cases: ReadonlyMap<string, GroundCase>
  beforeAll(() => {
    cases = new Map(groundCases().map((each) => [each.name, each]))
  })

  const answered = async (name: string): Promise<Judged> => {
    const of = cases.get(name)
    if (!of) throw new Error(`no case ${name}: its records are not there`)
    expect(of.side).toBe('tuning')
    return judged(of, await freshAnswer(of))
  }

  describe.each(Object.entries(withServer))('%s', (_, names) => {
    it.each(names)('%s: the victim is accused, the C&C first, and nobody else', async (name) => {
      const { right, cncFirst, rank, others } = await answered(name)
      expect({ right, cncFirst, rank, others }).toEqual({ right: true, cncFirst: true, rank: 1, others: 0 })
    })
  })

  describe.each(Object.entries(quiet))('%s', (_, names) => {
    it.each(names)('%s: nobody is accused', async (name) => {
      const { answer } = await answered(name)
      expect(answer.failed).toBeNull()
      expect(answer.accused.map(({ host, claims }) => [host, claims[0]])).toEqual([])
    })
  })
})
