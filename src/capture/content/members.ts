/** A member of an archive. */
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface Member {
  /** As the archive names it. */
  readonly name: string
  /** Where it was put. */
  readonly path: string
  readonly size: number
}

/** A member that cannot be given. */
export interface LostMember {
  readonly name: string
  readonly why: string
}

export interface Unpacking {
  /** Where members are put, one after the other. */
  readonly folder: string
  readonly lost: (member: LostMember) => void
}

export async function writeMember(bytes: Readable, path: string): Promise<number> {
  let size = 0
  bytes.on('data', (chunk: Buffer) => {
    size += chunk.length
  })
  await pipeline(bytes, createWriteStream(path))
  return size
}
