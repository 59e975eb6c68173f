/** The house keeps its rooms: who may import whom, and a few habits that a compiler does not see. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../src/', import.meta.url))

const base = ['model', 'math', 'errors', 'store']
const stages = [
  'capture',
  'flows',
  'cflows',
  'features',
  'clusters',
  'activities',
  'correlations',
  'traces',
  'names',
  'structures',
  'findings',
]
const all = [...base, ...stages, 'reports', 'simulate', 'evaluate', 'pipeline', 'config']

/** What each room may import beside itself. A room that is not listed may not be there. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: [],
  math: [],
  errors: [],
  config: ['model', 'errors'],
  store: ['model', 'math', 'errors'],
  ...Object.fromEntries(stages.map((stage) => [stage, base])),
  reports: ['model', 'errors'],
  simulate: base,
  // Its page is drawn with the report's furniture.
  evaluate: [...base, 'reports'],
  pipeline: [...base, ...stages, 'config'],
  cli: [...all, 'api'],
  api: all,
}

interface Source {
  readonly path: string
  readonly room: string
  readonly text: string
  /** Paths under src/ that it imports, and names of packages. */
  readonly inner: readonly string[]
  readonly packages: readonly string[]
}

const roomOf = (path: string): string => (path.split('/')[0] ?? '').replace(/\.ts$/, '')

function readSource(path: string): Source {
  const text = readFileSync(join(src, path), 'utf8')
  const clause = String.raw`^(?:import|export)\s+(?:[\w*\s{},$]+\sfrom\s+)?'([^']+)'`
  const found = text.matchAll(new RegExp(String.raw`${clause}|\bimport\('([^']+)'\)`, 'gm'))
  const specifiers = [...found].map((match) => match[1] ?? match[2] ?? '')
  const local = specifiers.filter((each) => each.startsWith('.'))
  return {
    path,
    room: roomOf(path),
    text,
    inner: local.map((each) => relative(src, resolve(src, dirname(path), each))),
    packages: specifiers.filter((each) => !each.startsWith('.')),
  }
}

const sources = globSync('**/*.ts', { cwd: src })
  .filter((path) => !path.endsWith('.test.ts'))
  .sort()
  .map(readSource)

it('sees the imports', () => {
  expect(sources.length).toBeGreaterThan(50)
  const ledger = sources.find(({ path }) => path === 'store/ledger.ts')
  expect(ledger?.inner).toContain('model/records.ts')
  const embedded = sources.find(({ path }) => path === 'store/embedded.ts')
  expect(embedded?.packages).toContain('chdb')
})

describe('rooms', () => {
  it('are all known', () => {
    expect([...new Set(sources.map(({ room }) => room))].filter((room) => !allowed[room])).toEqual([])
  })

  it('import only what they may', () => {
    const wrong = sources.flatMap(({ path, room, inner }) =>
      inner
        .filter((target) => roomOf(target) !== room && !allowed[room]?.includes(roomOf(target)))
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('of nouns and numbers import no package and nothing of the system', () => {
    const pure = sources.filter(({ room }) => ['model', 'math', 'errors'].includes(room))
    expect(pure.flatMap(({ path, packages }) => packages.map((name) => `${path} imports ${name}`))).toEqual(
      [],
    )
  })

  it('are one level deep, but for lists of behaviours and writers', () => {
    expect(sources.map(({ path }) => path).filter((path) => path.split('/').length > 3)).toEqual([])
    const deeper = new Set(
      sources.filter(({ path }) => path.split('/').length === 3).map(({ path }) => dirname(path)),
    )
    const reasons = ['simulate/behaviours', 'simulate/families', 'simulate/scenarios', 'simulate/writers']
    expect([...deeper].filter((folder) => !reasons.includes(folder))).toEqual([])
  })
})

describe('habits', () => {
  const offenders = (pattern: RegExp) =>
    sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path)

  it('no default exports, no enums', () => {
    expect(offenders(/^export default\b/m)).toEqual([])
    expect(offenders(/^(export )?(const )?enum\b/m)).toEqual([])
  })

  it('no file is called for what it might be anything', () => {
    const vague = /(^|\/|-)(utils?|helpers?|managers?|misc|common|data|info)(-|\.|\/)/
    expect(sources.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([])
  })

  it('files are kebab-case', () => {
    expect(sources.map(({ path }) => path).filter((path) => !/^[a-z0-9/-]+\.ts$/.test(path))).toEqual([])
  })

  it('no detector reads the ground truth: the column `label` is in no statement of theirs', () => {
    const detectors = sources.filter(({ room }) =>
      [...stages, 'store', 'pipeline'].some((each) => each === room && each !== 'capture'),
    )
    const statements = (text: string) =>
      [...text.matchAll(/`[^`]*\b(?:SELECT|FROM|WHERE|GROUP BY)\b[^`]*`/g)].map(([found]) => found)
    const reads = (text: string) => statements(text).some((each) => /(?<!\bAS )\blabel\b/.test(each))
    expect(reads('sql`SELECT client FROM flow WHERE label != 1`')).toBe(true)
    expect(detectors.filter(({ text }) => reads(text)).map(({ path }) => path)).toEqual([])
  })

  it('only the store knows the engines', () => {
    const engines = /^(chdb|@clickhouse\/client|apache-arrow)/
    const others = sources.filter(
      ({ room, packages }) => room !== 'store' && packages.some((name) => engines.test(name)),
    )
    expect(others.map(({ path }) => path)).toEqual([])
  })
})
