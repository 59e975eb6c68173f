/**
 * Structure-aware fuzzing of everything that reads what exporters and nfdump write.
 *
 * Valid inputs of each kind are made from a seed and then damaged where it hurts: lengths, counts, ids, field lengths
 * of templates, versions; cut, joined, repeated. For each: nothing throws; records in = records in flows + rejects;
 * time and memory stay bounded. `node test/fuzz-datagrams.ts MILLIONS [SEED]` runs it for long; a share runs in the
 * tests.
 */

import { ExportIntake } from '../src/capture/netflow/intake.ts'
import { looksExported } from '../src/capture/netflow/signature.ts'
import { unpackBzip2 } from '../src/capture/nfdump/bzip2.ts'
import { recordsOfLayout1 } from '../src/capture/nfdump/layout-1.ts'
import { recordsOfLayout2 } from '../src/capture/nfdump/layout-2.ts'
import { unpackLz4 } from '../src/capture/nfdump/lz4.ts'
import { unpackLzo } from '../src/capture/nfdump/lzo.ts'
import type { Rejects } from '../src/capture/rejects.ts'
import {
  type Field,
  ipfix,
  optionsTemplate,
  records,
  sentAt,
  sflow,
  template,
  upFor,
  usual,
  usualRow,
  version5,
  version9,
  withdrawal,
} from './fixtures/export-datagrams.ts'
import { layout1, layout2, row } from './fixtures/nfdump-files.ts'
import { framed, ipv4, tcp, udp } from './frames.ts'
import { type Random, randomFrom } from './fuzz-random.ts'

export interface FuzzResult {
  readonly inputs: number
  readonly records: number
  readonly flows: number
  readonly rejects: number
  /** Milliseconds of processor time of the slowest input. */
  readonly slowest: number
  /** By kind of input. */
  readonly kinds: Readonly<Record<string, number>>
}

/** Slots that a decoder may act on. */
const numbers = [
  1, 2, 4, 6, 7, 8, 10, 11, 12, 21, 22, 23, 24, 27, 28, 32, 34, 48, 50, 61, 82, 85, 86, 104, 136, 148, 150,
  151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 176, 177, 225, 226, 227, 228, 230, 231, 232,
  233, 239, 281, 282, 298, 299, 302, 305, 306, 309, 310, 311, 312, 313, 315, 322, 323, 324,
]
const lengths = [0, 1, 2, 3, 4, 8, 16, 65_535]

function someFields(random: Random): Field[] {
  if (random(3) === 0) return [...usual]
  const fields: Field[] = Array.from({ length: 1 + random(12) }, () => {
    const number = numbers[random(numbers.length)]!
    const length =
      random(4) === 0 ? lengths[random(lengths.length)]! : number === 27 || number === 28 ? 16 : 4
    return random(8) === 0 ? [number, length, random(2) === 0 ? 29305 : random(70_000)] : [number, length]
  })
  return random(2) === 0 ? [...usual, ...fields] : fields
}

const bytesOf = (random: Random, size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => random(256)))

/** Rows for any fields: mostly sensible for the usual ones, anything for others. */
const someRows = (random: Random, fields: readonly Field[]) =>
  Array.from({ length: random(6) }, () => {
    const known = usualRow({ sourcePort: random(65_536), flags: random(32), proto: [6, 17, 1][random(3)]! })
    return fields.map(([, length], i) =>
      i < known.length && fields[0]![0] === 8
        ? known[i]!
        : bytesOf(random, length === 65_535 ? random(300) : length),
    )
  })

const usualFrame = (random: Random) =>
  framed(
    ipv4(
      '10.0.0.1',
      '192.0.2.1',
      random(2) ? tcp(random(65_536), 443, { flags: 'S' }) : udp(53, random(65_536)),
    ),
  )

