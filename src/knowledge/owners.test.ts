import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { ownerOf, systemOf, useSystems } from './owners.ts'
import { packedBytes, packedLists } from './packed.ts'

afterEach(() => useSystems(null))

describe('owners', () => {
  it.each([
    ['8.8.8.8', 'Google Public DNS', 'dns'],
    ['8.8.7.255', 'AS', 'other'],
    ['1.1.1.1', 'Cloudflare DNS', 'dns'],
    ['1.1.2.0', '', ''],
    ['9.9.9.9', 'Quad9', 'dns'],
    ['208.67.222.222', 'OpenDNS', 'dns'],
    ['17.0.0.0', 'Apple', 'vendor'],
    ['17.255.255.255', 'Apple', 'vendor'],
    ['3.5.140.1', 'Amazon', 'cloud'],
    ['104.16.0.1', 'Cloudflare', 'cdn'],
    ['151.101.1.1', 'Fastly', 'cdn'],
    ['13.107.4.50', 'Microsoft', 'cloud'],
    ['142.250.185.78', 'Google', 'cloud'],
    ['91.189.89.198', 'Canonical', 'vendor'],
    ['157.240.1.35', 'Meta', 'vendor'],
    ['149.154.167.220', 'Telegram', 'vendor'],
    ['2606:4700:4700::1111', 'Cloudflare DNS', 'dns'],
    ['2606:4700::6810:1', 'Cloudflare', 'cdn'],
    ['2001:4860:4860::8888', 'Google Public DNS', 'dns'],
    ['2a00:1450:4001:82a::200e', 'Google', 'cloud'],
    ['2a04:4e42::81', 'Fastly', 'cdn'],
    ['2620:fe::9', 'Quad9', 'dns'],
    ['::ffff:8.8.8.8', 'Google Public DNS', 'dns'],
  ])('%s belongs to %s', (address, owner, kind) => {
    const found = ownerOf(address)
    if (owner === 'AS') expect(found?.owner).not.toBe('Google Public DNS')
    else if (owner === '') expect(found?.owner).not.toBe('Cloudflare DNS')
    else expect(found).toEqual({ owner, kind })
  })

  it('names a system that it knows no more of by its number', () => {
    expect(ownerOf('84.1.2.3')).toEqual({ owner: 'AS5483', kind: 'other' })
  })

  it.each(['10.1.2.3', '192.168.0.1', 'fe80::1', 'www.example.com', ''])('knows nobody for %j', (address) => {
    expect(ownerOf(address)).toBeNull()
  })

  it("takes the user's database first, and the package where that knows nothing", () => {
    useSystems((address) => (address === '84.1.2.3' ? 24_940 : address === '84.1.2.4' ? 64_500 : null))
    expect(ownerOf('84.1.2.3')).toEqual({ owner: 'Hetzner', kind: 'cloud' })
    expect(ownerOf('84.1.2.4')).toEqual({ owner: 'AS64500', kind: 'other' })
    expect(ownerOf('84.1.2.5')).toEqual({ owner: 'AS5483', kind: 'other' })
    expect(systemOf('84.1.2.4')).toBe(64_500)
  })
})

describe('packed lists', () => {
  it.each(packedLists)('%s says what it is, from when, and under which licence', (name) => {
    const { header, body } = packedBytes(name)
    expect(header.title).not.toBe('')
    expect(header.licence).toMatch(/^(CC0-1\.0|CC-BY-4\.0)$/)
    expect(header.date).toMatch(/^(20\d\d-\d\d-\d\d|unknown)$/)
    expect(header.sources.length).toBeGreaterThan(0)
    expect(body.length).toBeGreaterThan(100)
  })

  it('are under 2 MB together', () => {
    const sizes = packedLists.map(
      (name) => readFileSync(new URL(`lists/${name}.packed`, import.meta.url)).length,
    )
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBeLessThan(2_000_000)
  })

  it('are quick to load and to ask: 200,000 addresses in at most 2 s of processor time', () => {
    const before = process.cpuUsage()
    for (let i = 0; i < 200_000; i++) ownerOf(`${(i * 7919) % 223}.${i % 251}.${(i >> 3) % 256}.7`)
    const { user } = process.cpuUsage(before)
    expect(user).toBeLessThan(2_000_000)
  })
})
