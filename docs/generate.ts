/**
 * Writes the pages, and the tables in pages, that are made from the code: `npm run docs`. To add one, list it here;
 * `test/generated-pages.test.ts` holds each to what the code says.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { answerPage } from './answer-page.ts'
import { inputPages, withTables } from './input-pages.ts'
import { recordsPage } from './records-page.ts'

export interface Page {
  /** Path under `docs/`. */
  readonly path: string
  /** The whole page; `now` is the page as it is, for those of which only parts are made. */
  make(now: string): string
}

export const pages: readonly Page[] = [
  { path: 'reference/records.md', make: recordsPage },
  { path: 'reference/answer.md', make: answerPage },
  ...inputPages.map((page) => ({ path: `reference/${page}.md`, make: withTables })),
]

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
}
