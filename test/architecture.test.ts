/**
 * The layout holds itself: which folder may import which, how large it may grow, and habits that a compiler does not
 * see.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { stages as pipelineStages } from '../src/pipeline/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const base = ['model', 'math', 'errors', 'output', 'store', 'knowledge']
const stages: readonly string[] = pipelineStages.map(({ name }) => name)

/** What each folder of `src/` may import beside itself. A folder that is not listed may not be there. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: [],
  math: [],
  errors: [],
  output: ['errors'],
  config: ['model', 'errors'],
  store: ['model', 'math', 'errors'],
  // Reads its own lists; pure after that.
  knowledge: ['model', 'math', 'errors'],
  ...Object.fromEntries(stages.map((stage) => [stage, base])),
  reports: ['model', 'errors'],
  simulate: base,
  exports: ['model', 'errors', 'reports'],
  alerts: ['model', 'errors', 'reports'],
  decisions: [...base, 'findings'],
  // Cuts the captures that flows were read from.
  packs: [...base, 'capture', 'reports'],
  // Shows the calls of any trace as the beacon detector sees them.
  serve: [...base, 'findings', 'traces', 'reports', 'exports', 'decisions', 'packs'],
  // Its page is drawn with the charts of the report.
  evaluate: [...base, 'reports'],
  pipeline: [...base, ...stages, 'config'],
  cli: [
    ...base,
    ...stages,
    'reports',
    'exports',
    'alerts',
    'decisions',
    'packs',
    'serve',
    'simulate',
    'evaluate',
    'pipeline',
    'config',
  ],
}

/**
 * What each subfolder may import beside itself and the files at the top of its own folder. One that is not listed may
 * not be there. The order is the stack: a subfolder imports only those above it in this list.
 */
const subfolders: Readonly<Record<string, readonly string[]>> = {
  'capture/layers': [],
  'capture/packets': ['layers'],
  'capture/protocols': ['packets'],
  'capture/flows': ['packets', 'protocols'],
  // Argus keeps the first bytes of a flow: the parsers of packets read them.
  'capture/logs': ['packets', 'protocols'],
  'capture/tables': ['protocols', 'flows', 'logs'],
  'capture/pcap': ['packets', 'protocols', 'flows'],
  'capture/biflow': ['packets', 'protocols', 'flows'],
  'capture/netflow': ['packets', 'protocols', 'flows', 'pcap', 'biflow'],
  'capture/nfdump': ['packets', 'flows', 'biflow', 'netflow', 'logs'],
  'capture/content': [],
  'capture/import': ['content', 'logs', 'tables'],
  'capture/collector': ['packets', 'flows', 'pcap', 'netflow', 'import'],
  'capture/convert': ['packets', 'flows', 'logs', 'tables', 'pcap', 'netflow', 'import'],
  'store/tables': [],
  'store/aggregates': [],
  'store/ledger': ['aggregates', 'tables'],
  'store/migrations': ['tables', 'aggregates'],
  'activities/rules': [],
  'model/words': [],
  'traces/beacons': [],
  'traces/families': [],
  // Judges the calls of a contact at regular intervals that beacons are judged by.
  'traces/contacts': ['beacons'],
  // Reads since when a host has a contact, and what its port says.
  'traces/slow': ['contacts'],
  'cli/shell': [],
  // Prints what is told of the commands.
  'cli/commands': ['shell'],
  // Runs what commands run.
  'cli/monitor': ['commands'],
  'model/review': [],
  'reports/html': [],
  'serve/contacts': [],
  'serve/web': ['contacts'],
  'simulate/behaviours': [],
  'simulate/writers': [],
  'simulate/families': ['behaviours'],
  'simulate/scenarios': ['behaviours', 'families'],
}

interface Source {
  /** Under `src/`, as `capture/logs/zeek.ts`. */
  readonly path: string
  readonly folder: string
  /** `capture/logs`; empty for a file at the top of its folder. */
  readonly subfolder: string
  readonly text: string
  /** Paths under `src/` that it imports, and names of packages. */
  readonly inner: readonly string[]
  readonly packages: readonly string[]
}

const folderOf = (path: string): string => (path.split('/')[0] ?? '').replace(/\.ts$/, '')
const subfolderOf = (path: string): string =>
  path.split('/').length > 2 ? path.split('/').slice(0, 2).join('/') : ''

