/**
 * The same captures through other readers of packets: packets and bytes of each pair of ends, compared.
 * `node test/packet-matrix.ts` prints the table of docs/reference/conformance-packets.md. Peers that are not
 * installed are left out, and the table says so.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FlowRow } from '../src/capture/flows/flow-record.ts'
import { openInput } from '../src/capture/input.ts'
import { suricata } from '../src/capture/logs/suricata.ts'
import { pcap, pcapng } from '../src/capture/pcap/pcap.ts'
import type { Sink } from '../src/capture/reader.ts'
import { createRejects } from '../src/capture/rejects.ts'
import { openReading } from './contracts/reading.ts'
import { sharedData } from './shared-data.ts'

/** Packets and bytes between two ends, of all flows. */
export interface Between {
  packets: number
  bytes: number
}
export type Talk = ReadonlyMap<string, Between>

export interface Peer {
  readonly name: string
  readonly programs: readonly string[]
  /** Bytes of each packet that it counts below IP. */
  readonly below: number
  /** Whether it leaves out frames that the capture cut, so that both are given the frames that are whole. */
  readonly onlyWhole?: true
  read(capture: string, folder: string): Promise<Talk>
}

export const captures = [
  'pcap/unit42__Example-1-2021-01-06-Emotet-infection.pcap',
  'pcap/keithjjones_zeek-njrat-detector__njrat.pcap',
  'pcap/corelight_zeek-agenttesla-detector__f9421792-7d2c-47d3-90e0-07eb54ae12fa.pcap',
  'names/dns-pcap/iodine-cname.pcap',
  'names/dns-pcap/normal_00000_20230805150331.pcap',
]

const transports: Readonly<Record<string, string>> = { 6: 'tcp', 17: 'udp' }

/** TCP and UDP only: of other transports each tool has its own idea of ports. */
class Tally {
  readonly talk = new Map<string, Between>()
  add(proto: string, ends: readonly [string, string], { packets, bytes }: Between): void {
    const name = transports[proto] ?? proto
    if (name !== 'tcp' && name !== 'udp') return
    const key = `${name} ${ends.toSorted().join(' ')}`
    const found = this.talk.get(key)
    if (found) {
      found.packets += packets
      found.bytes += bytes
    } else this.talk.set(key, { packets, bytes })
  }
}

