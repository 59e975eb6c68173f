/** What counters mean, who sent them and when: oddities of real exporters, each with the right flows. */
import { describe, expect, it } from 'vitest'
import {
  type Cell,
  type Field,
  ipfix,
  optionsTemplate,
  records,
  sentAt,
  template,
  upFor,
  usual,
  usualRow,
  version5,
  version9,
} from '../../../test/fixtures/export-datagrams.ts'
import type { FlowRow } from '../flows/flow-record.ts'
import { createRejects } from '../rejects.ts'
import { ExportIntake } from './intake.ts'

type Sent = readonly [
  bytes: Buffer,
  who?: { readonly from?: string; readonly port?: number; readonly received?: number },
]

/** The flows that come of datagrams, and what was rejected. */
async function flowsOf(sent: readonly Sent[]) {
  const flows: FlowRow[] = []
  const rejects = createRejects()
  const intake = new ExportIntake({
    rejects,
    write: async (_record, rows) => {
      flows.push(...(rows as unknown as readonly FlowRow[]))
    },
  })
  for (const [bytes, { from = '198.51.100.1', port = 40_000, received = Number.NaN } = {}] of sent) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    intake.take({ view, at: 0, end: bytes.length, from, port, received })
  }
  /** Records that had not to wait. */
  const atOnce = intake.records
  await intake.finish()
  return { flows, rejects: Object.fromEntries(rejects.counts), intake, atOnce }
}

const now = sentAt * 1e6
const version = { 9: { kind: 0, make: version9 }, 10: { kind: 2, make: ipfix } } as const

describe('a firewall that updates and tears down (NSEL)', () => {
  const fields: Field[] = [
    ...usual.slice(0, 5),
    [233, 1],
    [323, 8],
    [152, 8],
    [231, 4],
    [232, 4],
    [298, 4],
    [299, 4],
  ]
  const began = sentAt * 1000
  /** `at`: seconds after the connection began; counts as octets and packets of both sides. */
  const event = (kind: number, at: number, counts: readonly number[], start = 0): Cell[] => [
    ...usualRow().slice(0, 5),
    kind,
    began + at * 1000,
    began + start * 1000,
    ...counts,
  ]
  const send = (nine: 9 | 10, rows: readonly (readonly Cell[])[]): Sent[] => [
    [version[nine].make([template(version[nine].kind, 263, fields)])],
    ...rows.map((each, i): Sent => {
      const seconds = Math.floor(Number(each[6]) / 1000) + 1
      return [version[nine].make([records(263, fields, [each])], { seconds, sequence: i + 1 })]
    }),
  ]
  const created = event(1, 0, [0, 0, 0, 0])
  const updates = [event(5, 61, [2557, 1117, 10, 9]), event(5, 122, [31, 0, 1, 0])]
  const deleted = event(2, 182, [2588, 1117, 11, 9])

  it.each([9, 10] as const)('counts the total of the teardown once (version %i)', async (nine) => {
    const { flows, rejects } = await flowsOf(send(nine, [created, ...updates, deleted]))
    expect(flows).toMatchObject([
      { duration: 182e6, clientBytes: 2588, serverBytes: 1117, clientPackets: 11, serverPackets: 9 },
    ])
    expect(rejects).toEqual({ superseded: 1 })
  })

  it('adds up the updates of a connection that goes on', async () => {
    const { flows } = await flowsOf(send(9, [created, ...updates]))
    expect(flows).toMatchObject([{ duration: 122e6, clientBytes: 2588, serverBytes: 1117 }])
  })

  it('waits for the teardown as long as updates may be apart', async () => {
    const late = [event(5, 3600, [1000, 2000, 10, 20]), event(2, 7100, [1500, 2500, 15, 25])]
    const { flows } = await flowsOf(send(9, late))
    expect(flows).toMatchObject([{ clientBytes: 1500, serverBytes: 2500, duration: 7100e6 }])
  })

  it('does not count an update that is overtaken by the teardown', async () => {
    const { flows } = await flowsOf(send(9, [deleted, updates[1]!]))
    expect(flows).toMatchObject([{ clientBytes: 2588 }])
  })

  it('tells the next connection of the same ports from the one before', async () => {
    const next = event(2, 240, [100, 200, 1, 2], 200)
    const { flows } = await flowsOf(send(9, [...updates, deleted, next]))
    expect(flows).toMatchObject([
      { clientBytes: 2588, start: now },
      { clientBytes: 100, start: now + 200e6 },
    ])
  })
})

