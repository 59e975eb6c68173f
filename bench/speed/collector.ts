/**
 * The collector beside nfcapd: one sender writes each datagram to both over loopback, at growing rates, for some
 * seconds each. A rate is sustained when every record is in the store (or in nfcapd's file), and storing lags behind
 * sending by a quarter of the sending time at most. And the decode loop alone.
 *
 * `node bench/speed/collector.ts [SECONDS]`, or `loops` for the decoder alone; without nfcapd its rows are left out and
 * said to be.
 */
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CollectorStatus } from '../../src/capture/collector/status.ts'
import { ExportDecoder } from '../../src/capture/netflow/decoder.ts'
import { ExportIntake } from '../../src/capture/netflow/intake.ts'
import type { Rejects } from '../../src/capture/rejects.ts'
import { writtenColumns } from '../../src/model/record.ts'
import { records as kinds } from '../../src/model/records.ts'
import { encoder } from '../../src/store/tsv.ts'
import {
  ipfix,
  records,
  template,
  usual,
  usualRow,
  version5,
  version9,
} from '../../test/fixtures/export-datagrams.ts'
import type { Row } from '../row.ts'

const self = fileURLToPath(import.meta.url)
const gannet = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const most = Number(process.env['GANNET_BENCH_RATE'] ?? 32_000)
const rates = [500, 1000, 2000, 4000, 8000, 16_000, 32_000].filter((rate) => rate <= most)
/** Records of a datagram: 15 calls, both directions of each. */
const each = 30

interface Outcome {
  readonly sent: number
  /** Seconds that the sender took. */
  readonly sending: number
  /** Records that are stored. */
  readonly stored: number
  /** Seconds from the last datagram to the end of storing. */
  readonly after: number
  /** What the collector itself says was lost, to be held against what is missing. */
  readonly reported?: CollectorStatus['lost']
}

