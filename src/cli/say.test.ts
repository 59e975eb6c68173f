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
