/** The split of families in docs/method/held-out.md is the one that the fit and the benchmark use. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { familySides } from '../bench/samples/name-lists.ts'
import { dgaScore } from '../src/activities/rules/dga-score.ts'
import { fitted } from '../src/dns/dga-classifier.ts'
import { describeWithData } from './shared-data.ts'

const page = readFileSync(new URL('../docs/method/held-out.md', import.meta.url), 'utf8')
const listed = (side: string) =>
  page
    .split('\n')
    .slice(page.split('\n').indexOf('## Names'))
    .find((line) => line.startsWith(`| ${side}`))
    ?.split('|')[2]
    ?.trim()
    .split(', ')

describeWithData('names/dga', 'held-out families', () => {
  it('are those of the page', () => {
    const of = (side: string) =>
      familySides()
        .filter((each) => each.side === side)
        .map(({ family }) => family)
    expect(listed('tuning')).toEqual(of('tuning'))
    expect(listed('reporting, never seen')).toEqual(of('reporting'))
    const { families } = (fitted as unknown as { provenance: { families: string[] } }).provenance
    expect(families).toEqual(of('tuning'))
  })
})

it('half of the sum that accuses is the line of the rule', () => {
  expect(dgaScore.defaults.sum).toBeCloseTo(fitted.sumLine / 2, 0)
})