export async function ours(capture: string): Promise<Talk> {
  const tally = new Tally()
  const write = async (record: string, rows: readonly FlowRow[]) => {
    if (record !== 'flow') return
    for (const { proto, client, clientPort, server, serverPort, packets, bytes } of rows)
      tally.add(proto, [`${client} ${clientPort}`, `${server} ${serverPort}`], {
        packets: packets ?? 0,
        bytes: bytes ?? 0,
      })
  }
  const sink = { rejects: createRejects(), write, progress: () => {} }
  const input = await openInput(capture)
  const reader = [pcap, pcapng].find(({ accepts }) => accepts(input.head))
  await reader?.read(input, sink as unknown as Sink)
  return tally.talk
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (error ?? status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}

function nfdump(folder: string): Talk {
  const tally = new Tally()
  const lines = run('nfdump', ['-R', folder, '-q', '-N', '-6', '-o', 'fmt:%pr,%sa,%sp,%da,%dp,%pkt,%byt'])
  for (const line of lines.split('\n')) {
    const [proto, source, sourcePort, target, targetPort, packets, bytes] = line
      .split(',')
      .map((cell) => cell.trim())
    if (bytes === undefined) continue
    tally.add(proto ?? '', [`${source} ${sourcePort}`, `${target} ${targetPort}`], {
      packets: Number(packets),
      bytes: Number(bytes),
    })
  }
  return tally.talk
}

export const peers: readonly Peer[] = [
  {
    name: 'nfpcapd → nfdump',
    programs: ['nfpcapd', 'nfdump'],
    below: 0,
    read: async (capture, folder) => {
      run('nfpcapd', ['-r', capture, '-w', folder])
      return nfdump(folder)
    },
  },
  {
    name: 'softflowd → nfcapd → nfdump',
    programs: ['softflowd', 'nfcapd', 'nfdump'],
    below: 0,
    read: async (capture, folder) => {
      const port = String(20_000 + (process.pid % 20_000))
      const collector = spawn(
        'nfcapd',
        ['-p', port, '-b', '127.0.0.1', '-w', folder, '-t', '3600', '-B', '4000000'],
        { stdio: 'ignore' },
      )
      await new Promise((then) => setTimeout(then, 1500))
      run('softflowd', [
        '-d',
        '-r',
        capture,
        '-n',
        `127.0.0.1:${port}`,
        '-v',
        '9',
        '-m',
        '1000000',
        '-6',
        '-c',
        'none',
        '-p',
        join(folder, '.pid'),
      ])
      await new Promise((then) => setTimeout(then, 1500))
      collector.kill('SIGTERM')
      await new Promise((then) => collector.once('close', then))
      return nfdump(folder)
    },
  },
  {
    name: 'argus → ra',
    programs: ['argus', 'ra'],
    below: 14,
    read: async (capture, folder) => {
      const file = join(folder, 'argus')
      run('argus', ['-F', '/dev/null', '-r', capture, '-w', file])
      const tally = new Tally()
      const fields = ['proto', 'saddr', 'sport', 'daddr', 'dport', 'pkts', 'bytes']
      for (const line of run('ra', ['-F', '/dev/null', '-r', file, '-n', '-c', ',', '-s', ...fields]).split(
        '\n',
      )) {
        const [proto = '', source, sourcePort, target, targetPort, packets, bytes] = line.split(',')
        tally.add(proto, [`${source} ${sourcePort}`, `${target} ${targetPort}`], {
          packets: Number(packets),
          bytes: Number(bytes),
        })
      }
      return tally.talk
    },
  },
  {
    name: 'suricata → EVE → gannet',
    programs: ['suricata'],
    below: 14,
    onlyWhole: true,
    read: async (capture, folder) => {
      // No rules; checksums are not verified, as by us: offloading makes them wrong in most captures.
      run('suricata', ['-r', capture, '-S', '/dev/null', '-k', 'none', '-l', folder])
      const reading = await openReading()
      try {
        const { rows, rejects } = await reading.readPath(suricata, join(folder, 'eve.json'))
        if (rejects['truncated'] ?? rejects['bad-field'] ?? rejects['bad-time'])
          throw new Error(`eve.json of ${capture} has rejects: ${JSON.stringify(rejects)}`)
        const tally = new Tally()
        for (const row of rows) {
          if (row.record !== 'flow') continue
          const { proto, client, clientPort, server, serverPort, packets, bytes } = row as unknown as FlowRow
          tally.add(proto, [`${client} ${clientPort}`, `${server} ${serverPort}`], {
            packets: Number(packets),
            bytes: Number(bytes),
          })
        }
        return tally.talk
      } finally {
        await reading.close()
      }
    },
  },
]

interface Agreement {
  readonly pairs: number
  /** Pairs of ends that only we have, and that only the peer has. */
  readonly onlyOurs: number
  readonly onlyTheirs: number
  /** Pairs whose packets, and whose bytes, are not the same. */
  readonly packets: number
  readonly bytes: number
}

export function agreement(mine: Talk, theirs: Talk, below: number): Agreement {
  let [packets, bytes] = [0, 0]
  for (const [key, here] of mine) {
    const there = theirs.get(key)
    if (!there) continue
    if (there.packets !== here.packets) packets++
    if (there.bytes - below * there.packets !== here.bytes) bytes++
  }
  return {
    pairs: mine.size,
    onlyOurs: [...mine.keys()].filter((key) => !theirs.has(key)).length,
    onlyTheirs: [...theirs.keys()].filter((key) => !mine.has(key)).length,
    packets,
    bytes,
  }
}

export const missing = ({ programs }: Peer): string | undefined =>
  programs.find(
    (program) =>
      (spawnSync(program, ['-h'], { stdio: 'ignore' }).error as NodeJS.ErrnoException)?.code === 'ENOENT',
  )

/** A copy without the frames that were cut when they were captured. A pcapng file is given as it is. */
export function wholeFrames(capture: string, copy: string): { path: string; cut: number } {
  const bytes = readFileSync(capture)
  const isLittle = bytes.readUInt16LE(0) === 0xc3d4 || bytes.readUInt16LE(0) === 0x3c4d
  const isBig = bytes.readUInt32BE(0) === 0xa1b2c3d4 || bytes.readUInt32BE(0) === 0xa1b23c4d
  if (!isLittle && !isBig) return { path: capture, cut: 0 }
  const number = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const kept = [bytes.subarray(0, 24)]
  let cut = 0
  for (let at = 24; at + 16 <= bytes.length; ) {
    const captured = number(at + 8)
    const next = at + 16 + captured
    if (captured < number(at + 12)) cut++
    else kept.push(bytes.subarray(at, next))
    at = next
  }
  writeFileSync(copy, Buffer.concat(kept))
  return { path: copy, cut }
}

export async function compare(peer: Peer, capture: string): Promise<Agreement> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-matrix-'))
  try {
    const given = sharedData(capture)
    const path = peer.onlyWhole ? wholeFrames(given, join(folder, 'whole.pcap')).path : given
    return agreement(await ours(path), await peer.read(path, folder), peer.below)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log('| capture | peer | pairs of ends | only ours | only theirs | other packets | other bytes |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const capture of captures)
    for (const peer of peers) {
      const absent = missing(peer)
      const { pairs, onlyOurs, onlyTheirs, packets, bytes } = absent
        ? { pairs: `not installed: ${absent}`, onlyOurs: '', onlyTheirs: '', packets: '', bytes: '' }
        : await compare(peer, capture)
      console.log(
        `| ${basename(capture).slice(0, 40)} | ${peer.name} | ${pairs} | ${onlyOurs} | ${onlyTheirs} | ${packets} | ${bytes} |`,
      )
    }
}