describe('a second pair of counts in NetFlow 9 (OUT_BYTES, OUT_PKTS)', () => {
  const fields: Field[] = [...usual, [24, 4], [23, 4]]
  const there = usualRow({ packets: 9, bytes: 900 })
  const here = usualRow({
    source: '192.0.2.1',
    target: '10.0.0.1',
    sourcePort: 443,
    targetPort: 40_000,
    packets: 8,
    bytes: 4000,
  })
  const send = (rows: readonly (readonly Cell[])[]): Sent[] => [
    [version9([template(0, 256, fields), records(256, fields, rows)])],
  ]

  it('is the other direction where nothing speaks against it', async () => {
    const { flows } = await flowsOf(send([[...there, 8, 4000]]))
    expect(flows).toMatchObject([{ clientPackets: 9, clientBytes: 900, serverPackets: 8, serverBytes: 4000 }])
  })

  it.each([
    ['repeats the first', [9, 900], [8, 4000]],
    ['is the first after a tunnel or NAT64', [9, 900 + 9 * 20], [8, 4000 + 8 * 20]],
  ])('is not counted where it %s', async (_, out, back) => {
    const { flows } = await flowsOf(
      send([
        [...there, ...out],
        [...here, ...back],
      ]),
    )
    expect(flows).toMatchObject([{ clientPackets: 9, clientBytes: 900, serverPackets: 8, serverBytes: 4000 }])
  })

  it.each([900, 900 + 9 * 20])(
    'is not taken for an answer where it repeats the only direction (%i bytes)',
    async (bytes) => {
      const { flows } = await flowsOf(send([[...there, 9, bytes]]))
      expect(flows).toMatchObject([{ clientBytes: 900, serverBytes: null }])
    },
  )

  it('may be as large as the first where both sides send a packet', async () => {
    const ping = usualRow({ proto: 17, targetPort: 123, packets: 1, bytes: 76 })
    const { flows } = await flowsOf(send([[...ping, 1, 76]]))
    expect(flows).toMatchObject([{ clientBytes: 76, serverBytes: 76, outcome: 'established' }])
  })

  it('is counted once where each direction is told with the other (RFC 5103)', async () => {
    const both: Field[] = [...usual, [2, 4, 29_305], [1, 4, 29_305]]
    const rows = [
      [...there.slice(0, 8), upFor - 2000, upFor - 1000, 8, 4000],
      [...here.slice(0, 8), upFor - 2000, upFor - 1000, 9, 900],
    ]
    const { flows } = await flowsOf([[ipfix([template(2, 256, both), records(256, both, rows)])]])
    expect(flows).toMatchObject([{ clientPackets: 9, clientBytes: 900, serverPackets: 8, serverBytes: 4000 }])
  })
})

