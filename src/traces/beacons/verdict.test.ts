import { describe, expect, it } from 'vitest'
import { traceOf } from '../../../test/fixtures/trace-of.ts'
import {
  type CallFeatures,
  callFeatures,
  callFeaturesOf,
  heldFeatures,
  heldFeaturesOf,
  type Situation,
} from './features.ts'
import parameters from './parameters.json' with { type: 'json' }
import type { ServerProfile } from './population.ts'
import { beaconVerdict } from './verdict.ts'

const profile: ServerProfile = {
  hosts: 1,
  portHosts: 1,
  portServers: 1,
  neighbours: 1,
  clientServers: 20,
  clientPorts: 1,
  name: null,
  infrastructure: null,
}
const situation = (
  rest: Partial<ServerProfile> = {},
  network = { hosts: 1, namedShare: 0.9 },
): Situation => ({
  profile: { ...profile, ...rest },
  network,
  extent: { first: 1_700_000_000_000_000, last: 1_700_000_000_000_000 + 6 * 3600e6 },
})
const minutes = Array.from({ length: 60 }, (_, i) => ({ at: 60 * i }))

describe('features', () => {
  it('are numbers from 0 to 1, one for each entry of the list', () => {
    const found = callFeaturesOf(traceOf(minutes, { serverPort: 4444 }), situation(), 4)!
    expect(Object.keys(found.features).sort()).toEqual(Object.keys(callFeatures).sort())
    for (const value of Object.values(found.features)) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
    }
    expect(found.features).toMatchObject({
      gain: 1,
      sentAlike: 1,
      nameless: 0.9,
      lonePort: 1,
      refused: 0,
      rare: 0,
    })
  })

  it('do not hold against a server that no name could be known of', () => {
    const nameless = (trace = traceOf(minutes), where = situation()) =>
      callFeaturesOf(trace, where, 4)!.features.nameless
    expect(nameless()).toBe(0.9)
    expect(nameless(traceOf(minutes, { midstream: 1 }))).toBe(0)
    expect(nameless(traceOf(minutes), situation({}, { hosts: 1, namedShare: 0 }))).toBe(0)
    expect(nameless(traceOf(minutes), situation({ name: 'a.example' }))).toBe(0)
  })

  it('weaken on a client that uses many odd ports, on a log scale', () => {
    const peering = (clientPorts: number) =>
      callFeaturesOf(traceOf(minutes), situation({ clientPorts }), 4)!.features.peering
    expect([1, 3, 100, 1000].map(peering)).toEqual([0, 0, 1, 1])
    expect(peering(Math.sqrt(300))).toBeCloseTo(0.5)
  })

  it('know the ports of mail boxes, telephony and push', () => {
    const kept = (serverPort: number) =>
      callFeaturesOf(traceOf(minutes, { serverPort }), situation(), 4)!.features.keptAlive
    expect([993, 5060, 443, 8443].map(kept)).toEqual([1, 1, 0, 0])
  })

  it('know the ports at which people and programs keep a connection', () => {
    const kept = (serverPort: number) =>
      heldFeaturesOf(traceOf([{ at: 0, duration: 7200 }], { serverPort }), situation(), 3600)!.keptAlive
    expect([22, 143, 3389, 8883, 443, 4444].map(kept)).toEqual([1, 1, 1, 1, 0, 0])
  })

  it('see a pause, and count calls in vain in a crowd', () => {
    const features = (calls: typeof minutes, more: Partial<Parameters<typeof traceOf>[1]> = {}, hosts = 1) =>
      callFeaturesOf(traceOf(calls, more), situation({}, { hosts, namedShare: 0 }), 4)!.features
    expect(features(minutes).unbroken).toBeCloseTo(1 - 1 / 59)
    const paused = minutes.map(({ at }, i) => ({ at: i < 30 ? at : at + 3540 }))
    expect(features(paused).unbroken).toBeCloseTo(1 - 3600 / (3540 * 2), 2)
    expect(features(minutes, { failed: 60 }, 1).vainInCrowd).toBe(0)
    expect(features(minutes, { failed: 60 }, 1000).vainInCrowd).toBe(1)
    expect(features(minutes, { failed: 30 }, 30).vainInCrowd).toBe(0.5)
  })

  it('take no share of a recording of moments', () => {
    const lasting = (duration: number, recorded: number) => {
      const where = {
        ...situation(),
        extent: { first: 1_700_000_000_000_000, last: 1_700_000_000_000_000 + recorded * 1e6 },
      }
      return heldFeaturesOf(traceOf([{ at: 0, duration }]), where, 30)?.lasting
    }
    expect(lasting(30, 30)).toBe(0.25)
    expect(lasting(120, 120)).toBe(1)
    expect(lasting(120, 240)).toBe(0.5)
    expect(lasting(29, 29)).toBeUndefined()
  })

  it('call nothing rare among fewer than three hosts', () => {
    const rare = (hosts: number, of: number) =>
      callFeaturesOf(traceOf(minutes), situation({ hosts }, { hosts: of, namedShare: 0 }), 4)!.features.rare
    expect(rare(1, 2)).toBe(0)
    expect(rare(1, 3)).toBeGreaterThan(0)
    expect(rare(1, 100)).toBeCloseTo(2 / 3)
    expect(rare(4, 100)).toBeCloseTo(1 / 6)
    expect(rare(1, 1000)).toBe(1)
  })

  it('see a lone port only over 1023, of no customary service, on a host without many of them', () => {
    const lone = (serverPort: number, rest: Partial<ServerProfile> = {}) =>
      callFeaturesOf(traceOf(minutes, { serverPort }), situation(rest), 4)!.features.lonePort
    expect([1023, 1024, 5222].map((port) => lone(port))).toEqual([0, 1, 0])
    expect(lone(4444, { portServers: 4 })).toBe(0.25)
    expect(lone(4444, { clientPorts: 100 })).toBe(0.1)
  })

  it('take a connection for held from the given length on, unless it had no answer', () => {
    const held = (duration: number, failed = 0) =>
      heldFeaturesOf(traceOf([{ at: 0, duration }], { failed }), situation(), 30)
    expect(held(29.9)).toBeNull()
    expect(Object.keys(held(30)!).sort()).toEqual(Object.keys(heldFeatures).sort())
    expect(held(30, 1)).toBeNull()
    expect(held(6 * 3600)!.lasting).toBe(1)
  })
})

