import { describe, expect, it } from 'vitest'
import type { Endpoint } from '../endpoint.ts'
import type { Evidence } from '../evidence.ts'
import { hours, micros, ratio, seconds } from '../units.ts'
import { explain } from './explain.ts'

const endpoint: Endpoint = { address: '203.0.113.9', port: 443, protocol: 'tcp', name: 'cdn.example.net' }
const base = { flows: ['1'], query: { sql: 'SELECT 1', params: {} } }

const rhythm = {
  ...base,
  kind: 'rhythm',
  endpoint,
  period: seconds(302),
  strength: ratio(0.971),
  calls: 274,
  span: hours(23.4),
  peakOverThreshold: 6.31,
  jitter: seconds(2.1),
} as const satisfies Evidence

const cases: readonly (readonly [Evidence, string])[] = [
  [
    rhythm,
    'Connections to 203.0.113.9:443/tcp (cdn.example.net) start every 5 min 2 s ± 2.1 s: 274 connections in 23 h 24 min, and 97% of the intervals fit; the periodic signal is 6.31 times the threshold for random traffic.',
  ],
  [
    { ...rhythm, jitter: micros(0), calls: 1, peakOverThreshold: 1 },
    'Connections to 203.0.113.9:443/tcp (cdn.example.net) start every 5 min 2 s exactly: 1 connection in 23 h 24 min, and 97% of the intervals fit; the jitter is too wide for a peak in the spectrum (1 of its threshold).',
  ],
  [
    { ...base, kind: 'sameness', endpoint, sent: 412, received: 1318, consistency: ratio(0.98) },
    '98% of the connections to 203.0.113.9:443/tcp (cdn.example.net) have about the same size; median 412 B sent and 1.3 kB received.',
  ],
  [
    { ...base, kind: 'sameness', endpoint, sent: null, received: null, consistency: ratio(1) },
    '100% of the connections to 203.0.113.9:443/tcp (cdn.example.net) have about the same size.',
  ],
  [
    { ...base, kind: 'rarity', endpoint, hosts: 2, ofHosts: 312 },
    'Only 2 of 312 hosts contact 203.0.113.9:443/tcp (cdn.example.net).',
  ],
  [
    { ...base, kind: 'rarity', endpoint, hosts: 1, ofHosts: 312 },
    'No other of 312 hosts contacts 203.0.113.9:443/tcp (cdn.example.net).',
  ],
  [
    {
      ...base,
      kind: 'history',
      endpoint,
      first: micros(1_710_201_682_000_000),
      days: 3,
      ofDays: 16,
      daysBefore: 12,
    },
    'The host first called 203.0.113.9:443/tcp (cdn.example.net) on 2024-03-12 00:01:22 UTC, after 12 days without it; from then on 3 of 4 days.',
  ],
  [
    {
      ...base,
      kind: 'history',
      endpoint,
      first: micros(1_710_201_682_000_000),
      days: 9,
      ofDays: 16,
      daysBefore: 0,
    },
    'The host has called 203.0.113.9:443/tcp (cdn.example.net) since the first day kept, on 9 of its 16 days.',
  ],
  [
    {
      ...base,
      kind: 'likeness',
      peers: ['10.0.0.1', '10.0.0.2'],
      clusterHosts: 3,
      ofHosts: 312,
      endpoints: [endpoint],
      flowsPerHour: 11.9,
      packetsPerFlow: 9.5,
      bytesPerPacket: 141.7,
      bytesPerSecond: 1322,
    },
    '10.0.0.1 and 10.0.0.2 have similar traffic, to 203.0.113.9:443/tcp (cdn.example.net): about 11.9 flows per hour, 9.5 packets per flow, 142 B per packet, 1.3 kB per second. 3 of 312 hosts have such traffic.',
  ],
  [
    {
      ...base,
      kind: 'activity',
      activity: 'scan',
      detector: 'horizontal-scan',
      did: 'tried 412 servers on port 445',
      hosts: ['10.0.0.1'],
      times: 2061,
      first: micros(0),
      last: seconds(720),
    },
    '10.0.0.1 tried 412 servers on port 445 (2\u202f061 times in 12 min).',
  ],
  [
    { ...base, kind: 'cross-plane', scores: [1.9, 1.31], threshold: 0.42 },
    'Cross-plane score per host: 1.31 to 1.9 (threshold 0.42).',
  ],
  [{ ...base, kind: 'cross-plane', scores: [], threshold: 0.42 }, 'Cross-plane score: threshold 0.42.'],
  [
    {
      ...base,
      kind: 'weighing',
      endpoint,
      confidence: ratio(0.82),
      threshold: ratio(0.5),
      bias: -4,
      reasons: [
        { feature: 'clock', doc: 'Clock.', value: 0.9, logOdds: 3.61 },
        { feature: 'rare', doc: 'Rare.', value: 1, logOdds: 2.5 },
        { feature: 'named', doc: 'Named.', value: 1, logOdds: -0.6 },
        { feature: 'bulky', doc: 'Bulky.', value: 0.1, logOdds: -0.04 },
      ],
      wouldChange: [],
      baseline: null,
    },
    '203.0.113.9:443/tcp (cdn.example.net) scores 0.82 (threshold 0.50). For: clock (+3.6); rare (+2.5). Against: named (−0.6).',
  ],
  [
    {
      ...base,
      kind: 'family',
      endpoint,
      family: 'Bifrose',
      score: 2.41,
      threshold: 1.8,
      hits: ['mean interval', 'bytes sent'],
    },
    'The connections to 203.0.113.9:443/tcp (cdn.example.net) match the family Bifrose in mean interval and bytes sent: score 2.41 (threshold 1.8).',
  ],
]

it('begins with the host that a sentence is about, in a finding of several', () => {
  const size = {
    ...base,
    kind: 'sameness',
    endpoint,
    sent: null,
    received: null,
    consistency: ratio(1),
  } as const
  expect(explain({ ...size, host: '10.0.0.7' })).toBe(`10.0.0.7: ${explain(size)}`)
})

describe('explain', () => {
  it.each(cases)('says %o', (evidence, sentence) => expect(explain(evidence)).toBe(sentence))
})
