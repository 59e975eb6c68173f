import { expect, it } from 'vitest'
import { summary } from './prune.ts'

const gone = { first: 0, last: 0, why: 'age' as const, load: null }
const hours = { ...gone, name: 'aggregates service_hour', records: { service_hour: 200 } }
const answers = { ...gone, name: 'answers of analyses', records: { analysis: 3 } }
const head = (...given: Parameters<typeof summary>) => summary(...given).split('\n')[0]

it('counts what the flags ask to remove, and nothing else', () => {
  expect(head([], { keep: 1 })).toBe('removed 0 inputs')
  expect(head([answers], { keepFindings: 1 })).toBe('removed 3 answers of analyses')
  expect(head([hours], { keepAggregates: 1, dryRun: true })).toBe(
    'would remove 200 rows of hourly aggregates',
  )
  expect(head([hours, answers], { maxDisk: 1, keepAggregates: 1, keepFindings: 1 })).toBe(
    'removed 0 inputs, 200 rows of hourly aggregates and 3 answers of analyses',
  )
})
