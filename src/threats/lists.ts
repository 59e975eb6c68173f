/**
 * Threat lists as files: one entry a line, CSV, MISP (warning list, event, feed), STIX 2.1 bundles; gzip too.
 *
 * A list is what strangers wrote: an entry that names nothing is counted and sampled as a reject, one that would accuse
 * innocents is refused with its reason, and neither ends the reading. Lines are read as a stream; JSON is held
 * whole, up to `largestJson`.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import type { InputReport } from '../model/answer.ts'
import type { Listed } from './indicator.ts'
import { readJson, readLines, streamOf } from './read-entries.ts'
import { createReading, type ListSettings } from './reading.ts'

/**
 * Reads one list. `take` gets what is to be matched, in batches; the report counts what was taken, rejected and
 * refused.
 * @throws UserError list-invalid where the file cannot be read at all, or holds nothing that names anything.
 */
export async function readThreatList(
  path: string,
  settings: ListSettings,
  take: (batch: readonly Listed[]) => Promise<void>,
): Promise<InputReport> {
  const reading = createReading(path, settings, take)
  const { head, size } = await headOfFile(path)
  const gzip = head[0] === 0x1f && head[1] === 0x8b
  const first = gzip ? await firstByte(path) : firstText(head)
  if (first === '{' || first === '[') await readJson(path, { size, gzip, reading })
  else await readLines(path, gzip, reading)
  return reading.report(await hashOf(path))
}

async function headOfFile(path: string): Promise<{ head: Buffer; size: number }> {
  try {
    const { size } = await stat(path)
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
      return { head: buffer.subarray(0, bytesRead), size }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new UserError('list-invalid', `the list ${path} cannot be read`, 'Check the path.', error)
  }
}

const firstText = (head: Buffer): string =>
  head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()[0] ?? ''

async function firstByte(path: string): Promise<string> {
  for await (const chunk of streamOf(path, true)) return firstText(chunk as Buffer)
  return ''
}

/** SHA-256 of each file: what a list held when it was read. @throws UserError list-invalid. */
export async function hashesOf(paths: readonly string[]): Promise<string[]> {
  const hashes: string[] = []
  for (const path of paths) {
    await headOfFile(path)
    hashes.push(await hashOf(path))
  }
  return hashes
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
