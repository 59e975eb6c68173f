import { expect, it } from 'vitest'
import {
  records as exported,
  type Field,
  template,
  usual,
  usualRow,
  version5,
  version9,
} from '../../../test/fixtures/export-datagrams.ts'
import { framed, icmp, ipv4, ipv6, pcapFile, readAll, tcp, udp } from '../../../test/frames.ts'
import { records } from '../../model/records.ts'
import { encoder } from '../../store/tsv.ts'
import { netflow } from '../netflow/netflow-file.ts'
import { pcap } from '../pcap/pcap.ts'
import type { Reader } from '../reader.ts'
import { flowTextColumns } from './flow-tsv.ts'

/** IPv6 in full, which the text of a flow has. */
const inFull = (text: string): string =>
  text.includes('.') || !text.includes('::')
    ? text
    : filled(text.split('::').map((part) => part.split(':').filter(Boolean)))

const filled = ([head = [], tail = []]: string[][]): string =>
  [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail].join(':')

const packets = [
  ipv4('10.0.0.7', '192.0.2.9', tcp(40_000, 443, { flags: 'S', seq: 1 })),
  ipv4('192.0.2.9', '10.0.0.7', tcp(443, 40_000, { flags: 'SA', seq: 1, ack: 2 })),
  ipv4('10.0.0.7', '192.0.2.9', tcp(40_000, 443, { seq: 2, payload: 'GET / HTTP/1.1\r\n\r\n' })),
  ipv4('255.255.255.255', '0.0.0.0', udp(53, 60_000, 'x'.repeat(1200))),
  ipv6('2001:db8::1', 'fe80::ff:0:1', udp(65_535, 1, 'hello')),
  ipv6('::1', '2001:db8:1:2:3:4:5:6', tcp(9, 10_000, { flags: 'R' })),
  ipv4('9.9.9.9', '99.99.99.99', icmp(3, 4)),
  ipv4('9.9.9.9', '100.10.0.1', icmp(8)),
  ipv4('1.2.3.4', '5.6.7.8', [132, Buffer.alloc(20, 1)]),
  ipv4('1.2.3.4', '5.6.7.8', [200, Buffer.alloc(20, 1)]),
  ipv4('172.16.0.1', '172.16.0.2', [4, ipv4('1.2.3.5', '5.6.7.8', tcp(1, 2, { flags: 'S' }))]),
]

const encode = encoder({ position: { kind: 'id', doc: '' }, ...records.flow.columns }, flowTextColumns)

/** The lines that a reader writes itself, and those that the store makes of the records of the same bytes. */
async function bothWays(reader: Pick<Reader, 'read'>, bytes: Buffer) {
  const { flows } = await readAll(reader, bytes)
  const expected = flows.map(
    (flow) => `7\t${encode([{ ...flow, client: inFull(flow.client), server: inFull(flow.server) }])}`,
  )
  const texts: string[] = []
  await readAll(
    {
      read: (input, sink) =>
        reader.read(input, {
          ...sink,
          writeText: async (_, rows, make) => {
            const text = Buffer.from(make('7\t')).toString()
            expect(text.split('\n')).toHaveLength(rows + 1)
            texts.push(text)
          },
        }),
    },
    bytes,
  )
  const written = texts.join('').match(/.*\n/g) ?? []
  return { written: written.toSorted(), expected: expected.toSorted(), flows }
}

it('writes the cells that the store would write of the same flows', async () => {
  const times = [0, 1.000001, 9.999999, 1_699_999_999.5, 8_589_934_591.999999]
  const frames = packets.flatMap((packet, i) =>
    times.map((at) => ({ bytes: framed(packet), at: at + i / 1e6 })),
  )
  const { written, expected } = await bothWays(pcap, pcapFile(frames))
  expect(expected.length).toBeGreaterThan(15)
  expect(written).toEqual(expected)
})

it('writes those of flows of exporters, with counts that nobody knows, and of samples', async () => {
  const six: Field[] = [[27, 16], [28, 16], ...usual.slice(2)]
  const bare = usual.filter(([number]) => number !== 2)
  const address = (text: string) => Buffer.from(text, 'hex')
  const bytes = Buffer.concat([
    // One direction only, so that the other is not known.
    version5(Array.from({ length: 30 }, (_, i) => ({ sourcePort: 5000 + i, proto: 17, targetPort: 53 }))),
    version5(
      [0x02, 0x16, 0x1b, 0x04].flatMap((flags, i) => [
        { sourcePort: 6000 + i, flags: 0x1b },
        {
          source: '192.0.2.1',
          target: '10.0.0.1',
          sourcePort: 443,
          targetPort: 6000 + i,
          flags,
          first: 1990,
        },
      ]),
      { engine: 1 },
    ),
    version5(
      [
        { sourcePort: 7000, flags: 2 },
        { sourcePort: 7001, proto: 1 },
      ],
      { rate: 100, engine: 2 },
    ),
    version9([
      template(0, 256, six),
      template(0, 257, bare),
      exported(256, six, [
        [address('20010db8000000000000000000000001'), address('fe800000000000000000000000ff0001')].concat(
          usualRow({ packets: 2 ** 32 - 1 }).slice(2) as never,
        ),
      ]),
      exported(257, bare, [usualRow({ sourcePort: 8000 }).filter((_, i) => i !== 6)]),
    ]),
  ])
  const choices = { sampled: 'scale' } as const
  const { written, expected, flows } = await bothWays(
    { read: (input, sink) => netflow.read(input, sink, choices) },
    bytes,
  )
  expect(written).toEqual(expected)
  expect(flows.filter(({ serverPackets }) => serverPackets === null).length).toBeGreaterThan(29)
  expect(flows.filter(({ state }) => state === '1:100')).toHaveLength(2)
  expect(new Set(flows.map(({ state }) => state)).size).toBeGreaterThan(4)
  expect(flows.some((flow) => flow.clientPackets === null && flow.clientBytes === 500)).toBe(true)
})
