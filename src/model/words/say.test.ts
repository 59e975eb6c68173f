import { describe, expect, it } from 'vitest'
import { hours, micros, seconds } from '../units.ts'
import {
  sayBytes,
  sayConfidence,
  sayCount,
  sayEndpoint,
  sayInstant,
  sayList,
  sayNumber,
  sayShare,
  saySpan,
} from './say.ts'

describe('numbers as an analyst says them', () => {
  it.each([
    [micros(0), '0 s'],
    [micros(999), '999 µs'],
    [micros(1000), '1 ms'],
    [seconds(0.42), '420 ms'],
    [seconds(0.9994), '999 ms'],
    [seconds(0.9995), '1 s'],
    [seconds(4.2), '4.2 s'],
    [seconds(9.94), '9.9 s'],
    [seconds(9.95), '10 s'],
    [seconds(59.4), '59 s'],
    [seconds(59.5), '1 min'],
    [seconds(302), '5 min 2 s'],
    [seconds(3599.6), '1 h'],
    [seconds(3600 * 1.5), '1 h 30 min'],
    [hours(23.999), '1 d'],
    [hours(24), '1 d'],
    [hours(27.1), '1 d 3 h'],
    [hours(24 * 1200), '1\u202f200 d'],
    [micros(-2_000_000), '−2 s'],
  ])('says %i µs as %s', (span, text) => expect(saySpan(span)).toBe(text))

  it.each([
    [0, '0 B'],
    [87, '87 B'],
    [999.4, '999 B'],
    [999.5, '1 kB'],
    [1318, '1.3 kB'],
    [9949, '9.9 kB'],
    [9950, '10 kB'],
    [14_200_000, '14 MB'],
    [999_600, '1 MB'],
    [5e18, '5\u202f000 PB'],
  ])('says %d bytes as %s', (bytes, text) => expect(sayBytes(bytes)).toBe(text))

  it.each([
    [0, '0%'],
    [0.0005, 'below 0.1%'],
    [0.004, '0.4%'],
    [0.93, '93%'],
    [0.996, '99.6%'],
    [0.99999, '99.9%'],
    [1, '100%'],
  ])('says the share %d as %s', (share, text) => expect(sayShare(share)).toBe(text))

  it('says counts, measures, times, endpoints and lists', () => {
    expect(sayCount(120_314)).toBe('120\u202f314')
    expect([0, 999, 1000, 1_234_567, -1234].map(sayCount)).toEqual([
      ...['0', '999', '1\u202f000', '1\u202f234\u202f567', '-1\u202f234'],
    ])
    expect(sayCount(1_234_567.5)).toBe('1\u202f234\u202f568')
    expect(sayNumber(0.012_345)).toBe('0.0123')
    expect(sayInstant(micros(Date.UTC(2026, 2, 4, 9, 15, 2, 700) * 1000))).toBe('2026-03-04 09:15:02')
    expect(sayEndpoint({ address: '2001:db8::1', port: 53, protocol: 'udp', name: null })).toBe(
      '[2001:db8::1]:53/udp',
    )
    expect(sayEndpoint({ address: '192.0.2.1', port: 443, protocol: 'tcp', name: 'a.example' })).toBe(
      '192.0.2.1:443/tcp (a.example)',
    )
    expect(sayList([])).toBe('')
    expect(sayList(['a'])).toBe('a')
    expect(sayList(['a', 'b', 'c', 'd'])).toBe('a, b, c and d')
    expect(sayList(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 others')
  })
})

it('never says that a finding is certain', () => {
  expect([0.5, 0.9949, 0.996, 1].map(sayConfidence)).toEqual(['0.50', '0.99', '0.99', '0.99'])
})
