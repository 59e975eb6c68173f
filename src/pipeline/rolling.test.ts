/** A window that moves with the newest record: the last day, analysed again as records come in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRecords, type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { defaults } from '../config.ts'
import { micros } from '../model/units.ts'
import { removable, remove } from '../store/ledger/retention.ts'
import { analyse } from './analyse.ts'

const day = 86_400e6
const hour = 3600e6

/** An implant that calls every two minutes, and a worm that scans for ten minutes of every hour. */
function infected(from: number, hours: number): Given[] {
  const flows: Given[] = []
  for (let minute = 0; minute < hours * 60; minute += 2) {
    const start = from + minute * 60e6
    flows.push({
      client: '10.0.0.7',
      server: '203.0.113.66',
      serverPort: 4444,
      start,
      clientBytes: 960,
      serverBytes: 800,
    })
    const scans = minute % 60 < 10 ? 60 : 0
    for (let i = 0; i < scans; i++) {
      const target = minute * 30 + i
      flows.push({
        client: '10.0.0.8',
        server: `198.51.${(target >> 8) % 256}.${target % 256}`,
        serverPort: 445,
        start: start + i * 1e6,
        outcome: 'unanswered',
        state: 'S0',
        serverPackets: 0,
        serverBytes: 0,
        clientPackets: 1,
        clientBytes: 40,
      })
    }
  }
  return flows
}

const honest = (from: number, hours: number): Given[] =>
  Array.from({ length: hours * 20 }, (_, i) => ({
    client: `10.0.0.${20 + (i % 5)}`,
    server: `203.0.113.${10 + ((i * 7) % 40)}`,
    start: from + i * 180e6 + ((i * 7919) % 90) * 1e6,
    clientBytes: 500 + ((i * 31) % 900),
    serverBytes: 5000 + ((i * 977) % 60_000),
  }))

/** Hosts that are there every day, so that a service of one is rare. */
const hosts = (from: number, hours: number): Given[] =>
  Array.from({ length: Math.ceil(hours / 6) }, (_, i) =>
    Array.from({ length: 12 }, (_, host) => ({
      client: host === 0 ? '10.0.0.9' : `10.0.0.${60 + host}`,
      server: `203.0.113.${10 + ((i * 11 + host) % 40)}`,
      start: from + i * 6 * hour + ((i * 31 + host * 977) % 19_000) * 1e6,
      clientBytes: 500 + ((i * 31) % 900),
      serverBytes: 5000 + ((host * 977) % 60_000),
    })),
  ).flat()

describe('the last day', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const analysed = () =>
    analyse(
      bench.store,
      { ...defaults, internal: ['10.0.0.0/8'], last: micros(day) },
      { version: 'test', inputs: [], progress: () => {} },
    )

  it('has the same findings under the same ids a day, and an hour, later', async () => {
    const start = monday + 9 * hour
    await bench.hold({ flow: [...infected(start, 24), ...honest(start, 24)] })
    const { answer: first } = await analysed()
    expect(first.hosts.map(({ host }) => host).sort()).toEqual(['10.0.0.7', '10.0.0.8'])
    expect(first.findings.map(({ kind }) => kind).sort()).toEqual(['beacon', 'scan'])

    let next = start + 24 * hour
    for (const hours of [1, 23]) {
      await addRecords(bench.store, { flow: [...infected(next, hours), ...honest(next, hours)] })
      next += hours * hour
      const { answer } = await analysed()
      expect(answer.findings.map(({ id }) => id).sort()).toEqual(first.findings.map(({ id }) => id).sort())
      expect(answer.analysis.epochs).toHaveLength(1)
      expect(answer.analysis.from! - (next - day)).toBeLessThan(hour)
    }
  })

  it('has a caller of every 30 hours, of which a day shows one call or none, from the aggregates of weeks', async () => {
    const start = monday + 9 * hour
    const slow = {
      client: '10.0.0.9',
      server: '203.0.113.77',
      serverPort: 4321,
      clientBytes: 900,
      serverBytes: 700,
    }
    const days = 24
    const slowFrom = 10 * day
    const recordsOf = (from: number, hours: number): Given[] => [
      ...honest(from, hours),
      ...hosts(from, hours),
      ...Array.from({ length: 30 }, (_, i) => start + slowFrom + i * 30 * hour + ((i * 7919) % 120) * 1e6)
        .filter((at) => at >= from && at < from + hours * hour)
        .map((at) => ({ ...slow, start: at })),
    ]
    await bench.hold({})
    for (const date of Array.from({ length: days }, (_, i) => i))
      await addRecords(bench.store, { flow: recordsOf(start + date * day, 24) })
    await remove(bench.store, await removable(bench.store, { keep: day / 2 }))
    expect(await bench.store.rows('SELECT toFloat64(uniqExact(load)) AS loads FROM flow')).toEqual([
      { loads: 1 },
    ])

    const { answer: first } = await analysed()
    const [finding] = first.findings.filter(({ hosts: [host] }) => host === slow.client)
    expect(finding).toMatchObject({ kind: 'beacon', cnc: [{ address: slow.server, port: slow.serverPort }] })
    expect(finding!.evidence.map(({ kind }) => kind)).toEqual([
      'slow-rhythm',
      'rarity',
      'history',
      'weighing',
    ])
    expect(first.hosts.map(({ host }) => host)).toEqual([slow.client])
    expect(first.contacts[0]).toMatchObject({ host: slow.client, accused: true, rank: 1 })

    await addRecords(bench.store, { flow: recordsOf(start + days * day, 24) })
    const { answer: next } = await analysed()
    expect(next.findings.map(({ id }) => id)).toEqual(first.findings.map(({ id }) => id))
  }, 120_000)
})
