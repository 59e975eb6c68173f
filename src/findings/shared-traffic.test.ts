import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import type { CCluster, Group } from '../model/correlation.ts'
import { hours, micros } from '../model/units.ts'
import { parseNetworks } from '../store/networks.ts'
import { raw } from '../store/sql.ts'
import { botnetFinding, type DoneActivity } from './botnets.ts'

const scope = { epoch: 0, from: monday, to: monday + hours(24), internal: parseNetworks(['10.0.0.0/8']) }
const hosts = ['10.0.0.1', '10.0.0.2']
const endpoint = { address: '203.0.113.9', port: 443, protocol: 'tcp', name: 'cc.example' }
const ranked = { ...endpoint, members: hosts, callers: 2, flows: 2, rank: 1 }

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
  await bench.hold({
    flow: hosts.map(
      (client): Given => ({
        client,
        server: endpoint.address,
        serverPort: endpoint.port,
        start: monday + 60e6,
        uid: client,
      }),
    ),
  })
})
afterAll(() => bench.close())

const scans = hosts.map(
  (host): DoneActivity => ({
    epoch: 0,
    type: 'scan',
    host,
    detector: 'scan-rate',
    first: micros(monday),
    last: micros(monday + hours(1)),
    times: 5,
    targets: 5,
    traits: [],
    sample: [],
    flows: [],
    score: 1,
    did: 'scanned',
    allDid: () => 'scanned',
    recordsOf: () => raw(''),
  }),
)

/** A group that nothing but calls to these services brought together. */
const groupOf = (...services: CCluster[]): Group => ({
  hosts,
  scores: [1, 1],
  activities: ['scan'],
  terms: services.map((b) => ({
    plane: 'A-C',
    a: { id: 'a', type: 'scan', hosts },
    b,
    shared: hosts,
    worth: 1,
    expected: 0.01,
  })),
})
const service = (id: string): CCluster => ({ id, kind: 'service', hosts, kept: true })

const findingOf = async (group: Group) =>
  (
    await botnetFinding(
      { store: bench.store, analysis: 'a', scope },
      {
        epochKey: 0,
        group,
        threshold: 0.1,
        population: 290,
        activities: scans,
        endpoints: { shown: [ranked], all: [ranked] },
        structure: null,
      },
    )
  ).finding

it('of a group that shares a server and no shape of traffic is said as that, with how few contact it', async () => {
  const { claim, evidence } = await findingOf(groupOf(service('203.0.113.9 443/tcp')))
  expect(claim).toBe('2 hosts act as one botnet: they contact the same server and they scan.')
  expect(evidence.map(({ kind }) => kind)).toEqual(['cross-plane', 'rarity', 'activity'])
  expect(evidence[1]).toMatchObject({ endpoint, hosts: 2, ofHosts: 290 })
  expect(evidence[1]!.flows).toHaveLength(2)
})

it('says of how many members what holds of some, and shows every client of the server', async () => {
  const third = '10.0.0.3'
  const group = groupOf(service('203.0.113.9 443/tcp'))
  const { claim, evidence } = await findingOf({ ...group, hosts: [...hosts, third] })
  expect(claim).toBe('3 hosts act as one botnet: 2 of them contact the same server and 2 of them scan.')
  const { sql, params } = evidence[1]!.query!
  const rows = await bench.store.ask(sql, params)
  expect(rows.map((row) => row['host'])).toEqual(hosts)
})

it('is nothing of a service that may not be the C&C', async () => {
  const { evidence } = await findingOf(groupOf(service('198.51.100.1 80/tcp')))
  expect(evidence.map(({ kind }) => kind)).toEqual(['cross-plane', 'activity'])
})