describe('exporters', () => {
  const other: Field[] = [
    [12, 4],
    [8, 4],
    [11, 2],
    [7, 2],
    [4, 1],
    [6, 1],
    [1, 4],
    [2, 4],
    [21, 4],
    [22, 4],
  ]
  const otherRow = (flow: Parameters<typeof usualRow>[0]): Cell[] => {
    const [s, d, sp, dp, proto, flags, packets, bytes, first, last] = usualRow(flow) as [Cell, ...Cell[]]
    return [d!, s, dp!, sp!, proto!, flags!, bytes!, packets!, last!, first!]
  }

  it.each([9, 10] as const)(
    'behind one address are told apart by port and domain: 36 of them (version %i)',
    async (nine) => {
      const { kind } = version[nine]
      const all = Array.from({ length: 36 }, (_, i) => ({
        from: `198.51.100.${1 + (i % 3)}`,
        port: 40_000 + (Math.floor(i / 3) % 4),
        domain: Math.floor(i / 12),
        layout: i % 2 === 0 ? usual : other,
        flow: { source: `10.0.${i}.1`, sourcePort: 50_000 + i, packets: 10 + i, bytes: 10_000 + i },
      }))
      const datagram = (
        sets: Parameters<typeof version9>[0],
        { domain }: { domain: number },
        sequence: number,
      ) => (nine === 9 ? version9(sets, { source: domain, sequence }) : ipfix(sets, { domain, sequence }))
      const learn = all.map((each): Sent => [datagram([template(kind, 256, each.layout)], each, 0), each])
      const data = all.map((each): Sent => {
        const row = each.layout === usual ? usualRow(each.flow) : otherRow(each.flow)
        return [datagram([records(256, each.layout, [row])], each, 1), each]
      })
      const { flows, rejects, intake } = await flowsOf([...learn, ...data])
      expect(rejects).toEqual({})
      expect(intake.decoder.streams.all()).toHaveLength(36)
      const found = flows.map(({ client, clientPort, clientPackets, clientBytes }) => ({
        client,
        clientPort,
        clientPackets,
        clientBytes,
      }))
      expect(found.sort((a, b) => a.clientPort - b.clientPort)).toEqual(
        all.map(({ flow }) => ({
          client: flow.source,
          clientPort: flow.sourcePort,
          clientPackets: flow.packets,
          clientBytes: flow.bytes,
        })),
      )
    },
  )

  it('that change their port are known again by their numbering', async () => {
    const data = version9([records(256, usual, [usualRow()])], { sequence: 8 })
    const learn = version9([template(0, 256, usual)], { sequence: 7 })
    const moved = await flowsOf([
      [learn, { port: 40_000 }],
      [data, { port: 40_001 }],
    ])
    expect(moved).toMatchObject({ flows: [{}], rejects: {}, atOnce: 1 })
    const other = version9([records(256, usual, [usualRow()])], { sequence: 9000 })
    const unknown = await flowsOf([
      [learn, { port: 40_000 }],
      [other, { port: 40_001 }],
    ])
    expect(unknown).toMatchObject({ flows: [{}], atOnce: 0 })
  })

  it('that send their templates from another port are read when all is there', async () => {
    const { flows } = await flowsOf([
      [ipfix([records(256, usual, [usualRow()])], { sequence: 5 }), { port: 40_001 }],
      [ipfix([template(2, 256, usual)]), { port: 40_000 }],
    ])
    expect(flows).toHaveLength(1)
  })

  it('of one address do not read by templates on which its other ports disagree', async () => {
    const { flows, rejects } = await flowsOf([
      [version9([template(0, 256, usual)]), { port: 40_000 }],
      [version9([template(0, 256, other)]), { port: 40_001 }],
      [version9([records(256, usual, [usualRow()])], { sequence: 500_000, uptime: 5 }), { port: 40_002 }],
    ])
    expect(flows).toEqual([])
    expect(rejects).toEqual({ 'no-template': 1 })
  })

  it.each([
    ['NetFlow 5', version5([{}, { sourcePort: 40_001 }], { sequence: 9 })],
    [
      'NetFlow 9',
      version9([
        template(0, 256, usual),
        records(256, usual, [usualRow(), usualRow({ sourcePort: 40_001 })]),
      ]),
    ],
    [
      'IPFIX',
      ipfix([records(256, usual, [usualRow(), usualRow({ sourcePort: 40_001 })]), template(2, 256, usual)]),
    ],
  ])('are counted once where a datagram of %s comes twice', async (_, bytes) => {
    const who = { received: now }
    const { flows, rejects, intake } = await flowsOf([
      [bytes, who],
      [bytes, who],
    ])
    expect(flows).toHaveLength(2)
    expect(flows.every(({ clientPackets }) => clientPackets === 5)).toBe(true)
    expect(rejects).toEqual({ superseded: 2 })
    expect(intake.decoder.streams.all()[0]!.sequence).toMatchObject({ lost: 0, resets: 0 })
  })

  it('of one address do not sample for each other', async () => {
    const options = optionsTemplate(9, 300, { scopes: [[1, 4]], fields: [[34, 4]] })
    const sampling = records(
      300,
      [
        [1, 4],
        [34, 4],
      ],
      [[0, 100]],
    )
    const { flows, rejects } = await flowsOf([
      [version9([options, sampling, template(0, 256, usual)]), { port: 40_000 }],
      [version9([records(256, usual, [usualRow()])], { sequence: 1 }), { port: 40_000 }],
      [
        version9([template(0, 256, usual), records(256, usual, [usualRow({ sourcePort: 40_001 })])], {
          uptime: 77_000_000,
        }),
        { port: 40_001 },
      ],
    ])
    expect(rejects).toEqual({ sampled: 1 })
    expect(flows).toMatchObject([{ clientPort: 40_001 }])
  })
})

