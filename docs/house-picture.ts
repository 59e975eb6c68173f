/** The picture of the layout in CONTRIBUTING.md: which folder of `src/` imports which, from the imports themselves. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stages } from '../src/pipeline/stages.ts'

const root = fileURLToPath(new URL('../src', import.meta.url))

type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** Folders that are drawn as one box, because everything above uses them alike. */
const boxes: Readonly<Record<string, { readonly title: string; readonly folders: readonly string[] }>> = {
  stages: { title: 'stages, in the order of the pipeline', folders: stages.map(({ name }) => name) },
  shared: { title: 'shared', folders: ['knowledge', 'store', 'output', 'model', 'math', 'errors'] },
}

const folderOf = (path: string): string => (path.split('/')[0] ?? '').replace(/\.ts$/, '')

const boxOf = (folder: string): string =>
  Object.entries(boxes).find(([, { folders }]) => folders.includes(folder))?.[0] ?? folder

/** Every folder (or single file) at the top of `src/` with those that it imports; tests are left out. */
function importsByFolder(): Graph {
  const graph = new Map<string, Set<string>>()
  for (const path of globSync('**/*.ts', { cwd: root }).sort()) {
    if (path.endsWith('.test.ts')) continue
    const from = folderOf(path)
    const targets = graph.get(from) ?? new Set<string>()
    graph.set(from, targets)

    const text = readFileSync(`${root}/${path}`, 'utf8')
    for (const [, target = ''] of text.matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)'/gm)) {
      const to = folderOf(relative(root, resolve(root, dirname(path), target)))
      if (to !== from && to !== '' && !to.startsWith('..')) targets.add(to)
    }
  }
  return graph
}

function collapsed(graph: Graph): Graph {
  const boxed = new Map<string, Set<string>>()
  for (const [from, targets] of graph) {
    const into = boxed.get(boxOf(from)) ?? new Set<string>()
    boxed.set(boxOf(from), into)
    for (const to of targets) if (boxOf(to) !== boxOf(from)) into.add(boxOf(to))
  }
  return boxed
}

const within = (graph: Graph, folders: readonly string[]): Graph =>
  new Map(
    folders.map((from) => [from, new Set([...(graph.get(from) ?? [])].filter((to) => folders.includes(to)))]),
  )

/** The arrows that no longer way says as well; `graph` has no circle. */
function arrowsOf(graph: Graph): string[] {
  const reach = (from: string): Set<string> => {
    const direct = [...(graph.get(from) ?? [])]
    return new Set(direct.flatMap((to) => [to, ...reach(to)]))
  }
  return [...graph].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && reach(other).has(to)))
      .sort()
      .map((to) => `  ${from} --> ${to}`),
  )
}

function boxLines(
  graph: Graph,
  [name, { title, folders }]: readonly [string, (typeof boxes)[string]],
): string[] {
  const present = folders.filter((each) => graph.has(each))
  return [
    `  subgraph ${name} ["${title}"]`,
    ...present.map((each) => `    ${each}`),
    ...arrowsOf(within(graph, present)).map((line) => `  ${line}`),
    '  end',
  ]
}

function picture(): string {
  const graph = importsByFolder()
  return [
    '```mermaid',
    'flowchart TD',
    ...Object.entries(boxes).flatMap((box) => boxLines(graph, box)),
    ...arrowsOf(collapsed(graph)),
    '```',
  ].join('\n')
}

/** The page with its picture as the imports are today. */
export const withPicture = (now: string): string =>
  now.replace(/<!-- house -->\n[\s\S]*?<!-- end -->/g, () => `<!-- house -->\n\n${picture()}\n\n<!-- end -->`)
