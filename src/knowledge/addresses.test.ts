import { describe, expect, it } from 'vitest'
import { keyOf, rangeOf } from './addresses.ts'
import { rangeTable } from './ranges.ts'

describe('addresses as numbers', () => {
  it.each([
    ['0.0.0.0', 4, 0],
    ['255.255.255.255', 4, 2 ** 32 - 1],
    ['1.2.3.4', 4, 0x01020304],
    ['::ffff:1.2.3.4', 4, 0x01020304],
    ['::FFFF:102:304', 4, 0x01020304],
    ['::', 6, 0],
    ['::1', 6, 0],
    ['ffff:ffff:ffff::', 6, 2 ** 48 - 1],
    ['2001:db8::9', 6, 0x20010db80000],
    ['2001:db8:1:2:3:4:5:6', 6, 0x20010db80001],
    ['fe80::1%eth0', 6, 0xfe8000000000],
    ['64:ff9b::192.0.2.1', 6, 0x0064ff9b0000],
  ] as const)('%s', (text, version, key) => {
    expect(keyOf(text)).toEqual({ version, key })
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1..2.3',
    '1.2.3.',
    'a.b.c.d',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    ':',
    'www.example.com',
    '::1.2.3.999',
  ])('%j is none', (text) => {
    expect(keyOf(text)).toBeNull()
    expect(rangeOf(text)).toBeNull()
  })

  it('has networks, and IPv6 no finer than /48', () => {
    expect(rangeOf('192.0.2.77/24')).toEqual({ version: 4, first: 0xc0000200, last: 0xc00002ff })
    expect(rangeOf('192.0.2.1')).toEqual({ version: 4, first: 0xc0000201, last: 0xc0000201 })
    expect(rangeOf('0.0.0.0/0')).toEqual({ version: 4, first: 0, last: 2 ** 32 - 1 })
    expect(rangeOf('2001:db8::/47')).toEqual({ version: 6, first: 0x20010db80000, last: 0x20010db80001 })
    expect(rangeOf('2001:db8::/64')).toEqual(rangeOf('2001:db8::/48'))
    expect(['192.0.2.0/33', '2001:db8::/129', '192.0.2.0/', '192.0.2.0/-1'].map(rangeOf)).toEqual(
      Array(4).fill(null),
    )
  })
})

describe('a table of ranges', () => {
  const table = rangeTable(
    (
      [
        ['10.0.0.0/8', 'wide'],
        ['10.1.0.0/16', 'narrow'],
        ['10.1.2.0/24', 'narrower'],
        ['10.255.255.0/24', 'end'],
        ['255.255.255.0/24', 'last'],
        ['2001:db8::/32', 'six'],
        ['2001:db8:ffff::/48', 'six end'],
      ] as const
    ).map(([network, value]) => [rangeOf(network)!, value] as const),
  )

  it.each([
    ['9.255.255.255', undefined],
    ['10.0.0.0', 'wide'],
    ['10.0.255.255', 'wide'],
    ['10.1.0.0', 'narrow'],
    ['10.1.1.255', 'narrow'],
    ['10.1.2.0', 'narrower'],
    ['10.1.2.255', 'narrower'],
    ['10.1.3.0', 'narrow'],
    ['10.2.0.0', 'wide'],
    ['10.255.254.255', 'wide'],
    ['10.255.255.255', 'end'],
    ['11.0.0.0', undefined],
    ['255.255.255.255', 'last'],
    ['2001:db7:ffff:ffff::', undefined],
    ['2001:db8::', 'six'],
    ['2001:db8:fffe:ffff::1', 'six'],
    ['2001:db8:ffff::1', 'six end'],
    ['2001:db9::', undefined],
    ['no address', undefined],
  ])('%s is of %s', (address, value) => {
    expect(table.find(address)).toBe(value)
  })

  it('is empty without ranges', () => {
    expect(rangeTable([]).find('10.0.0.1')).toBeUndefined()
  })
})
