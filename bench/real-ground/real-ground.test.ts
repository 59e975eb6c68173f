/** The real-ground benchmark judges answers as its page says. */
import { describe, expect, it } from 'vitest'
import type { GroundAnswer } from './answer.ts'
import { type GroundCase, isCnc, sideOf } from './cases.ts'
import { figuresOf, judged } from './figures.ts'
import { pageOf } from './page.ts'

describe('the C&C of a truth', () => {
  it.each([
    ['5.2.136.90:80', true],
    ['5.2.136.90', true],
    ['5.2.136.9', false],
    ['5.2.0.0/16', true],
    ['5.3.0.0/16', false],
    ['94.23.172.0/22 and neighbours udp/80 (about 1,080 addresses)', true],
    ['94.23.172.0/22 and neighbours udp/81 (about 1,080 addresses)', false],
    ['evil.example', true],
    ['vil.example', false],
    ['www.evil.example', false],
  ])('%s', (entry, expected) => {
    const contact = { address: '5.2.136.90', port: 80, name: 'a.evil.example' }
    expect(isCnc(contact, [entry])).toBe(expected)
  })

  it('may be a name that stands in place of the address', () => {
    expect(isCnc({ address: 'evil.example', port: 53, name: null }, ['evil.example'])).toBe(true)
  })
})

it('keeps about a quarter of the names for reporting', () => {
  const names = Array.from({ length: 4000 }, (_, i) => `case ${i}`)
  const kept = names.filter((name) => sideOf(name) === 'reporting').length
  expect(kept / names.length).toBeGreaterThan(0.22)
  expect(kept / names.length).toBeLessThan(0.28)
})

const caseOf = (given: Partial<GroundCase>): GroundCase => ({
  name: 'one',
  sort: 'cnc',
  side: 'tuning',
  quality: null,
  paths: [],
  internal: [],
  victims: ['10.0.0.1'],
  cnc: ['203.0.113.9'],
  ...given,
})

const bad = { address: '203.0.113.9', port: 443, name: null }
const good = { address: '198.51.100.1', port: 443, name: 'updates.example' }

const answerOf = (given: Partial<GroundAnswer>): GroundAnswer => ({
  accused: [],
  suspects: [],
  contacts: null,
  hosts: 3,
  hostDays: 3,
  seconds: 1,
  failed: null,
  ...given,
})

const accused = (host: string, cnc: GroundAnswer['accused'][number]['cnc'], confidence = 0.8) => ({
  host,
  confidence,
  kinds: ['beacon'],
  cnc,
  claims: [`${host} calls.`],
})

describe('a case', () => {
  it('with a victim accused is right, and its first C&C counts', () => {
    const answer = answerOf({ accused: [accused('10.0.0.1', [good, bad]), accused('10.0.0.2', [bad])] })
    expect(judged(caseOf({}), answer)).toMatchObject({
      right: true,
      caught: 1,
      others: 1,
      cncFirst: false,
      rank: undefined,
      score: 0.8,
    })
  })

  it('with another accused in place of the victim is wrong', () => {
    expect(judged(caseOf({}), answerOf({ accused: [accused('10.0.0.2', [bad])] }))).toMatchObject({
      right: false,
      cncFirst: null,
      score: 0,
    })
  })

  it('that is clean is right when nobody is accused and the run did not fail', () => {
    const clean = caseOf({ sort: 'honest', victims: [], cnc: [] })
    expect(judged(clean, answerOf({})).right).toBe(true)
    expect(judged(clean, answerOf({ failed: 'broken' })).right).toBe(false)
    expect(judged(clean, answerOf({ accused: [accused('10.0.0.2', [])] })).right).toBe(false)
  })

  it('has the best rank of a true C&C among the contacts of its victims', () => {
    const contacts = [
      { ...bad, host: '10.0.0.2', score: 0.9, rank: 1, place: 1 },
      { ...good, host: '10.0.0.1', score: 0.6, rank: 1, place: 2 },
      { ...bad, host: '10.0.0.1', score: 0.5, rank: 2, place: 3 },
    ]
    expect(judged(caseOf({}), answerOf({ contacts }))).toMatchObject({ rank: 2, contactScore: 0.6 })
    expect(judged(caseOf({}), answerOf({ contacts: contacts.slice(0, 2) })).rank).toBeNull()
  })
})

it('counts popular and catalogued services that are named as C&C, but no rented one and no true one', () => {
  const named = (name: string) => ({ ...good, name })
  const ends = ['www.wikipedia.org', 'client.wns.windows.com', 'api.telegram.org', 'gate.blorpsta.top'].map(
    named,
  )
  const all = [
    judged(caseOf({ cnc: ['www.wikipedia.org'] }), answerOf({ accused: [accused('10.0.0.1', ends)] })),
  ]
  const figure = figuresOf(all).find(({ name }) => name.startsWith('popular'))
  expect(figure?.figure).toBe(1)
})

it('sums cases up, and writes what fails', () => {
  const all = [
    judged(caseOf({ name: 'caught' }), answerOf({ accused: [accused('10.0.0.1', [bad], 0.9)] })),
    judged(caseOf({ name: 'missed' }), answerOf({ suspects: [accused('10.0.0.1', [], 0.2)] })),
    judged(
      caseOf({ name: 'honest', sort: 'honest', victims: [], cnc: [] }),
      answerOf({ accused: [accused('10.0.0.3', [good], 0.5)] }),
    ),
  ]

  const figure = (name: string) => figuresOf(all).find((each) => each.name.startsWith(name))?.figure
  expect(figure('C&C behaviours')).toBe(1)
  expect(figure('honest behaviours')).toBe(1)
  expect(figure('area under the curve')).toBe(0.5)

  const names = figuresOf(all).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)

  const page = pageOf(all, { rita: all, rare: all })
  expect(page).toContain('- **missed**: nobody of the infected is accused (verdict 0.20)')
  expect(page).toContain('- **honest**: 10.0.0.3: 10.0.0.3 calls.')
  expect(page).not.toContain('**caught**')
})
