/**
 * Packets to flows: our reader beside softflowd, nfpcapd and a bare loop that only counts, on one file, in
 * paired runs. `node bench/speed/packets.ts [PACKETS [MIX]]`; the peers are skipped, and said to be, where not
 * installed.
 *
 * Figures are million packets a second of CPU time (user and system, with start-up), which a busy
 * machine disturbs least; each is the best of `rounds`. With one thread, and for the peers, all is on one core. With
 * two threads it is the time of the busier one: what two free cores would need.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepCompiled } from '../../src/cli/compile-cache.ts'

export interface Row {
  readonly name: string
  readonly figure: number
  readonly unit: string
  /** Our speed as a multiple of the peer's. */
  readonly ratio?: number
  readonly peer?: string
  /** What was checked before the clock started. */
  readonly asserted: string
}

const rounds = 2
const self = fileURLToPath(import.meta.url)

interface Mix {
  readonly name: string
  readonly six: boolean
  readonly vlan: boolean
  /** Payload bytes of a data segment. */
  readonly payload: number
  /** Captured bytes of a frame. */
  readonly snap: number
}

export const mixes: readonly Mix[] = [
  { name: 'IPv4, up to 1400 bytes', six: false, vlan: false, payload: 1400, snap: 65_535 },
  { name: 'IPv4, cut to 128 bytes', six: false, vlan: false, payload: 1400, snap: 128 },
  { name: 'IPv6 in a VLAN, small packets', six: true, vlan: true, payload: 64, snap: 65_535 },
]

/** Packets of each capture, and how many kinds of capture. */
const made = Number(process.env['GANNET_BENCH_PACKETS'] ?? 5_000_000)
const kinds = Number(process.env['GANNET_BENCH_MIXES'] ?? mixes.length)