function specifiersIn(text: string): string[] {
  const clause = String.raw`^(?:import|export)\s+(?:[\w*\s{},$]+\sfrom\s+)?'([^']+)'`
  const found = text.matchAll(new RegExp(String.raw`${clause}|\bimport\('([^']+)'\)`, 'gm'))
  return [...found].map((match) => match[1] ?? match[2] ?? '')
}

function readSource(path: string): Source {
  const text = readFileSync(join(root, 'src', path), 'utf8')
  const specifiers = specifiersIn(text)
  const local = specifiers.filter((each) => each.startsWith('.'))
  return {
    path,
    folder: folderOf(path),
    subfolder: subfolderOf(path),
    text,
    inner: local.map((each) => relative(join(root, 'src'), resolve(root, 'src', dirname(path), each))),
    packages: specifiers.filter((each) => !each.startsWith('.')),
  }
}

const sources = globSync('**/*.ts', { cwd: join(root, 'src') })
  .filter((path) => !path.endsWith('.test.ts'))
  .sort()
  .map(readSource)

it('sees the imports', () => {
  expect(sources.length).toBeGreaterThan(50)
  const ledger = sources.find(({ path }) => path === 'store/ledger/publish.ts')
  expect(ledger?.inner).toContain('model/records.ts')
  const embedded = sources.find(({ path }) => path === 'store/embedded.ts')
  expect(embedded?.packages).toContain('chdb')
})

/** Functions of more than 15 lines without a blank one. */
/** Statements of a function's body, the lines of its signature left out. */
const stepsIn = (body: readonly string[], indent: string): number =>
  body.filter((each) =>
    new RegExp(`^${indent}  (const|let|if|for|while|return|await|try|switch|throw|yield)\\b`).test(each),
  ).length

function unparted(path: string, text: string): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, i) => {
    const [, indent] = /^(\s*)(?:export )?(?:async )?function\*? \w+/.exec(line) ?? []
    if (indent === undefined) return []

    const end = lines.findIndex((each, at) => at > i && each === `${indent}}`)
    const body = lines.slice(i + 1, end)
    // A function of one statement has one step.
    const isOneStatement =
      body.some((each) => /^\s*(return|switch|await) /.test(each)) && stepsIn(body, indent) < 2
    const isUnparted = body.length > 15 && !body.some((each) => each.trim() === '')
    return isUnparted && !isOneStatement ? [`${path}:${i + 1}`] : []
  })
}

