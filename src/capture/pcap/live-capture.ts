/**
 * Packets as they come, into the database: shift by shift, each whole or not at all.
 *
 * A connection that is open when a shift ends goes on in the next: it is one row, in the shift in which it
 * ends. A process that dies loses the shift and the connections that were open, and nothing before them.
 */
import { createHash, type Hash } from 'node:crypto'
import { UserError } from '../../errors.ts'
import type { RecordName } from '../../model/records.ts'
import { asWriter } from '../../store/ledger/writers.ts'
import { prepare, publishAll } from '../../store/ledger.ts'
import { beginLoads, type Load } from '../../store/load.ts'
import type { Store } from '../../store/store.ts'
import { FlowAssembler } from '../flows/assembler.ts'
import { RecordBuffer } from '../flows/record-buffer.ts'
import type { PacketBatch } from '../packets/batch.ts'
import { createRejects, type RejectReason, type Rejects } from '../rejects.ts'
import { streamSource } from './byte-source.ts'
import { CaptureFraming } from './capture-framing.ts'
import { PacketStage } from './decode-stage.ts'
import { isPcap } from './pcap-framing.ts'
import { isPcapng } from './pcapng-framing.ts'
import { createBatch, readBatches } from './read-batches.ts'

export interface LiveOptions {
  /** What the ledger calls it: `eth0`, `standard input`. */
  readonly name: string
  /** A capture file, as it is written. */
  readonly chunks: AsyncIterable<Buffer>
  /** After this many seconds, or rows, what ended is published. */
  readonly rotateSeconds: number
  readonly rotateRows: number
  /** Whether time goes on while nothing comes, as on an interface; a file that is piped has only its own time. */
  readonly timeGoesOn: boolean
  readonly progress?: (status: LiveStatus) => void
}

export interface LiveStatus {
  /** Frames seen: in flows, open, or rejected. */
  readonly frames: number
  readonly bytes: number
  /** Rows that ended, of all kinds of record. */
  readonly rows: number
  /** Connections that are open. */
  readonly open: number
  readonly rejects: Readonly<Partial<Record<RejectReason, number>>>
  /** Shifts that are in the database. */
  readonly imports: number
}

/**
 * Reads until the stream ends, and publishes everything.
 * @throws UserError input-empty or input-unknown-format when the stream is no capture.
 */
export async function captureLive(store: Store, options: LiveOptions): Promise<LiveStatus> {
  await prepare(store)
  return asWriter(store, () => captureInto(store, options))
}

async function captureInto(store: Store, options: LiveOptions): Promise<LiveStatus> {
  const { framing, chunks } = await recognised(options)
  const session = new CaptureSession(store, options, framing)
  const timer = options.timeGoesOn ? setInterval(() => session.tick(), 1000) : undefined

  try {
    const batch = createBatch(session.seed)
    const rest = await readBatches(streamSource(counted(chunks, session)), session.stage, {
      next: () => batch,
      full: (full) => session.take(full),
    })
    clearInterval(timer)
    return await session.finish(rest)
  } finally {
    clearInterval(timer)
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, session: CaptureSession): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    session.see(chunk)
    yield chunk
  }
}

/** Looks at the first bytes of the stream. */
async function recognised({ name, chunks }: LiveOptions) {
  const iterator = chunks[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)

  while (head.length < 24) {
    const { done, value } = await iterator.next()
    if (done) break
    head = Buffer.concat([head, value])
  }

  const start = head.toString('latin1', 0, 24)

  if (isPcap(start) || isPcapng(start))
    return { framing: new CaptureFraming(), chunks: resumed(head, iterator) }

  if (head.length === 0)
    throw new UserError('input-empty', `no data came from ${name}`, 'Check the program that writes to it.')

  throw new UserError(
    'input-unknown-format',
    `the data from ${name} is not pcap or pcapng`,
    'Write it with tcpdump -w - or dumpcap -w -.',
  )
}