describe('the clock of an exporter', () => {
  it.each([
    ['NetFlow 5', version5([{ first: 1000, last: 1061 }]), 1000],
    [
      'NetFlow 9',
      version9([template(0, 256, usual), records(256, usual, [usualRow({ first: 1000, last: 1061 })])]),
      1000,
    ],
    [
      'IPFIX',
      ipfix([
        template(2, 256, [...usual.slice(0, 8), [152, 8], [153, 8]]),
        records(
          256,
          [...usual.slice(0, 8), [152, 8], [153, 8]],
          [[...usualRow().slice(0, 8), sentAt * 1000 - 1000, sentAt * 1000 - 1061]],
        ),
      ]),
      1000,
    ],
  ])('keeps a flow of %s that ends milliseconds before it begins', async (_, bytes, ago) => {
    const { flows, rejects, intake } = await flowsOf([[bytes]])
    expect(rejects).toEqual({})
    expect(flows).toMatchObject([{ start: now - ago * 1000, duration: 0 }])
    expect(intake.decoder.streams.all()).toMatchObject([{ backwards: 1 }])
  })

  const received = now + 500_000
  it.each([
    ['seconds of uptime', { seconds: upFor / 1000 }],
    ['milliseconds of uptime', { seconds: upFor }],
    ['nothing', { seconds: 0 }],
  ])('is that of receipt where the header has %s in place of the time', async (_, header) => {
    const bytes = version9([template(0, 256, usual), records(256, usual, [usualRow()])], header)
    const { flows } = await flowsOf([[bytes, { received }]])
    expect(flows).toMatchObject([{ start: received - 2_000_000, duration: 1_000_000 }])
    const fixed = await flowsOf([[version5([{}], header), { received }]])
    expect(fixed.flows).toMatchObject([{ start: received - 2_000_000 }])
  })

  it('is no time at all where nobody knows when it came', async () => {
    const { flows, rejects } = await flowsOf([[version5([{}], { seconds: 1000 })]])
    expect(flows).toEqual([])
    expect(rejects).toEqual({ 'bad-time': 1 })
  })

  it('does not move times that the record says itself', async () => {
    const fields: Field[] = [...usual.slice(0, 8), [152, 8], [153, 8]]
    const row = [...usualRow().slice(0, 8), sentAt * 1000 - 3000, sentAt * 1000 - 1000]
    const bytes = ipfix([template(2, 256, fields), records(256, fields, [row])], { seconds: 3600 })
    const { flows } = await flowsOf([[bytes, { received: now + 77e6 }]])
    expect(flows).toMatchObject([{ start: now - 3e6, duration: 2e6 }])
  })

  it('runs over after 49.7 days without a restart', async () => {
    const wrap = 2 ** 32
    const { flows, rejects } = await flowsOf([
      [version9([template(0, 256, usual)], { uptime: wrap - 5000, sequence: 1 })],
      [
        version9(
          [
            records(256, usual, [
              usualRow({ first: 8000, last: 4000 }, 3000).map((cell) =>
                typeof cell === 'number' && cell < 0 ? cell + wrap : cell,
              ),
            ]),
          ],
          { uptime: 3000, seconds: sentAt + 8, sequence: 2 },
        ),
      ],
    ])
    expect(rejects).toEqual({})
    expect(flows).toMatchObject([{ start: now, duration: 4e6 }])
  })
})

