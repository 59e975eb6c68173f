import { describe, expect, it } from 'vitest'
import { cleanAnswer, sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import type { Answer } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import { ratio } from '../model/units.ts'
import { compare } from './compare.ts'

const [first, second] = sampleAnswer.findings as readonly [Finding, Finding]
const having = (...findings: Finding[]): Answer => ({ ...sampleAnswer, findings, hosts: [] })
const changes = (...of: Parameters<typeof compare>) =>
  compare(...of).findings.map(({ change, finding }) => [change, finding.id])

describe('two analyses', () => {
  it('that say the same differ in nothing', () => {
    expect(compare(sampleAnswer, sampleAnswer)).toMatchObject({ findings: [], hosts: [] })
  })

  it('of which the first finds nothing: all is new', () => {
    expect(new Set(changes(sampleAnswer, cleanAnswer).map(([change]) => change))).toEqual(new Set(['new']))
    expect(compare(sampleAnswer, cleanAnswer).hosts).toHaveLength(sampleAnswer.hosts.length)
    expect(changes(sampleAnswer, null)).toHaveLength(sampleAnswer.findings.length)
  })

  it('tell what is gone, and what is back', () => {
    expect(changes(having(first), having(first, second))).toEqual([['gone', second.id]])
    expect(changes(having(first, second), having(first), [having(second)])).toEqual([['back', second.id]])
    expect(changes(having(first, second), having(first), [having(first)])).toEqual([['new', second.id]])
  })

  it.each([
    [0.5, 0.6, ['raised']],
    [0.5, 0.59, []],
    [0.6, 0.5, ['lowered']],
    [0.6, 0.51, []],
  ])('from a confidence of %f to one of %f', (then, now, expected) => {
    const at = (confidence: number) => having({ ...first, confidence: ratio(confidence) })
    expect(changes(at(now), at(then)).map(([change]) => change)).toEqual(expected)
  })

  it('a severity counts more than a confidence', () => {
    const was = having({ ...first, severity: 'medium', confidence: ratio(0.9) })
    expect(changes(having({ ...first, severity: 'high', confidence: ratio(0.6) }), was)).toEqual([
      ['raised', first.id],
    ])
  })

  it('know a finding of another day, whose id has another epoch, by its host and kind', () => {
    const scan = sampleAnswer.findings.find(({ kind }) => kind === 'scan')!
    expect(changes(having({ ...scan, id: 'f-other' }), having(scan))).toEqual([])
    expect(
      changes(having({ ...scan, id: 'f-other', hosts: ['10.9.9.9'] }), having(scan)).map(
        ([change]) => change,
      ),
    ).toEqual(['new', 'gone'])
  })

  it('know a botnet that grew, and a beacon that calls elsewhere from one that is the same', () => {
    const botnet = sampleAnswer.findings.find(({ kind }) => kind === 'botnet')!
    expect(
      changes(having({ ...botnet, id: 'f-1', hosts: [...botnet.hosts, '10.9.9.9'] }), having(botnet)),
    ).toEqual([])
    const beacon = sampleAnswer.findings.find(({ kind }) => kind === 'beacon')!
    const elsewhere = { ...beacon, id: 'f-2', cnc: [{ ...beacon.cnc[0]!, name: 'other.example' }] }
    expect(changes(having(elsewhere), having(beacon)).map(([change]) => change)).toEqual(['new', 'gone'])
  })
})
