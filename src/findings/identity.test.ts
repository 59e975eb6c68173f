import { expect, it } from 'vitest'
import type { Endpoint } from '../model/endpoint.ts'
import { micros } from '../model/units.ts'
import { inside, parseNetworks } from '../store/networks.ts'
import { sql } from '../store/sql.ts'
import { shown, withDistinctIds } from './identity.ts'

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

it('shows a statement as it may be asked of other records', () => {
  const networks = parseNetworks(['10.0.0.0/8', '192.168.0.0/16'])
  const after10 = 0xffff_0b00_0000n
  const statement = (where = networks) => sql`SELECT count() FROM flow WHERE ${inside('client', where)}`

  expect(shown(statement({ ...networks, unused: [[after10, 2n ** 128n - 1n]] }))).toEqual(shown(statement()))
})