/** One sensible datagram. */
function someDatagram(random: Random): Buffer {
  const fields = someFields(random)
  const id = 256 + random(3)
  const options = { scopes: [[random(5), 4]] as Field[], fields: someFields(random).slice(0, 4) }
  switch (random(7)) {
    case 0:
      return version5(
        Array.from({ length: random(31) }, () => ({ sourcePort: random(65_536) })),
        { sequence: random(2 ** 31), rate: random(3) },
      )
    case 1:
      return version9([template(0, id, fields), records(id, fields, someRows(random, fields), random(4))], {
        sequence: random(1000),
        source: random(3),
      })
    case 2:
      return version9([records(id, usual, someRows(random, usual))], { source: random(3) })
    case 3:
      return version9([
        optionsTemplate(9, id, options),
        records(
          id,
          [...options.scopes, ...options.fields],
          someRows(random, [...options.scopes, ...options.fields]),
        ),
      ])
    case 4:
      return ipfix(
        [
          template(2, id, fields),
          records(id, fields, someRows(random, fields)),
          ...(random(4) ? [] : [withdrawal(random(2) ? id : 2)]),
        ],
        { sequence: random(1000), domain: random(3) },
      )
    case 5:
      return ipfix([
        optionsTemplate(10, id, options),
        records(
          id,
          [...options.scopes, ...options.fields],
          someRows(random, [...options.scopes, ...options.fields]),
        ),
      ])
    default:
      return sflow(
        Array.from({ length: random(5) }, () => usualFrame(random)),
        { rate: 1 + random(3) },
      )
  }
}

const nsel: Field[] = [
  ...usual.slice(0, 5),
  [233, 1],
  [323, 8],
  [152, 8],
  [231, 4],
  [232, 4],
  [298, 4],
  [299, 4],
]
const translating: Field[] = [...usual, [225, 4], [226, 4], [227, 2], [228, 2]]
const twice: Field[] = [...usual, [24, 4], [23, 4]]
const uptimes: Field[] = [...usual.slice(0, 8), [22, 4], [21, 4]]

/** One datagram of an exporter that does something oddly, as people report of real ones. */
function oddDatagram(random: Random): Buffer {
  const id = 256 + random(3)
  const source = random(3)
  const nine = random(2) === 0
  const made = (fields: readonly Field[], rows: Parameters<typeof records>[2]) => {
    const sets = [template(nine ? 0 : 2, id, fields), records(id, fields, rows)]
    const late = random(4) === 0 ? sets.reverse() : sets
    return nine
      ? version9(late, { source, sequence: random(1000) })
      : ipfix(late, { domain: source, sequence: random(1000) })
  }
  const port = random(4)
  const call = usualRow({ sourcePort: 40_000 + port, packets: 1 + random(20), bytes: 60 + random(9000) })
  const reply = usualRow({
    source: '192.0.2.1',
    target: '10.0.0.1',
    sourcePort: 443,
    targetPort: 40_000 + port,
  })
  switch (random(7)) {
    case 0: {
      // Updates and teardowns of a firewall, in any order.
      const row = () => [
        ...call.slice(0, 5),
        random(7),
        (sentAt + random(300)) * 1000,
        (sentAt - random(2)) * 1000,
        ...Array.from({ length: 4 }, () => random(5000)),
      ]
      return made(nsel, Array.from({ length: 1 + random(5) }, row))
    }
    case 1:
      // Addresses before and after translation, some of them zeros.
      return made(
        translating,
        [call, reply].map((row) => [
          ...row,
          random(3) ? '203.0.113.30' : '0.0.0.0',
          random(2) ? '10.0.0.1' : '198.51.100.7',
          random(65_536),
          random(65_536),
        ]),
      )
    case 2:
      // The second pair of counts is the other direction, or the first one again.
      return made(
        twice,
        [call, reply].map((row) =>
          random(2) ? [...row, row[6]!, row[7]!] : [...row, random(9), random(900)],
        ),
      )
    case 3:
      // A flow that ends before it begins.
      return made(usual, [usualRow({ first: random(3000), last: random(20_000) })])
    case 4:
      // Uptimes, with the moment that they count from before, after, or never.
      return random(3) === 0
        ? ipfix(
            [
              optionsTemplate(10, 300, { scopes: [[149, 4]], fields: [[160, 8]] }),
              records(
                300,
                [
                  [149, 4],
                  [160, 8],
                ],
                [[source, (sentAt - random(5000)) * 1000]],
              ),
            ],
            { domain: source },
          )
        : ipfix(
            [
              template(2, id, uptimes),
              records(id, uptimes, [[...call.slice(0, 8), random(2 ** 31), random(2 ** 31)]]),
            ],
            { domain: source, sequence: random(1000) },
          )
    case 5:
      // The uptime, or nothing, in place of the time.
      return random(2)
        ? version9([template(0, id, usual), records(id, usual, [call])], {
            source,
            seconds: random(2) ? upFor / 1000 : 0,
          })
        : version5([{}], { seconds: random(2) ? upFor / 1000 : 0 })
    default:
      // An uptime that runs over.
      return version9([records(id, usual, [call])], {
        source,
        uptime: (2 ** 32 - 5000 + random(10_000)) % 2 ** 32,
      })
  }
}

