/** `gannet run` on one case as a process, and what of its answer counts; kept in a folder by sources and case. */
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { GroundAnswer, GroundContact } from './answer.ts'
import { type BaselineAnswers, baselineAnswers } from './baselines.ts'
import type { Contacted, GroundCase } from './cases.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

const cacheFolder = join(tmpdir(), 'gannet-real-ground')

/** The answer of one case; from the folder where the same sources have answered it before. */
export async function answerOf(of: GroundCase, sources: string): Promise<GroundAnswer> {
  return kept(
    [sources, portable(of)],
    () => freshAnswer(of),
    ({ failed }) => failed === null,
  )
}

/** Where what a baseline answers comes from: readers and names, the score, and the rules. */
export const baselineSources = [
  'src/capture',
  'src/store',
  'src/traces/names.ts',
  'src/traces/beacons/rita.ts',
  'bench/real-ground/baselines.ts',
]

/** The answers of the baselines to one case; kept in the same way, by their own sources. */
export const baselinesOf = (of: GroundCase, sources: string): Promise<BaselineAnswers> =>
  kept(['baselines', sources, portable(of)], () => baselineAnswers(of))

export const portable = (of: GroundCase) => ({
  ...of,
  paths: of.paths.map((path) => path.replace(/^.*\/shared\//, '')),
})

/** Where what is known by this is kept. */
function keptAt(about: unknown): string {
  mkdirSync(cacheFolder, { recursive: true })
  const key = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 24)
  return join(cacheFolder, `${key}.json`)
}

/** Whether something is kept under this. */
export const isKept = (about: unknown): boolean => existsSync(keptAt(about))

/** What is kept under this, else what `make` gives, kept if it is whole. */
export async function kept<T>(
  about: unknown,
  make: () => Promise<T>,
  isWhole: (made: T) => boolean = () => true,
): Promise<T> {
  const path = keptAt(about)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T

  const made = await make()
  if (isWhole(made)) writeFileSync(path, JSON.stringify(made))
  return made
}

const git = (...args: string[]) =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })

/** Names sources as they are, committed or not. */
export function sourcesOf(paths: readonly string[] = ['src']): string {
  const hash = createHash('sha256')
    .update(git('ls-tree', 'HEAD', '--', ...paths))
    .update(git('diff', 'HEAD', '--', ...paths))

  const added = git('ls-files', '--others', '--exclude-standard', '--', ...paths)
    .split('\n')
    .filter(Boolean)
  for (const file of added) hash.update(file).update(readFileSync(join(root, file)))

  return hash.digest('hex')
}

/** The same of a commit. */
export const sourcesAt = (commit: string, paths: readonly string[]): string =>
  createHash('sha256')
    .update(git('ls-tree', commit, '--', ...paths))
    .digest('hex')

/** The commit in short, and whether its sources have changed since. */
export function commitOf(): string {
  const changed = git('status', '--porcelain', '--', 'src').trim() !== ''
  return `${git('rev-parse', '--short', 'HEAD').trim()}${changed ? ' with changes' : ''}`
}

/** The answer of one case, whether it was answered before or not. */
async function freshAnswer(of: GroundCase): Promise<GroundAnswer> {
  const internal = of.internal.length > 0 ? ['--internal', of.internal.join()] : []
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000

  try {
    const { stdout } = await execute(
      process.execPath,
      [join(root, 'src/cli/main.ts'), 'run', ...of.paths, '--json', ...internal],
      { maxBuffer: 1 << 30, timeout: 900_000 },
    )
    return { ...shortened(JSON.parse(stdout) as Answered, of.victims), seconds: seconds(), failed: null }
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    return {
      accused: [],
      suspects: [],
      contacts: null,
      hosts: 0,
      hostDays: 0,
      seconds: seconds(),
      failed: (stderr || message).trim().split('\n').at(-1) ?? 'failed',
    }
  }
}

/** What is read of `gannet run --json`. */
interface Answered {
  readonly analysis: { readonly hosts: number; readonly from: number | null; readonly to: number | null }
  readonly hosts: readonly {
    readonly host: string
    readonly confidence: number
    readonly kinds: readonly string[]
    readonly cnc: readonly Contacted[]
    readonly findings: readonly string[]
  }[]
  readonly suspects: readonly {
    readonly host: string
    readonly confidence: number
    readonly parts: readonly { readonly kind: string; readonly description: string }[]
  }[]
  readonly findings: readonly { readonly id: string; readonly claim: string }[]
  readonly contacts?: readonly (Contacted & {
    readonly host: string
    readonly score: number
    readonly rank: number
  })[]
}

/** What of an answer counts for a case with these victims. */
export function shortened(
  answer: Answered,
  victims: readonly string[],
): Omit<GroundAnswer, 'seconds' | 'failed'> {
  const claims = new Map(answer.findings.map(({ id, claim }) => [id, claim]))
  const { hosts, from, to } = answer.analysis
  const suspects = answer.suspects.filter(({ host }, i) => i < 5 || victims.includes(host))

  return {
    accused: answer.hosts.map(({ host, confidence, kinds, cnc, findings }) => ({
      host,
      confidence,
      kinds,
      cnc: cnc.slice(0, 10).map(contactOf),
      claims: findings.slice(0, 6).map((id) => claims.get(id) ?? id),
    })),
    suspects: suspects.map(({ host, confidence, parts }) => ({
      host,
      confidence,
      kinds: parts.map(({ kind }) => kind),
      cnc: [],
      claims: parts.slice(0, 6).map(({ description }) => description),
    })),
    contacts: answer.contacts ? contactsOf(answer.contacts, victims) : null,
    hosts,
    hostDays: from === null || to === null ? 0 : (hosts * (to - from)) / 86_400e6,
  }
}

const contactOf = ({ address, port, name }: Contacted): Contacted => ({ address, port, name: name ?? null })

function contactsOf(
  contacts: NonNullable<Answered['contacts']>,
  victims: readonly string[],
): GroundContact[] {
  const leading = [...new Set(contacts.map(({ host }) => host))].slice(0, 3)
  return contacts
    .map((each, i) => ({
      ...contactOf(each),
      host: each.host,
      score: each.score,
      rank: each.rank,
      place: i + 1,
    }))
    .filter(({ host, rank }) => rank <= 10 && (victims.includes(host) || leading.includes(host)))
}
