import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { inputPages, pathOf, withTables } from '../docs/input-pages.ts'

it.each(inputPages)('%s says what the mapping says', (page) => {
  const text = readFileSync(pathOf(page), 'utf8')
  expect(text).toContain('<!-- table: ')
  expect(withTables(text), 'run: node docs/input-pages.ts').toBe(text)
})