async function* resumed(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncIterable<Buffer> {
  yield head
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
}

interface Rotation {
  readonly load: Load
  readonly rejects: Rejects
  readonly hash: Hash
  readonly began: number
  bytes: number
}

class CaptureSession {
  readonly seed = (Math.random() * 2 ** 32) | 0
  readonly stage: PacketStage
  private readonly framing: CaptureFraming
  private readonly store: Store
  private readonly options: LiveOptions
  private readonly loads: ReturnType<typeof beginLoads>
  private readonly assembler: FlowAssembler
  private readonly buffer: RecordBuffer
  private rotation: Rotation
  private before = { bytes: 0, rows: 0, imports: 0, rejects: new Map<RejectReason, number>() }
  private heard = performance.now()
  private clockThen = Number.NaN
  private turn: Promise<void> = Promise.resolve()
  private failure: unknown = null

  constructor(store: Store, options: LiveOptions, framing: CaptureFraming) {
    this.framing = framing
    this.store = store
    this.options = options
    this.loads = beginLoads(store)
    this.rotation = this.begin()
    this.stage = new PacketStage(framing, {
      add: (...reject) => this.rotation.rejects.add(...reject),
      remark: (text) => this.rotation.rejects.remark?.(text),
    })
    this.buffer = new RecordBuffer({
      write: (record: RecordName, rows: readonly object[]) => this.rotation.load.write(record, rows),
      writeText: (record, rows, make) => this.rotation.load.writeText(record, rows, make),
    })
    this.assembler = new FlowAssembler(this.buffer, this.seed)
  }

  private begin(): Rotation {
    return {
      load: this.loads.begin(),
      rejects: createRejects(),
      hash: createHash('sha256'),
      began: Date.now(),
      bytes: 0,
    }
  }

  /** Counts bytes that came. */
  see(chunk: Buffer): void {
    this.rotation.hash.update(chunk)
    this.rotation.bytes += chunk.length
  }

  /** Takes packets; done when there is room for more. */
  async take(batch: PacketBatch): Promise<void> {
    this.heard = performance.now()
    await this.inTurn(async () => {
      this.assembler.take(batch)
      this.clockThen = this.assembler.now
      await this.buffer.send()
      await this.rotateIfDue()
    })
    if (this.failure) throw this.failure
  }

  /** Looks whether something is due though nothing came. */
  tick(): void {
    const silent = (performance.now() - this.heard) * 1000
    void this.inTurn(async () => {
      if (silent > 2e6) this.assembler.pass(this.clockThen + silent)
      await this.rotateIfDue()
    })
  }

  async finish(rest: Parameters<PacketStage['finish']>[0]): Promise<LiveStatus> {
    await this.inTurn(async () => {
      this.assembler.finish()
      this.stage.finish(rest)
      await this.rotate()
    })
    if (this.failure) throw this.failure
    return this.status()
  }

  /** One thing after the other: the store takes rows while packets and the clock go on. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(async () => {
      if (this.failure) return
      try {
        await work()
        this.options.progress?.(this.status())
      } catch (error) {
        this.failure = error
      }
    })
    return this.turn
  }

  private async rotateIfDue(): Promise<void> {
    const { rotateSeconds, rotateRows } = this.options
    const { began, load } = this.rotation
    const isFull = load.rows() + this.buffer.held >= rotateRows
    if (isFull || Date.now() - began >= rotateSeconds * 1000) await this.rotate()
  }

  private async rotate(): Promise<void> {
    this.stage.rejects.finish()
    await this.buffer.flush()
    const { load, rejects, hash, began, bytes } = this.rotation
    if (load.rows() === 0 && rejects.counts.size === 0) return
    await this.loads.flush()

    await publishAll(this.store, [
      {
        load: load.load,
        name: `capture of ${this.options.name} from ${new Date(began).toISOString()}`,
        // Two shifts may hold the same bytes, and are two all the same.
        sha256: hash.update(load.load).digest('hex'),
        bytes,
        format: this.framing.isNextGeneration ? 'pcapng' : 'pcap',
        rejects: Object.fromEntries(rejects.counts),
        rejectSamples: rejects.samples,
      },
    ])

    this.before.imports++
    this.before.bytes += bytes
    this.before.rows += load.rows()

    for (const [why, n] of rejects.counts)
      this.before.rejects.set(why, (this.before.rejects.get(why) ?? 0) + n)

    this.rotation = this.begin()
  }

  private status(): LiveStatus {
    const { before, rotation } = this
    const rejects = new Map(before.rejects)
    for (const [why, n] of rotation.rejects.counts) rejects.set(why, (rejects.get(why) ?? 0) + n)
    return {
      frames: this.stage.frame.position,
      bytes: before.bytes + rotation.bytes,
      rows: before.rows + rotation.load.rows() + this.buffer.held,
      open: this.assembler.live,
      rejects: Object.fromEntries(rejects),
      imports: before.imports,
    }
  }
}
