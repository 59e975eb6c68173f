import { describe, expect, it } from 'vitest'
import type { Networks } from '../model/networks.ts'
import { inside, minus, parseNetworks, special, union } from './networks.ts'

const rangesOf = (...given: readonly Networks[]) =>
  union(...given).ranges.map(({ first, last }) => `${first} ${last}`)

describe('networks as ranges', () => {
  it('are joined where they overlap or lie side by side, and only there', () => {
    expect(
      rangesOf(parseNetworks(['224.0.0.0/4', '10.0.0.0/9', '240.0.0.0/4', '10.64.0.0/9', '10.128.0.2'])),
    ).toEqual([
      '::ffff:10.0.0.0 ::ffff:10.127.255.255',
      '::ffff:10.128.0.2 ::ffff:10.128.0.2',
      '::ffff:224.0.0.0 ::ffff:255.255.255.255',
    ])
    expect(rangesOf(parseNetworks(['fc00::/8']), parseNetworks(['fd00::/8', '::/0']))).toEqual([
      ':: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ])
  })

  it('lose what is in others: a hole, an end, all', () => {
    const rest = (cidrs: string[], less: string[]) =>
      minus(parseNetworks(cidrs), parseNetworks(less)).ranges.map(({ first, last }) => `${first} ${last}`)
    expect(rest(['10.0.0.0/24'], ['10.0.0.8/31', '10.0.0.0', '10.0.0.255', '10.0.1.0/24'])).toEqual([
      '::ffff:10.0.0.1 ::ffff:10.0.0.7',
      '::ffff:10.0.0.10 ::ffff:10.0.0.254',
    ])
    expect(rest(['10.0.0.0/24', 'fe80::1'], ['10.0.0.0/8', 'fe80::/10'])).toEqual([])
    expect(rest(['10.0.0.0/24'], [])).toEqual(['::ffff:10.0.0.0 ::ffff:10.0.0.255'])
    expect(inside('client', minus(special, special)).parts).toEqual(['false'])
  })
})
