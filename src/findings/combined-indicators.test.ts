import { describe, expect, it } from 'vitest'
import { checkAnswer } from '../../test/contracts/answer.ts'
import type { Finding } from '../model/finding.ts'
import { clampRatio, micros } from '../model/units.ts'
import { assembleAnswer } from './assemble.ts'
import type { DatedIndicator } from './combined-indicators.ts'
import { newFindingsIn } from './new-findings.ts'

const hint = (
  kind: DatedIndicator['kind'],
  strength: number,
  more: Partial<DatedIndicator> = {},
): DatedIndicator => ({
  host: '10.0.0.5',
  kind,
  strength,
  description: `shows ${kind}`,
  from: micros(10),
  to: micros(20),
  cnc: [],
  evidence: () => [
    {
      kind: 'activity',
      activity: 'scan',
      detector: kind,
      did: 'did it',
      hosts: ['10.0.0.5'],
      times: 1,
      first: micros(10),
      last: micros(20),
      flows: [],
      query: { sql: 'SELECT 1', params: {} },
    },
  ],
  doubts: [`${kind} may be benign`],
  ...more,
})
const finding: Finding = {
  id: 'f1',
  kind: 'scan',
  hosts: ['10.0.0.5'],
  from: micros(0),
  to: micros(1),
  severity: 'low',
  confidence: clampRatio(0.6),
  claim: '10.0.0.5 scans.',
  cnc: [],
  rally: null,
  evidence: hint('scan', 0.1).evidence(),
  doubts: ['it may not'],
}
const analysis = { hosts: 2 } as never
const answer = (found: readonly Finding[], weakIndicators: readonly DatedIndicator[]) =>
  assembleAnswer({ version: '0', analysis, inputs: [] }, found, { botnets: [], weakIndicators })
const strong = [hint('beacon', 0.48, { from: micros(5) }), hint('dga', 0.49), hint('scan', 0.49)]

describe('indicators together', () => {
  it('make a finding that carries the evidence and the doubts of each', () => {
    const { findings, hosts, suspects } = answer([], strong)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ kind: 'together', hosts: ['10.0.0.5'], from: 5, to: 20 })
    expect(findings[0]?.claim).toMatch(
      /^10\.0\.0\.5 shows 3 indicators of a bot, none enough alone: it shows /,
    )
    expect(findings[0]?.evidence).toHaveLength(3)
    expect(findings[0]?.doubts).toContain('dga may be benign')
    expect(hosts[0]?.kinds).toEqual(['together'])
    expect(hosts[0]?.parts).toHaveLength(3)
    expect(suspects).toEqual([])
  })

  it('are one suspect with a verdict where they do not reach the line', () => {
    const { findings, hosts, suspects } = answer([], [hint('beacon', 0.2), hint('scan', 0.1)])
    expect([findings, hosts]).toEqual([[], []])
    expect(suspects.map(({ host, parts }) => [host, parts.length])).toEqual([['10.0.0.5', 2]])
  })

  it('make no finding of a host that a detector accuses, but raise its verdict', () => {
    const [alone] = answer([finding], []).hosts
    const [more] = answer([finding], strong).hosts
    expect(more?.kinds).toEqual(['scan'])
    expect(more!.confidence).toBeGreaterThan(alone!.confidence)
    expect(more?.findings).toEqual(['f1'])
  })

  it('keep the contract, also in the news', () => {
    const whole = answer([finding], [...strong, ...strong.map((each) => ({ ...each, host: '10.0.0.6' }))])
    expect(checkAnswer(whole)).toEqual([])
    expect(whole.hosts.map(({ host }) => host).toSorted()).toEqual(['10.0.0.5', '10.0.0.6'])
    const news = newFindingsIn(whole, answer([finding], []))
    expect(checkAnswer(news)).toEqual([])
    expect(news.hosts.map(({ host }) => host)).toEqual(['10.0.0.6'])
  })

  it('leave a host of the news its severity by all that is found', () => {
    const listed: Finding = { ...finding, id: 'f2', kind: 'threat-list', severity: 'low' }
    const grave: Finding = { ...finding, severity: 'high' }
    const news = newFindingsIn(answer([grave, listed], []), answer([grave], []))
    expect(news.findings.map(({ id }) => id)).toEqual(['f2'])
    expect(news.hosts.map(({ host, severity }) => [host, severity])).toEqual([['10.0.0.5', 'high']])
    expect(checkAnswer(news)).toEqual([])
  })

  it('say whose group a host is in', () => {
    const group: Finding = {
      ...finding,
      kind: 'botnet',
      hosts: ['10.0.0.5', '10.0.0.6'],
      claim: '2 hosts move together.',
    }
    const { hosts } = answer([group], [])
    expect(hosts[0]?.parts[0]?.description).toBe('is one of a group: 2 hosts move together')
  })
})
