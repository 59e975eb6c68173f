/** One input: how it is packed and encoded, its first bytes, and ways to read it whole, by bytes or by lines. */
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UserError } from '../errors.ts'
import { isTar, isZip } from './content/archives.ts'
import { type Encoding, encodingOf } from './content/encoding.ts'
import type { Opened } from './content/envelopes.ts'
import { Broken, TooWide } from './content/packing.ts'
import { packingOf, unpack } from './content/unpack.ts'
import { notAFile, statOf, unreadable } from './input-paths.ts'
import type { Input, Remark } from './reader.ts'

export {
  bytesBetween,
  endOfLines,
  type Found,
  type GivenPath,
  inputPaths,
  namesOf,
  reasonOf,
  stampOf,
  type Unfound,
  unreadable,
} from './input-paths.ts'

import { firstBytes, once, type RawBytes, rawBytes } from './raw-bytes.ts'

const HEAD = 65_536
const LONGEST_LINE = 1 << 20

interface Opening {
  /** Only this many bytes of the file: it still grows. */
  readonly upTo?: number | undefined
  /** The bytes as they are, whatever they look like. */
  readonly asIs?: boolean
}

/** Opens one file: how it is packed and written, and its first 64 KiB. */
export async function openInput(
  path: string,
  name: string = path,
  { upTo, asIs = false }: Opening = {},
): Promise<Input> {
  const kind = await statOf(path)
  if (!kind.isFile()) throw kind.isDirectory() ? unreadable(name, { code: 'EISDIR' }) : notAFile(name)
  const given = { name, path: resolve(path), size: kind.size, onDisk: true }
  const raw = (): RawBytes => rawBytes(path, upTo)
  const start = await firstBytes(path, Math.min(HEAD, upTo ?? HEAD))
  if (asIs) return inputOf(given, { compression: 'none', head: start, raw })

  const packing = packingOf(start)
  const content = packing ? unpacking(packing) : null
  const { first, zeros, behind, failure } = content
    ? await beginningOf(content(raw(), () => {}))
    : await plainBeginning(start, raw)
  if (failure !== undefined && first.length === 0) throw failed(name, packing ?? 'none', failure)
  const encoding = encodingOf(behind, zeros)
  const head = encoding ? Buffer.concat(await Array.fromAsync(encoding.through(once(behind)))) : first
  const layers = [...(content ? [content] : []), ...(encoding ? [asLayer(encoding)] : [])]
  return inputOf(
    { ...given, ...(zeros === kind.size && zeros > 0 ? { isBlank: true } : {}) },
    {
      compression: packing ?? (encoding ? 'text' : 'none'),
      head: head.subarray(0, HEAD),
      raw,
      layers,
      forms: encoding ? [encoding.what] : [],
      grows: packing === null && (encoding?.grows ?? true),
    },
  )
}

/** The input with what is around its records taken off. */
export async function withoutEnvelope(
  input: Input,
  opened: Opened,
  remarks: readonly Remark[] = [],
): Promise<Input> {
  const head = Buffer.concat(await Array.fromAsync(opened.through(once(Buffer.from(input.head, 'latin1')))))
  const through = (passed?: (bytes: number) => void) =>
    opened.through(passed && input.unpacked ? input.unpacked(passed) : input.bytes())

  return {
    ...input,
    compression: input.compression === 'none' ? 'text' : input.compression,
    head: head.toString('latin1', 0, HEAD),
    forms: [...(input.forms ?? []), opened.what],
    grows: (input.grows ?? true) && opened.grows,
    bytes: () => through(),
    unpacked: (passed) => through(passed),
    lines: () => linesOf(through()),
    remarks: () => [...remarks, ...(input.remarks?.() ?? [])],
  }
}

type Layer = (chunks: AsyncIterable<Buffer>, left: (bytes: number) => void) => AsyncIterable<Buffer>

interface Content {
  readonly compression: Input['compression']
  readonly head: Buffer
  readonly raw: () => RawBytes
  readonly layers?: readonly Layer[]
  readonly forms?: readonly string[]
  readonly grows?: boolean
}

function inputOf(
  given: Pick<Input, 'name' | 'path' | 'size' | 'onDisk' | 'isBlank'>,
  { compression, head, raw, layers = [], forms = [], grows = true }: Content,
): Input {
  const { name, path } = given
  let behind = 0

  const bytes = (passed?: (bytes: number) => void): AsyncIterable<Buffer> =>
    throughLayers(raw(), {
      name,
      compression,
      layers,
      passed,
      left: (count) => {
        behind = count
      },
    })

  return {
    ...given,
    compression,
    head: head.toString('latin1'),
    archive: isTar(head) ? 'tar' : isZip(head) && layers.length === 0 ? 'zip' : null,
    forms,
    grows,
    bytes: (passing) => (passing && compression === 'none' ? passingBytes({ name, path }) : bytes()),
    unpacked: (passed) => bytes(passed),
    lines: () => linesOf(bytes()),
    remarks: () => (behind > 0 ? [trailing(behind, compression)] : []),
  }
}

