/** Scripts for shells and the man page, in the programs that they are for. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '../program.ts'
import { manPage, outlineOf, shells } from './index.ts'

const program = outlineOf(await createProgram())
const folder = mkdtempSync(join(tmpdir(), 'gannet-shell-'))
const path = (shell: string) => join(folder, `gannet.${shell}`)
const run = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' })
const isThere = (command: string) => run(command, '--version').error === undefined

beforeAll(() => {
  for (const [name, script] of Object.entries(shells)) writeFileSync(path(name), script(program))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What each shell offers for words, the last of which is being typed. */
const cases: readonly { readonly words: string[]; readonly offered: string[]; readonly not?: string[] }[] = [
  { words: ['fin'], offered: ['findings'] },
  { words: ['analy'], offered: ['analyse', 'analyze'] },
  { words: ['models', ''], offered: ['compare', 'list', 'show', 'test'], not: ['run'] },
  { words: ['run', '--sens'], offered: ['--sensitivity'] },
  { words: ['run', '--sensitivity', ''], offered: ['high', 'low', 'normal'] },
  { words: ['findings', '--format', 'st'], offered: ['stix'] },
  { words: ['models', 'test', '--ru'], offered: ['--runs'] },
  { words: ['analyse', '--epo'], offered: ['--epoch-hours'] },
  { words: ['completion', '--'], offered: [], not: ['--db'] },
]

describe('completion', () => {
  it.skipIf(!isThere('bash')).each(cases)('of bash for $words', ({ words, offered, not = [] }) => {
    const all = ['gannet', ...words].map((each) => `'${each}'`).join(' ')
    const script = `source ${path('bash')}; COMP_WORDS=(${all}); COMP_CWORD=${words.length}; _gannet; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = run('bash', '--norc', '-c', script)
    const found = stdout.trim().split('\n')
    expect(stderr).toBe('')
    expect(found.toSorted()).toEqual(expect.arrayContaining([...offered]))
    for (const each of not) expect(found).not.toContain(each)
  })

  it.skipIf(!isThere('fish')).each(cases.filter(({ words }) => words.at(-1) !== '--'))(
    'of fish for $words',
    ({ words, offered, not = [] }) => {
      const typed = `gannet ${words.join(' ')}`
      const { stdout, stderr } = run(
        'fish',
        '--no-config',
        '-c',
        `source ${path('fish')}; complete -C "${typed}"`,
      )
      const found = stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0])
      expect(stderr).toBe('')
      expect(found).toEqual(expect.arrayContaining([...offered]))
      for (const each of not) expect(found).not.toContain(each)
    },
  )

  it.skipIf(!isThere('zsh'))('of zsh is read without a fault, with a function for each command', () => {
    const names = ['_gannet', '_gannet_run', '_gannet_models_test']
    const script = `autoload -U compinit; compinit -u -d ${join(folder, 'dump')}; source ${path('zsh')}; whence -w ${names.join(' ')}`
    const { stdout, stderr } = run('zsh', '-f', '-c', script)
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n')).toEqual(names.map((name) => `${name}: function`))
  })

  it('names every command and every option, with no text that a shell could run', () => {
    for (const script of Object.values(shells).map((make) => make(program)))
      for (const { name, options } of program.commands) {
        expect(script).toContain(name)
        for (const { long } of options) expect(script).toContain(long.replace(/^--/, ''))
      }
    expect(shells.bash(program)).not.toContain('`')
  })
})

describe('the man page', () => {
  const page = manPage(program, '1.2.3')

  it.skipIf(!isThere('groff'))('is set without a warning', () => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-cbou'], {
      input: page,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    for (const each of [
      'NAME',
      'gannet run [options] input ...',
      '--sensitivity choice',
      'Most used',
      'EXIT STATUS',
    ])
      expect(stdout).toContain(each)
  })

  it('is plain ASCII, and no line of it is a request that is not ours', () => {
    expect(page).toMatch(/^[\n\x20-\x7e]+$/)
    const requests = new Set([...page.matchAll(/^[.'](\S*)/gm)].map(([, name]) => name))
    expect([...requests].toSorted()).toEqual(['B', 'PP', 'SH', 'SS', 'TH', 'TP'])
  })
})
