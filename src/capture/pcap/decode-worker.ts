/** A thread that reads and decodes a capture for `pcap.ts`, which assembles the flows. */
import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '../../errors.ts'
import { openInput } from '../input.ts'
import type { Remark } from '../reader.ts'
import type { Rejects } from '../rejects.ts'
import { type PipeMemory, pipeEntrance, shutPipe } from './batch-ring.ts'
import { openSource } from './byte-source.ts'
import { CaptureFraming } from './capture-framing.ts'
import { PacketStage } from './decode-stage.ts'
import { readBatches } from './read-batches.ts'

export interface DecodeOrder {
  readonly path: string
  readonly name: string
  readonly pipe: PipeMemory
}

type Reject = Parameters<Rejects['add']>

/** What became of an order, sent before the pipe is closed. */
export type Decoded =
  | {
      readonly rejects: readonly Reject[]
      readonly remarks: readonly string[]
      /** What the file itself leaves to be said, as bytes behind its packed data. */
      readonly ofInput: readonly Remark[]
    }
  | { readonly code: UserError['code']; readonly message: string; readonly hint: string }

async function decode({ path, name, pipe }: DecodeOrder): Promise<Decoded> {
  const rejects: Reject[] = []
  const remarks: string[] = []
  const stage = new PacketStage(new CaptureFraming(), {
    add: (...reject) => void rejects.push(reject),
    remark: (text) => void remarks.push(text),
  })
  const entrance = pipeEntrance(pipe)

  try {
    const input = await openInput(path, name)
    const source = openSource(input)
    try {
      stage.finish(await readBatches(source, stage, entrance))
    } finally {
      await source.close()
    }
    return { rejects, remarks, ofInput: input.remarks?.() ?? [] }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { code: error.code, message: error.message, hint: error.hint }
  } finally {
    shutPipe(pipe)
  }
}

parentPort?.postMessage(await decode(workerData as DecodeOrder))
