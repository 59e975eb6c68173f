import { expect, it } from 'vitest'
import type { Endpoint } from '../model/endpoint.ts'
import { micros } from '../model/units.ts'
import { withDistinctIds } from './identity.ts'

const about = (id: string, address: string) => {
  const cnc: readonly Endpoint[] = [{ address, port: 443, protocol: 'tcp', name: 'a.example' }]
  return { id, cnc, from: micros(0) }
}

it('gives two findings of one name an id each, whatever their order', () => {
  const [first, second, other] = [about('f1', '10.0.0.1'), about('f1', '10.0.0.2'), about('f2', '10.0.0.1')]
  const ids = withDistinctIds([first, second, other]).map(({ id }) => id)
  expect(new Set(ids).size).toBe(3)
  expect([ids[0], ids[2]]).toEqual(['f1', 'f2'])

  const turned = withDistinctIds([second, other, first]).map(({ id }) => id)
  expect(turned).toEqual([ids[1], 'f2', 'f1'])
})
