import { expect, it } from 'vitest'
import { current, pages } from '../docs/generate.ts'

it.each(pages)('$path says what the code says', (page) => {
  const now = current(page)
  expect(now).not.toBe('')
  expect(now, 'run: npm run docs').toBe(page.make(now))
})
