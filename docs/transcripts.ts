/**
 * Blocks of the pages that hold what a command prints: a fence called `console run` holds commands after `$ ` (longer
 * ones go on after `> `) with their output, a fence called `text demo` the IRC botnet as the demo prints it.
 * `npm run docs -- --run` writes them; test/whole/transcripts.test.ts holds them to what the commands print.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const fence = /^```(console run|text demo)\n([\s\S]*?)^```$/gm

/** Every page with such a block; last the one that shows what the commands of the others have found. */
export const transcriptPages = (): string[] =>
  [...globSync('docs/**/*.md', { cwd: root }).sort(), 'README.md'].filter((path) =>
    readFileSync(join(root, path), 'utf8').match(fence),
  )

/** Of the day that `gannet demo` makes. */
const demoSeed = 7

/** The pages, by path, with the output that the commands give now. Runs in a folder that is gone afterwards. */
export function pagesAsRun(): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-docs-'))
  try {
    const command = join(folder, 'gannet')
    writeFileSync(command, `#!/bin/sh\nexec '${join(root, 'gannet')}' "$@"\n`)
    chmodSync(command, 0o755)
    const shell = (text: string) => run(text, folder)
    shell(`gannet simulate --scenario campus-day --seed ${demoSeed} --out out/demo/records`)
    const found = () => shell('gannet findings --db day.gannet --limit 1000')
    return new Map(
      transcriptPages().map((path) => [
        path,
        readFileSync(join(root, path), 'utf8').replace(fence, (_, kind: string, body: string) => {
          const content = kind === 'text demo' ? botnetIn(found()) : transcriptOf(body, shell)
          return `\`\`\`${kind}\n${content}\`\`\``
        }),
      ]),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(command: string, folder: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-euc', command], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64e6,
    env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
  })
  if (status !== 0) throw new Error(`exit ${status}: ${command}\n${stderr}`)
  return stdout
}

function transcriptOf(body: string, shell: (command: string) => string): string {
  const commands = body.match(/^\$ .*\n(?:> .*\n)*/gm) ?? []
  return commands
    .map((shown) => {
      const output = shell(shown.replace(/^[$>] /gm, ''))
      return `${shown}${output}${output === '' || output.endsWith('\n') ? '' : '\n'}`
    })
    .join('')
}

/** The verdict on the IRC botnet with its finding, as the demo prints it too where not ten others stand before it. */
function botnetIn(found: string): string {
  const blocks = found.split('\n\n')
  const at = blocks.findIndex((block) => /act as one botnet/.test(block) && /:6667\/tcp/.test(block))
  if (at < 1) throw new Error('the demo does not find its IRC botnet')
  return `${blocks[at - 1]}\n\n${blocks[at]}\n`
}

/** Writes the pages with the output of today. */
export function writeTranscripts(): void {
  for (const [path, text] of pagesAsRun()) writeFileSync(join(root, path), text)
}
