/** Writes the messages of exporters in the golden folders beside it: `node test/golden/make-messages.ts`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type Flow5,
  ipfix,
  optionsTemplate,
  records,
  sflow,
  template,
  usual,
  usualRow,
  version5,
  version9,
  withdrawal,
} from '../fixtures/export-datagrams.ts'
import { framed, ipv4, ipv6, tcp, udp } from '../frames.ts'

const write = (path: string, ...messages: Buffer[]) =>
  writeFileSync(fileURLToPath(new URL(path, import.meta.url)), Buffer.concat(messages))

/** A call and the record of its answer. */
const both = (port: number, more: Flow5 = {}): Flow5[] => [
  { sourcePort: port, flags: 0x1b, ...more },
  {
    source: '192.0.2.1',
    target: '10.0.0.1',
    sourcePort: 443,
    targetPort: port,
    flags: 0x1b,
    packets: 4,
    bytes: 4000,
    ...more,
  },
]

// A connection of three minutes that an active time-out cut in three; a SYN without answer; a gap of two records.
const pieces = [180_000, 120_000, 60_000].flatMap((first) => both(41_000, { first, last: first - 59_900, flags: 0x18 }))
write(
  'netflow-5-messages/input.nf5',
  version5([...both(40_001), { sourcePort: 40_002, flags: 0x02, packets: 1, bytes: 60 }]),
  version5(pieces, { sequence: 3 }),
  version5(both(40_003), { sequence: 11 }),
  version5(both(40_004), { sequence: 13, rate: 100 }),
)

// Data before their template, two exporters' domains that use one number differently, options that say nothing of
// flows.
const short = usual.slice(0, 8).concat([
  [22, 4],
  [21, 4],
])
const scopes = optionsTemplate(9, 300, { scopes: [[1, 4]], fields: [[34, 4]] })
const rows = (flows: readonly Flow5[]) => flows.map((flow) => usualRow(flow))
write(
  'netflow-9-messages/input.nf9',
  version9([records(256, usual, rows(both(40_001)))]),
  version9([template(0, 256, usual)], { sequence: 1 }),
  version9([template(0, 256, short), records(256, short, rows(both(40_002)))], { source: 7 }),
  version9([records(256, usual, rows([{ sourcePort: 53, targetPort: 40_003, proto: 17, flags: 0 }]))], {
    sequence: 2,
  }),
  version9([scopes, records(300, [[1, 4], [34, 4]], [[0, 1000]])], { sequence: 3 }),
  version9([records(256, usual, rows(both(40_004)))], { sequence: 4 }),
)

// Absolute times, a reverse count (RFC 5103), an enterprise field of variable length, a template taken back.
const reverse = 29_305
const biflow = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [6, 2],
  [2, 8],
  [1, 8],
  [2, 8, reverse],
  [1, 8, reverse],
  [152, 8],
  [153, 8],
  [1, 65_535, 6871],
] as const
const began = 1_699_999_990_000
const call = ['10.0.0.1', '192.0.2.1', 40_001, 443, 6, 0x1b, 6, 900, 5, 5000]
const record = [...call, BigInt(began), BigInt(began + 2500), Buffer.from('x'.repeat(300))]
const wide = [
  [27, 16],
  [28, 16],
  ...biflow.slice(2, 8),
  [152, 8],
  [153, 8],
] as readonly (readonly [number, number])[]
const six = (last: number) => Buffer.from([0x20, 1, 0x0d, 0xb8, ...Array.from({ length: 11 }, () => 0), last])
const asked = [six(1), six(2), 40_000, 53, 17, 0, 1, 80, BigInt(began), BigInt(began)]
write(
  'ipfix-messages/input.ipfix',
  ipfix([template(2, 400, biflow), template(2, 401, wide)]),
  ipfix([records(400, biflow, [record]), records(401, wide, [asked], 2)], { sequence: 0 }),
  ipfix([withdrawal(401), records(401, wide, [asked])], { sequence: 2 }),
)

// A sample of every packet, and one of which one in a hundred was taken.
const syn = framed(ipv4('10.0.0.7', '192.0.2.9', tcp(50_000, 80, { flags: 'S', seq: 1 })))
const query = framed(ipv6('2001:db8::1', '2001:db8::2', udp(40_000, 53, 'x')))
write('sflow-messages/input.sflow', sflow([syn, query]), sflow([syn], { rate: 100, sequence: 1 }))
