import { describe, expect, it } from 'vitest'
import { micros } from '../model/units.ts'
import { botnetsOf } from './assemble.ts'
import { verdictsOf } from './hosts.ts'
import { sharedContactFinding } from './shared-contacts.ts'

const member = (host: string, confidence: number) => ({
  host,
  confidence,
  calls: 100,
  from: micros(confidence * 1000),
  to: micros(5000),
  evidence: [],
})
const endpoint = { address: '203.0.113.9', port: 443, protocol: 'tcp', name: 'cdn.example' }

describe('hosts that call one server alike', () => {
  it('are a botnet of their own, the surest first, as sure as the weakest', () => {
    const found = sharedContactFinding({
      endpoint,
      callers: 2,
      members: [member('10.0.0.5', 0.7), member('10.0.0.7', 0.95)],
    })
    expect(found.finding).toMatchObject({
      kind: 'botnet',
      hosts: ['10.0.0.7', '10.0.0.5'],
      confidence: 0.7,
      severity: 'medium',
      from: 700,
      cnc: [endpoint],
      claim:
        '10.0.0.7 and 10.0.0.5 contact 203.0.113.9:443/tcp (cdn.example) in the same way; no other host does.',
    })
    const more = (callers: number) =>
      sharedContactFinding({
        endpoint,
        callers,
        members: [member('10.0.0.5', 0.7), member('10.0.0.7', 0.95)],
      }).finding.claim
    expect(more(3)).toMatch(/; 1 other host contacts it too\.$/)
    expect(more(12)).toMatch(/; 10 other hosts contact it too\.$/)
    const { botnets, contacts } = botnetsOf([found])
    expect(botnets).toMatchObject([{ hosts: ['10.0.0.7', '10.0.0.5'], topology: 'star', cnc: [endpoint] }])
    expect(contacts[0]!.links).toHaveLength(2)
  })

  it('say whom each sentence is about, and only once how few hosts call the server', () => {
    const own = [{ kind: 'rhythm' }, { kind: 'rarity' }, { kind: 'weighing' }] as never
    const { finding } = sharedContactFinding({
      endpoint,
      callers: 2,
      members: [
        { ...member('10.0.0.5', 0.7), evidence: own },
        { ...member('10.0.0.7', 0.95), evidence: own },
      ],
    })
    expect(finding.evidence).toEqual([
      { kind: 'rhythm', host: '10.0.0.7' },
      { kind: 'rarity' },
      { kind: 'weighing', host: '10.0.0.7' },
      { kind: 'rhythm', host: '10.0.0.5' },
      { kind: 'weighing', host: '10.0.0.5' },
    ])
  })

  it('do not count twice for a host: once by its contact, once by the group', () => {
    const weighing = { kind: 'weighing' } as never
    const { finding } = sharedContactFinding({
      endpoint,
      callers: 2,
      members: [
        { ...member('10.0.0.5', 0.7), evidence: [weighing] },
        { ...member('10.0.0.7', 0.95), evidence: [weighing] },
      ],
    })
    const verdicts = verdictsOf(
      [finding],
      [{ host: '10.0.0.7', kind: 'beacon', strength: 0.95, description: 'calls' }],
    )
    expect(verdicts.get('10.0.0.7')?.parts.map(({ kind }) => kind)).toEqual(['beacon'])
    expect(verdicts.get('10.0.0.7')?.confidence).toBeCloseTo(0.95, 2)
    expect(verdicts.get('10.0.0.5')?.confidence).toBeCloseTo(0.7, 2)
  })
})
