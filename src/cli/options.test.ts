import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { analysisOptions, decisionsOption, writtenDecisionsOption } from './options.ts'

const absent = '/nowhere/decisions.yaml'

function given(add: (command: Command) => Command, ...words: string[]): Record<string, unknown> {
  const command = add(new Command('x').exitOverride().configureOutput({ writeErr: () => {} }))
  return command.parse(words, { from: 'user' }).opts()
}

describe('options of an analysis', () => {
  it.each([
    ['--internal', 'foo'],
    ['--internal', '10.0.0.0/33'],
    ['--internal', '10.0.0'],
    ['--internal', '10.0.0.0/8,2001:db8::/129'],
    ['--internal', ','],
    ['--mail-servers', 'xyz'],
    ['--mail-servers', '10.0.0.0/8'],
    ['--scanners', '300.1.1.1'],
    ['--scanners', '10.0.0.1,scanner.example'],
  ])('refuse %s %s', (name, value) => {
    expect(() => given(analysisOptions, name, value)).toThrow(
      expect.objectContaining({ code: 'option-invalid', hint: expect.stringMatching(/^Give (?:net|add)/) }),
    )
  })

  it('take networks, addresses, and hosts as the records write them', () => {
    expect(
      given(
        analysisOptions,
        ...['--internal', '10.0.0.0/8, 2001:db8::/32', '--internal', '192.0.2.7'],
        ...['--scanners', '10.0.0.1,2001:DB8:0::7', '--mail-servers', '::ffff:10.0.0.2'],
      ),
    ).toMatchObject({
      internal: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'],
      scanners: ['10.0.0.1', '2001:db8::7'],
      mailServers: ['10.0.0.2'],
    })
  })
})

it('wants the decisions that it reads, and makes those that it writes or waits for', () => {
  const run = (add: (command: Command) => Command, ...words: string[]) =>
    given((command) => add(command.option('--watch').action(() => {})), ...words)

  const present = fileURLToPath(import.meta.url)
  expect(() => run(decisionsOption, '--decisions', absent)).toThrow(
    expect.objectContaining({ code: 'option-invalid' }),
  )
  expect(run(decisionsOption, '--decisions', present)).toEqual({ decisions: present })
  expect(run(decisionsOption, '--decisions', absent, '--watch')).toEqual({ decisions: absent, watch: true })
  expect(run(writtenDecisionsOption, '--decisions', absent)).toEqual({ decisions: absent })
})
