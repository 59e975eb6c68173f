/**
 * Sets the simulated background beside a real one, as a table in Markdown.
 *
 * Usage: node bench/samples/simulated-background.ts REAL.binetflow.gz [SEED]. Both are read as Argus flows; of the
 * simulated day the same hours are taken (10:01 to 12:10), without bots.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { recordsOf } from '../../src/simulate/index.ts'
import { spread } from '../../src/simulate/timeline.ts'
import { argusHeader, argusLines } from '../../src/simulate/writers/argus.ts'

interface Counts {
  readonly protocol: Map<string, number>
  readonly tcpPort: Map<string, number>
  readonly udpPort: Map<string, number>
  readonly direction: Map<string, number>
  readonly failure: Map<string, number>
  readonly perHost: Map<string, number>
  readonly numbers: Record<'tcp' | 'udp', { duration: number[]; packets: number[]; bytes: number[] }>
  flows: number
}

const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)

async function measure(lines: AsyncIterable<string> | Iterable<string>, internal: string): Promise<Counts> {
  const none = () => ({ duration: [], packets: [], bytes: [] })
  const maps = () => new Map<string, number>()
  const seen: Counts = {
    protocol: maps(),
    tcpPort: maps(),
    udpPort: maps(),
    direction: maps(),
    failure: maps(),
    perHost: maps(),
    numbers: { tcp: none(), udp: none() },
    flows: 0,
  }
  let columns: string[] = []
  for await (const line of lines) {
    const cells = line.trimEnd().split(',')
    if (columns.length === 0) {
      columns = cells
      continue
    }
    const of = (name: string) => cells[columns.indexOf(name)] ?? ''
    const proto = of('Proto') === 'rtp' || of('Proto') === 'rtcp' ? 'udp' : of('Proto')
    seen.flows++
    add(seen.protocol, proto)
    const [from, to] = [of('SrcAddr'), of('DstAddr')].map((address) =>
      address.startsWith(internal) ? 'in' : 'out',
    )
    add(seen.direction, `${from} to ${to}`)
    if (from === 'in') add(seen.perHost, of('SrcAddr'))
    if (proto !== 'tcp' && proto !== 'udp') continue
    add(proto === 'tcp' ? seen.tcpPort : seen.udpPort, of('Dport'))
    const state = of('State')
    if (proto === 'tcp' ? /^S_(R|RA)?$/.test(state) : state === 'INT') add(seen.failure, proto)
    const numbers = seen.numbers[proto]
    numbers.duration.push(Number(of('Dur')))
    numbers.packets.push(Number(of('TotPkts')))
    numbers.bytes.push(Number(of('TotBytes')))
  }
  return seen
}

function* simulatedLines(seed: number): Generator<string> {
  const { records, truth } = recordsOf('campus-day', seed, { bots: false, order: 'by-start' })
  yield argusHeader
  const [from, to] = [truth.from + 36_060e6, truth.from + 43_800e6]
  for (const { start, line } of spread(records, (each) =>
    argusLines(each).map((piece) => ({ start: piece.start, line: piece })),
  )) {
    if (start >= from && start < to) yield line
  }
}

const share = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
const sum = (map: ReadonlyMap<string, number>) => map.values().reduce((total, each) => total + each, 0)
const short = (value: number) => (value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3))))

function quantiles(values: readonly number[]): string {
  const sorted = Float64Array.from(values).sort()
  return [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    .map((q) => short(sorted[Math.floor(q * (sorted.length - 1))] ?? 0))
    .join(' · ')
}

const ports = (map: ReadonlyMap<string, number>) =>
  [...map]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 8)
    .map(([port, count]) => `${port} ${share(count, sum(map))}`)
    .join(', ')

const rows: readonly (readonly [string, (seen: Counts) => string])[] = [
  ['flows', ({ flows }) => String(flows)],
  ['internal hosts that spoke first', ({ perHost }) => String(perHost.size)],
  ...['tcp', 'udp', 'icmp'].map(
    (proto) =>
      [`share of ${proto}`, ({ protocol, flows }: Counts) => share(protocol.get(proto) ?? 0, flows)] as const,
  ),
  ...['in to out', 'out to in', 'in to in'].map(
    (way) => [way, ({ direction, flows }: Counts) => share(direction.get(way) ?? 0, flows)] as const,
  ),
  ...['tcp', 'udp'].map(
    (proto) =>
      [
        `${proto}: refused or unanswered`,
        ({ failure, protocol }: Counts) => share(failure.get(proto) ?? 0, protocol.get(proto) ?? 0),
      ] as const,
  ),
  ['tcp ports', ({ tcpPort }) => ports(tcpPort)],
  ['udp ports', ({ udpPort }) => ports(udpPort)],
  ['flows a host', ({ perHost }) => quantiles([...perHost.values()])],
  ['share of the busiest host', ({ perHost }) => share(Math.max(...perHost.values()), sum(perHost))],
  ...(['tcp', 'udp'] as const).flatMap((proto) =>
    (['duration', 'packets', 'bytes'] as const).map(
      (what) => [`${proto} ${what}`, ({ numbers }: Counts) => quantiles(numbers[proto][what])] as const,
    ),
  ),
]

const [path, seed = '7'] = process.argv.slice(2)
if (path === undefined) throw new RangeError('name the real flows')
const real = await measure(createInterface({ input: createReadStream(path).pipe(createGunzip()) }), '147.32.')
const made = await measure(simulatedLines(Number(seed)), '10.20.')
console.log('| | real | simulated |\n| --- | --- | --- |')
for (const [name, say] of rows) console.log(`| ${name} | ${say(real)} | ${say(made)} |`)