describe('beaconVerdict', () => {
  const features = callFeaturesOf(traceOf(minutes, { serverPort: 4444 }), situation(), 4)!.features

  it('accuses a nameless clock on a lone port, and says what weighed', () => {
    const verdict = beaconVerdict({ profile, calls: features, held: null })!
    expect(verdict.score).toBeGreaterThan(0.5)
    expect(verdict).toMatchObject({ kind: 'calls', whyNot: [] })
    const odds = verdict.reasons.reduce((sum, { logOdds }) => sum + logOdds, parameters.calls.few.bias)
    expect(1 / (1 + Math.exp(-odds))).toBeCloseTo(verdict.score, 12)
  })

  it('does not accuse infrastructure, and says why', () => {
    const verdict = beaconVerdict({
      profile: { ...profile, infrastructure: 'ntp' },
      calls: features,
      held: null,
    })!
    expect(verdict.score).toBe(0)
    expect(verdict.whyNot[0]).toContain('NTP')
  })

  it('says what was lacking', () => {
    const none = Object.fromEntries(
      Object.keys(callFeatures).map((name) => [name, 0]),
    ) as unknown as CallFeatures
    const verdict = beaconVerdict({ profile, calls: none, held: null })!
    expect(verdict.score).toBeLessThan(0.5)
    expect(verdict.whyNot).toHaveLength(3)
  })

  it('judges by the weights of a crowd the more, the more hosts are watched', () => {
    const of = (hosts: number) => {
      const { features: calls } = callFeaturesOf(
        traceOf(minutes, { serverPort: 4444 }),
        situation({}, { hosts, namedShare: 1 }),
        4,
      )!
      return beaconVerdict({ profile, calls, held: null })!
    }
    const [few, between, many] = [3, 9.4868, 30].map(of)
    expect(few!.head.weights['clock']).toBe(parameters.calls.few.weights.clock)
    expect(many!.head.weights['clock']).toBeCloseTo(parameters.calls.many.weights.clock)
    expect(between!.head.weights['clock']).toBeCloseTo(
      (parameters.calls.few.weights.clock + parameters.calls.many.weights.clock) / 2,
      4,
    )
    const odds = many!.reasons.reduce((sum, { logOdds }) => sum + logOdds, many!.head.bias)
    expect(1 / (1 + Math.exp(-odds))).toBeCloseTo(many!.score, 12)
    const own = many!.reasons.reduce(
      (sum, { feature, value }) =>
        sum +
        (feature === 'crowd' ? 0 : value * parameters.calls.many.weights[feature as keyof CallFeatures]),
      parameters.calls.many.bias,
    )
    expect(odds).toBeCloseTo(own, 9)
  })

  it('has nothing to say without features', () => {
    expect(beaconVerdict({ profile, calls: null, held: null })).toBeNull()
  })
})

it('has fitted weights with the signs that the list of features states, and their provenance', () => {
  for (const [head, list] of [
    [parameters.calls.few, callFeatures],
    [parameters.calls.many, callFeatures],
    [parameters.held.few, heldFeatures],
    [parameters.held.many, heldFeatures],
  ] as const) {
    const weights: Readonly<Record<string, number>> = head.weights
    expect(Object.keys(weights).sort()).toEqual(Object.keys(list).sort())
    for (const [name, { side }] of Object.entries(list)) {
      expect(Number.isFinite(weights[name])).toBe(true)
      if (side === 'for') expect(weights[name]).toBeGreaterThanOrEqual(0)
      if (side === 'against') expect(weights[name]).toBeLessThanOrEqual(0)
    }
  }
  expect(parameters.provenance.captures).not.toContain('desktop 010')
})
