/**
 * `npm run bench [-- NAME… [--seeds 11-20]]`: runs the benchmarks (all where none is named), each in a process of its
 * own, prints their rows with what got better and worse, and keeps them in docs/benchmarks.json and docs/benchmarks.md.
 * Results of benchmarks that were not run stay, with their own date and commit.
 *
 * `--smallest` runs their smallest forms, and keeps nothing; `npm run bench -- profile INPUT…` says where the time of a
 * run goes; `npm run bench -- pages FOLDER` how long the pages over a database take; `npm run bench -- attack [PART…]` attacks the program and writes docs/reliability.md.
 */
import { execFileSync, fork } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attack } from './attack/run.ts'
import { benchmarkNamed, benchmarks } from './index.ts'
import { changes, changesText, type Recorded, type Results, rowsText, slowerText } from './results.ts'
import { benchmarksPage } from './results-page.ts'
import type { Row } from './row.ts'

const self = fileURLToPath(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))
const results = { json: join(root, 'docs/benchmarks.json'), page: join(root, 'docs/benchmarks.md') }

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'profile') return profiled(args.slice(1))
  if (args[0] === 'pages') return pagesMeasured(args.slice(1))
  if (args[0] === 'attack') return attack(args.slice(1), await settingOf())
  const cut = args.findIndex((each) => each.startsWith('--'))
  const [names, flags]: [readonly string[], readonly string[]] =
    cut < 0 ? [args, []] : [args.slice(0, cut), args.slice(cut)]
  if (flags[0] === '--list') {
    for (const { name, doc } of benchmarks) console.log(`${name.padEnd(14)}${doc}`)
    return 0
  }
  const unknown = names.filter((name) => !benchmarkNamed(name))
  if (unknown.length > 0) {
    console.error(
      `no benchmark ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}`,
    )
    return 2
  }
  const asked = benchmarks.filter((each) => names.length === 0 || names.includes(each.name))
  const setting = flags.includes('--smallest') ? null : await settingOf()
  let failures = 0
  for (const { name } of asked) {
    console.log(`\n${name}`)
    const began = performance.now()
    const rows = await rowsOf(name, flags).catch((error: Error) => error)
    if (rows instanceof Error) {
      failures++
      console.error(`${name} failed: ${rows.message}`)
      continue
    }
    console.log(rowsText(rows))
    if (!setting) continue
    const run: Recorded = {
      command: [...sizes(), 'npm run bench --', name, ...flags].join(' '),
      ...setting,
      seconds: Math.round((performance.now() - began) / 1000),
      rows,
    }
    const before = read()
    const moved = changes(before[name], run)
    console.log(`${changesText(moved)}\n${slowerText(before[name], moved)}`)
    if (flags.length === 0) keep({ ...before, [name]: run })
  }
  return failures > 0 ? 1 : 0
}

/** What the environment sets of the benchmark's sizes: part of the command that runs it again. */
const sizes = (): string[] =>
  Object.entries(process.env)
    .filter(([name]) => name.startsWith('GANNET_BENCH_'))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()

/** Where the time of `gannet run` on these inputs goes. */
async function profiled(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    console.error('give the inputs to run on: npm run bench -- profile FILE… [--threads N]')
    return 2
  }
  const { profile, profileText } = await import('./speed/profile.ts')
  const at = args.indexOf('--threads')
  const inputs = at < 0 ? args : args.toSpliced(at, 2)
  console.log(profileText(await profile(inputs, at < 0 ? undefined : Number(args[at + 1]))))
  return 0
}

/** How long the pages over a database take. */
async function pagesMeasured(args: readonly string[]): Promise<number> {
  if (!args.some((each) => !each.startsWith('--'))) {
    console.error('give a database folder: npm run bench -- pages FOLDER [--analyse] [--in-process]')
    return 2
  }
  const { measurePages } = await import('./speed/pages.ts')
  await measurePages(args)
  return 0
}

const read = (): Results =>
  existsSync(results.json) ? (JSON.parse(readFileSync(results.json, 'utf8')) as Results) : {}

/** In the order of the list; a benchmark that is no longer there goes. */
function keep(found: Results): void {
  const ordered = Object.fromEntries(
    benchmarks.flatMap(({ name }) => (found[name] ? [[name, found[name]] as const] : [])),
  )
  writeFileSync(results.json, `${JSON.stringify(ordered, null, 2)}\n`)
  writeFileSync(results.page, benchmarksPage(ordered, benchmarks))
}

async function settingOf(): Promise<Pick<Recorded, 'date' | 'commit' | 'machine' | 'node' | 'engine'>> {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--', 'src', 'bench', 'package-lock.json') !== ''
  const [processor] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`,
    machine: {
      cores: cpus().length,
      memoryGigabytes: Math.round(totalmem() / 2 ** 30),
      processor: processor?.model.trim() ?? 'unknown',
    },
    node: process.versions.node,
    engine: await engineVersion(),
  }
}

async function engineVersion(): Promise<string> {
  const { openEmbedded } = await import('../src/store/embedded.ts')
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const store = await openEmbedded(folder)
  try {
    const [row] = await store.rows<{ version: string }>('SELECT version() AS version')
    return row?.version ?? 'unknown'
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const rowsOf = (name: string, flags: readonly string[]): Promise<Row[]> =>
  new Promise((resolve, reject) => {
    const small = flags.includes('--smallest')
      ? { ...benchmarkNamed(name)?.smallest, GANNET_BENCH_SMALLEST: '1' }
      : {}
    const env = { ...process.env, ...small }
    const running = fork(self, ['--child', name, ...flags.filter((flag) => flag !== '--smallest')], { env })
    let rows: Row[] | null = null
    running.on('message', (message) => {
      rows = message as Row[]
    })
    running.on('error', reject)
    running.on('exit', (code) =>
      rows ? resolve(rows) : reject(new Error(`ended with ${code} and gave no rows`)),
    )
  })

async function child(name: string): Promise<void> {
  const rows = await (await benchmarkNamed(name)!.load()).run()
  process.send?.(rows, () => process.disconnect())
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--child') await child(rest[0] ?? '')
else process.exitCode = await main(process.argv.slice(2))
