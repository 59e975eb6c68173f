/** The A-plane on real records: what it must see, and whom it must not accuse. See docs/method/activities.md. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { activityVerdicts, findActivities } from '../../src/activities/index.ts'
import { importInputs } from '../../src/capture/import/import.ts'
import { fillQueried } from '../../src/dns/index.ts'
import { privateCidrs } from '../../src/model/networks.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { describeWithData, sharedData } from '../shared-data.ts'

/** `host detector` of each activity, and the accused, with all of the capture as one epoch. */
async function seenIn(path: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-captures-'))
  const store = await openEmbedded(folder)
  try {
    await importInputs(store, [sharedData(path)], { acceptRejects: true })
    const [range] = await store.rows<{ first: number; last: number; hosts: number }>(`
      SELECT toFloat64(min(start)) AS first, toFloat64(max(start)) AS last, toFloat64(uniqExact(client)) AS hosts
      FROM (SELECT start, client FROM flow UNION ALL SELECT start, client FROM dns UNION ALL SELECT start, client FROM alert)`)
    if (!range) throw new RangeError('no records')
    const internal = parseNetworks([...privateCidrs, '147.32.0.0/16'])
    const scope = { epoch: 0, from: range.first, to: range.last + 1, internal }
    await fillQueried(store)
    const { activities } = await findActivities(store, scope)
    return {
      activities: activities.map(({ host, detector }) => `${host} ${detector}`),
      accused: activityVerdicts(activities, { population: range.hosts }).map(
        ({ host, type }) => `${host} ${type}`,
      ),
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

/** Path, activities that must be among those seen, and exactly whom they accuse. */
const captures: readonly (readonly [
  path: string,
  activities: readonly string[],
  accused: readonly string[],
])[] = [
  [
    'captures/stratosphere-002',
    ['horizontal-scan', 'vertical-scan', 'subnet-sweep', 'icmp-sweep', 'failed-connections'].map(
      (each) => `172.16.1.11 ${each}`,
    ),
    ['172.16.1.11 scan'],
  ],
  ['captures/slips/port-scans/vertical', ['192.168.1.9 vertical-scan'], ['192.168.1.9 scan']],
  ['captures/slips/port-scans/horizontal', [], []],
  ['captures/slips/test4-malicious.binetflow', ['192.168.2.12 horizontal-scan'], ['192.168.2.12 scan']],
  ['captures/slips/test7-malicious.pcap', ['192.168.2.16 failed-connections'], ['192.168.2.16 scan']],
  [
    'captures/slips/test11-portscan.binetflow',
    ['10.8.0.69 vertical-scan', '10.8.0.69 icmp-sweep'],
    ['10.8.0.69 scan'],
  ],
  ['captures/slips/test12-icmp-portscan.pcap', [], []],
  ['captures/slips/test19-malicious-ssh', ['147.32.80.40 password-guessing'], ['147.32.80.40 exploit']],
  [
    'captures/stratosphere-005',
    ['192.168.1.116 nxdomain-count', '192.168.1.116 dga-score'],
    ['fd77:48a1:c0bb:0:b96c:506d:6c7f:e8be dga', '192.168.1.116 dga'],
  ],
  ['captures/stratosphere-009', ['192.168.1.113 reported-scan'], ['192.168.1.113 scan']],
  ['captures/stratosphere-008', [], []],
  ['captures/stratosphere-010', [], []],
  ['captures/slips-more/Normal-2013-10-21_capture-1.binetflow', [], []],
  ['background/ctu13-s6-half.binetflow.gz', [], []],
  ['names/dns-pcap/normal_00000_20230805150331.pcap', [], []],
]

describeWithData('captures', 'what real records show', () => {
  it.each(captures)('%s', async (path, activities, accused) => {
    const seen = await seenIn(path)
    expect(seen.activities).toEqual(expect.arrayContaining([...activities]))
    if (activities.length === 0) expect(seen.activities).toEqual([])
    expect(seen.accused).toEqual(accused)
  })
})
