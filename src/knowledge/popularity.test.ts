import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { popularityOf, usePopularity } from './popularity.ts'
import { fieldOf } from './sorted-lines.ts'

afterEach(() => usePopularity(null))

describe('popularity', () => {
  it.each([
    ['www.microsoft.com', 'microsoft.com', 1000],
    ['WWW.Microsoft.COM.', 'microsoft.com', 1000],
    ['www.microsoft.com:8080', 'microsoft.com', 1000],
    ['news.bbc.co.uk', 'bbc.co.uk', 10_000],
    ['update.googleapis.com', 'googleapis.com', 1000],
    ['www.x1y2z3-nobody-has-this.com', 'x1y2z3-nobody-has-this.com', null],
  ])('of %s is that of %s', (name, domain, rank) => {
    expect(popularityOf(name)).toEqual({ domain, rank, tenantOf: null })
  })

  it.each([
    ['host.ddns.net', 'host.ddns.net', 'ddns.net'],
    ['a.b.duckdns.org', 'b.duckdns.org', 'duckdns.org'],
    ['a.b.mooo.com', 'b.mooo.com', 'mooo.com'],
    ['abc.trycloudflare.com', 'abc.trycloudflare.com', 'trycloudflare.com'],
    ['abc.serveo.net', 'abc.serveo.net', 'serveo.net'],
    ['x.y.loca.lt', 'y.loca.lt', 'loca.lt'],
    ['abc.workers.dev', 'abc.workers.dev', 'workers.dev'],
    ['abc.azurewebsites.net', 'abc.azurewebsites.net', 'azurewebsites.net'],
    ['d111111abcdef8.cloudfront.net', 'd111111abcdef8.cloudfront.net', 'cloudfront.net'],
    ['evil.github.io', 'evil.github.io', 'github.io'],
    ['bucket.storage.googleapis.com', 'bucket.storage.googleapis.com', 'storage.googleapis.com'],
  ])('of the tenant %s is none', (name, domain, tenantOf) => {
    expect(popularityOf(name)).toEqual({ domain, rank: null, tenantOf })
  })

  it('is none for what nobody can have registered', () => {
    expect(popularityOf('192.0.2.1')).toEqual({ domain: '', rank: null, tenantOf: null })
    expect(popularityOf('2001:db8::1')).toMatchObject({ rank: null, tenantOf: null })
    expect(popularityOf('printer')).toEqual({ domain: 'printer', rank: null, tenantOf: null })
    expect(popularityOf('com')).toMatchObject({ rank: null })
    expect(popularityOf('workers.dev')).toMatchObject({ rank: null, tenantOf: null })
    expect(popularityOf('')).toEqual({ domain: '', rank: null, tenantOf: null })
    expect(popularityOf('a b\u0000.\u00fcber.de')).toMatchObject({ rank: null })
  })

  it('is quick: 200,000 names in at most 3 s of processor time', () => {
    const before = process.cpuUsage()
    for (let i = 0; i < 200_000; i++) popularityOf(`h${i}.example${i % 7}.com`)
    expect(process.cpuUsage(before).user).toBeLessThan(3_000_000)
  })
})

describe("popularity by the user's list", () => {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-popularity-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const listOf = (text: string): string => {
    const path = join(folder, 'list.csv')
    writeFileSync(path, text)
    return path
  }

  it('reads ranks as Tranco writes them', () => {
    usePopularity(listOf('1,google.com\r\n2,example.org\r\n'))
    expect(popularityOf('www.example.org').rank).toBe(2)
    expect(popularityOf('www.microsoft.com').rank).toBeNull()
    expect(popularityOf('host.ddns.net')).toMatchObject({ rank: null, tenantOf: 'ddns.net' })
    usePopularity(null)
    expect(popularityOf('www.microsoft.com').rank).toBe(1000)
  })

  it('reads one domain a line, the most popular first, with comments and a header', () => {
    usePopularity(listOf('domain\n# mine\nexample.org\nExample.NET\n'))
    expect(popularityOf('example.net').rank).toBe(2)
  })

  it('says which line it cannot read, and which file', () => {
    expect(() => usePopularity(listOf('1,google.com\nnot a domain\n'))).toThrow(/line 2/)
    for (const first of ['hello world', '<script>alert(1)</script>'])
      expect(() => usePopularity(listOf(`${first}\ngoogle.com\n`)), first).toThrow(/line 1/)
    expect(() => usePopularity(listOf('rank,domain\n# none\n'))).toThrow(/has no domain/)
    expect(() => usePopularity(join(folder, 'absent'))).toThrow(
      expect.objectContaining({ code: 'list-invalid' }),
    )
  })
})

describe('sorted lines', () => {
  const lines = Buffer.from('a.com\na.com.br\t7\nab.com\nz.com\t1\n')

  it.each([
    ['a.com', ''],
    ['a.com.br', '7'],
    ['ab.com', ''],
    ['z.com', '1'],
    ['a', null],
    ['a.co', null],
    ['a.com.b', null],
    ['zz.com', null],
    ['', null],
  ])('%j has the field %j', (key, field) => {
    expect(fieldOf(lines, key)).toBe(field)
  })

  it('are found each among many', () => {
    const names = Array.from({ length: 500 }, (_, i) => `n${i * 7}.com`).sort((a, b) => (a < b ? -1 : 1))
    const all = Buffer.from(`${names.join('\n')}\n`)
    expect(names.filter((each) => fieldOf(all, each) !== '')).toEqual([])
    expect(names.filter((_, i) => fieldOf(all, `n${i * 7 + 1}.com`) !== null)).toEqual([])
    expect(fieldOf(Buffer.alloc(0), 'a')).toBeNull()
  })
})
