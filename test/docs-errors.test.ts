import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { errorCodes } from '../src/errors.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(`${root}docs/reference/errors.md`, 'utf8')
const headings = [...page.matchAll(/^## `?([a-z-]+)`?$/gm)].map(([, code]) => code)

it('every error code has its heading, in the order of src/errors.ts, and no other', () => {
  expect(headings).toEqual([...errorCodes])
})

it('every heading says what to do', () => {
  for (const section of page.split(/^## /m).slice(1))
    expect(section, section.slice(0, 30)).toMatch(/\n\*\*Do\*\* .+/)
})

it('every code is thrown somewhere', () => {
  const sources = globSync('src/**/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => readFileSync(`${root}${path}`, 'utf8'))
    // The list itself throws nothing.
    .map((text) => text.replace(/export const errorCodes = \[[^\]]*\]/, ''))
    .join('\n')
  expect(errorCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
})