/** Places where damage is felt: 16-bit words are counts, lengths and ids. */
function damage(random: Random, bytes: Buffer): Buffer {
  const out = Buffer.from(bytes)
  for (let i = random(4); i > 0 && out.length > 4; i--) {
    const at = random(out.length - 1) & ~1
    const near = [0, 1, 2, 3, 4, 5, 9, 10, 255, 256, 65_535, out.length, out.length - at]
    switch (random(5)) {
      case 0:
        out.writeUInt16BE(near[random(near.length)]! & 0xffff, at)
        break
      case 1:
        out[random(out.length)] = random(256)
        break
      case 2:
        out.writeUInt16BE((out.readUInt16BE(at) + random(9) - 4) & 0xffff, at)
        break
      case 3:
        // The header, where most depends on little.
        out.writeUInt16BE(random(65_536), Math.min(out.length - 2, random(24) & ~1))
        break
      default:
        out.copyWithin(at, random(out.length))
    }
  }
  const cut = random(6)
  if (cut === 0) return out.subarray(0, random(out.length + 1))
  return cut === 1 ? Buffer.concat([out, bytesOf(random, random(40))]) : out
}

const firewalled = row(2, {
  last: 0,
  event: [5, sentAt * 1000],
  translated: { source: [203, 0, 113, 30], target: [192, 0, 2, 1], sourcePort: 62_001, targetPort: 443 },
})

/** What goes in and what comes out of one run, counted by hand. */
function counted() {
  const tally = { flows: 0, rejects: 0, positions: new Set<number>(), highest: 0 }
  const add: Rejects['add'] = (_why, _position, sample, times = 1) => {
    if (typeof sample !== 'string' || !(times >= 1))
      throw new RangeError('a reject without a sample, or of nothing')
    tally.rejects += times
  }
  const intake = new ExportIntake(
    {
      rejects: { counts: new Map(), samples: [], add },
      write: async (_record, rows) => {
        for (const flow of rows as unknown as readonly Record<string, number>[]) check(flow)
        tally.flows += rows.length
      },
    },
    { sampled: 'scale' },
    { most: 2000 },
  )
  return { tally, intake }
}

function check(flow: Record<string, unknown>): void {
  for (const key of ['start', 'duration'])
    if (!Number.isSafeInteger(flow[key]) || (flow[key] as number) < 0)
      throw new RangeError(`${key} ${flow[key]}`)
  for (const key of ['packets', 'bytes', 'clientPackets', 'serverBytes']) {
    const value = flow[key]
    if (value !== null && !(Number.isInteger(value) && (value as number) >= 0))
      throw new RangeError(`${key} ${value}`)
  }
  for (const key of ['clientPort', 'serverPort'])
    if (!((flow[key] as number) >= 0 && (flow[key] as number) <= 65_535))
      throw new RangeError(`${key} ${flow[key]}`)
}

