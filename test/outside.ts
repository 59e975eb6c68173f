/** Programs of others that check what we write, where they are installed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 }).status === 0

export const hasPython = (...modules: readonly string[]): boolean =>
  runs('python3', ['-c', modules.map((each) => `import ${each}`).join('\n')])

export const hasProgram = (name: string): boolean => runs('sh', ['-c', `command -v ${name}`])

/** A `describe` that says in its title why it skips. */
export const describeIf = (there: boolean, title: string, lacking: string, body: () => void): void => {
  describe.skipIf(!there)(there ? title : `${title} (skipped: ${lacking})`, body)
}

/** Runs a program on files that are gone afterwards. What it prints, and its exit code. */
export function run(
  command: readonly [string, ...string[]],
  files: Readonly<Record<string, string>> = {},
): { readonly code: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-outside-'))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    const [program, ...args] = command
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
      maxBuffer: 64 * 2 ** 20,
    })
    return { code: status, output: `${stdout}${stderr}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
