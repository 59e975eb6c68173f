import { expect, it } from 'vitest'
import { micros } from '../model/units.ts'
import { renderHostSummary } from './host-summary.ts'

it('says how many other internal hosts call a service', () => {
  const side = { flows: 1, peers: 1, failed: 0, first: micros(0), last: micros(1) }
  const service = { address: '10.0.0.2', port: 53, protocol: 'udp', name: null, flows: 222 }
  const called = [301, 2, 1].map((callers) => ({ ...service, callers }))

  const text = renderHostSummary({
    host: '10.0.0.7',
    asked: side,
    answered: side,
    kept: null,
    called,
    activities: [],
  })
  expect(text).toContain('10.0.0.2:53/udp: 222 flows; 300 other internal hosts call it')
  expect(text).toContain('222 flows; 1 other internal host calls it')
  expect(text).toContain('222 flows; no other internal host calls it')
})