const trailing = (bytes: number, compression: string): Remark => ({
  reason: 'trailing',
  position: 0,
  sample: `${bytes} bytes behind the end of the ${compression} data`,
  times: 1,
})

interface Through {
  readonly name: string
  readonly compression: Input['compression']
  readonly layers: readonly Layer[]
  readonly passed: ((bytes: number) => void) | undefined
  readonly left: (bytes: number) => void
}

async function* throughLayers(
  raw: RawBytes,
  { name, compression, layers, passed, left }: Through,
): AsyncIterable<Buffer> {
  const content = layers.reduce<AsyncIterable<Buffer>>((inner, layer) => layer(inner, left), raw)
  try {
    for await (const chunk of content) {
      passed?.(raw.passed())
      yield chunk
    }
  } catch (error) {
    throw failed(name, compression, error)
  }
}

function failed(name: string, compression: Input['compression'], error: unknown): UserError {
  if (error instanceof TooWide) return tooWide({ name, compression, error })
  return damaged(error) ? notWhole({ name, compression, error }) : unreadable(name, error)
}

const damaged = (error: unknown): boolean =>
  error instanceof Broken ||
  /^Z_|ZSTD|^ERR_BUFFER_TOO_LARGE/i.test(String((error as NodeJS.ErrnoException).code ?? '')) ||
  /zlib|zstd|unexpected end of file/i.test(String(error))

const notWhole = ({ name, compression, error }: { name: string; compression: string; error: unknown }) =>
  new UserError(
    'input-damaged',
    `${name} is damaged: its ${compression} data is truncated or corrupt`,
    'Copy it again, or unpack what can be saved and import that.',
    error,
  )

const tooWide = ({ name, compression, error }: { name: string; compression: string; error: TooWide }) =>
  new UserError(
    'input-unsupported',
    `${name} cannot be unpacked within bounds: its ${compression} data ${error.message}`,
    'Unpack it on the way: `zstd -dc --long=31 FILE | gannet run -`.',
    error,
  )

const unpacking =
  (_packing: 'gzip' | 'zstd'): Layer =>
  (chunks, left) =>
    unpack(chunks, left)

const asLayer =
  ({ through }: Encoding): Layer =>
  (chunks) =>
    through(chunks)

interface Beginning {
  /** The first bytes, and how many zeros they begin with, be those more or fewer. */
  readonly first: Buffer
  readonly zeros: number
  /** The first bytes that follow the zeros. */
  readonly behind: Buffer
  /** What ended it, where something did. */
  readonly failure?: unknown
}

/** A file that is not packed: nothing more is read unless it begins with zeros only. */
async function plainBeginning(start: Buffer, raw: () => RawBytes): Promise<Beginning> {
  const at = start.findIndex((byte) => byte !== 0)
  if (at === 0 || start.length === 0) return { first: start, zeros: 0, behind: start }
  return beginningOf(raw())
}

async function beginningOf(content: AsyncIterable<Buffer>): Promise<Beginning> {
  const first: Buffer[] = []
  const behind: Buffer[] = []
  let zeros = 0
  let failure: unknown
  const size = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

  try {
    for await (const chunk of content) {
      if (size(first) < HEAD) first.push(chunk)
      const at = behind.length > 0 ? 0 : chunk.findIndex((byte) => byte !== 0)
      zeros += behind.length > 0 ? 0 : at < 0 ? chunk.length : at
      if (at >= 0) behind.push(chunk.subarray(at))
      if (size(behind) >= HEAD) break
    }
  } catch (error) {
    // A damaged archive may still show what it is; reading it whole will say so.
    failure = error
  }

  return {
    first: Buffer.concat(first).subarray(0, HEAD),
    zeros,
    behind: Buffer.concat(behind).subarray(0, HEAD),
    failure,
  }
}

/** The file through one buffer that is used again, which spares the collector a megabyte a chunk. */
async function* passingBytes({ name, path }: Pick<Input, 'name' | 'path'>): AsyncIterable<Buffer> {
  try {
    const file = await open(path)
    try {
      const buffer = Buffer.allocUnsafeSlow(1 << 20)
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(name, error)
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield text(bytes.subarray(from, end))
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > LONGEST_LINE) {
      yield text(rest)
      rest = Buffer.alloc(0)
    }
  }
  if (rest.length > 0) yield text(rest)
}

const text = (line: Buffer): string => (line.at(-1) === 13 ? line.subarray(0, -1) : line).toString('utf8')