export async function run(seconds = Number(process.env['GANNET_BENCH_SECONDS'] ?? 10)): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-collector-'))
  try {
    return [...loops(), ...(await ladder(folder, seconds))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const hasNfcapd = ['/usr/bin/nfcapd', '/usr/sbin/nfcapd', '/usr/local/bin/nfcapd'].some((path) =>
  existsSync(path),
)

async function ladder(folder: string, seconds: number): Promise<Row[]> {
  const steps: { rate: number; ours: Outcome; theirs: Outcome | null }[] = []
  for (const rate of rates)
    steps.push({ rate, ...(await step(join(folder, String(rate)), { rate, seconds })) })

  const ours = sustained(
    steps.map(({ rate, ours }) => ({ rate, outcome: ours })),
    seconds,
  )
  const theirs = sustained(
    steps.map(({ rate, theirs }) => ({ rate, outcome: theirs })),
    seconds,
  )
  return [
    {
      name: 'collector, NetFlow v5 over loopback, sustained without loss',
      figure: ours * each,
      unit: 'records/s',
      ...(hasNfcapd
        ? { ratio: ours / Math.max(1, theirs), peer: 'nfcapd' }
        : { peer: 'nfcapd: skipped, not installed' }),
      asserted: `every one of ${each} records a datagram stored, ${seconds} s at each rate, rates doubled up to ${rates.at(-1)}`,
    },
    ...steps.flatMap(({ rate, ours, theirs }) => [
      lossRow(`collector, ${rate} datagrams/s offered`, ours),
      ...(theirs ? [lossRow(`nfcapd, ${rate} datagrams/s offered`, theirs)] : []),
    ]),
  ]
}

/**
 * The highest rate below which all rates are sustained too; 0 for none. To end takes each some time, however little
 * came: that of the lowest rate does not count as lag.
 */
function sustained(
  steps: readonly { readonly rate: number; readonly outcome: Outcome | null }[],
  seconds: number,
): number {
  const toEnd = steps[0]?.outcome?.after ?? 0
  const isKept = (it: Outcome | null) =>
    it !== null && it.stored === it.sent && it.after - toEnd <= seconds / 4
  const failed = steps.findIndex(({ outcome }) => !isKept(outcome))
  return steps[failed < 0 ? steps.length - 1 : failed - 1]?.rate ?? 0
}

const lossRow = (name: string, { sent, sending, stored, after, reported }: Outcome): Row => ({
  name,
  figure: (1 - stored / sent) * 100,
  unit: '% of records lost',
  asserted: `${stored} of ${sent} records stored, ${after.toFixed(1)} s after ${sending.toFixed(1)} s of sending${reported ? `; ${sent - stored} are missing, and it reported ${reported.numbering} by their numbers, ${reported.kernel} datagrams dropped by the kernel and ${reported.queue} for want of room` : ''}`,
  better: 'less',
})

async function step(folder: string, { rate, seconds }: { rate: number; seconds: number }) {
  const collector = await startCollector(join(folder, 'db'))
  const nfcapd = hasNfcapd ? await startNfcapd(join(folder, 'nf')) : null
  const ports = [collector.port, ...(nfcapd ? [nfcapd.port] : [])]
  const sender = spawn(
    process.execPath,
    [self, 'send', String(rate), String(seconds), ...ports.map(String)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let out = ''
  sender.stdout.on('data', (chunk) => {
    out += chunk
  })
  await once(sender, 'close')
  const [count = 0, sending = 0] = out.split(' ').map(Number)
  const sent = count * each
  const [ours, theirs] = await Promise.all([collector.stop(), nfcapd?.stop() ?? null])
  return {
    ours: { sent, sending, ...ours },
    theirs: theirs ? { sent, sending, ...theirs } : null,
  }
}

type Stopped = Omit<Outcome, 'sent' | 'sending'>

async function startCollector(db: string) {
  const child = spawn(process.execPath, [gannet, 'collect', '--netflow', '0', '--db', db, '--json'])
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const port = await new Promise<number>((resolve) => {
    child.stderr.on('data', (chunk) => {
      const found = /listening on \S+:(\d+)/.exec(String(chunk))
      if (found) resolve(Number(found[1]))
    })
  })
  return {
    port,
    async stop(): Promise<Stopped> {
      const began = performance.now()
      child.kill('SIGINT')
      await once(child, 'close')
      const { records, flows, lost } = JSON.parse(out) as CollectorStatus
      // Each call is two records in one flow; what is left over is of calls one of whose records was lost.
      return {
        stored: flows * 2 >= records ? records : -1,
        after: (performance.now() - began) / 1000,
        reported: lost,
      }
    },
  }
}

async function startNfcapd(folder: string) {
  execFileSync('mkdir', ['-p', folder])
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const child = spawn(
    'nfcapd',
    ['-w', folder, '-p', String(port), '-b', '127.0.0.1', '-B', String(8 << 20)],
    { stdio: 'ignore' },
  )
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return {
    port,
    async stop(): Promise<Stopped> {
      const began = performance.now()
      // Its queue in the kernel is read first, as the collector does.
      await new Promise((resolve) => setTimeout(resolve, 500))
      child.kill('SIGTERM')
      await once(child, 'close')
      const files = globSync(`${folder}/nfcapd.2*`)
      const stored = files.reduce((sum, file) => {
        const text = execFileSync('nfdump', ['-I', '-r', file], { encoding: 'utf8' })
        return sum + Number(/^Flows: (\d+)$/m.exec(text)?.[1] ?? 0)
      }, 0)
      return { stored, after: (performance.now() - began) / 1000 }
    },
  }
}

/**
 * Sends at a rate, in bursts of a millisecond as far as the timer gives them; prints how many were sent, and in how
 * many seconds.
 */
async function send(rate: number, seconds: number, ports: readonly number[]): Promise<void> {
  const socket = createSocket('udp4')
  let count = 0
  let open = 0
  const began = performance.now()
  const total = rate * seconds
  while (count < total) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate))
    for (; count < due; count++) {
      const datagram = callsAt(count)
      for (const port of ports) {
        open++
        socket.send(datagram, port, '127.0.0.1', () => open--)
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (open > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  socket.close()
  process.stdout.write(`${count} ${(performance.now() - began) / 1000}`)
}

const first = version5(calls(0), { seconds: Math.floor(Date.now() / 1000), nanos: 1e6 })

/** The datagram of 15 calls from another host each time, numbered on. */
function callsAt(i: number): Buffer {
  const out = Buffer.from(first)
  out.writeUInt32BE((i * each) >>> 0, 16)
  const host = 0x0a000000 + (i & 0xffffff)
  for (let record = 0; record < each; record++)
    out.writeUInt32BE(host, 24 + record * 48 + (record % 2 ? 4 : 0))
  return out
}

function calls(from: number) {
  return Array.from({ length: each / 2 }, (_, i) => {
    const port = 40_000 + ((from + i) % 20_000)
    return [
      { sourcePort: port, flags: 0x1b },
      {
        source: '192.0.2.1',
        target: '10.0.0.1',
        sourcePort: 443,
        targetPort: port,
        flags: 0x1b,
        first: 1990,
      },
    ]
  }).flat()
}

/** Records a second of CPU time through the decoder, alone and with the pairing, of each version. */
function loops(): Row[] {
  const flows = calls(0)
  const learned = (make: (sets: Parameters<typeof version9>[0]) => Buffer, kind: 0 | 2) => [
    make([template(kind, 256, usual)]),
    make([
      records(
        256,
        usual,
        flows.map((flow) => usualRow(flow)),
      ),
    ]),
  ]
  const ten = usual.map(
    ([number, length]) =>
      (number === 22 ? [158, length] : number === 21 ? [159, length] : [number, length]) as [number, number],
  )
  const versions = [
    ['NetFlow v5', [], first],
    ['NetFlow v9', ...((pair) => [[pair[0]!], pair[1]!] as const)(learned(version9, 0))],
    [
      'IPFIX',
      [ipfix([template(2, 256, ten)])],
      ipfix([
        records(
          256,
          ten,
          flows.map((flow) => usualRow({ ...flow, first: 0 }, 5e6)),
        ),
      ]),
    ],
  ] as const
  return versions.flatMap(([name, before, datagram]) =>
    [decoding, writing].map((make): Row => {
      const { take, what, records, given } = make()
      for (const each of before) take(each, Number.NaN)
      const bytes = Buffer.from(datagram)
      const hosts = hostsIn(bytes)
      let round = 0
      const turn = () => {
        // Another client for each datagram, as in a network.
        for (const at of hosts) bytes.writeUInt32BE(host + round, at)
        take(bytes, 1.8e15 + round++ * 300)
      }
      while (round < turns / 10) turn()
      const [already, from] = [records(), process.cpuUsage()]
      while (round < turns * 1.1) turn()
      const { user, system } = process.cpuUsage(from)
      // Two records a flow; what was closed within the last seconds waits.
      if (make === writing && given() < turns * 3) throw new RangeError(`${given()} flows`)
      const expected = turns * each
      if (records() - already !== expected)
        throw new RangeError(`${records() - already} of ${expected} records`)
      return {
        name: `${name}, ${what}, in memory`,
        figure: expected / ((user + system) / 1e6) / 1e6,
        unit: 'million records/s of CPU time',
        asserted: `${expected} records came out${make === writing ? `, ${given()} flows were written before the end` : ''}`,
      }
    }),
  )
}

/** Datagrams of a loop. */
const turns = 20_000
const host = 0x0a000001

/** Where the client's address is in a datagram of `calls`. */
const hostsIn = (datagram: Buffer): number[] =>
  Array.from({ length: datagram.length - 3 }, (_, at) => at).filter(
    (at) => datagram.readUInt32BE(at) === host,
  )

const datagramOf = (bytes: Buffer, received: number) => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
  at: 0,
  end: bytes.length,
  from: '',
  port: 2055,
  received,
})

function decoding() {
  let seen = 0
  const decoder = new ExportDecoder({
    record: () => seen++,
    reject: (why, _position, sample) => {
      throw new RangeError(`${why}: ${sample}`)
    },
  })
  return {
    what: 'decoded',
    take: (bytes: Buffer, received: number) => decoder.take(datagramOf(bytes, received)),
    records: () => seen,
    given: () => 0,
  }
}

/** As in the collector, up to the text that the engine takes. */
function writing() {
  let written = 0
  const encode = encoder({ position: { kind: 'id', doc: '' }, ...kinds.flow.columns }, [
    'position',
    ...writtenColumns(kinds.flow.columns),
  ])
  const add: Rejects['add'] = (why, _position, sample) => {
    throw new RangeError(`${why}: ${sample}`)
  }
  const load = '12345678901234567890\t'
  const intake = new ExportIntake({
    rejects: { counts: new Map(), samples: [], add },
    write: async (_record, rows) => {
      encode(rows, load)
      written += rows.length
    },
    writeText: async (_record, rows, make) => {
      make(load)
      written += rows
    },
  })
  return {
    what: 'decoded, paired and written',
    take: (bytes: Buffer, received: number) => {
      intake.take(datagramOf(bytes, received))
      void intake.send()
    },
    records: () => intake.records,
    given: () => written,
  }
}

if (process.argv[1] === self) {
  const [what, ...rest] = process.argv.slice(2)
  if (what === 'send') await send(Number(rest[0]), Number(rest[1]), rest.slice(2).map(Number))
  else
    for (const row of what === 'loops' ? loops() : await run(Number(what ?? 4)))
      console.log(JSON.stringify(row))
}
