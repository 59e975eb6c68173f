import { describe, expect, it } from 'vitest'
import { bytesOf, nameOf } from './domain-name.ts'

describe('nameOf', () => {
  it.each([
    ['www.Google.co.uk.', 'public', 'google.co.uk', 'co.uk', 'www'],
    ['a.b.ddns.net', 'public', 'b.ddns.net', 'ddns.net', 'a'],
    ['bücher.de', 'public', 'xn--bcher-kva.de', 'de', ''],
    ['extiekyw.bazar', 'public', 'extiekyw.bazar', 'bazar', ''],
    ['www.foo.com.corp.example', 'search', 'corp.example', 'example', 'www.foo.com'],
    ['www.foo.com.branch.example.org', 'search', 'example.org', 'org', 'www.foo.com.branch'],
    ['2.0.0.127.zen.spamhaus.org', 'list', 'spamhaus.org', 'org', '2.0.0.127.zen'],
    [
      'd41d8cd98f00b204e9800998ecf8427e.hashes.org',
      'list',
      'hashes.org',
      'org',
      'd41d8cd98f00b204e9800998ecf8427e',
    ],
    ['_ldap._tcp.foo.com', 'service', 'foo.com', 'com', '_ldap._tcp'],
    ['co.uk', 'suffix', '', 'co.uk', ''],
  ])('%s is %s', (query, kind, registered, suffix, before) => {
    expect(nameOf(query)).toMatchObject({ kind, registered, suffix, before })
  })

  it.each([
    ['', 'root'],
    ['.', 'root'],
    ['wpad', 'single'],
    ['qwpoeiruty', 'single'],
    ['printer.local', 'local'],
    ['x.corp', 'local'],
    ['printer.home.arpa', 'local'],
    ['4.3.2.1.in-addr.arpa', 'reverse'],
    ['b.a.9.8.7.6.5.4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa', 'reverse'],
    ['host.mycompany', 'unlisted'],
    ['192.0.2.1', 'address'],
    ['2001:db8::1', 'address'],
    ['under_score.com', 'invalid'],
    ['a b.com', 'invalid'],
  ])('%s is %s, of nobody', (query, kind) => {
    expect(nameOf(query)).toMatchObject({ kind })
  })

  it('takes what only begins like a list or a suffix for a public name', () => {
    expect(nameOf('1.2.3.example.org').kind).toBe('public')
    expect(nameOf('com.example.org').kind).toBe('public')
    expect(nameOf('d41d8cd98f00b204e9800998ecf84.example.org').kind).toBe('public')
  })

  it('counts a byte that does not print as one', () => {
    expect(bytesOf('a\\228b')).toBe(3)
    expect(nameOf(`${'\\200'.repeat(60)}.example.org`).kind).toBe('public')
    expect(nameOf(`${'a'.repeat(260)}.org`).kind).toBe('invalid')
  })
})
