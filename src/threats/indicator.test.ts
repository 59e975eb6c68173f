import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { indicatorOf, refusalOf } from './indicator.ts'
import { isSharedName } from './trusted.ts'

const read = (text: string) => indicatorOf(text)
const refused = (text: string) => refusalOf(indicatorOf(text)!, isSharedName)

describe('an entry', () => {
  it('is an address or a network, with its first address', () => {
    expect(read('45.61.1.9')).toMatchObject({ type: 'address', address: '::ffff:45.61.1.9', bits: 128 })
    expect(read('45.61.1.9/32')).toMatchObject({ type: 'address', address: '::ffff:45.61.1.9' })
    expect(read('45.61.1.9/24')).toMatchObject({ type: 'network', address: '::ffff:45.61.1.0', bits: 120 })
    expect(read('2a00:1450::7/64')).toMatchObject({ type: 'network', address: '2a00:1450::', bits: 64 })
    expect(read('::ffff:45.61.1.9')).toMatchObject({
      type: 'address',
      address: '::ffff:45.61.1.9',
      bits: 128,
    })
    expect(read('45.61.1.9/33')).toBeNull()
    expect(read('45.61.1.9/24/1')).toBeNull()
    expect(read('45.61.1')).toBeNull()
  })

  it('is a name, in ASCII and lower case, with what is under it', () => {
    expect(read('Evil.EXAMPLE.net.')).toMatchObject({ type: 'name', name: 'evil.example.net', below: true })
    expect(read('*.evil.net')).toMatchObject({ type: 'name', name: 'evil.net', below: true })
    expect(read('||evil.net^')).toMatchObject({ type: 'name', name: 'evil.net' })
    expect(read('bücher.example.net')).toMatchObject({ name: 'xn--bcher-kva.example.net' })
    expect(read('www.evil.net')).toMatchObject({ name: 'www.evil.net', below: false })
    for (const text of ['evil', 'a b.net', 'evil..net', '-.net', '1.2.3.4.5', '2024-01-02 10:00:00', ''])
      expect(read(text)).toBeNull()
  })

  it('is a service, a port, a URL or a hash', () => {
    expect(read('45.61.1.9:8081')).toMatchObject({ type: 'service', port: 8081, proto: '' })
    expect(read('[2a00::1]:53/udp')).toMatchObject({
      type: 'service',
      address: '2a00::1',
      port: 53,
      proto: 'udp',
    })
    expect(read('16471/udp')).toMatchObject({ type: 'port', port: 16_471, proto: 'udp' })
    expect(read('tcp/70000')).toBeNull()
    expect(read('http://evil.net/gate.php?x=1#y')).toMatchObject({
      type: 'url',
      name: 'evil.net',
      path: '/gate.php?x=1',
    })
    expect(read('https://evil.net/')).toMatchObject({ type: 'name', name: 'evil.net', below: false })
    expect(read('http://45.61.1.9:81')).toMatchObject({ type: 'service', port: 81, proto: 'tcp' })
    expect(read('d41d8cd98f00b204e9800998ecf8427e')).toMatchObject({
      type: 'hash',
      name: 'md5:d41d8cd98f00b204e9800998ecf8427e',
    })
    expect(read('d41d8cd98f00b204e9800998ecf8427')).toBeNull()
  })

  it('may be written so that nobody clicks on it', () => {
    expect(read('hxxp://evil[.]net/a')).toMatchObject({ type: 'url', name: 'evil.net' })
    expect(read('evil(dot)net')).toMatchObject({ name: 'evil.net' })
    expect(read('45[.]61[.]1[.]9')).toMatchObject({ type: 'address', address: '::ffff:45.61.1.9' })
  })
})

describe('what is refused', () => {
  it('is wide networks, from 12 bits on for IPv4 and 28 for IPv6', () => {
    expect(refused('0.0.0.0/0')).toBe('too-wide')
    expect(refused('45.0.0.0/11')).toBe('too-wide')
    expect(refused('45.16.0.0/12')).toBeNull()
    expect(refused('2a00::/27')).toBe('too-wide')
    expect(refused('2a00::/28')).toBeNull()
    expect(refused('::/0')).toBe('too-wide')
  })

  it('is addresses that are nobody’s on the internet', () => {
    for (const text of [
      '10.1.2.3',
      '192.168.0.0/16',
      '127.0.0.1',
      '224.0.0.1',
      '203.0.113.9',
      'fe80::1',
      '100.64.1.1',
    ])
      expect(refused(text), text).toBe('special')
    expect(refused('8.8.8.8')).toBeNull()
  })

  it('is told the same from the first number as from the whole address', () => {
    for (let first = 0; first < 256; first++)
      for (const rest of [
        '0.0.1',
        '0.2.7',
        '31.196.1',
        '52.193.9',
        '64.0.1',
        '88.99.3',
        '100.5.5',
        '168.1.1',
      ])
        expect(refused(`${first}.${rest}`), `${first}.${rest}`).toBe(
          ipaddr.parse(`${first}.${rest}`).range() === 'unicast' ? null : 'special',
        )
  })

  it('is names that strangers share, and ports that everyone uses', () => {
    expect(refused('co.uk')).toBe('shared-name')
    expect(refused('evil.co.uk')).toBeNull()
    expect(refused('duckdns.org')).toBe('shared-name')
    expect(refused('evil.duckdns.org')).toBeNull()
    expect(refused('443/tcp')).toBe('common-port')
    expect(refused('8443/tcp')).toBe('common-port')
    expect(refused('16471/udp')).toBeNull()
  })
})
