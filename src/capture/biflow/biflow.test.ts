import { describe, expect, it } from 'vitest'
import { type FlowRow, flowOf } from '../flows/flow-record.ts'
import { protocol } from '../packets/packet.ts'
import { counterpart } from '../packets/transport.ts'
import { FlowPairing, idleTimeouts } from './biflow.ts'
import { keptConnState } from './outcome-column.ts'
import { counter, ExportRecord } from './record.ts'

const second = 1e6
const t0 = 1_700_000_000 * second
const flag = { F: 1, S: 2, R: 4, P: 8, A: 16 } as const

interface Given {
  readonly from?: string
  readonly to?: string
  readonly proto?: number
  /** Seconds from `t0`. */
  readonly at?: number
  readonly until?: number
  /** Letters; without them the exporter does not say. */
  readonly flags?: string
  readonly packets?: number
  readonly bytes?: number
  readonly meter?: number
  readonly extra?: Partial<ExportRecord>
}

const word = (text: string) => text.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0)

function recordOf(given: Given): ExportRecord {
  const record = new ExportRecord()
  record.clear()
  const [source = '', sourcePort = ''] = (given.from ?? '10.0.0.1:40000').split(':')
  const [target = '', targetPort = ''] = (given.to ?? '192.0.2.1:443').split(':')
  record.ends.s3 = word(source)
  record.ends.d3 = word(target)
  record.ends.proto = given.proto ?? protocol.tcp
  record.ends.sourcePort = Number(sourcePort)
  record.ends.targetPort = Number(targetPort)
  record.start = record.reverseStart = t0 + Math.round((given.at ?? 0) * second)
  record.end = t0 + Math.round((given.until ?? (given.at ?? 0) + 1) * second)
  record.exported = record.end + 15 * second
  record.packets = given.packets ?? 5
  record.bytes = given.bytes ?? record.packets * 100
  record.meter = given.meter ?? 0
  if (given.flags !== undefined)
    record.flags = [...given.flags].reduce((bits, letter) => bits | flag[letter as keyof typeof flag], 0)
  return Object.assign(record, given.extra)
}

const back = { from: '192.0.2.1:443', to: '10.0.0.1:40000' }

function paired(all: readonly Given[], options: { most?: number; longest?: number } = {}) {
  const flows: FlowRow[] = []
  let doubles = 0
  const pairing = new FlowPairing(
    { flow: (rows, row) => flows.push(flowOf(rows, row, keptConnState)), double: () => doubles++ },
    options,
  )
  for (const given of all) {
    const record = recordOf(given)
    pairing.advance(record.exported)
    pairing.take(record)
  }
  const open = pairing.live
  pairing.finish()
  return { flows, doubles, open, expiredEarly: pairing.expiredEarly }
}

const only = (all: readonly Given[]): FlowRow => {
  const { flows } = paired(all)
  expect(flows).toHaveLength(1)
  return flows[0]!
}

