import { describe, expect, it } from 'vitest'
import { sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { ratio } from '../model/units.ts'
import { aloneReason, bestContacts, groupReason } from './why.ts'

const counts = { host: 'h', flows: 40, established: 30, toCnc: 10, cncEstablished: 8 }
const facts = {
  activities: { types: 'scan (scan-rate)', most: 3 },
  cflows: { cflows: 1, fellows: 4 },
  score: 0.04,
  line: 0.1,
  grouped: undefined,
  minFlows: 3,
}

describe('where the way to a group ended', () => {
  it.each([
    ['capture', undefined, facts],
    ['cflows', { ...counts, established: 0 }, facts],
    ['cflows', { ...counts, cncEstablished: 0 }, facts],
    ['cflows', { ...counts, cncEstablished: 2 }, { ...facts, cflows: undefined }],
    ['activities', counts, { ...facts, activities: undefined }],
    ['clusters', counts, { ...facts, cflows: { cflows: 1, fellows: 1 } }],
    ['correlations', counts, facts],
    ['correlations', counts, { ...facts, score: 0.2 }],
    ['findings', counts, { ...facts, score: 0.2, grouped: 'b1' }],
  ] as const)('%s', (stage, own, given) => {
    expect(groupReason(own, given).stage).toBe(stage)
  })

  it('says by how much', () => {
    expect(groupReason(counts, facts).text).toContain('0.04, threshold 0.1')
    expect(groupReason(counts, { ...facts, cflows: undefined }).text).toContain('8 established flows')
  })
})

describe('where the way alone ended', () => {
  const best = { score: 0.31, endpoint: '203.0.113.9:80/tcp', calls: 12 }

  it('is the line, just below it and just above', () => {
    expect(aloneReason(counts, { ...best, score: 0.4999 }, 0.5)).toMatchObject({ stage: 'traces' })
    expect(aloneReason(counts, { ...best, score: 0.5 }, 0.5)).toMatchObject({ stage: 'findings' })
    expect(aloneReason(counts, best, 0.5).text).toContain('0.19 below the threshold 0.5')
  })

  it('is that no contact of it is ranked, or that it never spoke', () => {
    expect(aloneReason(counts, undefined, 0.5)).toMatchObject({ stage: 'traces' })
    expect(aloneReason(counts, undefined, 0.5).text).toContain('it has 40 flows')
    expect(aloneReason({ ...counts, flows: 0 }, best, 0.5).stage).toBe('capture')
  })
})

it('takes the most suspicious contact of each host, by name where it has one', () => {
  const [one] = sampleAnswer.contacts
  const contacts = [
    one!,
    { ...one!, name: 'c2.example', score: ratio(0.7), calls: 9 },
    { ...one!, host: '10.0.8.9', score: ratio(0) },
  ]

  expect(bestContacts({ contacts })).toEqual(
    new Map([
      [one!.host, { score: 0.7, endpoint: 'c2.example:8443/tcp', calls: 9 }],
      ['10.0.8.9', { score: 0, endpoint: '198.51.100.40:8443/tcp', calls: 288 }],
    ]),
  )
})
