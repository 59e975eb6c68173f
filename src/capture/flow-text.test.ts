import { expect, it } from 'vitest'
import { framed, icmp, ipv4, ipv6, pcapFile, readAll, tcp, udp } from '../../test/frames.ts'
import { records } from '../model/records.ts'
import { encoder } from '../store/tsv.ts'
import { flowTextColumns } from './flow-text.ts'
import { pcap } from './pcap.ts'

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
]

it('writes the cells that the store would write of the same flows', async () => {
  const times = [0, 1.000001, 9.999999, 1_699_999_999.5, 8_589_934_591.999999]
  const frames = packets.flatMap((packet, i) =>
    times.map((at) => ({ bytes: framed(packet), at: at + i / 1e6 })),
  )
  const bytes = pcapFile(frames)
  const encode = encoder({ position: { kind: 'id', doc: '' }, ...records.flow.columns }, flowTextColumns)
  const { flows } = await readAll(pcap, bytes)
  const expected = flows.map(
    (flow) => `7\t${encode([{ ...flow, client: inFull(flow.client), server: inFull(flow.server) }])}`,
  )
  const texts: string[] = []
  await readAll(
    {
      read: (input, sink) =>
        pcap.read(input, {
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
  const written = texts
    .join('')
    .split('\n')
    .filter(Boolean)
    .map((line) => `${line}\n`)
  expect(expected.length).toBeGreaterThan(15)
  expect(written.toSorted()).toEqual(expected.toSorted())
})
