import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { answerPage } from '../docs/answer-page.ts'

it('the page of the JSON contract says what the schema says', () => {
  const page = readFileSync(new URL('../docs/reference/answer.md', import.meta.url), 'utf8')
  expect(page, 'run: node docs/answer-page.ts').toBe(answerPage())
})