describe('both directions', () => {
  it('become one flow of the side that spoke first', () => {
    const {
      position: _p,
      uid: _u,
      ...flow
    } = only([
      { at: 0, until: 4, flags: 'SAPF' },
      { ...back, at: 0.02, until: 5, flags: 'SAPF', packets: 7 },
    ])
    expect(flow).toMatchObject({
      client: '10.0.0.1',
      clientPort: 40_000,
      server: '192.0.2.1',
      serverPort: 443,
      start: t0,
      duration: 5 * second,
      packets: 12,
      clientPackets: 5,
      serverPackets: 7,
      bytes: 1200,
      outcome: 'established',
      state: 'SF',
    })
  })

  it('in whatever order they come', () => {
    const there = { at: 0, until: 4, flags: 'SAPF' }
    const here = { ...back, at: 0.02, until: 5, flags: 'SAPF' }
    const [one, other] = [only([there, here]), only([here, there])]
    expect({ ...other, position: 0 }).toEqual({ ...one, position: 0 })
  })

  it('are told apart by ports when they begin in the same millisecond', () => {
    expect(only([{ ...back, flags: 'SA' }, { flags: 'SA' }])).toMatchObject({
      client: '10.0.0.1',
      serverPort: 443,
    })
    expect(
      only([
        { from: '10.0.0.1:50000', to: '192.0.2.1:40001', flags: 'SA' },
        { from: '192.0.2.1:40001', to: '10.0.0.1:50000', flags: 'SA' },
      ]),
    ).toMatchObject({ serverPort: 40_001 })
  })

  it('of two exporters are not ordered by clocks that may differ by a second', () => {
    const early = { ...back, at: -0.9, flags: 'SA', meter: 2 }
    expect(only([{ flags: 'SA' }, early])).toMatchObject({ client: '10.0.0.1' })
    expect(only([{ flags: 'SA' }, { ...early, at: -1.1 }])).toMatchObject({ client: '192.0.2.1' })
  })

  it('have the client of before, when a held connection goes on after a silence', () => {
    const [out, home] = ['10.0.0.1:50000', '192.0.2.1:40444']
    const call = (at: number, flags = 'AP'): Given => ({ from: out, to: home, at, flags })
    const reply = (at: number, flags = 'AP'): Given => ({ from: home, to: out, at, flags })
    const late = [reply(400), call(400.5), reply(900), call(900.5)]
    const clients = (all: readonly Given[]) => paired(all).flows.map(({ client }) => client)
    expect(clients([call(0, 'SAP'), reply(0.1, 'SAP'), ...late])).toEqual(Array(3).fill('10.0.0.1'))
    const opened = [reply(400, 'S'), call(400.5, 'A')]
    expect(clients([call(0, 'SAP'), reply(0.1, 'SAP'), ...opened])).toEqual(['10.0.0.1', '192.0.2.1'])
  })

  it('come in one record too', () => {
    const extra = {
      both: true,
      reversePackets: 9,
      reverseBytes: 900,
      reverseFlags: 0x1b,
      reverseStart: t0 + 1000,
    }
    expect(only([{ flags: 'SAPF', extra }])).toMatchObject({
      clientPackets: 5,
      serverPackets: 9,
      bytes: 1400,
      outcome: 'established',
      state: 'SF',
    })
    expect(only([{ flags: 'SAPF', extra: { ...extra, began: 2 } }])).toMatchObject({
      client: '192.0.2.1',
      clientPackets: 9,
    })
  })

  it('of ICMP are an echo and its reply', () => {
    const echo = { from: '10.0.0.1:8', to: '192.0.2.1:0', proto: 1 }
    expect(counterpart(1, 8)).toBe(0)
    expect(only([echo, { from: '192.0.2.1:0', to: '10.0.0.1:8', proto: 1 }])).toMatchObject({
      client: '10.0.0.1',
      clientPort: 0,
      serverPort: 2048,
      proto: 'icmp',
      outcome: 'established',
    })
  })
})