describe('uptimes of IPFIX', () => {
  const fields: Field[] = [...usual.slice(0, 8), [22, 4], [21, 4]]
  const learn = template(2, 256, fields)
  const row = (first: number, last: number, port = 40_000): Cell[] => [
    ...usualRow({ sourcePort: port }).slice(0, 8),
    first,
    last,
  ]
  const boot = optionsTemplate(10, 257, { scopes: [[149, 4]], fields: [[160, 8]] })
  const began = records(
    257,
    [
      [149, 4],
      [160, 8],
    ],
    [[0, sentAt * 1000 - 5_000_000]],
  )

  it('wait for the option that says when the exporter began, in whatever domain', async () => {
    const { flows } = await flowsOf([
      [ipfix([learn, records(256, fields, [row(4_910_000, 4_990_000)])])],
      [ipfix([boot, began], { seconds: sentAt + 1, domain: 3 })],
      [ipfix([records(256, fields, [row(4_970_000, 4_995_000, 40_001)])], { seconds: sentAt + 2 })],
    ])
    expect(flows).toMatchObject([
      { start: now - 90e6, duration: 80e6 },
      { start: now - 30e6, duration: 25e6 },
    ])
  })

  it('are exact beside each other where it never comes', async () => {
    const { flows } = await flowsOf([
      [ipfix([learn, records(256, fields, [row(4_910_000, 4_930_000)])])],
      [ipfix([records(256, fields, [row(4_970_000, 5_001_000, 40_001)])], { seconds: sentAt + 1 })],
    ])
    expect(flows.map(({ start }) => start)).toEqual([now - 90e6, now - 30e6])
  })
})

