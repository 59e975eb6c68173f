/** One input of every kind that is read, made from a number of records. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import {
  records,
  template,
  usual,
  usualRow,
  version5,
  version9,
} from '../../test/fixtures/export-datagrams.ts'
import { layout1, layout2, row } from '../../test/fixtures/nfdump-files.ts'
import { connCells, connFields, connLog, eveLog } from '../../test/fixtures/written-logs.ts'
import { block, framed, ipv4, pcapFile, tcp, u16, u32, udp } from '../../test/frames.ts'

interface InputKind {
  readonly name: string
  /** Makes it in an empty folder; gives the path to import. */
  readonly make: (folder: string, rows: number) => string
}

const written = (folder: string, name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

const startOf = (i: number): number => 1_772_409_600 + i * 0.37

const frameOf = (i: number): Buffer =>
  framed(
    ipv4(
      `10.0.${(i >> 8) & 255}.${i & 255}`,
      '198.51.100.9',
      i % 3 === 0 ? udp(5000 + (i % 900), 123, 'x') : tcp(1024 + (i % 60_000), 443, { flags: 'S' }),
    ),
  )

const packets = (rows: number): Buffer =>
  pcapFile(numbers(rows).map((i) => ({ bytes: frameOf(i), at: startOf(i) })))

function packetsNg(rows: number): Buffer {
  const little = (value: number) => Buffer.from(u32(value)).reverse()
  const header = block(0x0a0d0d0a, Buffer.concat([little(0x1a2b3c4d), u16(0x0100, 0), Buffer.alloc(8, 255)]))
  const port = block(1, Buffer.concat([u16(0x0100, 0), little(65_535)]))
  const each = numbers(rows).map((i) => {
    const bytes = frameOf(i)
    const at = BigInt(Math.round(startOf(i) * 1e6))
    const time = [little(Number(at >> 32n)), little(Number(at & 0xffffffffn))]
    return block(6, Buffer.concat([little(0), ...time, little(bytes.length), little(bytes.length), bytes]))
  })
  return Buffer.concat([header, port, ...each])
}

/** Datagrams of two exporters, of 20 records each. */
export function exportDatagrams(rows: number): Buffer[] {
  const calls = (from: number, count: number) =>
    numbers(count).map((i) =>
      usualRow({
        sourcePort: 1024 + ((from + i) % 60_000),
        source: `10.0.${((from + i) >> 8) & 255}.${(from + i) & 255}`,
      }),
    )
  const nine = [template(0, 256, usual)]
  const some = numbers(Math.ceil(rows / 40)).flatMap((i) => [
    version9([records(256, usual, calls(i * 20, 20))], { sequence: i + 1 }),
    version5(
      numbers(20).map((j) => ({ source: `10.1.${i & 255}.${j}`, sourcePort: 1024 + i * 20 + j })),
      { sequence: i * 20 },
    ),
  ])
  return [version9(nine, { sequence: 0 }), ...some]
}

const exports = (rows: number): Buffer =>
  pcapFile(
    exportDatagrams(rows).map((bytes, i) => ({
      bytes: framed(ipv4('192.0.2.77', '192.0.2.78', udp(4000, 2055, bytes))),
      at: 1_700_000_000 + i / 100,
    })),
  )

const argus = (rows: number): string => {
  const head =
    'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label'
  const line = (i: number) =>
    `2011/08/16 15:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}.${String(i % 1e6).padStart(6, '0')},1.5,tcp,10.0.${(i >> 8) & 255}.${i & 255},${1024 + (i % 60_000)},   ->,198.51.100.9,443,FSPA_FSPA,0,0,${2 + (i % 9)},${1000 + i},${500 + (i % 300)},flow=Background`
  return `${[head, ...numbers(rows).map(line)].join('\n')}\n`
}

const table = (rows: number): string => {
  const head = 'start,duration,proto,client,clientPort,server,serverPort,packets,bytes,outcome'
  const line = (i: number) =>
    `${startOf(i)},1,tcp,10.0.${(i >> 8) & 255}.${i & 255},${1024 + (i % 60_000)},198.51.100.9,443,${i % 99},${i},established`
  return `${[head, ...numbers(rows).map(line)].join('\n')}\n`
}

const objects = (rows: number): string =>
  numbers(rows)
    .map((i) =>
      JSON.stringify({
        start: startOf(i),
        client: `10.0.${(i >> 8) & 255}.${i & 255}`,
        server: '198.51.100.9',
        proto: 'tcp',
        clientPort: 1024 + (i % 60_000),
        serverPort: 443,
        bytes: i,
      }),
    )
    .join('\n')

const zeekObjects = (rows: number): string =>
  numbers(rows)
    .map((i) => {
      const cells = connCells(i)
      const each = connFields.map((field, at) => [
        field,
        /^[\d.]+$/.test(cells[at]!) && !field.endsWith('_h') ? Number(cells[at]) : cells[at],
      ])
      return JSON.stringify({ _path: 'conn', ...Object.fromEntries(each) })
    })
    .join('\n')

const alerts = (rows: number): string =>
  numbers(rows)
    .map(
      (i) =>
        `08/16-15:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}.${String(i % 1e6).padStart(6, '0')}  [**] [1:${i}:1] made up [**] [Classification: Misc] [Priority: 2] {TCP} 10.0.0.${i & 255}:1024 -> 198.51.100.9:80`,
    )
    .join('\n')

const stored = (folder: string, rows: number): string => {
  const parts = join(folder, 'parts')
  mkdirSync(parts)
  for (const i of numbers(8)) written(parts, `conn.${i}.log`, connLog(i * rows, Math.ceil(rows / 8)))
  return parts
}

export const inputKinds: readonly InputKind[] = [
  { name: 'Zeek', make: (folder, rows) => written(folder, 'conn.log', connLog(0, rows)) },
  { name: 'Zeek JSON', make: (folder, rows) => written(folder, 'conn.json', zeekObjects(rows)) },
  { name: 'Suricata EVE', make: (folder, rows) => written(folder, 'eve.json', eveLog(rows)) },
  { name: 'EVE in gzip', make: (folder, rows) => written(folder, 'eve.json.gz', gzipSync(eveLog(rows))) },
  {
    name: 'EVE in zstd',
    make: (folder, rows) => written(folder, 'eve.json.zst', zstdCompressSync(eveLog(rows))),
  },
  { name: 'Argus', make: (folder, rows) => written(folder, 'a.binetflow', argus(rows)) },
  { name: 'CSV table', make: (folder, rows) => written(folder, 'flows.csv', table(rows)) },
  { name: 'JSON lines', make: (folder, rows) => written(folder, 'flows.jsonl', objects(rows)) },
  { name: 'Snort alerts', make: (folder, rows) => written(folder, 'alert_fast.txt', alerts(rows)) },
  { name: 'pcap', make: (folder, rows) => written(folder, 'a.pcap', packets(rows)) },
  { name: 'pcap in gzip', make: (folder, rows) => written(folder, 'a.pcap.gz', gzipSync(packets(rows))) },
  { name: 'pcapng', make: (folder, rows) => written(folder, 'a.pcapng', packetsNg(rows)) },
  { name: 'NetFlow in pcap', make: (folder, rows) => written(folder, 'netflow.pcap', exports(rows)) },
  {
    name: 'nfdump 1',
    make: (folder, rows) => written(folder, 'nfcapd.1', layout1([numbers(rows).map((i) => row(i % 20_000))])),
  },
  {
    name: 'nfdump 2',
    make: (folder, rows) => written(folder, 'nfcapd.2', layout2([numbers(rows).map((i) => row(i % 20_000))])),
  },
  { name: 'a folder', make: stored },
  {
    name: 'tar.gz',
    make: (folder, rows) => {
      const path = join(folder, 'logs.tar.gz')
      execFileSync('tar', ['-czf', path, '-C', stored(folder, rows), '.'])
      return path
    },
  },
]