const spent = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Runs `count` inputs. @throws RangeError when a record is lost, invented, or takes a flow that cannot be. */
export async function fuzz(
  count: number,
  seed = 7,
  progress: (done: number) => void = () => {},
): Promise<FuzzResult> {
  const random = randomFrom(seed)
  const total = {
    inputs: 0,
    records: 0,
    flows: 0,
    rejects: 0,
    slowest: 0,
    kinds: { datagrams: 0, valid: 0, nfdump: 0, blocks: 0 },
  }
  // A pool, because making inputs costs more than reading them.
  const anyDatagram = () => (random(3) === 0 ? oddDatagram(random) : someDatagram(random))
  const pool = Array.from({ length: 400 }, anyDatagram)
  const files = [
    layout2([[row(0), row(1, { out: [1, 2] }), firewalled]]).subarray(52),
    layout1([[row(0), row(1), firewalled]]).subarray(288),
  ]
  let run = counted()
  const settle = async () => {
    await run.intake.finish()
    const { tally, intake } = run
    // Each record got a number; each number is in a flow or rejected.
    if (intake.decoder.position !== intake.records + tally.rejects)
      throw new RangeError(
        `${intake.decoder.position} records, ${intake.records} in flows and ${tally.rejects} rejected (seed ${seed}, input ${total.inputs})`,
      )
    if (tally.flows > intake.records) throw new RangeError('more flows than records')
    total.records += intake.records
    total.flows += tally.flows
    total.rejects += tally.rejects
    run = counted()
  }
  while (total.inputs < count) {
    const kind = random(20)
    const began = spent()
    if (kind === 0) {
      const bytes = damage(random, files[random(2)]!)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      const read = random(2)
        ? recordsOfLayout2(run.intake, { little: random(4) > 0 })
        : recordsOfLayout1(run.intake, { little: random(4) > 0 })
      read(view, { records: random(5), type: random(5) })
      total.kinds.nfdump++
    } else if (kind === 1) {
      const block = bytesOf(random, random(200))
      for (const unpack of [unpackLzo, unpackLz4, unpackBzip2]) {
        const size =
          unpack(
            random(2)
              ? block
              : damage(random, Buffer.from(`BZh91AY&SY${block.toString('latin1')}`, 'latin1')),
            5000,
          )?.length ?? 0
        if (size > 5000) throw new RangeError('more bytes than allowed')
      }
      total.kinds.blocks++
    } else if (kind === 2) {
      // An exporter that does all right: every record of it must come out, whatever the others sent.
      const rows = Array.from({ length: random(30) }, () => usualRow({ sourcePort: random(65_536) }))
      const sets = [template(0, 999, usual), records(999, usual, rows, random(4))]
      const bytes = random(2) ? version9(sets, { source: 77 }) : version5(rows.map(() => ({})))
      const before = run.intake.decoder.position
      run.intake.take({
        view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
        at: 0,
        end: bytes.length,
        from: '10.9.9.9',
        port: 2055,
        received: Number.NaN,
      })
      const given = run.intake.decoder.position - before
      if (given !== rows.length) throw new RangeError(`${given} of ${rows.length} records came out`)
      total.kinds.valid++
    } else {
      const bytes = damage(random, pool[random(pool.length)]!)
      if (random(50) === 0) pool[random(pool.length)] = anyDatagram()
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      looksExported(view, 0, bytes.length)
      let at = 0
      while (at < bytes.length) {
        const next = run.intake.take({
          view,
          at,
          end: bytes.length,
          from: `10.0.0.${random(3)}`,
          port: 2055 + random(2),
          received: random(9) ? 1_700_000_000e6 + total.inputs : Number.NaN,
        })
        if (!(next > at && next <= bytes.length))
          throw new RangeError(`a datagram that ends at ${next} of ${bytes.length}, from ${at}`)
        at = next
      }
      total.kinds.datagrams++
    }
    total.slowest = Math.max(total.slowest, spent() - began)
    total.inputs++
    const waiting = run.intake.send()
    if (waiting) await waiting
    if (total.inputs % 2000 === 0) {
      await settle()
      progress(total.inputs)
    }
  }
  await settle()
  return total
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 1) * 1e6
  const began = performance.now()
  const result = await fuzz(count, Number(process.argv[3] ?? 7), (done) => {
    if (done % 500_000 === 0)
      process.stderr.write(`${done} inputs, ${Math.round(process.memoryUsage().rss / 1e6)} MB\n`)
  })
  console.log(
    JSON.stringify({
      ...result,
      seconds: Math.round((performance.now() - began) / 1000),
      megabytes: Math.round(process.memoryUsage().rss / 1e6),
    }),
  )
}
