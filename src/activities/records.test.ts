import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import type { Activity } from '../model/activity.ts'
import { parseNetworks } from '../store/networks.ts'
import { findActivities } from './find.ts'
import { countedRecords } from './rules.ts'

const scope = { epoch: 0, from: monday, to: monday + 86_400e6, internal: parseNetworks(['10.0.0.0/8']) }
const second = 1e6
const shut = { outcome: 'unanswered', clientPackets: 1, serverPackets: 0 }
const many = (n: number, make: (i: number) => Given): Given[] => Array.from({ length: n }, (_, i) => make(i))
const spread = (i: number) => `${130 + (i % 30)}.${Math.floor(i / 30) + 1}.7.9`
const at = (i: number) => monday + i * second

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

type Shown = Readonly<Record<'record' | 'host' | 'peer' | 'what' | 'outcome', string>> & {
  readonly serverPort: number
}

async function shown(records: Parameters<Bench['hold']>[0], detector: string) {
  await bench.hold(records)
  const { activities } = await findActivities(bench.store, scope)
  const rows = activities.filter((each) => each.detector === detector)
  return { rows, records: await bench.store.rows<Shown>(countedRecords(rows)) }
}

const total = (rows: readonly Activity[]) => rows.reduce((sum, { times }) => sum + times, 0)

/** What the host does besides, which no activity counts. */
const besides = many(50, (i) => ({ start: at(i), server: spread(i), serverPort: 443 }))
const knocks = (client: string, serverPort: number, n: number) =>
  many(n, (i) => ({ start: at(i), client, server: spread(i), serverPort, ...shut }))

it('are the failed attempts of all hosts that scanned, and nothing else of theirs', async () => {
  const flow = [...knocks('10.0.0.5', 445, 60), ...knocks('10.0.0.6', 445, 40), ...besides]
  const { rows, records } = await shown({ flow }, 'horizontal-scan')
  expect(rows.map(({ host }) => host)).toEqual(['10.0.0.5', '10.0.0.6'])
  expect(records).toHaveLength(total(rows))
  expect(new Set(records.map(({ host }) => host))).toEqual(new Set(['10.0.0.5', '10.0.0.6']))
  expect(new Set(records.map(({ serverPort, outcome }) => `${serverPort} ${outcome}`))).toEqual(
    new Set(['445 unanswered']),
  )
})

it('are on the ports that the host itself scanned', async () => {
  const other = many(5, (i) => ({
    start: at(i),
    client: '10.0.0.5',
    server: spread(i),
    serverPort: 3389,
    ...shut,
  }))
  const flow = [...knocks('10.0.0.5', 445, 60), ...knocks('10.0.0.6', 3389, 40), ...other]
  const { rows, records } = await shown({ flow }, 'horizontal-scan')
  const ports = new Set(records.map(({ host, serverPort }) => `${host} ${serverPort}`))
  expect(records).toHaveLength(total(rows))
  expect(ports).toEqual(new Set(['10.0.0.5 445', '10.0.0.6 3389']))
})

it('are of each host as many, where there are more than are shown', async () => {
  const flow = [...knocks('10.0.0.5', 445, 1500), ...knocks('10.0.0.6', 445, 600)]
  const { records } = await shown({ flow }, 'horizontal-scan')
  const of = (client: string) => records.filter(({ host }) => host === client).length
  expect([of('10.0.0.5'), of('10.0.0.6')]).toEqual([500, 500])
})

it('are the attempts at the scanned server, whatever the port', async () => {
  const ports = many(60, (i) => ({ start: at(i), server: '203.0.113.9', serverPort: i + 1, ...shut }))
  const flow = [...ports, ...besides, { start: at(1), server: '203.0.113.10', ...shut }]
  const { rows, records } = await shown({ flow }, 'vertical-scan')
  expect(records).toHaveLength(total(rows))
  expect(new Set(records.map(({ peer }) => peer))).toEqual(new Set(['203.0.113.9']))
})

it('are the conversations with mail servers', async () => {
  const mails = many(80, (i) => ({ start: at(i), server: spread(i), serverPort: 25 }))
  const { rows, records } = await shown({ flow: [...mails, ...besides] }, 'many-mail-servers')
  expect(records).toHaveLength(total(rows))
  expect(new Set(records.map(({ serverPort }) => serverPort))).toEqual(new Set([25]))
})

it('are the names that do not exist', async () => {
  const lost = many(60, (i) => ({
    start: at(i),
    query: `qx${i}kz.example${i}.com`,
    responseCode: 'NXDOMAIN',
  }))
  const found = many(5, (i) => ({ start: at(i), query: `www.known${i}.com` }))
  const { rows, records } = await shown({ flow: [{}], dns: [...lost, ...found] }, 'nxdomain-count')
  expect(records).toHaveLength(total(rows))
  expect(new Set(records.map(({ record, outcome }) => `${record} ${outcome}`))).toEqual(
    new Set(['dns NXDOMAIN']),
  )
})

it('are the programs that were fetched, by content or by server and size', async () => {
  const program = { client: '10.0.0.5', mimeType: 'application/x-dosexec', bytes: 90_000 }
  const file = [
    { ...program, server: '198.51.100.7', hash: 'a'.repeat(40), name: 'a.exe' },
    { ...program, server: '198.51.100.8', hash: '', name: 'b.exe' },
    { ...program, server: '198.51.100.9', hash: 'b'.repeat(40), name: 'c.html', mimeType: 'text/html' },
  ]
  const { records } = await shown({ flow: [{}], file }, 'executable-download')
  expect(records.map(({ record, peer }) => `${record} ${peer}`).sort()).toEqual([
    'file 198.51.100.7',
    'file 198.51.100.8',
  ])
})

it('are the alerts of the classes that count', async () => {
  const alert = [
    { category: 'A Network Trojan was detected', signature: '1:1', message: 'trojan' },
    { category: 'Not Suspicious Traffic', signature: '1:2', message: 'fine' },
  ]
  const { records } = await shown({ flow: [{}], alert }, 'reported-exploit')
  expect(records.map(({ what }) => what)).toEqual(['trojan'])
})
