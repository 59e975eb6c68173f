import { describe, expect, it } from 'vitest'
import { rotationOf, type ZoneFacts, zoneThresholds } from './zone-rotation.ts'

const zone = (registered: string, more: Partial<ZoneFacts> = {}): ZoneFacts => ({
  host: '10.0.0.5',
  registered,
  odd: 20,
  types: ['TXT', 'MX'],
  names: 20,
  payload: 9,
  entropy: 3,
  down: 0,
  replies: 0,
  first: 0,
  last: 3600e6,
  ...more,
})

const names = ['one.agency', 'two.agency', 'three.life', 'four.services']

describe('a channel over several domains', () => {
  it('is odd types for names below unpopular domains, in turn', () => {
    const found = rotationOf(names.map((name) => zone(name)))
    expect(found).toMatchObject({ client: '10.0.0.5', types: ['MX', 'TXT'] })
    expect(found!.confidence).toBeGreaterThan(0.7)
  })

  it.each<[string, readonly ZoneFacts[], readonly ZoneFacts[]]>([
    ['domains', names.slice(0, 3).map((name) => zone(name)), names.slice(0, 2).map((name) => zone(name))],
    [
      'questions under each of them',
      names.slice(0, 3).map((name, i) => zone(name, { odd: i === 0 ? zoneThresholds.leastOdd : 20 })),
      names.slice(0, 3).map((name, i) => zone(name, { odd: i === 0 ? zoneThresholds.leastOdd - 1 : 20 })),
    ],
    [
      'questions in all',
      names.map((name) => zone(name, { odd: 10 })),
      names.map((name, i) => zone(name, { odd: i === 0 ? 9 : 10 })),
    ],
    [
      'types that change',
      names.map((name, i) => zone(name, { types: [i < 2 ? 'TXT' : 'MX'] })),
      names.map((name) => zone(name, { types: ['TXT'] })),
    ],
    [
      'time',
      names.map((name) => zone(name, { last: zoneThresholds.leastSpan })),
      names.map((name) => zone(name, { last: zoneThresholds.leastSpan - 1 })),
    ],
  ])('needs %s', (_, on, off) => {
    expect(rotationOf(on)).not.toBeNull()
    expect(rotationOf(off)).toBeNull()
  })
})
