import { afterEach, expect, it, vi } from 'vitest'
import { print, say, sayLines } from './say.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it('writes what would act on a terminal as its number, and ends of lines as they are', () => {
  const said: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  print('a\u001b[2J\n\u009bb\u202ec')
  print('plain – text\n')
  say('one\nline\u0007')
  sayLines('two\nlines')
  expect(said).toEqual([
    'a\\u{001b}[2J\n\\u{009b}b\\u{202e}c\n',
    'plain – text\n',
    'one\\nline\\u{0007}\n',
    'two\nlines\n',
  ])
})

it('keeps the styles of a report on a terminal, and those alone', () => {
  const { isTTY } = process.stdout
  const said: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  try {
    for (const each of [true, false]) {
      process.stdout.isTTY = each
      print('\u001b[1mbold\u001b[22m \u001b[31mred\u001b[39m \u001b[8mhidden \u001b[2J')
    }
  } finally {
    process.stdout.isTTY = isTTY
  }
  expect(said).toEqual([
    '\u001b[1mbold\u001b[22m \u001b[31mred\u001b[39m \\u{001b}[8mhidden \\u{001b}[2J\n',
    '\\u{001b}[1mbold\\u{001b}[22m \\u{001b}[31mred\\u{001b}[39m \\u{001b}[8mhidden \\u{001b}[2J\n',
  ])
})
