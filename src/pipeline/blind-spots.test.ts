import { describe, expect, it } from 'vitest'
import { hour, micros } from '../model/units.ts'
import { farNote, unjudgedNote } from './blind-spots.ts'

const day = 24 * hour
const epoch = (at: number, records: number) => ({
  from: micros(at * day),
  to: micros((at + 1) * day),
  records,
})

describe('records far from all others', () => {
  it('are told with their days', () => {
    expect(farNote([epoch(0, 1), epoch(19_000, 900), epoch(19_001, 500), epoch(49_709, 2)])).toEqual([
      '3 records lie more than 30 days from the time of all others (1970-01-01 and 2106-02-06): their clocks may be wrong',
    ])
    expect(farNote([epoch(0, 1), epoch(19_000, 900)])[0]).toMatch(/^1 record lies/)
  })

  it('are not those of a site that rests for a month, nor of two recordings', () => {
    expect(farNote([epoch(19_000, 900), epoch(19_031, 5)])).toEqual([])
    expect(farNote([epoch(19_000, 900), epoch(19_400, 100)])).toEqual([])
    expect(farNote([epoch(19_000, 900)])).toEqual([])
    expect(farNote([])).toEqual([])
  })
})

it('names the busiest address where no host was judged', () => {
  expect(unjudgedNote({ address: '192.168.1.120', share: 0.62 })[0]).toMatch(
    /Check --internal: 62% of the flows start at 192\.168\.1\.120\.$/,
  )
  expect(unjudgedNote(null)[0]).toMatch(/Check --internal\.$/)
})
