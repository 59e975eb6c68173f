import { expect, it } from 'vitest'
import { micros } from '../model/units.ts'
import { type FamilyFacts, familyFinding } from './families.ts'

const facts: FamilyFacts = {
  host: '10.0.0.7',
  from: micros(1),
  to: micros(2),
  evidence: {
    kind: 'family',
    endpoint: { address: '203.0.113.9', port: 443, protocol: 'tcp', name: null },
    family: 'Banbra',
    score: 4.1,
    threshold: 1.7,
    hits: ['interval', 'sent', 'received'],
    flows: ['1'],
    query: { sql: 'SELECT 1', params: {} },
  },
  likeness: 0.8349,
  also: [],
  calibrated: true,
  trainedOn: 28,
}

it('names host, family, features and C&C', () => {
  expect(familyFinding(facts)).toMatchObject({
    kind: 'family',
    hosts: ['10.0.0.7'],
    severity: 'high',
    confidence: 0.835,
    claim: '10.0.0.7 behaves like the family Banbra towards 203.0.113.9:443.',
    cnc: [{ address: '203.0.113.9', port: 443 }],
    evidence: [{ hits: ['interval', 'sent', 'received'] }],
  })
})

it('is a hint where the line was not set on the network, and says so', () => {
  const { severity, doubts } = familyFinding({ ...facts, calibrated: false })
  expect(severity).toBe('medium')
  expect(doubts.join()).toContain('gannet calibrate')
})

it('doubts a model of fewer than five traces, and a trace that two families claim', () => {
  expect(familyFinding({ ...facts, trainedOn: 5 }).doubts).toHaveLength(1)
  expect(familyFinding({ ...facts, trainedOn: 4 }).doubts.join()).toContain('4 traces, which is few')
  expect(familyFinding({ ...facts, also: ['Sasfis'] }).doubts.join()).toContain('Sasfis match too')
})

it('has one id for a host, a family and a service', () => {
  const other = { ...facts, evidence: { ...facts.evidence, family: 'Sasfis' } }
  expect(familyFinding(facts).id).toBe(familyFinding({ ...facts, likeness: 0.1 }).id)
  expect(familyFinding(facts).id).not.toBe(familyFinding(other).id)
})
