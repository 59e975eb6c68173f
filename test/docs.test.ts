/** The pages: links and anchors resolve, nothing that exists is left out. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { meaningOf } from '../docs/cli-page.ts'
import { transcriptPages } from '../docs/transcripts.ts'
import { createProgram } from '../src/cli/program.ts'
import { defaults } from '../src/config.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('docs/**/*.md', { cwd: root }),
].sort()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

function anchorsOf(path: string): string[] {
  const text = read(path).replace(/^```[\s\S]*?^```$/gm, '')
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)]
}

interface Link {
  readonly from: string
  readonly to: string
  readonly anchor: string
}

const links: readonly Link[] = pages.flatMap((from) =>
  [...withoutCode(read(from)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#')
      return { from, to: path === '' ? from : relative(root, join(root, dirname(from), path)), anchor }
    }),
)

it('there are pages with links', () => {
  expect(pages.length).toBeGreaterThan(10)
  expect(links.length).toBeGreaterThan(30)
})

it.each(pages)('%s: every link leads somewhere, to its anchor', (page) => {
  const broken = links
    .filter(({ from }) => from === page)
    .filter(
      ({ to, anchor }) =>
        !existsSync(join(root, to)) ||
        (anchor !== '' && to.endsWith('.md') && !anchorsOf(to).includes(anchor)),
    )
  expect(broken).toEqual([])
})

it.each(pages.filter((path) => path !== 'CHANGELOG.md'))(
  '%s: source and test files that it names exist',
  (page) => {
    const named = [
      ...read(page).matchAll(
        /(?<![\w./-])(?!\S*NAME)(?:src|test|bench|docs|packaging)\/[\w./-]*\w\.(?:test\.)?(?:ts|js|py|tsv)\b/g,
      ),
    ]
    const gone = named.map(([path]) => path).filter((path) => !existsSync(join(root, path)))
    expect(gone).toEqual([])
  },
)

it('an argument without a description stops the page of commands', () => {
  expect(() => meaningOf('models show', { name: () => 'family', description: '' })).toThrow(/argument family/)
})

it.each(pages.filter((path) => path.startsWith('docs/')))('%s can be reached from the index', (page) => {
  const index = links.filter(({ from }) => from === 'docs/README.md').map(({ to }) => to)
  expect([...index, 'docs/README.md']).toContain(page)
})

const { commands } = await createProgram()

describe('the reference', () => {
  /** Every command that does something, by its full name. */
  const leaves = (command: Command, before = ''): (readonly [string, Command])[] =>
    command.commands.length === 0
      ? [[`${before}${command.name()}`, command]]
      : command.commands.flatMap((each) => leaves(each, `${before}${command.name()} `))
  const cli = read('docs/reference/cli.md')
  const sectionsOf = (page: string) => page.split(/^## /m)

  it.each(commands.flatMap((command) => leaves(command)))('tells of gannet %s', (name, command) => {
    const section = sectionsOf(cli).find((each) => each.startsWith(`\`gannet ${name}\`\n`))
    expect(section).toBeDefined()
    const linked = [...(section?.matchAll(/\(#([a-z-]+)\)/g) ?? [])].map(([, anchor]) => anchor)
    const shared = sectionsOf(cli).filter((each) => linked.includes(anchorOf(each.split('\n')[0]!)))
    for (const { flags } of command.options)
      expect([section, ...shared].join('\n')).toContain(`| \`${flags}\` |`)
    expect(command.description()).not.toBe('')
  })

  it('shows commands that exist', () => {
    const known = commands.flatMap((command) => [command.name(), ...command.aliases()])
    const named = pages.flatMap((path) =>
      [...read(path).matchAll(/(?:^|[`$>(] ?)(?:\.\/)?gannet ([a-z]+)\b/gm)].map(([, name]) => name!),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })

  it.each(Object.keys(defaults))('tells of the option %s', (name) => {
    expect(read('docs/reference/options.md')).toContain(`| \`${name}\` |`)
  })
})

it('README shows a finding, and the demo is asked whether it still is one', () => {
  expect(transcriptPages()).toEqual(expect.arrayContaining(['README.md', 'docs/life-of-a-flow.md']))
  expect(read('README.md')).toMatch(/```text demo\nHIGH {2}Botnet b[0-9a-f]+ of \d+ hosts/)
})
