import { describe, expect, it } from 'vitest'
import {
  alikeCallers,
  companyOf,
  fewContacts,
  fewnessOf,
  isFleet,
  sharedServicesOf,
  usualAlikeness,
} from './company.ts'
import type { Caller, SharedUse } from './facts.ts'

const caller = (client: string, given: Partial<Caller> = {}): Caller => ({
  client,
  calls: 100,
  sent: 300,
  received: 900,
  interval: 60,
  ...given,
})
const usedBy = (...callers: Caller[]): SharedUse => ({ hosts: callers.length, usual: 100, callers })

it('callers are alike in size each way and in pace, over four calls at least', () => {
  const others = [
    caller('same'),
    caller('slower', { interval: 110 }),
    caller('much slower', { interval: 150 }),
    caller('larger', { sent: 420 }),
    caller('gets more', { received: 1200 }),
    caller('seldom', { calls: 3 }),
  ]
  expect(alikeCallers({ client: 'a' }, [caller('a'), ...others])).toEqual(['same', 'slower'])
  expect(alikeCallers({ client: 'a' }, others)).toEqual([])
  expect(alikeCallers({ client: 'seldom' }, others)).toEqual([])
})

it('alikeness is usual where most services of several hosts show it', () => {
  const [alike, unlike] = [usedBy(caller('a'), caller('b')), usedBy(caller('a'), caller('b', { sent: 5000 }))]
  const services = (...all: SharedUse[]) => new Map(all.map((each, i) => [`service ${i}`, each]))
  expect(usualAlikeness(services(alike, unlike, unlike, unlike))).toBe(0.25)
  expect(usualAlikeness(services(alike, alike, unlike, unlike))).toBe(0.5)
  expect(usualAlikeness(services(alike, alike))).toBe(0)
  expect(
    usualAlikeness(services(alike, alike, unlike, usedBy(caller('a'), caller('b', { calls: 2 })))),
  ).toBeCloseTo(2 / 3)
})

describe('callers alike', () => {
  const named = { network: { namedShare: 0.9 }, usuallyAlike: 0.9 }

  it('are victims while they are few, and a program of the network when they are many', () => {
    const fewness = [1, 3, 7, 15, 40].map((alike) => fewnessOf({ name: 'a.example' }, alike, named))
    expect(fewness).toEqual([1, 1, expect.closeTo(0.71), 0, 0])
  })

  it('of servers that nothing names must be rare in the network', () => {
    const unnamed = (usuallyAlike: number) => ({ network: { namedShare: 0 }, usuallyAlike })
    const fewness = [0, 0.1, 0.25, 0.4, 1].map((share) => fewnessOf({ name: null }, 2, unnamed(share)))
    expect(fewness).toEqual([1, 1, expect.closeTo(0.5), 0, 0])
    expect(fewnessOf({ name: null }, 2, named)).toBe(1)
    expect(fewnessOf({ name: 'a.example' }, 2, unnamed(0.9))).toBe(1)
  })

  it('count for each other up to a fifth of the hosts, unless by a strict clock to a named server', () => {
    const company = (name: string | null, alike: number, jitter: number, hosts = 40) =>
      companyOf({ name }, { alike, hosts, fewness: 0.8, rhythm: { jitter, period: 60 } })
    expect(company('a.example', 7, 6)).toBe(0.8)
    expect(company('a.example', 8, 6)).toBe(0)
    expect(company('a.example', 2, 6, 5)).toBe(0.8)
    expect(company('a.example', 0, 6)).toBe(0)
    expect(company('a.example', 1, 1)).toBe(0)
    expect(company(null, 1, 1)).toBe(0.8)
  })
})

const calledBy = (...clients: string[]): SharedUse => ({
  hosts: clients.length,
  usual: 100,
  callers: clients.map((client) => caller(client)),
})

const screens = ['a', 'b', 'c']
const ads = { client: 'a', key: 'ads.example', contacts: 5 }

describe('hosts that call one service alike', () => {
  it('are devices of one maker when they have few services, and another in common', () => {
    const services = sharedServicesOf(
      new Map([
        ['ads.example', calledBy(...screens)],
        ['telemetry.example', calledBy(...screens)],
      ]),
    )
    expect(isFleet(ads, ['b', 'c'], services)).toBe(true)
    expect(isFleet({ ...ads, contacts: fewContacts }, ['b', 'c'], services)).toBe(true)
    expect(isFleet({ ...ads, contacts: fewContacts + 1 }, ['b', 'c'], services)).toBe(false)
    expect(isFleet(ads, [], services)).toBe(false)
  })

  it('are none when fewer than half of the others have it, or when it is the time or the names of everybody', () => {
    const services = (key: string, ...clients: string[]) =>
      sharedServicesOf(
        new Map([
          ['ads.example', calledBy(...screens, 'd')],
          [key, calledBy(...clients)],
        ]),
      )
    expect(isFleet(ads, ['b', 'c', 'd'], services('telemetry.example', 'a', 'b'))).toBe(false)
    expect(isFleet(ads, ['b', 'c', 'd'], services('telemetry.example', 'a', 'b', 'c'))).toBe(true)
    expect(isFleet(ads, ['b', 'c', 'd'], services('192.0.2.1 123/udp', ...screens))).toBe(false)
  })

  it('are none when many others have it too', () => {
    const crowd = (count: number) =>
      sharedServicesOf(
        new Map([
          ['ads.example', calledBy(...screens)],
          ['news.example', calledBy(...screens, ...Array.from({ length: count }, (_, i) => `other ${i}`))],
        ]),
      )
    expect(isFleet(ads, ['b', 'c'], crowd(3))).toBe(true)
    expect(isFleet(ads, ['b', 'c'], crowd(4))).toBe(false)
  })
})
