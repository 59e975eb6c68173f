import { describe, expect, it } from 'vitest'
import { aloneReason, groupReason } from './why.ts'

const counts = { host: 'h', flows: 40, established: 30, toCnc: 10, cncEstablished: 8, seconds: 9000 }
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

  it('is a trace that is too short, or none', () => {
    expect(aloneReason({ ...counts, seconds: 1799 }, undefined, 0.5).text).toMatch(/long enough/)
    expect(aloneReason({ ...counts, seconds: 1801 }, undefined, 0.5).text).toMatch(/none of its 40 flows/)
  })
})
