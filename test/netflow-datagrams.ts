/**
 * The datagrams of real exporters under shared/data/conformance/netflow, read by our decoder, set by set.
 *
 * `node test/netflow-datagrams.ts` prints a table; with `--tshark` each set is also put into a capture and read by
 * tshark, and records are compared by source, octets and packets.
 */
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { ExportRecord } from '../src/capture/biflow/record.ts'
import { ExportDecoder } from '../src/capture/netflow/decoder.ts'
import { ipv4Text, ipv6Text } from '../src/capture/packets/address-text.ts'
import { sharedData } from './shared-data.ts'

interface DatagramSet {
  /** Exporter, or test, that the datagrams are from. */
  readonly name: string
  readonly files: readonly string[]
}

const root = sharedData('conformance/netflow/')

/** All sets, with the files of each in the order in which an exporter would send them: templates first. */
export function datagramSets(): DatagramSet[] {
  const codecs = globSync(`${root}logstash-codec-netflow/spec/codecs/*.dat`)
  const captures = globSync(`${root}akvorado/outlet/flow/decoder/{netflow,sflow}/testdata/*.pcap`)
  const cases = globSync(`${root}telegraf/plugins/inputs/netflow/testcases/*/*.bin`)
  const sets = Map.groupBy([...codecs, ...captures, ...cases].sort(), nameOf)
  return [...sets]
    .map(([name, files]) => ({ name, files: files.toSorted((a, b) => rank(a) - rank(b)) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function nameOf(path: string): string {
  if (path.includes('/telegraf/')) return `telegraf/${basename(dirname(path))}`
  const name = basename(path).replace(/\.\w+$/, '')
  if (path.includes('/akvorado/')) {
    if (/^(data|template|data\+templates|options-.*)$/.test(name) && path.includes('/netflow/'))
      return 'akvorado/nfv9'
    return `akvorado/${name.replace(/-(options-)?(data|templates?)$/, '')}`
  }
  return `logstash/${name.replace(/_(test_)?/, '_').replace(/_(tpl|opttpl|tplopt|tpls|data|tpldata|tpl_data|dpi)(_.*|\d.*)?$/, '')}`
}

/** Templates, then options, then data. */
function rank(path: string): number {
  const name = basename(path)
  if (/options-data/.test(name)) return 1
  if (/tpldata|tpl_data|data\+templates/.test(name)) return 2
  return /tpl|template/.test(name) ? 0 : 3
}

/** What an export says of one flow: source, target, ports, octets and packets as they were sent, not scaled. */
export interface Row {
  readonly source: string
  readonly target: string
  readonly ports: string
  readonly octets: number
  readonly packets: number
}

interface SetRead {
  readonly rows: readonly Row[]
  readonly rejects: Readonly<Record<string, number>>
  readonly options: number
  readonly datagrams: number
}

export function readSet({ files }: DatagramSet): SetRead {
  const rows: Row[] = []
  const rejects: Record<string, number> = {}
  const decoder = new ExportDecoder(
    {
      record: (record) => rows.push(rowOf(record)),
      reject: (why, _position, _sample, times = 1) => {
        rejects[why] = (rejects[why] ?? 0) + times
      },
    },
    { sampled: 'scale', clock: 'exporter' },
  )
  const datagrams = files.flatMap(datagramsIn)
  for (const bytes of datagrams)
    decoder.take({
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      at: 0,
      end: bytes.length,
      from: '198.51.100.1',
      port: 2055,
      received: 1_700_000_000e6,
    })
  decoder.finish()
  return { rows, rejects, options: decoder.options, datagrams: datagrams.length }
}

function rowOf({ ends, bytes, packets, rate, ...record }: ExportRecord): Row {
  const text = (...words: [number, number, number, number]) =>
    ends.family === 4 ? ipv4Text(words[3]) : ipv6Text(Int32Array.from(words), 0)
  return {
    source: text(ends.s0, ends.s1, ends.s2, ends.s3),
    target: text(ends.d0, ends.d1, ends.d2, ends.d3),
    ports: `${ends.sourcePort} ${ends.targetPort}${record.both ? ' both' : ''}`,
    octets: Math.round(bytes / rate),
    packets: Math.round(packets / rate),
  }
}

/** A datagram file, or the UDP payloads of a classic little-endian capture of Ethernet. */
function datagramsIn(path: string): Buffer[] {
  const bytes = readFileSync(path)
  if (!path.endsWith('.pcap')) return [bytes]
  const found: Buffer[] = []
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8)
    const frame = bytes.subarray(at + 16, at + 16 + length)
    const six = frame.readUInt16BE(12) === 0x86dd
    const ip = 14
    found.push(frame.subarray(six ? ip + 48 : ip + (frame[ip]! & 15) * 4 + 8))
    at += 16 + length
  }
  return found
}

/** What tshark reads of the set: sources, octets and packets, each sorted. */
function tsharkRead(
  { files }: DatagramSet,
  folder: string,
): { sources: string[]; octets: number[]; packets: number[] } {
  const capture = join(folder, 'set.pcap')
  writeFileSync(capture, captureOf(files.flatMap(datagramsIn)))
  const isSflow = datagramsIn(files[0]!)[0]!.readUInt32BE(0) === 5
  const fields = isSflow
    ? ['ip.src', 'ipv6.src', 'sflow.flow_sample.sampling_rate', 'sflow.flow_sample.sample_pool']
    : ['cflow.srcaddr', 'cflow.srcaddrv6', 'cflow.octets', 'cflow.packets']
  const out = execFileSync(
    'tshark',
    [
      '-r',
      capture,
      '-d',
      `udp.port==2055,${isSflow ? 'sflow' : 'cflow'}`,
      '-T',
      'fields',
      '-E',
      'separator=;',
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const columns = fields.map((_, i) =>
    out.split('\n').flatMap((line) => line.split(';')[i]?.split(',').filter(Boolean) ?? []),
  )
  const outer = isSflow ? files.flatMap(datagramsIn).length : 0
  return {
    sources: [...columns[0]!.slice(outer), ...columns[1]!].sort(),
    octets: columns[2]!.map(Number).sort((a, b) => a - b),
    packets: columns[3]!.map(Number).sort((a, b) => a - b),
  }
}

/** Raw IPv4 packets that carry the datagrams to port 2055. */
function captureOf(datagrams: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(65_535, 16)
  header.writeUInt32LE(101, 20)
  const packets = datagrams.map((each, i) => {
    const packet = Buffer.alloc(16 + 28)
    packet.writeUInt32LE(1_700_000_000 + i, 0)
    packet.writeUInt32LE(28 + each.length, 8)
    packet.writeUInt32LE(28 + each.length, 12)
    packet.writeUInt16BE(0x4500, 16)
    packet.writeUInt16BE(28 + each.length, 18)
    packet.writeUInt16BE(0x4011, 24)
    packet.set([198, 51, 100, 1, 198, 51, 100, 2], 28)
    packet.writeUInt16BE(5000, 36)
    packet.writeUInt16BE(2055, 38)
    packet.writeUInt16BE(8 + each.length, 40)
    return Buffer.concat([packet, each])
  })
  return Buffer.concat([header, ...packets])
}

const same = <T>(a: readonly T[], b: readonly T[]) =>
  a.length === b.length && a.every((each, i) => each === b[i])

if (import.meta.main) {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-datagrams-'))
  const peer = process.argv.includes('--tshark')
  for (const set of datagramSets()) {
    const { rows, rejects, options, datagrams } = readSet(set)
    const left = Object.entries(rejects).map(([why, n]) => `${n} ${why}`)
    let beside = ''
    if (peer) {
      const { sources, octets, packets } = tsharkRead(set, folder)
      const mine = {
        sources: rows.map(({ source }) => source).sort(),
        octets: rows
          .map(({ octets }) => octets)
          .filter((n) => !Number.isNaN(n))
          .sort((a, b) => a - b),
        packets: rows
          .map(({ packets }) => packets)
          .filter((n) => !Number.isNaN(n))
          .sort((a, b) => a - b),
      }
      const parts = [
        same(sources, mine.sources) ? 'sources' : '',
        same(octets, mine.octets) ? 'octets' : '',
        same(packets, mine.packets) ? 'packets' : '',
      ].filter(Boolean)
      beside =
        parts.length === 3
          ? 'the same'
          : `${sources.length} records; same ${parts.join(', ') || 'nothing'}; ${octets.length} octets, ${packets.length} packets`
    }
    console.log(
      `| ${set.name} | ${datagrams} | ${rows.length} | ${options} | ${left.join(', ')} | ${beside} |`,
    )
  }
  rmSync(folder, { recursive: true })
}
