import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLineLimits } from './line-limits.ts'

/** What is kept of a text that comes in chunks of a size. */
function kept(text: string, most: number, size: number): string {
  const limits = createLineLimits(most)
  const bytes = Buffer.from(text, 'latin1')
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(limits.keep(bytes.subarray(at, at + size)))
  return Buffer.concat(pieces).toString('latin1')
}

it.each([1, 2, 3, 7, 100])('cuts what is longer than a line may be, in chunks of %i', (size) => {
  expect(kept('short\n123456789\n12345678\n\nend', 8, size)).toBe('short\n12345678(cut)\n12345678\n\nend')
  expect(kept('123456789012345', 8, size)).toBe('12345678(cut)')
})

it.each([1, 2, 5, 100])('leaves out a hole before a line, however long, in chunks of %i', (size) => {
  expect(kept(`one\n${'\0'.repeat(50)}two\n\0\0\n\0end`, 8, size)).toBe('one\ntwo\n\nend')
  expect(kept('in\0side\n', 8, size)).toBe('in\0side\n')
})

it('is the same in whatever chunks', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\0', 'b'), maxLength: 60 })
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 12 }), (of, most, size) => {
      const expected = of
        .split('\n')
        .map((line) => line.replace(/^\0+/, ''))
        .map((line) => (line.length > most ? `${line.slice(0, most)}(cut)` : line))
        .join('\n')
      expect(kept(of, most, size)).toBe(expected)
    }),
  )
})
