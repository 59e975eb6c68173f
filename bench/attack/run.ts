/**
 * `npm run bench -- attack [PART…] [--full | --smallest [--keep]] [--seed N] [--minutes N]`: attacks the program as a
 * hostile network and a bad machine would, prints what held and writes docs/reliability.md. Parts that were not run
 * keep their last result. After so many minutes a part tries nothing more of what it tries many times.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Attempt, type Ground, type Level, noTime } from './attempt.ts'
import { parts } from './index.ts'
import { type Attacked, type Attacks, attemptsText, reliabilityPage } from './page.ts'

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const kept = { json: join(docs, 'reliability.json'), page: join(docs, 'reliability.md') }

/** @param setting Day, commit and machine of the run. @returns the exit code: 1 where something did not hold. */
export async function attack(args: readonly string[], setting: Attacked['setting']): Promise<number> {
  const names = args.filter(
    (each, i) => !each.startsWith('--') && !['--seed', '--minutes'].includes(args[i - 1] ?? ''),
  )
  const unknown = names.filter((name) => !parts.some((part) => part.name === name))
  if (unknown.length > 0) {
    console.error(`no part ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`)
    return 2
  }

  const level: Level = args.includes('--full') ? 'full' : args.includes('--smallest') ? 'smallest' : 'usual'
  const given = (flag: string) => (args.includes(flag) ? Number(args[args.indexOf(flag) + 1]) : null)
  const [seed, minutes] = [given('--seed') ?? 7, given('--minutes') ?? Number.POSITIVE_INFINITY]
  let failures = 0
  for (const part of parts.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const began = performance.now()
    const attempts = await attemptsOf(part.name, { level, seed, minutes })
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`\n${part.name}: ${seconds} s\n${attemptsText(attempts)}`)
    failures += attempts.reduce((sum, { failed }) => sum + failed.length, 0)
    if (level === 'smallest' && !args.includes('--keep')) continue
    const command = [
      'npm run bench -- attack',
      part.name,
      ...args.filter((each) => !names.includes(each) && each !== '--keep'),
    ].join(' ')
    const before = read()
    const tried = { command, setting, seconds, attempts: withLast(attempts, before[part.name]) }
    keep({ ...before, [part.name]: tried })
  }
  return failures > 0 ? 1 : 0
}

interface Asked {
  readonly level: Level
  readonly seed: number
  readonly minutes: number
}

async function attemptsOf(name: string, { level, seed, minutes }: Asked): Promise<readonly Attempt[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const began = performance.now()
  const ground: Ground = {
    level,
    folder,
    seed,
    minutes,
    count: (counts) => counts[level],
    isOver: (share = 1) => performance.now() - began > minutes * 60_000 * share,
    say: (text) => process.stderr.write(`${name}: ${text}\n`),
  }
  try {
    return await parts.find((part) => part.name === name)!.run(ground)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What was not tried in the time that there was keeps its last result, and says at which commit it was measured. */
export const withLast = (attempts: readonly Attempt[], last: Attacked | undefined): readonly Attempt[] =>
  attempts.map((each) => {
    const before = last?.attempts.find(({ attack }) => attack === each.attack)
    if (each.bound !== noTime || !last || !before || before.tried === 0) return each
    const isMarked = before.bound.includes('; measured at ')
    return isMarked ? before : { ...before, bound: `${before.bound}; measured at ${last.setting.commit}` }
  })

const read = (): Attacks =>
  existsSync(kept.json) ? (JSON.parse(readFileSync(kept.json, 'utf8')) as Attacks) : {}

function keep(found: Attacks): void {
  const ordered = Object.fromEntries(
    parts.flatMap(({ name }) => (found[name] ? [[name, found[name]] as const] : [])),
  )
  writeFileSync(kept.json, `${JSON.stringify(ordered, null, 2)}\n`)
  writeFileSync(kept.page, reliabilityPage(ordered, parts))
}
