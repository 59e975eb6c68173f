/**
 * Answers of long benchmarks, kept between sittings: in the folder that the environment variable GANNET_PIECES names,
 * by what was asked and by the sources that answered (the tree of src/ in git). Where it names none nothing is kept.
 * Not for figures of time.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What `make` gives, or gave before for the same question and sources. @throws Error where src/ is not as it was
 * committed.
 */
export async function piece<T>(question: unknown, make: () => Promise<T>): Promise<T> {
  const folder = process.env['GANNET_PIECES']
  if (!folder) return make()
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${keyOf(question)}.json`)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T
  const made = await make()
  writeFileSync(path, JSON.stringify(made))
  return made
}

export const keyOf = (question: unknown): string =>
  createHash('sha256')
    .update(`${sources()} ${JSON.stringify(question)}`)
    .digest('hex')
    .slice(0, 24)

const root = fileURLToPath(new URL('../..', import.meta.url))
const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim()

function sources(): string {
  if (git('status', '--porcelain', '--', 'src') !== '')
    throw new Error('src/ has changes that are not committed: pieces of it cannot be told apart')
  return git('rev-parse', 'HEAD:src')
}