export async function run(packets = made, chosen: readonly Mix[] = mixes.slice(0, kinds)): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-packets-'))
  const rows: Row[] = []
  try {
    for (const mix of chosen) {
      const path = join(folder, 'made.pcap')
      writeCapture(path, packets, mix)
      rows.push(...measure(path, { packets, folder, mix }))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

function measure(
  path: string,
  { packets, folder, mix }: { packets: number; folder: string; mix: Mix },
): Row[] {
  const first = child('flows', path)
  if (first.packets !== packets) throw new RangeError(`${first.packets} packets in flows of ${packets}`)
  const second = child('flows', path, '2')
  if (second.flows !== first.flows || second.packets !== packets)
    throw new RangeError(`${second.flows} flows with two threads, ${first.flows} with one`)
  const spentBy = new Map<string, Spent[]>()
  const note = (who: string, seconds: number, wall: number) =>
    void spentBy.set(who, [...(spentBy.get(who) ?? []), { seconds, wall }])
  let theirs = -1
  for (let round = 0; round < rounds; round++) {
    const one = child('flows', path)
    note('one', one.seconds, one.wall!)
    const both = child('flows', path, '2')
    note('two', both.busier, both.wall!)
    const bare = child('bare', path)
    note('bare loop in Node', bare.seconds, bare.wall!)
    if (has('softflowd')) {
      const { seconds, wall, output } = timed('softflowd', softflowdOn(path, folder))
      note('softflowd', seconds, wall)
      theirs = Number(/flushed\s*=\s*(\d+)/.exec(output)?.[1] ?? -1)
    }
    if (has('nfpcapd')) {
      const { seconds, wall } = timed('nfpcapd', ['-r', path, '-w', folder])
      note('nfpcapd', seconds, wall)
    }
  }
  const best = (who: string, what: keyof Spent) =>
    Math.min(...(spentBy.get(who) ?? []).map((each) => each[what]))
  const counted = `${packets} packets in ${first.flows} flows${theirs >= 0 ? `; softflowd: ${theirs} flows` : ''}`
  const against = (peer: string, mine: 'one' | 'two'): Row => {
    const own = best(mine, 'seconds')
    const row = {
      name: `${mix.name}${mine === 'two' ? ', two threads' : ''}`,
      figure: packets / own / 1e6,
      unit: 'Mpackets/s of CPU time',
    }
    if (!spentBy.has(peer)) return { ...row, peer: `${peer}: skipped, not installed`, asserted: counted }
    const walls = `wall ${best(mine, 'wall').toFixed(1)} and ${best(peer, 'wall').toFixed(1)} s`
    const times = `processor ${own.toFixed(2)} and ${best(peer, 'seconds').toFixed(2)} s`
    return { ...row, ratio: best(peer, 'seconds') / own, peer, asserted: `${counted}; ${times}, ${walls}` }
  }
  return [
    against('softflowd', 'one'),
    against('nfpcapd', 'one'),
    against('bare loop in Node', 'one'),
    against('softflowd', 'two'),
    against('nfpcapd', 'two'),
  ]
}

interface Spent {
  /** Of the processor, user and system. */
  readonly seconds: number
  readonly wall: number
}

export const softflowdOn = (path: string, folder: string): string[] => [
  ...['-d', '-r', path, '-n', '127.0.0.1:9', '-v', '9', '-m', '4000000', '-6', '-c', 'none'],
  ...['-p', join(folder, 'pid')],
]

export function has(program: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/usr/local/bin'].some((folder) => existsSync(join(folder, program)))
}

interface Done {
  readonly packets: number
  readonly flows: number
  readonly seconds: number
  /** Seconds of the main thread, or of all others together, whichever is more. */
  readonly busier: number
  readonly wall?: number
}

/** Has what is run stay on one core, where the system can. */
const oneCore = has('taskset') ? ['taskset', '-c', '0'] : []

/**
 * Runs this file again as its own process, so that each round pays its own start-up: that of any run of the command
 * but the first, which finds its code compiled.
 */
function child(what: string, path: string, threads = '1'): Done {
  const command = [...(threads === '1' ? oneCore : []), process.execPath, self, what, path, threads]
  const began = performance.now()
  const done = JSON.parse(execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' })) as Done
  return { ...done, wall: (performance.now() - began) / 1000 }
}

/** A peer, which has one thread, on the same core. */
function timed(program: string, args: readonly string[]): { seconds: number; wall: number; output: string } {
  const script =
    'import resource,subprocess,sys,time;t=time.time();r=subprocess.run(sys.argv[1:],stdout=subprocess.PIPE,stderr=subprocess.STDOUT);u=resource.getrusage(resource.RUSAGE_CHILDREN);print(u.ru_utime+u.ru_stime,time.time()-t);sys.stdout.write(r.stdout.decode("latin1"))'
  const { stdout } = spawnSync('python3', ['-c', script, ...oneCore, program, ...args], { encoding: 'utf8' })
  const [times = '', ...output] = stdout.split('\n')
  const [seconds, wall] = times.split(' ').map(Number)
  return { seconds: seconds!, wall: wall!, output: output.join('\n') }
}

const spent = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function busiest(): number {
  const { user, system } = process.threadCpuUsage()
  const main = (user + system) / 1e6
  return Math.max(main, spent() - main)
}

/** As an import does it, up to the engine: flows as the text that is sent to it. */
async function flows(path: string, threads: 1 | 2): Promise<Done> {
  keepCompiled()
  const { openInput } = await import('../../src/capture/input.ts')
  const { readPackets } = await import('../../src/capture/pcap/read-packets.ts')
  const { createRejects } = await import('../../src/capture/rejects.ts')
  const { flowTextColumns } = await import('../../src/capture/flows/flow-tsv.ts')
  const texts: Uint8Array[] = []
  let count = 0
  const sink = {
    rejects: createRejects(),
    write: async () => {},
    writeText: async (_: string, rows: number, make: (first: string) => Uint8Array) => {
      count += rows
      texts.push(make(''))
    },
    progress: () => {},
  }
  await readPackets(await openInput(path), sink as never, { threads })
  const seconds = spent()
  const busier = busiest()
  const column = flowTextColumns.indexOf('packets')
  let packets = 0
  for (const text of texts)
    for (const line of Buffer.from(text).toString('latin1').split('\n'))
      packets += Number(line.split('\t')[column] ?? 0)
  return { packets, flows: count, seconds, busier }
}

/** What no reader can be faster than: reads the file and steps from header to header. */
async function bare(path: string): Promise<Done> {
  const { createReadStream } = await import('node:fs')
  const held = new Uint8Array(4 << 20)
  const view = new DataView(held.buffer)
  let [length, packets, tcp, skip] = [0, 0, 0, 24]
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    held.set(chunk as Buffer, length)
    const to = length + (chunk as Buffer).length
    let at = skip
    skip = 0
    while (to - at >= 16) {
      const next = at + 16 + view.getUint32(at + 8, true)
      if (next > to) break
      if (view.getUint16(at + 28) === 0x0800 && held[at + 39] === 6) tcp++
      packets++
      at = next
    }
    held.copyWithin(0, at, to)
    length = to - at
  }
  return { packets, flows: tcp, seconds: spent(), busier: busiest() }
}

/** Ten thousand conversations at a time, of 3 to 60 packets; one in five is UDP. */
export function writeCapture(path: string, packets: number, { six, vlan, payload, snap }: Mix): void {
  let state = 7
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const fresh = () => ({
    client: random(65_536),
    server: random(2 ** 24),
    port: 1024 + random(60_000),
    udp: random(5) === 0,
    sent: 0,
    of: 3 + random(58),
    seq: [random(2 ** 30), random(2 ** 30)] as [number, number],
  })
  const live = Array.from({ length: 10_000 }, fresh)
  const file = openSync(path, 'w')
  const out = Buffer.alloc(1 << 22)
  let at = out.writeUInt32LE(0xa1b2c3d4, 0)
  for (const half of [2, 4]) at = out.writeUInt16LE(half, at)
  for (const word of [0, 0, 65_535, 1]) at = out.writeUInt32LE(word, at)
  let time = 1_700_000_000e6
  for (let i = 0; i < packets; i++) {
    if (at > out.length - 4096) {
      writeSync(file, out, 0, at)
      at = 0
    }
    const which = random(live.length)
    const flow = live[which]!
    time += 1 + random(60)
    const back = flow.sent % 2
    const last = flow.sent >= flow.of - 2
    const data = flow.udp || (flow.sent > 2 && !last) ? random(payload + 1) : 0
    const l4 = (flow.udp ? 8 : 20) + data
    const link = vlan ? 18 : 14
    const original = link + (six ? 40 : 20) + l4
    const size = Math.min(snap, original)
    for (const word of [Math.floor(time / 1e6), time % 1e6, size, original]) at = out.writeUInt32LE(word, at)
    const frame = at
    out.fill(0, frame, frame + original)
    if (vlan) out.writeUInt32BE(0x81000007, frame + 12)
    out.writeUInt16BE(six ? 0x86dd : 0x0800, frame + link - 2)
    const ip = frame + link
    const proto = flow.udp ? 17 : 6
    const ends = [0x0a000000 + flow.client, 0xc0000000 + flow.server]
    if (six) {
      out.writeUInt32BE(0x60000000, ip)
      out.writeUInt16BE(l4, ip + 4)
      out[ip + 6] = proto
      for (const side of [0, 1]) {
        out.writeUInt32BE(0x20010db8, ip + 8 + 16 * side)
        out.writeUInt32BE(ends[side ^ back]!, ip + 20 + 16 * side)
      }
    } else {
      out[ip] = 0x45
      out.writeUInt16BE(20 + l4, ip + 2)
      out[ip + 9] = proto
      out.writeUInt32BE(ends[back]!, ip + 12)
      out.writeUInt32BE(ends[back ^ 1]!, ip + 16)
    }
    const ports = [flow.port, flow.udp ? 4500 : 443]
    const top = ip + (six ? 40 : 20)
    out.writeUInt16BE(ports[back]!, top)
    out.writeUInt16BE(ports[back ^ 1]!, top + 2)
    if (flow.udp) out.writeUInt16BE(8 + data, top + 4)
    else {
      out.writeUInt32BE(flow.seq[back]!, top + 4)
      out[top + 12] = 0x50
      out[top + 13] = flow.sent === 0 ? 2 : flow.sent === 1 ? 18 : last ? 17 : 16
      flow.seq[back] = (flow.seq[back]! + data + (flow.sent < 2 ? 1 : 0)) >>> 0
    }
    at = frame + size
    if (++flow.sent >= flow.of) live[which] = fresh()
  }
  writeSync(file, out, 0, at)
  closeSync(file)
}

if (process.argv[1] === self) {
  const [what, path = ''] = process.argv.slice(2)
  if (what === 'made') writeCapture('/dev/stdout', Number(path), mixes[Number(process.argv[4] ?? 0)]!)
  else if (what === 'flows' || what === 'bare')
    process.stdout.write(
      JSON.stringify(await (what === 'flows' ? flows(path, process.argv[4] === '2' ? 2 : 1) : bare(path))),
    )
  else {
    const chosen = path === '' ? mixes : [mixes[Number(path)]!]
    for (const row of await run(Number(what ?? 2_000_000), chosen)) console.log(JSON.stringify(row))
  }
}
