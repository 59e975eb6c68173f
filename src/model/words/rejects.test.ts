import { expect, it } from 'vitest'
import { rejectReasons } from '../../capture/rejects.ts'
import { sayReason, sayRejects } from './rejects.ts'

it('has words for every reason of a reader', () => {
  for (const reason of Object.keys(rejectReasons)) expect(sayRejects([[reason, 3]])).not.toBe(`3 ${reason}`)
})

it('says counts in the order given, and a reason without words as it is', () => {
  expect(
    sayRejects([
      ['truncated', 1200],
      ['it names nothing', 1],
    ]),
  ).toBe('1\u202f200 cut short or malformed, 1 it names nothing')
})

it('takes a reason that is a word of JavaScript for itself', () => {
  expect(['constructor', 'toString', '__proto__'].map(sayReason)).toEqual([
    'constructor',
    'toString',
    '__proto__',
  ])
})
