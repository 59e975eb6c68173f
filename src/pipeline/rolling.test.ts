/** A window that moves with the newest record: the last day, analysed again as records come in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRecords, type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { defaults } from '../config.ts'
import { micros } from '../model/units.ts'
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
})
