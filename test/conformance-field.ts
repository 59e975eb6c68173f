/**
 * The faults that people report of tools like this, tried on Gannet: the collected cases of `../shared/cases/inputs`,
 * and further reports that are rebuilt here (`field/reports.ts`). `node test/conformance-field.ts` writes
 * docs/reference/conformance-field.md.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openReading, type Reading } from './contracts/reading.ts'
import { type Want, wants } from './field/cases.ts'
import { faultsOf, inShort, readCase } from './field/read-case.ts'
import { reports } from './field/reports.ts'

/** A row of the table. */
export interface Tried {
  readonly name: string
  readonly source: string
  readonly oddity: string
  /** What came of each file, alike ones together. */
  readonly ours: string
  readonly faults: readonly string[]
  /** Why it was not tried. */
  readonly skipped?: string
}

const root = fileURLToPath(new URL('../../shared/cases/inputs/', import.meta.url))

export const casesAreHere = (): boolean => existsSync(root)

/** A line such as `- Oddity: …` of what is said of a case. */
const field = (text: string, what: string): string =>
  new RegExp(`^- ${what}: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? ''

async function tryFile(reading: Reading, { path, name, want }: { path: string; name: string; want: Want }) {
  try {
    const outcome = await readCase(reading, { path, name, format: want.format })
    return { short: inShort(outcome), faults: faultsOf(outcome, want).map((fault) => `${name}: ${fault}`) }
  } catch (error) {
    return { short: `a bug: ${error}`, faults: [`${name}: ${error}`] }
  }
}

async function tryFiles(
  reading: Reading,
  files: readonly { path: string; name: string; want: Want }[],
): Promise<Pick<Tried, 'ours' | 'faults'>> {
  const found: { short: string; faults: string[] }[] = []
  for (const file of files) found.push(await tryFile(reading, file))
  return {
    ours: [...new Set(found.map(({ short }) => short))].join('<br>'),
    faults: found.flatMap(({ faults }) => faults),
  }
}

async function tryCase(reading: Reading, folder: string): Promise<Tried> {
  const text = readFileSync(join(root, folder, 'expected.md'), 'utf8')
  const about = {
    name: folder,
    source: field(text, 'Source'),
    oddity: field(text, 'Oddity'),
  }
  const known = wants[folder]
  const names = readdirSync(join(root, folder)).filter((name) => name !== 'expected.md')
  if (!known) {
    const why =
      names.length === 0
        ? 'its input is made by a test (a line of 40 MB)'
        : 'nothing is known to compare with'
    return { ...about, ours: '', faults: [], skipped: why }
  }
  const files = names.flatMap((name) => {
    const want = known[name] ?? known['*']
    return want ? [{ path: join(root, folder, name), name, want }] : []
  })
  return { ...about, ...(await tryFiles(reading, files)) }
}

/** Every collected case; none where they are not at hand. */
export async function triedCases(reading: Reading): Promise<Tried[]> {
  const tried: Tried[] = []
  if (!casesAreHere()) return tried
  for (const folder of readdirSync(root).sort()) tried.push(await tryCase(reading, folder))
  return tried
}

/** Every report that is rebuilt here. */
export async function triedReports(reading: Reading): Promise<Tried[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-reports-'))
  const tried: Tried[] = []
  try {
    for (const { name, source, oddity, file, content, want } of reports) {
      const path = join(folder, file)
      writeFileSync(path, content)
      const found = await tryFiles(reading, [{ path, name: file, want }])
      tried.push({ name, source, oddity, ...found })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return tried
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** What is not right: nothing for most. */
const verdict = ({ faults, skipped, ours }: Tried): string[] => {
  if (skipped !== undefined) return [`**not tried**: ${skipped}`]
  return faults.length === 0 ? [] : [`**wrong**: ${faults.join('; ')} (${ours})`]
}

const table = (tried: readonly Tried[]): string =>
  [
    '| case | reported in | input |',
    '| --- | --- | --- |',
    ...tried.map((each) => {
      const cells = [each.name, each.source, [each.oddity, ...verdict(each)].join('; ')]
      return `| ${cells.map(cell).join(' | ')} |`
    }),
  ].join('\n')

const count = (tried: readonly Tried[]): string => {
  const right = tried.filter(({ faults, skipped }) => faults.length === 0 && skipped === undefined).length
  const skipped = tried.filter((each) => each.skipped !== undefined).length
  const wrong = tried.length - right - skipped
  return `${tried.length}: ${right} right, ${wrong} wrong, ${skipped} not tried`
}

/** The page for these results. */
export const fieldPage = (
  cases: readonly Tried[],
  more: readonly Tried[],
): string => `# Reported problems with inputs

Inputs that caused problems in Zeek, nfdump, Suricata, Argus, libpcap, softflowd, pmacct, ntopng, RITA and others, rebuilt as small
files. \`node test/conformance-field.ts\` writes this page. It reads each file as an import does and compares records, counts, times
and outcomes with the right result of \`test/field/\`. \`test/conformance-field.test.ts\` repeats that: the second table always, the first
if the collected cases are present. A case is read right unless its row says otherwise.

## Collected cases

${count(cases)}.

${table(cases)}

## Further reports

${count(more)}. The cases are in \`test/field/reports.ts\`.

${table(more)}
`

export const fieldPagePath = fileURLToPath(new URL('../docs/reference/conformance-field.md', import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!casesAreHere()) throw new Error(`the collected cases are not at hand: ${root}`)
  const reading = await openReading()
  const [cases, more] = [await triedCases(reading), await triedReports(reading)]
  await reading.close()
  writeFileSync(fieldPagePath, fieldPage(cases, more))
  const wrong = [...cases, ...more].filter(({ faults }) => faults.length > 0)
  for (const each of wrong) console.error(`${each.name}: ${each.faults.join('; ')}`)
  console.error(`cases ${count(cases)}; reports ${count(more)}`)
}
