/** Reads files of nfdump: the header, then block by block. */
import { zstdDecompressSync } from 'node:zlib'
import { UserError } from '../../errors.ts'
import { type ExportChoices, ExportIntake } from '../netflow/intake.ts'
import type { Input, Sink } from '../reader.ts'
import { Pull } from './byte-reader.ts'
import { unpackBzip2 } from './bzip2.ts'
import { recordsOfLayout1 } from './layout-1.ts'
import { recordsOfLayout2 } from './layout-2.ts'
import { unpackLz4 } from './lz4.ts'
import { unpackLzo } from './lzo.ts'
import { wide } from './record.ts'

export async function readNfdump(input: Input, sink: Sink, choices: ExportChoices): Promise<void> {
  const pull = new Pull(input.bytes())
  const header = headerOf(input, await pull.take(headSizes.shortest))
  await readBlocks({ input, pull, sink, header, intake: new ExportIntake(sink, choices) })
}

const headSizes = { shortest: 40, layout1: 140, statistics: 136 } as const

type Packing = 'none' | 'lzo' | 'bzip2' | 'lz4' | 'zstd'
const packings: readonly Packing[] = ['none', 'lzo', 'bzip2', 'lz4', 'zstd']

interface Header {
  readonly layout: 1 | 2
  readonly little: boolean
  readonly packing: Packing
  /** Blocks of records. 0 in a file that nfcapd has not closed yet: then all that are there are read. */
  readonly blocks: number
  /** Where the appendix begins, which holds no records; infinite where there is none. */
  readonly recordsEnd: number
  /** Bytes of header that have not been read yet. */
  readonly more: number
}

function headerOf({ name }: Input, bytes: Buffer | null): Header {
  if (!bytes) throw new UserError('input-damaged', `${name} ends within its nfdump header`, 'Copy it again.')
  const little = bytes[0] === 0x0c
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const layout = view.getUint16(2, little)

  if (layout === 1) {
    const flags = view.getUint32(4, little)
    const packing = flags & 1 ? 'lzo' : flags & 8 ? 'bzip2' : flags & 16 ? 'lz4' : 'none'
    const more = headSizes.layout1 + headSizes.statistics - headSizes.shortest
    return {
      layout,
      little,
      packing,
      blocks: view.getUint32(8, little),
      recordsEnd: Number.POSITIVE_INFINITY,
      more,
    }
  }

  const packing = packings[view.getUint8(16)]

  if (layout !== 2 || !packing || view.getUint8(17) !== 0)
    throw unreadable(name, layout, view.getUint8(17) !== 0)

  const recordsEnd = wide(view, 24, little) || Number.POSITIVE_INFINITY

  return { layout, little, packing, blocks: view.getUint32(36, little), recordsEnd, more: 0 }
}

const unreadable = (name: string, layout: number, encrypted: boolean) =>
  new UserError(
    'input-unsupported',
    `${name} is an nfdump file ` +
      `${layout === 2 && encrypted ? 'that is encrypted' : `of the unsupported layout ${layout}`}`,
    `Convert it with nfdump: nfdump -N -r ${name} -o long > flows.txt.`,
  )

/** No block of nfdump unpacks to more. */
const mostUnpacked = 32 << 20
const blockHeader = 12

interface Reading {
  readonly input: Input
  readonly pull: Pull
  readonly sink: Sink
  readonly header: Header
  readonly intake: ExportIntake
}

async function readBlocks({ input, pull, sink, header, intake }: Reading): Promise<void> {
  const take = header.layout === 1 ? recordsOfLayout1(intake, header) : recordsOfLayout2(intake, header)

  if (header.more > 0 && !(await pull.take(header.more)))
    intake.skip('truncated', 'the file ends in its header')

  for (let i = 0; i < header.blocks || pull.passed < header.recordsEnd; i++) {
    const head = await pull.take(blockHeader)
    if (!head) {
      if (i < header.blocks)
        intake.skip('truncated', `${header.blocks - i} of ${header.blocks} blocks are missing`)
      else if (pull.left > 0) intake.skip('truncated', `${pull.left} bytes behind the last block`)
      break
    }
    const view = new DataView(head.buffer, head.byteOffset, head.length)
    const block = {
      records: view.getUint32(0, header.little),
      size: view.getUint32(4, header.little),
      type: view.getUint16(8, header.little),
      flags: view.getUint16(10, header.little),
    }
    if (block.size > mostUnpacked) {
      intake.skip('bad-field', `block ${i + 1} claims ${block.size} bytes; nothing after it was read`)
      break
    }
    const packed = await pull.take(block.size)
    if (!packed) {
      intake.skip('truncated', `the file ends in block ${i + 1}`)
      break
    }
    const content = unpack(packed, isPlain(header, block.flags) ? 'none' : header.packing)
    if (content) take(new DataView(content.buffer, content.byteOffset, content.length), block)
    else intake.skip('bad-field', `block ${i + 1} of ${block.records} records cannot be unpacked`)
    await intake.send()
    sink.progress(Math.min(pull.passed, input.size))
  }

  if (header.blocks === 0 && intake.records > 0)
    sink.rejects.remark?.('nfcapd has not closed the file: all blocks in it were read')

  await intake.finish()
}

/** Layout 1 marks packed blocks with 2 and plain ones with 1; layout 2 marks plain ones. */
const isPlain = ({ layout }: Header, flags: number): boolean =>
  layout === 1 ? flags === 1 : (flags & 1) !== 0

function unpack(block: Uint8Array, packing: Packing): Uint8Array | null {
  switch (packing) {
    case 'none':
      return block
    case 'lzo':
      return unpackLzo(block, mostUnpacked)
    case 'lz4':
      return unpackLz4(block, mostUnpacked)
    case 'bzip2':
      return unpackBzip2(block, mostUnpacked)
    case 'zstd':
      try {
        return zstdDecompressSync(block, { maxOutputLength: mostUnpacked })
      } catch {
        return null
      }
  }
}
