/** From frames to records: the reading of a packet capture. */
import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { UserError } from '../../errors.ts'
import { FlowAssembler } from '../flows/assembler.ts'
import { RecordBuffer } from '../flows/record-buffer.ts'
import type { PacketBatch } from '../packets/batch.ts'
import type { Input, Sink } from '../reader.ts'
import { drainPipe, pipeMemory, shutPipe } from './batch-ring.ts'
import { openSource } from './byte-source.ts'
import { CaptureFraming } from './capture-framing.ts'
import { PacketStage } from './decode-stage.ts'
import type { Decoded, DecodeOrder } from './decode-worker.ts'
import { mergeRuns } from './merge-runs.ts'
import { createBatch, readBatches } from './read-batches.ts'
import { mostSearched, type Run, runsOf } from './runs.ts'

/** Reads a capture in one thread, or a large one in two. */
export const readCapture = (input: Input, sink: Sink): Promise<void> =>
  readPackets(input, sink, { threads: threadsFor(input) })

/** Bytes from which a second thread is worth its start. */
const large = 32 << 20

const threadsFor = ({ onDisk, size }: Input): 1 | 2 =>
  onDisk && size >= large && availableParallelism() > 1 ? 2 : 1

interface Reading {
  /** 2: the input is read and decoded in another thread, which opens it by its path. */
  readonly threads: 1 | 2
}

export async function readPackets(input: Input, sink: Sink, reading: Reading): Promise<void> {
  const seed = newSeed()
  const buffer = new RecordBuffer(sink)
  const assembler = new FlowAssembler(buffer, seed)

  const take = (batch: PacketBatch, bytes: number, from = 0): Promise<void> | void => {
    assembler.take(batch, from)
    sink.rejects.use?.(batch.length)
    sink.progress(Math.min(bytes, input.size))
    return buffer.send()
  }

  const runs = isSearched(input) ? runsOf(input.path, input.size) : []
  const decode =
    runs.length > 1 ? decodeRuns(runs, assembler) : reading.threads === 2 ? decodeBeside : decodeHere
  const end = await decode(input, sink, { ...reading, seed, take })
  assembler.finish()
  end()
  if (runs.length < 2 && assembler.setBacks > 0) sink.rejects.remark?.(outOfOrder)
  await buffer.flush()
}

const outOfOrder =
  'its clock goes back by more than five minutes, and its packets were read in the order of the file: ' +
  'a connection may be two flows (reordercap sorts packets)'

/** Whether it is looked whether parts of a file overlap in time. */
const isSearched = ({ onDisk, compression, size }: Input): boolean =>
  onDisk === true && compression === 'none' && size <= mostSearched

/** Parts of a file that overlap in time, side by side. */
const decodeRuns =
  (runs: readonly Run[], assembler: FlowAssembler) =>
  (input: Input, sink: Sink, { seed, take }: Decoding): Promise<() => void> =>
    mergeRuns(runs, {
      path: input.path,
      seed,
      rejects: sink.rejects,
      take(batch, from, to, bytes) {
        // All but the last of a batch go by themselves; with the last the batch is counted, and room is made.
        if (to < batch.length) return assembler.take(batch, from, to)
        return take(batch, bytes, from)
      },
    })

/** The hash of flows is of another seed each time, so that no sender can make flows collide. */
const newSeed = (): number => (Math.random() * 2 ** 32) | 0

interface Decoding extends Reading {
  readonly seed: number
  /** Takes the packets of a batch, from one on. */
  readonly take: (batch: PacketBatch, bytes: number, from?: number) => Promise<void> | void
}

/** @returns what reports the last rejects, to be called when all flows are out. */
async function decodeHere(input: Input, { rejects }: Sink, { seed, take }: Decoding): Promise<() => void> {
  const stage = new PacketStage(new CaptureFraming(), rejects)
  const batch = createBatch(seed, input.compression === 'none' && input.size > 0 ? input.size + 1 : null)
  const source = openSource(input)
  try {
    const rest = await readBatches(source, stage, { next: () => batch, full: take })
    return () => stage.finish(rest)
  } finally {
    await source.close()
  }
}

/** The same in a thread beside this one. */
async function decodeBeside(input: Input, { rejects }: Sink, { seed, take }: Decoding): Promise<() => void> {
  const { path, name } = input
  const pipe = pipeMemory(seed)
  const worker = new Worker(workerFile, {
    workerData: { path, name, pipe } satisfies DecodeOrder,
    env: workerEnvironment(),
  })

  try {
    const decoded = outcomeOf(worker).finally(() => shutPipe(pipe))
    // It is awaited below; until then no code handles a failure.
    decoded.catch(() => {})
    await drainPipe(pipe, take)
    const outcome = await decoded
    if ('code' in outcome) throw new UserError(outcome.code, outcome.message, outcome.hint)
    return () => {
      for (const reject of outcome.rejects) rejects.add(...reject)
      for (const text of outcome.remarks) rejects.remark?.(text)
      // Where this thread has read the file too, as for its hash, the input says so itself.
      if ((input.remarks?.() ?? []).length > 0) return
      for (const { reason, position, sample, times } of outcome.ofInput)
        rejects.add(reason, position, sample, times)
    }
  } finally {
    await worker.terminate()
  }
}

/** A thread does not take over by itself where compiled code is kept. */
function workerEnvironment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir()
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: folder }
}

/** In a clone the sources run, in the package what was made of them. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './decode-worker.ts' : './decode-worker.js',
  import.meta.url,
)

const outcomeOf = (worker: Worker): Promise<Decoded> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the decoding thread ended with ${code}`)))
  })
