/** Field reports are read right, and the page that lists them says what came of them. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  casesAreHere,
  fieldPage,
  fieldPagePath,
  type Tried,
  triedCases,
  triedReports,
} from './conformance-field.ts'
import { openReading, type Reading } from './contracts/reading.ts'

const faults = (tried: readonly Tried[]) => tried.flatMap((each) => each.faults)

describe('field reports', () => {
  let reading: Reading
  let more: Tried[]
  beforeAll(async () => {
    reading = await openReading()
    more = await triedReports(reading)
  })
  afterAll(() => reading.close())

  it('that are rebuilt here are read right, and listed', () => {
    expect(more.length).toBeGreaterThanOrEqual(10)
    expect(faults(more)).toEqual([])
    const page = readFileSync(fieldPagePath, 'utf8')
    for (const { name, source } of more) expect(page).toContain(`| ${name} | ${source} |`)
  })

  const here = casesAreHere()
  it.skipIf(!here)(
    here ? 'that were collected too' : 'that were collected (skipped: they are not here)',
    async () => {
      const cases = await triedCases(reading)
      expect(cases.length).toBeGreaterThan(60)
      expect(faults(cases)).toEqual([])
      expect(readFileSync(fieldPagePath, 'utf8')).toBe(fieldPage(cases, more))
    },
    300_000,
  )
})