describe('an exporter that translates addresses', () => {
  const four: Field[] = [...usual, [225, 4], [226, 4], [227, 2], [228, 2]]
  const inner = '192.168.181.5'
  const [outer, server] = ['203.0.113.30', '198.51.100.36']
  const pair = (there: readonly Cell[], here: readonly Cell[], fields = four): Sent[] => [
    [version9([template(0, 256, fields), records(256, fields, [there, here])])],
  ]
  const call = usualRow({ source: inner, target: server, sourcePort: 51_515, packets: 12, bytes: 2089 })
  const one = {
    client: inner,
    clientPort: 51_515,
    server,
    serverPort: 443,
    clientBytes: 2089,
    serverBytes: 3200,
  }

  it('gives the inner host of a reply, with its port', async () => {
    const reply = usualRow({
      source: server,
      target: outer,
      sourcePort: 443,
      targetPort: 62_001,
      packets: 10,
      bytes: 3200,
    })
    const { flows } = await flowsOf(
      pair([...call, outer, server, 62_001, 443], [...reply, server, inner, 443, 51_515]),
    )
    expect(flows).toMatchObject([one])
  })

  it('takes zeros for nothing translated', async () => {
    const reply = usualRow({
      source: server,
      target: inner,
      sourcePort: 443,
      targetPort: 51_515,
      packets: 10,
      bytes: 3200,
    })
    const { flows } = await flowsOf(
      pair([...call, '0.0.0.0', '0.0.0.0', 0, 0], [...reply, '0.0.0.0', '0.0.0.0', 0, 0]),
    )
    expect(flows).toMatchObject([one])
  })

  it('gives the inner server of a forwarded port', async () => {
    const there = usualRow({ source: server, target: outer, sourcePort: 50_000, targetPort: 8080, flags: 2 })
    const here = usualRow({
      source: inner,
      target: server,
      sourcePort: 80,
      targetPort: 50_000,
      flags: 0x12,
      first: 1990,
    })
    const { flows } = await flowsOf(
      pair([...there, server, inner, 50_000, 80], [...here, outer, server, 8080, 50_000]),
    )
    expect(flows).toMatchObject([{ client: server, server: inner, serverPort: 80, outcome: 'established' }])
  })

  it('leaves the server that a redirected call was for', async () => {
    const proxy = '10.0.0.9'
    const there = usualRow({ source: inner, target: server, sourcePort: 51_515, packets: 12, bytes: 2089 })
    const here = usualRow({
      source: proxy,
      target: inner,
      sourcePort: 3128,
      targetPort: 51_515,
      packets: 10,
      bytes: 3200,
    })
    const { flows } = await flowsOf(
      pair([...there, inner, proxy, 51_515, 3128], [...here, server, inner, 443, 51_515]),
    )
    expect(flows).toMatchObject([one])
  })

  const six = (text: string) => Buffer.from(text.padEnd(32, '0'), 'hex')
  it('translates IPv6 too (281, 282), in IPFIX', async () => {
    const fields: Field[] = [
      [27, 16],
      [28, 16],
      [7, 2],
      [11, 2],
      [4, 1],
      [6, 1],
      [2, 4],
      [1, 4],
      [152, 8],
      [153, 8],
      [281, 16],
      [282, 16],
    ]
    const times = [sentAt * 1000 - 2000, sentAt * 1000 - 1000]
    const [host, out, far] = [six('fd00000000000000'), six('20010db8000000aa'), six('20010db8000000bb')]
    const rows = [
      [host, far, 40_000, 443, 6, 0x1b, 12, 2089, ...times, out, far],
      [far, out, 443, 40_000, 6, 0x1b, 10, 3200, ...times, far, host],
    ]
    const { flows } = await flowsOf([[ipfix([template(2, 256, fields), records(256, fields, rows)])]])
    expect(flows).toMatchObject([{ client: 'fd00::', clientBytes: 2089, serverBytes: 3200 }])
  })

  it('joins the halves of NAT64 under the IPv6 addresses', async () => {
    const host = six('20010db8000000070000000000000007')
    const far = six('0064ff9b0000000000000000c6336424')
    const times = [sentAt * 1000 - 2000, sentAt * 1000 - 1000]
    const out: Field[] = [
      [27, 16],
      [28, 16],
      [7, 2],
      [11, 2],
      [4, 1],
      [6, 1],
      [2, 4],
      [1, 4],
      [152, 8],
      [153, 8],
      [225, 4],
      [226, 4],
    ]
    const back: Field[] = [
      [8, 4],
      [12, 4],
      [7, 2],
      [11, 2],
      [4, 1],
      [6, 1],
      [2, 4],
      [1, 4],
      [152, 8],
      [153, 8],
      [281, 16],
      [282, 16],
      [228, 2],
    ]
    const { flows } = await flowsOf([
      [
        ipfix([
          template(2, 256, out),
          template(2, 257, back),
          records(256, out, [[host, far, 40_000, 443, 6, 0x1b, 12, 2089, ...times, outer, server]]),
          records(257, back, [[server, outer, 443, 62_001, 6, 0x1b, 10, 3200, ...times, far, host, 40_000]]),
        ]),
      ],
    ])
    expect(flows).toMatchObject([
      { client: '2001:db8:0:7::7', server: '64:ff9b::c633:6424', clientBytes: 2089, serverBytes: 3200 },
    ])
  })

  it('gives sessions that have counts, and not bindings', async () => {
    const fields: Field[] = [...usual.slice(0, 5), [230, 1], [323, 8], [231, 4], [232, 4]]
    const rows = [
      [...usualRow().slice(0, 5), 4, sentAt * 1000, 0, 0],
      [...usualRow().slice(0, 5), 5, sentAt * 1000, 700, 900],
    ]
    const { flows, rejects } = await flowsOf([
      [ipfix([template(2, 256, fields), records(256, fields, rows)])],
    ])
    expect(flows).toMatchObject([{ clientBytes: 700, serverBytes: 900 }])
    expect(rejects).toEqual({ 'not-used': 1 })
  })
})