describe('how it went', () => {
  const pair = [
    { from: '10.0.0.2:50000', at: 1, flags: 'SAPF' },
    { from: '192.0.2.1:443', to: '10.0.0.2:50000', at: 1.01, flags: 'SAPF' },
  ]
  const outcomeOf = (all: readonly Given[], others: readonly Given[] = pair) =>
    paired([...others, ...all]).flows.find(
      ({ client, server }) => client !== '10.0.0.2' && server !== '10.0.0.2',
    )!

  it.each([
    ['a SYN and nothing', [{ flags: 'S', packets: 3 }], 'unanswered', 'S0'],
    [
      'a SYN and a reset',
      [
        { flags: 'S', packets: 1 },
        { ...back, flags: 'RA', packets: 1, at: 0.01 },
      ],
      'refused',
      'REJ',
    ],
    ['a SYN-ACK alone', [{ ...back, flags: 'SA', packets: 1 }], 'reversed', 'SHR'],
    ['a reset after data', [{ flags: 'SAP' }, { ...back, flags: 'SAPR', at: 0.1 }], 'established', 'RSTR'],
    ['mid-stream with data', [{ flags: 'AP' }, { ...back, flags: 'AP', at: 0.1 }], 'established', 'OTH'],
    [
      'bare acknowledgements',
      [
        { flags: 'A', bytes: 200 },
        { ...back, flags: 'A', bytes: 200, at: 0.1 },
      ],
      'unknown',
      'OTH',
    ],
    ['flags that are not said, with data', [{}, { ...back, at: 0.1 }], 'established', ''],
    [
      'flags that are not said, bare',
      [
        { packets: 1, bytes: 60 },
        { ...back, packets: 1, bytes: 40, at: 0.1 },
      ],
      'unknown',
      '',
    ],
  ] as const)('%s', (_, all, outcome, state) => {
    expect(outcomeOf(all)).toMatchObject({ outcome, state })
  })

  it('is unknown, not unanswered, when the exporter tells of one direction only', () => {
    const query = { proto: 17, to: '192.0.2.1:53' }
    expect(outcomeOf([query])).toMatchObject({ outcome: 'unanswered', serverPackets: 0 })
    expect(outcomeOf([query], [])).toMatchObject({ outcome: 'unknown', serverPackets: null, packets: null })
    // Who acknowledges was answered.
    expect(outcomeOf([{ flags: 'SAPF' }], [])).toMatchObject({ outcome: 'established', serverPackets: null })
    expect(outcomeOf([{ flags: 'S' }], [])).toMatchObject({ outcome: 'unanswered' })
  })

  it('is not guessed from what a sample happened to miss', () => {
    expect(outcomeOf([{ proto: 17, extra: { rate: 100 } }])).toMatchObject({
      outcome: 'unknown',
      state: '1:100',
    })
  })

  it('is a refusal where a firewall says so', () => {
    expect(outcomeOf([{ packets: Number.NaN, bytes: 0, extra: { denied: true, began: 1 } }])).toMatchObject({
      outcome: 'refused',
      packets: null,
    })
  })
})

describe('pieces of one connection', () => {
  const piece = (i: number, flags: string): Given[] => [
    { at: i * 60, until: i * 60 + 59, flags },
    { ...back, at: i * 60 + 0.01, until: i * 60 + 59, flags },
  ]

  it('cut by an active time-out are one flow, however many', () => {
    const all = [
      ...piece(0, 'SAP'),
      ...Array.from({ length: 500 }, (_, i) => piece(i + 1, 'AP')).flat(),
      ...piece(501, 'APF'),
    ]
    const { flows } = paired(all)
    expect(flows).toHaveLength(1)
    expect(flows[0]).toMatchObject({
      start: t0,
      duration: (501 * 60 + 59) * second,
      clientPackets: 502 * 5,
      state: 'SF',
    })
  })

  it('that are given every hour say that they go on, so that they are joined later', () => {
    const all = [...piece(0, 'SAP'), ...Array.from({ length: 179 }, (_, i) => piece(i + 1, 'AP')).flat()]
    const { flows } = paired(all, { longest: 3600 * second })
    expect(flows.map(({ state }) => state)).toEqual(['S1', 'OTH', 'OTH'])
  })

  it('are not joined with the next call from the same port', () => {
    const call = (at: number): Given[] => [
      { at, until: at + 1, flags: 'SAPF' },
      { ...back, at: at + 0.01, until: at + 1, flags: 'SAPF' },
    ]
    expect(paired([...call(0), ...call(3)]).flows.map(({ start }) => start - t0)).toEqual([0, 3 * second])
  })

  it('of an attempt that is repeated are one attempt', () => {
    expect(
      paired([
        { flags: 'S', at: 0 },
        { flags: 'S', at: 8 },
      ]).flows,
    ).toHaveLength(1)
    expect(
      paired([
        { flags: 'S', at: 0, until: 1 },
        { flags: 'S', at: 62, until: 63 },
      ]).flows,
    ).toHaveLength(2)
  })

  it('of UDP end after a minute of silence', () => {
    const talk = (at: number): Given => ({ proto: 17, at, until: at })
    expect(paired([talk(0), talk(60)]).flows).toHaveLength(1)
    expect(paired([talk(0), talk(60.001)]).flows).toHaveLength(2)
  })
})

