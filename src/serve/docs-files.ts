/** The manual of this version, from the package itself. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../docs/', import.meta.url))

interface DocPage {
  /** `method/verdict`. */
  readonly path: string
  readonly title: string
}

let known: ReadonlyMap<string, string> | null = null

/** Texts by path, without the ending. */
function pages(): ReadonlyMap<string, string> {
  known ??= new Map(
    globSync('{glossary,method/*,reference/*,decisions/*,guide/*}.md', { cwd: folder })
      .toSorted()
      .map((path) => [path.replace(/\.md$/, ''), readFileSync(join(folder, path), 'utf8')]),
  )
  return known
}

export const docPages = (): DocPage[] =>
  [...pages()].map(([path, text]) => ({ path, title: /^# (.+)$/m.exec(text)?.[1] ?? path }))

/** Markdown of a page; null where there is none. */
export const docText = (path: string): string | null => pages().get(path) ?? null
