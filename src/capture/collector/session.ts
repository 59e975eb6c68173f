/** Where a collector's datagrams become flows of the store, shift by shift. */
import { createHash, type Hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { UserError } from '../../errors.ts'
import type { RecordName } from '../../model/records.ts'
import { writeOutput } from '../../output.ts'
import type { Load } from '../../store/load.ts'
import type { Publisher } from '../import/publisher.ts'
import type { ExportOptions } from '../netflow/decoder.ts'
import type { KeptStream } from '../netflow/exporter.ts'
import { ExportIntake } from '../netflow/intake.ts'
import { createRejects, type Rejects } from '../rejects.ts'
import type { Batch, Listen } from './messages.ts'
import { type CollectorStatus, lossOf, statusOf } from './status.ts'

export interface CollectOptions extends ExportOptions {
  readonly listen: readonly Listen[]
  /** Where templates are kept over a restart; null for nowhere. */
  readonly state: string | null
  /** After this many seconds, or rows, what came is published. */
  readonly rotateSeconds: number
  readonly rotateRows: number
  /** Bytes of datagrams that may wait; 64 MiB unless said. */
  readonly mostBytes?: number
  /** Asked of the kernel for each socket. */
  readonly bufferBytes?: number
  /** Ends the collecting: what is there is published first. */
  readonly signal: AbortSignal
  readonly listening?: (where: Listen & { readonly buffer: number }) => void
  /** Called a few times a second. */
  readonly progress?: (status: CollectorStatus) => void
}

/** A connection that lasts is given in pieces of this many microseconds, each saying that it goes on. */
const longestPiece = 3600e6

/** What is collected between two rotations: one input of the ledger. */
interface Rotation {
  readonly load: Load
  readonly rejects: Rejects
  readonly began: number
  readonly hash: Hash
  bytes: number
  /** Losses that earlier shifts have reported. */
  readonly lostBefore: number
}

export class CollectorSession {
  private readonly publisher: Publisher
  private readonly options: CollectOptions
  private readonly intake: ExportIntake
  private rotation: Rotation
  private rotations = 0
  private counts = { datagrams: 0, overrun: 0, kernel: null as number | null, rejects: 0, flows: 0 }

  constructor(publisher: Publisher, options: CollectOptions) {
    this.publisher = publisher
    this.options = options
    this.rotation = this.begin(0)
    const add: Rejects['add'] = (reason, position, sample, times = 1) => {
      this.counts.rejects += times
      this.rotation.rejects.add(reason, position, sample, times)
    }
    const write = (record: RecordName, rows: readonly object[]) => {
      this.counts.flows += rows.length
      return this.rotation.load.write(record, rows)
    }
    const writeText: Load['writeText'] = (record, rows, make) => {
      this.counts.flows += rows
      return this.rotation.load.writeText(record, rows, make)
    }
    const sink = { rejects: { counts: new Map(), samples: [], add }, write, writeText }
    this.intake = new ExportIntake(sink, options, { longest: longestPiece })
  }

  /** Takes up what was kept by the run before. @throws UserError output-failed when the file is not of Gannet. */
  async restore(): Promise<void> {
    if (this.options.state) this.intake.decoder.streams.restore(await readState(this.options.state))
  }

  status(): CollectorStatus {
    return statusOf(this.intake, { ...this.counts, rotations: this.rotations })
  }

  received({
    datagrams,
    overrun,
    kernel,
  }: {
    datagrams: number
    overrun: number
    kernel: number | null
  }): void {
    Object.assign(this.counts, { datagrams, overrun, kernel })
  }

  /** Takes datagrams; waits while the engine is behind. */
  async take(batch: Batch): Promise<void> {
    this.rotation.hash.update(new Uint8Array(batch.bytes, 0, batch.used))
    this.rotation.bytes += batch.used
    readBatch(this.intake, batch)
    await this.intake.send()
    await this.rotateIfDue()
  }

  /** To be called also when nothing comes: flows that have waited long enough go on. */
  async tick(): Promise<void> {
    this.intake.advance(Date.now() * 1000)
    await this.intake.send()
    await this.rotateIfDue()
  }

  async finish(): Promise<void> {
    await this.intake.finish()
    await this.rotate()
    await this.keep()
  }

  private begin(lostBefore: number): Rotation {
    return {
      load: this.publisher.loads.begin(),
      rejects: createRejects(),
      began: Date.now(),
      hash: createHash('sha256'),
      bytes: 0,
      lostBefore,
    }
  }

  private async rotateIfDue(): Promise<void> {
    const { began, load } = this.rotation
    const { rotateSeconds, rotateRows } = this.options
    if (Date.now() - began >= rotateSeconds * 1000 || load.rows() >= rotateRows) await this.rotate()
  }

  private async rotate(): Promise<void> {
    await this.intake.flush()
    const { load, hash, bytes, began, rejects, lostBefore } = this.rotation
    const lost = lossOf(this.status())

    if (lost > lostBefore)
      rejects.add('lost', 0, 'by gaps in the numbering, or dropped before it was read', lost - lostBefore)

    if (load.rows() === 0 && rejects.counts.size === 0) return
    const where = this.options.listen.map(({ address, port }) => `${address}:${port}`).join(', ')

    const entry = {
      load: load.load,
      name: `collected on ${where} from ${new Date(began).toISOString()}`,
      // Two shifts may hold the same datagrams, and are two all the same.
      sha256: hash.update(load.load).digest('hex'),
      bytes,
      format: 'netflow',
      rejects: Object.fromEntries(rejects.counts),
      rejectSamples: rejects.samples,
    }

    await this.publisher.add(this.publisher.reserve(), entry, load.rows())
    await this.publisher.finish()
    this.rotations++
    this.rotation = this.begin(Math.max(lost, lostBefore))
    await this.keep()
  }

  private async keep(): Promise<void> {
    if (this.options.state) await writeState(this.options.state, this.intake.decoder.streams.kept())
  }
}

const nobody = { from: '', port: 0 }

function readBatch(intake: ExportIntake, { bytes, places, senders, used }: Batch): void {
  const names = new Map(senders.map(([number, from, port]) => [number, { from, port }]))
  const view = new DataView(bytes, 0, used)
  for (let i = 0; i < places.length; i += 4) {
    const at = places[i]!
    const end = at + places[i + 1]!
    const { from, port } = names.get(places[i + 2]!) ?? nobody
    intake.take({ view, at, end, from, port, received: places[i + 3]! * 1000 })
  }
}

/** @throws UserError output-failed when the file is not of Gannet. */
async function readState(path: string): Promise<KeptStream[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw notKept(path, error)
  })
  if (text === null) return []
  try {
    const { version, streams } = JSON.parse(text) as { version: number; streams: KeptStream[] }
    if (version !== 1 || !Array.isArray(streams)) throw new RangeError('another version')
    return streams
  } catch (error) {
    throw notKept(path, error)
  }
}

async function writeState(path: string, streams: readonly KeptStream[]): Promise<void> {
  try {
    await writeOutput(path, JSON.stringify({ version: 1, streams }))
  } catch (error) {
    throw notKept(path, error)
  }
}

const notKept = (path: string, cause: unknown) =>
  new UserError(
    'output-failed',
    `the template file ${path} cannot be read or written`,
    'Remove it, or name another with --state.',
    cause,
  )
