/** The lists of docs/README.md that name every page of a kind. */
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('.', import.meta.url))

/** Pages that stand elsewhere in the index. */
const placed = ['README.md', 'life-of-a-flow.md', 'glossary.md']
/** Pages of methods in the order of reading; others follow by name. */
const first = ['botminer', 'activities', 'beacons', 'simulator']

const titleOf = (path: string): string =>
  /^# (?:\d+\. )?(.+)$/m.exec(readFileSync(`${docs}${path}`, 'utf8'))?.[1] ?? basename(path, '.md')

const place = (path: string): number => {
  const at = first.indexOf(basename(path, '.md'))
  return at < 0 ? first.length : at
}

function methods(): string[] {
  const pages = globSync(['method/*.md', '*.md'], { cwd: docs }).filter((path) => !placed.includes(path))
  const sorted = pages.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
  return sorted.map((path, i) => `${i + 1}. [${titleOf(path)}](${path})`)
}

const decisions = (): string[] =>
  globSync('decisions/*.md', { cwd: docs })
    .sort()
    .map((path) => `- [${Number.parseInt(basename(path), 10)}. ${titleOf(path)}](${path})`)

const lists: Readonly<Record<string, () => string[]>> = { methods, decisions }

/** The page with its lists as they are today. */
export const indexPage = (now: string): string =>
  now.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- end -->/g, (whole, name: string) =>
    lists[name] ? `<!-- ${name} -->\n\n${lists[name]().join('\n')}\n\n<!-- end -->` : whole,
  )