describe('doubles', () => {
  const there = { at: 0, until: 10, flags: 'SAPF' }

  it('of two exporters on the way count once', () => {
    const { flows, doubles } = paired([
      there,
      { ...there, meter: 2, at: 0.003 },
      { ...back, at: 0.01, until: 10, flags: 'SAPF', meter: 2 },
    ])
    expect(doubles).toBe(1)
    expect(flows).toMatchObject([{ packets: 10 }])
  })

  it('are none where one exporter splits a flow by interface or type of service', () => {
    expect(paired([there, there])).toMatchObject({
      doubles: 0,
      flows: [{ packets: null, clientPackets: 10 }],
    })
  })

  it('are none where another exporter goes on after the first', () => {
    expect(paired([there, { at: 11, until: 20, flags: 'A', meter: 2 }])).toMatchObject({
      doubles: 0,
      flows: [{ clientPackets: 10 }],
    })
  })
})

describe('what is held', () => {
  const many = (count: number, flags = 'S') =>
    Array.from(
      { length: count },
      (_, i): Given => ({ from: `10.0.${i >> 8}.${i & 255}:40000`, at: i / 1000, flags }),
    )

  it('goes when nothing more is expected', () => {
    const later = (after: number) => ({
      from: '10.9.9.9:1',
      at: 1 + after / second,
      until: 1 + after / second,
      flags: 'S',
    })
    expect(paired([...many(10), later(idleTimeouts.usual - 2 * second)]).open).toBe(11)
    expect(paired([...many(10), later(idleTimeouts.usual + 3 * second)]).open).toBe(1)
  })

  it('is bounded, and nothing is lost for it', () => {
    const { flows, open, expiredEarly } = paired(many(5000), { most: 1000 })
    expect(open).toBeLessThanOrEqual(1000)
    expect(expiredEarly).toBeGreaterThan(3000)
    expect(flows).toHaveLength(5000)
    expect(new Set(flows.map(({ client }) => client)).size).toBe(5000)
  })
})

describe('counters', () => {
  const total = (reversePackets: number) => ({
    counter: counter.total,
    both: true,
    reversePackets,
    reverseBytes: reversePackets * 100,
  })

  it('that are totals replace what was added up, and later deltas are in them', () => {
    const delta = { both: true, reversePackets: 3, reverseBytes: 300 }
    expect(
      only([
        { until: 60, packets: 7, extra: { ...delta, more: true } },
        { until: 120, packets: 9, extra: total(4) },
        { until: 60, packets: 7, extra: delta },
      ]),
    ).toMatchObject({ clientPackets: 9, serverPackets: 4, serverBytes: 400 })
  })

  it('that run on count as the greatest of them', () => {
    const running = { counter: counter.running }
    expect(
      only([
        { until: 60, packets: 7, extra: running },
        { until: 120, packets: 20, extra: running },
        { until: 90, packets: 9, extra: running },
      ]),
    ).toMatchObject({ clientPackets: 20 })
  })

  it('of pieces that are told from either end are all added up', () => {
    const both = { both: true, reversePackets: 2, reverseBytes: 200 }
    expect(
      only([
        { at: 0, until: 60, packets: 5, extra: both },
        { ...back, at: 61, until: 120, packets: 5, extra: both },
      ]),
    ).toMatchObject({ clientPackets: 7, serverPackets: 7 })
  })

  it('of a flow that another one followed in its row are not kept', () => {
    const both = { both: true, reversePackets: 2, reverseBytes: 200 }
    const { flows } = paired([
      { at: 0, proto: 17, packets: 5, extra: both },
      { at: 500, proto: 17, packets: 5, extra: both },
    ])
    expect(flows.map(({ serverPackets }) => serverPackets)).toEqual([2, 2])
  })
})
