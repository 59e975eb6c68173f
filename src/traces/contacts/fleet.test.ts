import { describe, expect, it } from 'vitest'
import type { Caller, SharedUse } from './facts.ts'
import { fewContacts, isFleet, sharedServicesOf } from './fleet.ts'

const caller = (client: string): Caller => ({ client, calls: 100, sent: 300, received: 900, interval: 60 })
const calledBy = (...clients: string[]): SharedUse => ({
  hosts: clients.length,
  usual: 100,
  callers: clients.map(caller),
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
