/**
 * Writes the pages, and the tables in pages, that are made from the code: `npm run docs`. To add one, list it here;
 * `test/generated-pages.test.ts` holds each to what the code says. With `--run`, what commands print is written again
 * too.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parts } from '../bench/attack/index.ts'
import { reliabilityPage } from '../bench/attack/page.ts'
import type { Attacks } from '../bench/attack/runs.ts'
import { benchmarks } from '../bench/index.ts'
import type { Results } from '../bench/results.ts'
import { benchmarksPage } from '../bench/results-page.ts'
import { createProgram } from '../src/cli/program.ts'
import { manPage, outlineOf } from '../src/cli/shell/index.ts'
import { version } from '../src/cli/version.ts'
import { answerPage } from './answer-page.ts'
import { cliPage } from './cli-page.ts'
import { withPicture } from './house-picture.ts'
import { indexPage } from './index-page.ts'
import { inputPages, withTables } from './input-pages.ts'
import { optionsPage } from './options-page.ts'
import { recordsPage } from './records-page.ts'
import { writeTranscripts } from './transcripts.ts'

const manual = manPage(outlineOf(await createProgram()), version)

export interface Page {
  /** Path under `docs/`. */
  readonly path: string
  /** The whole page; `now` is the page as it is, for those of which only parts are made. */
  make(now: string): string
}

export const pages: readonly Page[] = [
  { path: 'README.md', make: indexPage },
  { path: '../CONTRIBUTING.md', make: withPicture },
  { path: 'reference/cli.md', make: cliPage },
  { path: 'gannet.1', make: () => manual },
  { path: 'reference/options.md', make: optionsPage },
  { path: 'reference/records.md', make: recordsPage },
  { path: 'reference/answer.md', make: answerPage },
  { path: 'benchmarks.md', make: () => benchmarksPage(recorded(), benchmarks) },
  { path: 'reliability.md', make: () => reliabilityPage(attacked(), parts) },
  ...inputPages.map((page) => ({ path: `reference/${page}.md`, make: withTables })),
]

/** What the last run of each benchmark gave. */
const recorded = (): Results =>
  JSON.parse(readFileSync(new URL('benchmarks.json', import.meta.url), 'utf8')) as Results

/** What the last run of each attack gave. */
const attacked = (): Attacks =>
  JSON.parse(readFileSync(new URL('reliability.json', import.meta.url), 'utf8')) as Attacks

/** The page as it is; empty where it has not been made yet. */
export function current({ path }: Page): string {
  try {
    return readFileSync(new URL(path, import.meta.url), 'utf8')
  } catch {
    return ''
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of pages) writeFileSync(new URL(page.path, import.meta.url), page.make(current(page)))
  if (process.argv.includes('--run')) writeTranscripts()
}
