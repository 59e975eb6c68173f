/** A process that takes one flood as the collector does: flood-child.ts NUMBER COUNT SEED SECONDS; prints what resulted. */
import { ExportIntake } from '../../src/capture/netflow/intake.ts'
import type { Rejects } from '../../src/capture/rejects.ts'
import { randomFrom } from '../../test/fuzz-random.ts'
import { atEveryLength, floods, type Sent } from './floods.ts'

export interface Flooded {
  readonly datagrams: number
  readonly records: number
  readonly flows: number
  readonly rejects: number
  readonly lost: number
  readonly exporters: number
  readonly seconds: number
  /** Milliseconds of processor time of the slowest thousand datagrams, each. */
  readonly slowest: number
  /** Most resident megabytes, before the flood and in it. */
  readonly before: number
  readonly megabytes: number
}

/** Milliseconds of processor time so far. */
const processor = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const resident = (): number => process.memoryUsage.rss() / 2 ** 20

async function flooded(sent: Iterable<Sent>, most: number, within: number): Promise<Flooded> {
  let [rejects, flows, datagrams] = [0, 0, 0]
  const add: Rejects['add'] = (_why, _position, _sample, times = 1) => {
    rejects += times
  }
  const intake = new ExportIntake(
    {
      rejects: { counts: new Map(), samples: [], add },
      write: async (_record, rows) => {
        flows += rows.length
      },
      writeText: async (_record, rows) => {
        flows += rows
      },
    },
    { sampled: 'scale' },
  )
  const before = resident()
  const began = performance.now()
  let [slowest, since, highest] = [0, processor(), before]
  for (const { bytes, from, port } of sent) {
    if (datagrams === most) break
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    // A million a minute.
    const received = 1_700_000_000e6 + datagrams * 60
    for (let at = 0; at < bytes.length; )
      at = intake.take({ view, at, end: bytes.length, from, port, received })
    const waiting = intake.send()
    if (waiting) await waiting
    datagrams++
    if (datagrams % 1000 !== 0) continue
    if (performance.now() - began > within * 1000) break
    const now = processor()
    slowest = Math.max(slowest, (now - since) / 1000)
    since = now
    highest = Math.max(highest, resident())
  }
  const kept = JSON.stringify(intake.decoder.streams.kept()).length
  await intake.finish()
  if (kept > 64 * 2 ** 20) throw new RangeError(`${kept} bytes of templates would be kept`)
  if (intake.decoder.position !== intake.records + rejects)
    throw new RangeError(
      `${intake.decoder.position} records, ${intake.records} in flows, ${rejects} rejected`,
    )
  const exporters = intake.decoder.streams.all()
  const lost = exporters.reduce((sum, { sequence }) => sum + sequence.lost, 0)
  if (!(lost >= 0 && Number.isFinite(lost))) throw new RangeError(`${lost} lost`)
  return {
    ...{ datagrams, records: intake.decoder.position, flows, rejects, lost, exporters: exporters.length },
    ...{
      seconds: (performance.now() - began) / 1000,
      slowest,
      before,
      megabytes: Math.max(highest, resident()),
    },
  }
}

const [number = '0', count = '1000', seed = '7', seconds = '600'] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const flood = floods[Number(number)]
const sent = flood ? flood.datagrams(random) : atEveryLength(random)
console.log(JSON.stringify(await flooded(sent, Number(count), Number(seconds))))
