import { describe, expect, it } from 'vitest'
import type { AlertMessage } from '../../src/alerts/alert.ts'
import type { Truth } from '../../src/model/truth.ts'
import type { Exchange } from '../../src/simulate/index.ts'
import { createTally } from './tally.ts'

const hour = 3600e6
const day = 24 * hour
const begin = Date.parse('2025-10-01T00:00:00Z') * 1000

/** A bot that is infected after two hours and moves to another address on the second day, to the fourth. */
const truth: Truth = {
  about: 'test',
  internal: ['10.1.0.0/16'],
  botnets: [
    {
      id: 'one',
      family: 'http-fixed',
      topology: 'star',
      hosts: ['10.1.0.1', '10.1.0.2'],
      cnc: ['192.0.2.1:80/tcp'],
      activities: [],
      machines: [
        {
          since: begin + 2 * hour,
          addresses: [
            { address: '10.1.0.1', from: begin, to: begin + day },
            { address: '10.1.0.2', from: begin + day, to: begin + 4 * day },
          ],
        },
      ],
    },
  ],
  benign: null,
  from: begin,
  to: begin + 4 * day,
}

const flow = (hours: number, client: string, server = '192.0.2.1', origin = 'one') =>
  ({ start: begin + hours * hour, client, server, serverPort: 80, proto: 'tcp', origin }) as Exchange

const alert = (hosts: readonly string[], from: number, to: number, address = '192.0.2.1'): AlertMessage => ({
  id: 'n1',
  change: 'new',
  finding: 'f1',
  kind: 'beacon',
  severity: 'medium',
  confidence: 0.6,
  was: null,
  hosts,
  hostCount: hosts.length,
  claim: 'calls at regular intervals',
  cnc: [{ address, port: 80, protocol: 'tcp', name: null }],
  techniques: [],
  from: new Date((begin + from * hour) / 1000).toISOString(),
  to: new Date((begin + to * hour) / 1000).toISOString(),
})

const tally = () => {
  const made = createTally(truth)
  made.saw([
    flow(1, '10.1.0.1', '198.51.100.1', ''),
    flow(3, '10.1.0.1', '203.0.113.9'),
    flow(4, '10.1.0.1'),
    flow(5, '10.1.0.1'),
    flow(30, '10.1.0.2'),
    flow(30, '10.1.0.7', '198.51.100.1', ''),
    flow(31, '192.0.2.77', '10.1.0.7', ''),
  ])
  return made
}

describe('a bot', () => {
  it('has called when it first called its C&C, not when it first did anything', () => {
    expect(tally().bots[0]!.called).toBe(begin + 4 * hour)
    expect(tally().infected(begin + 4 * hour)).toBe(0)
    expect(tally().infected(begin + 4 * hour + 1)).toBe(1)
  })

  it('is found at its first alert', () => {
    const made = tally()
    expect(made.alerted([alert(['10.1.0.1'], 3, 6)], begin + 6 * hour).right).toBe(1)
    made.alerted([alert(['10.1.0.1'], 3, 12)], begin + 12 * hour)
    expect(made.bots[0]).toMatchObject({ alerted: begin + 6 * hour, kinds: new Set(['beacon']) })
  })

  it('is named where an alert names a server of its C&C, and not where it names another', () => {
    const made = tally()
    made.alerted([alert(['10.1.0.1'], 3, 6, '198.51.100.1')], begin + 6 * hour)
    expect(made.bots[0]).toMatchObject({ alerted: begin + 6 * hour, isNamed: false })
    made.alerted([alert(['10.1.0.1'], 3, 12)], begin + 12 * hour)
    expect(made.bots[0]!.isNamed).toBe(true)
  })

  it.each([
    ['its second address, while it has that', '10.1.0.2', 25, 40, 1],
    ['its first address, over the time in which it had that', '10.1.0.1', 20, 40, 1],
    ['its first address, after it gave it up', '10.1.0.1', 25, 40, 0],
    ['its second address, before it had that', '10.1.0.2', 10, 20, 0],
    ['its first address, before it called', '10.1.0.1', 1, 3, 0],
    ['another', '10.1.0.7', 10, 40, 0],
  ])('is %s', (_, host, from, to, right) => {
    const judged = tally().alerted([alert([host], from, to)], begin + 48 * hour)
    expect(judged.right).toBe(right)
    expect(judged.wrong.map((each) => each.host)).toEqual(right === 1 ? [] : [host])
  })
})

it('counts the hosts inside that spoke on a day, and those of them that are clean', () => {
  expect(tally().hostDays(0)).toEqual({ hosts: 1, clean: 0 })
  expect(tally().hostDays(1)).toEqual({ hosts: 2, clean: 1 })
  expect(tally().hostDays(2)).toEqual({ hosts: 0, clean: 0 })
})

it('wants a truth that tells the bots one by one', () => {
  const { machines: _, ...botnet } = truth.botnets[0]!
  expect(() => createTally({ ...truth, botnets: [botnet] })).toThrow(RangeError)
})
