import { describe, expect, it } from 'vitest'
import type { Allowlist } from '../model/allowlist.ts'
import type { Finding } from '../model/finding.ts'
import { micros, ratio } from '../model/units.ts'
import { parseNetworks } from '../store/networks.ts'
import { allowingBy } from './allowed.ts'

const list = (given: Partial<Allowlist> = {}, cidrs: readonly string[] = []): Allowlist => ({
  names: [],
  networks: parseNetworks(cidrs),
  ...given,
})
const service = (host: string, port: number) => ({
  services: [
    /^\d/.test(host)
      ? { name: null, networks: parseNetworks([host]), port }
      : { name: host, networks: parseNetworks([]), port },
  ],
})
const endpoint = { address: '203.0.113.9', port: 9100, protocol: 'tcp', name: 'printer.example.com' }
const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'f1',
  kind: 'beacon',
  hosts: ['10.0.0.5'],
  from: micros(0),
  to: micros(1),
  severity: 'medium',
  confidence: ratio(0.8),
  claim: '10.0.0.5 calls.',
  cnc: [endpoint],
  rally: null,
  evidence: [],
  doubts: ['chance'],
  ...more,
})
const kept = (allow: Allowlist, more?: Partial<Finding>) => allowingBy(allow).finding(finding(more)) !== null

describe('what is allowed accuses nobody', () => {
  it.each<[string, Allowlist, Allowlist]>([
    ['an address', list({}, ['203.0.113.9/32']), list({}, ['203.0.113.8/32'])],
    ['a network', list({}, ['203.0.113.0/24']), list({}, ['203.0.112.0/24'])],
    ['a name', list({ names: ['example.com'] }), list({ names: ['ample.com'] })],
    ['a service by address', list(service('203.0.113.9', 9100)), list(service('203.0.113.9', 9101))],
    ['a service by name', list(service('printer.example.com', 9100)), list(service('example.org', 9100))],
    ['the host itself', list({}, ['10.0.0.5/32']), list({}, ['10.0.0.6/32'])],
  ])('by %s', (_, on, off) => {
    expect(kept(on)).toBe(false)
    expect(kept(off)).toBe(true)
    expect(allowingBy(on).indicator({ kind: 'tunnel', host: '10.0.0.5', cnc: [endpoint] })).toBe(true)
    expect(allowingBy(off).indicator({ kind: 'tunnel', host: '10.0.0.5', cnc: [endpoint] })).toBe(false)
  })

  it('but a network of hosts silences no host: warning lists hold private ranges', () => {
    expect(kept(list({}, ['10.0.0.0/8']))).toBe(true)
  })

  it('but what a host does by itself stays, unless the host is allowed', () => {
    const scan = { kind: 'scan' as const }
    expect(kept(list({}, ['203.0.113.9/32']), scan)).toBe(true)
    expect(kept(list({}, ['10.0.0.5/32']), scan)).toBe(false)
  })

  it('leaves what is not allowed of a finding', () => {
    const other = { ...endpoint, address: '198.51.100.1', name: null }
    const allow = list({}, ['203.0.113.9/32', '10.0.0.6/32'])
    const left = allowingBy(allow).finding(
      finding({ hosts: ['10.0.0.5', '10.0.0.6'], cnc: [endpoint, other] }),
    )
    expect(left).toMatchObject({ hosts: ['10.0.0.5'], cnc: [other] })
  })

  it('silences a botnet when all of its members or all of its servers are allowed', () => {
    const botnet = { kind: 'botnet' as const, hosts: ['10.0.0.5', '10.0.0.6'] }
    expect(kept(list({}, ['10.0.0.5/32']), botnet)).toBe(true)
    expect(kept(list({}, ['10.0.0.5/32', '10.0.0.6/32']), botnet)).toBe(false)
    expect(kept(list({ names: ['example.com'] }), botnet)).toBe(false)
  })
})
