import { describe, expect, it } from 'vitest'
import { cleanAnswer, sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { renderContacts } from './contacts.ts'
import { renderText } from './text.ts'

const { contacts } = sampleAnswer

describe('ranked contacts', () => {
  it('say the place, the score and every reason with its weight', () => {
    const text = renderContacts(contacts, { about: 'the database', limit: 10 })
    expect(text).toContain('0.41 10.0.8.8 to 198.51.100.40:8443/tcp')
    expect(text).toContain('every 5 min, 288 times (+1.90)')
    expect(text).toContain('many hosts are watched (-2.40)')
    expect(text).not.toContain('accused)')
  })

  it('separate reasons, which hold commas, by semicolons', () => {
    const reason = (description: string, logOdds: number) => ({
      ...contacts[0]!.reasons[0]!,
      description,
      logOdds,
    })
    const reasons = [reason('a, b', 2), reason('c', 1), reason('d, e', -1), reason('f', -2)]
    const quiet = renderText({ ...cleanAnswer, contacts: [{ ...contacts[0]!, reasons }] })
    expect(quiet.replaceAll(/\s+/g, ' ')).toContain('(0.41). For: a, b; c. Against: d, e; f')
  })

  it('are cut at the limit, and say how many more there are', () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ ...contacts[0]!, rank: i + 1 }))
    const text = renderContacts(many, { about: '10.0.8.8', limit: 10 })
    expect(text.match(/0\.41/g)).toHaveLength(10)
    expect(text).toContain('and 2 more (--limit)')
  })

  it('stand below a "nothing found", three at most, and not beside findings', () => {
    const four = Array.from({ length: 4 }, (_, i) => ({ ...contacts[0]!, host: `10.0.8.${i}` }))
    const quiet = renderText({ ...cleanAnswer, contacts: four })
    expect(quiet.match(/198\.51\.100\.40/g)).toHaveLength(3)
    expect(quiet).toContain('and 1 more (gannet rank)')
    const passing = renderText({ ...cleanAnswer, contacts: four }, { isTemporary: true })
    expect(passing).toContain('and 1 more (gannet rank, after gannet run with --db FOLDER)')
    expect(renderText({ ...sampleAnswer, suspects: [] })).not.toContain('Most suspicious contacts')
  })
})