describe('folders', () => {
  it('are all known', () => {
    expect([...new Set(sources.map(({ folder }) => folder))].filter((folder) => !allowed[folder])).toEqual([])
    const found = new Set(sources.map(({ subfolder }) => subfolder).filter((subfolder) => subfolder !== ''))
    expect([...found].filter((subfolder) => !subfolders[subfolder])).toEqual([])
  })

  it('import only what they may', () => {
    const wrong = sources.flatMap(({ path, folder, inner }) =>
      inner
        .filter((target) => folderOf(target) !== folder && !allowed[folder]?.includes(folderOf(target)))
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('have subfolders that import only those they may', () => {
    const mayImport = (from: string, to: string) =>
      from === to || to === '' || subfolders[from]?.includes(to.split('/')[1] ?? '') === true
    const wrong = sources
      .filter(({ subfolder }) => subfolder !== '')
      .flatMap(({ path, folder, subfolder, inner }) =>
        inner
          .filter((target) => folderOf(target) === folder && !mayImport(subfolder, subfolderOf(target)))
          .map((target) => `${path} imports ${target}`),
      )
    expect(wrong).toEqual([])
  })

  it('have no subfolder within a subfolder, and at most 25 source files each', () => {
    expect(sources.map(({ path }) => path).filter((path) => path.split('/').length > 3)).toEqual([])
    const files = [...globSync('{src,bench,test}/**/*.ts', { cwd: root })].filter(
      (path) => !path.endsWith('.test.ts'),
    )
    const sizes = [...Map.groupBy(files, dirname)].filter(([, inside]) => inside.length > 25)
    expect(sizes.map(([folder, inside]) => `${folder}: ${inside.length}`)).toEqual([])
  })

  it('of nouns and numbers import no package and nothing of the system', () => {
    const pure = sources.filter(({ folder }) => ['model', 'math', 'errors'].includes(folder))
    const wrong = pure.flatMap(({ path, packages }) => packages.map((name) => `${path} imports ${name}`))
    expect(wrong).toEqual([])
  })

  it('have no circle of imports', () => {
    const byPath = new Map(sources.map((source) => [source.path, source]))
    const state = new Map<string, 'open' | 'done'>()
    const circles: string[] = []
    const visit = (path: string, way: readonly string[]): void => {
      if (state.get(path) === 'done') return
      if (state.get(path) === 'open') {
        circles.push([...way.slice(way.indexOf(path)), path].join(' → '))
        return
      }
      state.set(path, 'open')
      for (const target of byPath.get(path)?.inner ?? []) visit(target, [...way, path])
      state.set(path, 'done')
    }
    for (const { path } of sources) visit(path, [])
    expect(circles).toEqual([])
  })
})

describe('files', () => {
  const offenders = (pattern: RegExp) =>
    sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path)

  it('have at most 300 lines, but for those with a reason', () => {
    const reasons: Readonly<Record<string, string>> = {
      'capture/flows/assembler.ts': 'one class, whose methods share typed arrays on the path of every packet',
      'serve/web/hosts.ts': 'one page of the browser, whose functions share the list at hand',
    }
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > 300 && !reasons[path])
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
  })

  it('have paragraphs: functions over 15 lines hold a blank line', () => {
    expect(sources.flatMap(({ path, text }) => unparted(path, text))).toEqual([])
  })

  it('have no line over 120 columns, templates included', () => {
    const wide = sources.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, i) => (line.length > 120 ? [`${path}:${i + 1} has ${line.length} columns`] : [])),
    )
    expect(wide).toEqual([])
  })

  it('export nothing that nobody imports', () => {
    const texts = new Map(
      globSync('{src,bench,test,docs}/**/*.ts', { cwd: root }).map((path) => [
        path,
        readFileSync(join(root, path), 'utf8'),
      ]),
    )
    const words = new Map([...texts].map(([path, text]) => [path, new Set(text.match(/\w+/g))]))
    const declared = /^export (?:async )?(?:const|function\*?|interface|type|class) (\w+)/gm
    const alone = [...texts]
      .filter(([path]) => !path.endsWith('.test.ts'))
      .flatMap(([path, text]) =>
        [...text.matchAll(declared)]
          .map(([, name = '']) => name)
          .filter((name) => ![...words].some(([other, inside]) => other !== path && inside.has(name)))
          .map((name) => `${path}: ${name}`),
      )
    expect(alone).toEqual([])
  })

  it('called index.ts are a registry or a barrel', () => {
    const implementing = sources.filter(
      ({ path, text }) => path.endsWith('/index.ts') && text.split('\n').length > 100,
    )
    expect(implementing.map(({ path }) => path)).toEqual([])
  })

  it('have no default exports, no enums', () => {
    expect(offenders(/^export default\b/m)).toEqual([])
    expect(offenders(/^(export )?(const )?enum\b/m)).toEqual([])
  })

  it('have no two doc comments in a row', () => {
    expect(offenders(/\*\/\n[ \t]*\/\*\*/)).toEqual([])
  })

  it('are not called for what might be anything', () => {
    const vague = /(^|\/|-)(utils?|helpers?|managers?|misc|common|data|info)(-|\.|\/)/
    expect(sources.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([])
  })

  it('are kebab-case', () => {
    expect(sources.map(({ path }) => path).filter((path) => !/^[a-z0-9/-]+\.ts$/.test(path))).toEqual([])
  })

  it('of detectors never read the ground truth: no statement of theirs has the column `label`', () => {
    const detectors = sources.filter(
      ({ folder }) => folder !== 'capture' && [...stages, 'store', 'pipeline'].includes(folder),
    )
    const statements = (text: string) =>
      [...text.matchAll(/`[^`]*\b(?:SELECT|FROM|WHERE|GROUP BY)\b[^`]*`/g)].map(([found]) => found)
    const reads = (text: string) => statements(text).some((each) => /(?<!\bAS )\blabel\b/.test(each))
    expect(reads('sql`SELECT client FROM flow WHERE label != 1`')).toBe(true)
    expect(detectors.filter(({ text }) => reads(text)).map(({ path }) => path)).toEqual([])
  })

  it('outside the store do not know the engines', () => {
    const engines = /^(chdb|@clickhouse\/client|apache-arrow)/
    const others = sources.filter(
      ({ folder, packages }) => folder !== 'store' && packages.some((name) => engines.test(name)),
    )
    expect(others.map(({ path }) => path)).toEqual([])
  })
})
