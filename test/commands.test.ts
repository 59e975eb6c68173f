/** The list of commands, of which only the one that is asked for is loaded, against the commands themselves. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { commands } from '../src/cli/commands.ts'
import { createProgram } from '../src/cli/program.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

const whole = await createProgram()

it('says of each command what the command says of itself', () => {
  expect(whole.commands.map((command) => command.name())).toEqual(commands.map(({ name }) => name))
})

it('has the same help text with one command loaded as with all', async () => {
  expect((await createProgram(['--help'])).helpInformation()).toBe(whole.helpInformation())
})

it.each(commands)('loads $name where it is called, and with its alias and its help', async (listed) => {
  const full = whole.commands.find((command) => command.name() === listed.name)!
  for (const words of [
    [listed.name],
    ['--debug', listed.alias ?? listed.name, '--json'],
    ['help', listed.name],
  ]) {
    const program = await createProgram(words)
    const found = program.commands.find((command) => command.name() === listed.name)!
    expect(found.helpInformation()).toBe(full.helpInformation())
  }
})

it('loads neither the engine nor a reader to print the help text', () => {
  const listing = `import { registerHooks } from 'node:module'
    registerHooks({ load: (url, context, next) => (console.error(url), next(url, context)) })`
  const { stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(listing)}`, main, '--help'],
    { encoding: 'utf8' },
  )
  const loaded = stderr.split('\n').flatMap((url) => /\/(?:src|node_modules)\/([^/]+)/.exec(url)?.[1] ?? [])
  expect(stdout).toContain('Usage: gannet')
  expect([...new Set(loaded)].toSorted()).toEqual(['cli', 'commander', 'errors.ts', 'reports'])
})

it.each([
  ['run', 'gannet run --help'],
  ['models show', 'gannet models show --help'],
])('points after a mistake behind %s at its own help text', (words, help) => {
  const { stderr } = spawnSync(process.execPath, [main, ...words.split(' '), '--nope'], { encoding: 'utf8' })
  expect(stderr).toContain(`(${help} says what there is)`)
})
