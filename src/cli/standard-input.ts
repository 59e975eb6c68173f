/** `-` among the inputs: what comes on standard input, put down in a file until it is read. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { GivenPath } from '../capture/input.ts'
import { UserError } from '../errors.ts'
import { withTemporaryFolder } from '../store/temporary.ts'

/** @throws UserError input-missing when standard input is a terminal. */
export async function withStandardInput<T>(
  paths: readonly string[],
  work: (given: readonly GivenPath[]) => Promise<T>,
): Promise<T> {
  if (!paths.includes('-')) return work(paths)
  if (process.stdin.isTTY)
    throw new UserError(
      'input-missing',
      'standard input is a terminal; nothing is piped in',
      'For example: zcat conn.log.gz | gannet run -',
    )
  return withTemporaryFolder(async (folder) => {
    const path = join(folder, 'standard-input')
    await pipeline(process.stdin, createWriteStream(path))
    return work(paths.map((each) => (each === '-' ? { path, name: 'standard input' } : each)))
  })
}
