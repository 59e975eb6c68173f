import { describe, expect, it } from 'vitest'
import { seeded } from '../math/random.ts'
import { actorOf, type Host, type Network } from './network.ts'
import { midstream, ping, refused, tcp, udp, unanswered } from './wire.ts'

const host = (system: Host['system']): Host => ({
  address: '10.20.1.10',
  role: 'staff',
  system,
  on: [],
  used: [],
})
const network = { from: 1_000_000_000_000, length: 86_400 } as Network
const windows = actorOf(network, host('windows'), seeded(1))
const linux = actorOf(network, host('linux'), seeded(1))
const there = { at: 10, server: '192.0.2.1', port: 443 }

describe('tcp', () => {
  it('counts handshake, segments, acknowledgements and closing', () => {
    // Up 1 segment, down 3: client SYN, ACK, 1, 2 ACKs, FIN, ACK = 7; server SYN, 3, 1 ACK, FIN = 6.
    expect(tcp(windows, { ...there, duration: 2, up: 100, down: 3000, ending: 'closed' })).toMatchObject({
      start: 1_000_010_000_000,
      end: 1_000_012_000_000,
      state: 'SF',
      clientPackets: 7,
      serverPackets: 6,
      clientIpBytes: 100 + 7 * 40 + 12,
      serverIpBytes: 3000 + 6 * 40 + 12,
    })
  })

  it('has timestamps in the headers of Linux, and no more packets than messages need', () => {
    // 1448 bytes are one segment; 1449 are two.
    const one = tcp(linux, { ...there, duration: 2, up: 1448, down: 1, ending: 'client-reset' })
    expect(one).toMatchObject({
      state: 'RSTO',
      clientPackets: 5,
      serverPackets: 3,
      clientIpBytes: 1448 + 5 * 52 + 8,
    })
    expect(
      tcp(linux, { ...there, duration: 2, up: 1449, down: 1, ending: 'client-reset' }).clientPackets,
    ).toBe(6)
    expect(tcp(linux, { ...there, duration: 2, up: 100, down: 100, turns: 9, ending: 'open' })).toMatchObject(
      {
        clientPackets: 2 + 9 + 5,
        serverPackets: 1 + 9 + 5,
        state: 'S1',
      },
    )
  })

  it('cuts what outlasts the scenario and leaves it open', () => {
    const cut = tcp(windows, {
      ...there,
      at: 86_300,
      duration: 1000,
      up: 10_000,
      down: 50_000,
      ending: 'closed',
    })
    expect(cut).toMatchObject({ state: 'S1', end: 1_000_000_000_000 + 86_400e6 - 1 })
    expect(cut.clientPayload).toBeCloseTo(1000, -1)
    expect(cut.serverPayload).toBeCloseTo(5000, -1)
  })

  it('tells of payload in the history only where there was some', () => {
    expect(tcp(windows, { ...there, duration: 1, up: 0, down: 0, ending: 'server-reset' })).toMatchObject({
      history: 'ShAr',
      state: 'RSTR',
    })
    expect(tcp(windows, { ...there, duration: 1, up: 5, down: 0, ending: 'open' }).history).toBe('ShADa')
    expect(tcp(windows, { ...there, duration: 1, up: 0, down: 5, ending: 'open' }).history).toBe('ShAda')
  })
})

describe('failures', () => {
  it('are SYNs at 0, 1 and 3 seconds, or one', () => {
    const three = unanswered(windows, there, 3)
    expect(three).toMatchObject({
      state: 'S0',
      clientPackets: 3,
      clientIpBytes: 156,
      clientPayload: 0,
      serverPackets: 0,
    })
    expect((three.end - three.start) / 1e6).toBeGreaterThanOrEqual(3)
    expect((three.end - three.start) / 1e6).toBeLessThan(3.07)
    expect(unanswered(linux, there, 1)).toMatchObject({
      clientPackets: 1,
      clientIpBytes: 60,
      clientPayload: null,
    })
    expect(unanswered(linux, { ...there, at: 86_399 }, 3).clientPackets).toBe(1)
  })

  it('are resets', () => {
    expect(refused(windows, there)).toMatchObject({
      state: 'REJ',
      history: 'Sr',
      clientIpBytes: 52,
      serverIpBytes: 40,
    })
  })
})

describe('datagrams', () => {
  const question = { ...there, duration: 0.1, up: 30, down: 90, packetsUp: 1 }

  it('have 28 bytes of headers', () => {
    expect(udp(windows, { ...question, packetsDown: 1 })).toMatchObject({
      state: 'SF',
      history: 'Dd',
      clientIpBytes: 58,
      serverIpBytes: 118,
    })
  })

  it('have no length and no answer where one is alone', () => {
    const lone = udp(windows, { ...question, packetsDown: 0 })
    expect(lone).toMatchObject({ state: 'S0', clientPayload: null, serverPayload: null, serverIpBytes: 0 })
    expect(lone.end).toBe(lone.start)
    expect(udp(windows, { ...question, packetsUp: 2, packetsDown: 0 })).toMatchObject({
      clientPayload: 30,
      serverPayload: 0,
    })
  })

  it('are echoes with type and code for ports', () => {
    expect(ping(linux, { ...there, times: 3, answered: true })).toMatchObject({
      clientPort: 8,
      serverPort: 0,
      state: 'OTH',
      clientIpBytes: 252,
    })
  })
})

it('a sign of life in the middle of a connection has no beginning', () => {
  expect(midstream(linux, { ...there, duration: 0.1, up: 31, down: 31 })).toMatchObject({
    state: 'OTH',
    history: 'DdA',
    clientPackets: 2,
    serverPackets: 1,
    clientIpBytes: 31 + 104,
  })
})
