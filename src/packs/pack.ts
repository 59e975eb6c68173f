/**
 * An evidence pack: what a finding rests on, in files that another person can check without this program.
 *
 * `statement.txt`, `finding.json`, `flows.csv`, `flows.parquet`, and the packets of just those flows where the capture
 * that they were read from is at hand. The same database and the same captures give the same bytes, but for Parquet.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Answer } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import { printedAnswer } from '../reports/json.ts'
import { plainJson } from '../reports/plain-json.ts'
import { temporaryPrefix } from '../store/abandoned.ts'
import type { Store } from '../store/store.ts'
import { type CapturePlaces, type CutFile, cutCaptures } from './captures.ts'
import { writeFlows } from './flows.ts'
import { type PackedFile, statementOf } from './statement.ts'
import { zipOf } from './zip.ts'

export interface Pack {
  readonly files: readonly string[]
  readonly flows: number
  readonly captures: readonly CutFile[]
}

/**
 * Writes the pack of a finding into a folder, which may be new. Files of an earlier pack are replaced, when all of the
 * new one are there: a capture may be one of them.
 * @throws UserError for a capture that was named and cannot be read.
 */
export async function writePack(
  store: Store,
  about: About,
  { folder, places }: { readonly folder: string; readonly places: CapturePlaces },
): Promise<Pack> {
  const into = resolve(folder)
  await mkdir(into, { recursive: true })
  const beside = await mkdtemp(join(into, '.gannet-'))
  try {
    const pack = await writeFiles(store, about, { into: beside, places })
    for (const file of pack.files) await rename(join(beside, file), join(into, file))
    return pack
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

interface About {
  readonly answer: Answer
  readonly finding: Finding
}

async function writeFiles(
  store: Store,
  { answer, finding }: About,
  { into, places }: { readonly into: string; readonly places: CapturePlaces },
): Promise<Pack> {
  const [printed] = printedAnswer({ ...answer, findings: [finding] }).findings
  const comment = `Packets of finding ${finding.id}, cut by Gannet ${answer.version}.`

  const packed = await writeFlows(store, finding, {
    csv: join(into, 'flows.csv'),
    parquet: join(into, 'flows.parquet'),
  })
  const captures = await cutCaptures(store, packed, { places, folder: into, comment })
  await writeFile(join(into, 'finding.json'), `${plainJson(printed, 2)}\n`)

  const described = [
    ['finding.json', 'the finding for a program'],
    ['flows.csv', 'its flows for a spreadsheet'],
    ['flows.parquet', 'the same flows for an engine'],
    ...captures.flatMap(({ file, from }) => (file === null ? [] : [[file, `its packets of ${from}`]])),
  ] as [string, string][]
  const files: PackedFile[] = []
  for (const [name, doc] of described) files.push({ name, doc, ...(await sumOf(join(into, name))) })

  const statement = statementOf({
    answer,
    finding: printed!,
    flows: { packed: packed.flows.length, of: packed.of },
    captures,
    files,
  })
  await writeFile(join(into, 'statement.txt'), statement)
  return { files: ['statement.txt', ...files.map(({ name }) => name)], flows: packed.flows.length, captures }
}

/**
 * The pack as a zip archive. It is written whole before the first byte is given, in a folder that goes when the last
 * one was taken.
 */
export async function packStream(
  store: Store,
  about: About,
  places: CapturePlaces,
  written: (pack: Pack) => void = () => {},
): Promise<AsyncIterable<Buffer>> {
  const folder = await mkdtemp(temporaryPrefix())
  try {
    const pack = await writePack(store, about, { folder, places })
    written(pack)
    return removedAfter(folder, zipOf(folder, pack.files))
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** The folder goes too where nobody begins to take the bytes: a generator that has not begun would not see that. */
function removedAfter(folder: string, bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const inner = bytes[Symbol.asyncIterator]()
  const gone = () => rm(folder, { recursive: true, force: true })

  const iterator: AsyncIterator<Buffer> = {
    async next() {
      const found = await inner.next().catch(async (error: unknown) => {
        await gone()
        throw error
      })
      if (found.done) await gone()
      return found
    },
    async return() {
      await inner.return?.()
      await gone()
      return { done: true, value: undefined }
    },
  }

  return { [Symbol.asyncIterator]: () => iterator }
}

async function sumOf(path: string): Promise<Pick<PackedFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { bytes, sha256: hash.digest('hex') }
}
