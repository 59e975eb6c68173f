/**
 * `npm run bench -- attack [PART…] [--full | --smallest [--keep]] [--only WORDS] [--seed N] [--minutes N]`: attacks the
 * program as a hostile network and a bad machine would, prints what held and writes docs/reliability.md. Parts that were
 * not run keep their last result. After so many minutes a part tries nothing more of what it tries many times; another
 * run goes on with other moments and inputs, and is added where the code is still the same.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Attempt, Ground, Level, Part } from './attempt.ts'
import { parts } from './index.ts'
import { attemptsText, reliabilityPage } from './page.ts'
import { type Attacks, type Run, runsOn, withRun } from './runs.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const kept = { json: join(root, 'docs/reliability.json'), page: join(root, 'docs/reliability.md') }

const withValue = ['--seed', '--minutes', '--only']

/** @param setting Day, commit and machine of the run. @returns the exit code: 1 where something did not hold. */
export async function attack(args: readonly string[], setting: Run['setting']): Promise<number> {
  const names = args.filter((each, i) => !each.startsWith('--') && !withValue.includes(args[i - 1] ?? ''))
  const unknown = names.filter((name) => !parts.some((part) => part.name === name))
  if (unknown.length > 0) {
    console.error(`no part ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`)
    return 2
  }

  const given = (flag: string) => (args.includes(flag) ? (args[args.indexOf(flag) + 1] ?? null) : null)
  const asked = {
    level: (args.includes('--full') ? 'full' : args.includes('--smallest') ? 'smallest' : 'usual') as Level,
    seed: Number(given('--seed') ?? 7),
    minutes: Number(given('--minutes') ?? Number.POSITIVE_INFINITY),
    only: given('--only') ?? '',
  }
  const isKept = asked.level !== 'smallest' || args.includes('--keep')
  const words = args.filter((each) => !names.includes(each) && each !== '--keep').map(quoted)

  let failures = 0
  for (const part of parts.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const code = codeOf(part, asked.level)
    const before = runsOn(code, read()[part.name] ?? [])
    const seed = isKept ? asked.seed + before * 100_000_007 : asked.seed
    const [began, at, load] = [performance.now(), new Date().toISOString(), meanLoad()]
    const attempts = await attemptsOf(part, { ...asked, seed })
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`\n${part.name}: ${seconds} s\n${attemptsText(attempts)}`)
    failures += attempts.reduce((sum, { failed }) => sum + failed.length, 0)

    const command = ['npm run bench -- attack', part.name, ...words].join(' ')
    const run = { at, command, seed, seconds, load: load(), code, setting }
    if (isKept) keep(part.name, attempts, run)
  }
  return failures > 0 ? 1 : 0
}

const quoted = (word: string): string => (word.includes(' ') ? `'${word}'` : word)

interface Asked {
  readonly level: Level
  readonly seed: number
  readonly minutes: number
  readonly only: string
}

async function attemptsOf(part: Part, asked: Asked): Promise<readonly Attempt[]> {
  const { level, seed, minutes, only } = asked
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const began = performance.now()
  const ground: Ground = {
    level,
    folder,
    seed,
    minutes,
    count: (counts) => counts[level],
    isOver: (share = 1) => performance.now() - began > minutes * 60_000 * share,
    asks: (attack) => attack.replaceAll('`', '').startsWith(only),
    say: (text) => process.stderr.write(`${part.name}: ${text}\n`),
  }

  try {
    return await part.run(ground)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What tells one state of the attacked code, and the size of the inputs, from another; null where it was changed. */
function codeOf({ code = ['src', 'package-lock.json'] }: Part, level: Level): string | null {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  if (git('status', '--porcelain', '--', ...code) !== '') return null
  const objects = code.map((path) => git('rev-parse', `HEAD:${path}`))
  return `${level} ${createHash('sha256').update(objects.join('')).digest('hex').slice(0, 12)}`
}

/** Looks at the load now and every ten seconds until it is asked for the mean. */
function meanLoad(): () => number {
  const seen = [loadavg()[0] ?? 0]
  const look = () => void seen.push(loadavg()[0] ?? 0)
  const watch = setInterval(look, 10_000)

  return () => {
    clearInterval(watch)
    look()
    return Math.round((seen.reduce((sum, each) => sum + each, 0) / seen.length) * 10) / 10
  }
}

const read = (): Attacks =>
  existsSync(kept.json) ? (JSON.parse(readFileSync(kept.json, 'utf8')) as Attacks) : {}

/** Reads what is kept only now: another run may have written meanwhile. */
function keep(name: string, attempts: readonly Attempt[], run: Run): void {
  const before = read()
  const own = attempts.map((each) => withRun(each, run, before[name] ?? []))
  const found: Attacks = { ...before, [name]: own }
  const ordered = Object.fromEntries(
    parts.flatMap((part) => (found[part.name] ? [[part.name, found[part.name]!] as const] : [])),
  )
  writeFileSync(kept.json, `${JSON.stringify(ordered, null, 2)}\n`)
  writeFileSync(kept.page, reliabilityPage(ordered, parts))
}
