import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { pagesAsRun } from '../../docs/transcripts.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

it('the pages show what the commands print today', () => {
  const pages = pagesAsRun()
  expect(pages.size).toBeGreaterThan(1)
  for (const [path, text] of pages) {
    expect(readFileSync(join(root, path), 'utf8'), `${path}: run npm run docs -- --run`).toBe(text)
  }
})
