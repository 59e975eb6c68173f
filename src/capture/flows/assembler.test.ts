import { describe, expect, it } from 'vitest'
import { assembled, framed, icmp, ipv4, ipv6, tcp, u8, u16, u32, udp } from '../../../test/frames.ts'

const a = '10.0.0.7'
const b = '192.0.2.9'
const out = (segment: Parameters<typeof tcp>[2], from = 50_000, to = 443) =>
  ipv4(a, b, tcp(from, to, segment))
const back = (segment: Parameters<typeof tcp>[2], from = 443, to = 50_000) =>
  ipv4(b, a, tcp(from, to, segment))

/** The state that segments add up to, written as `>S <SA >A`: who sends, and the flags; `d` adds a byte. */
const stateOf = (text: string) => {
  const packets = text.split(' ').map((word, i): [number, Buffer] => {
    const flags = word.slice(1).replace('d', '')
    const segment = {
      flags,
      seq: 100 + (flags.includes('S') ? 0 : 1),
      payload: word.includes('d') ? 'x' : '',
    }
    return [i / 10, word.startsWith('>') ? out(segment) : back(segment)]
  })
  const { flows } = assembled(packets)
  expect(flows).toHaveLength(1)
  return `${flows[0]?.state} ${flows[0]?.outcome}`
}

describe('TCP states are Zeek’s', () => {
  it.each([
    ['>S', 'S0 unanswered'],
    ['>S <SA', 'S1 established'],
    ['>S <SA >A >Ad <Ad', 'S1 established'],
    ['>S <SA >A >FA <FA >A', 'SF established'],
    ['>S <SA >A >FA', 'S2 established'],
    ['>S <SA >A <FA', 'S3 established'],
    ['>S <RA', 'REJ refused'],
    ['>S <SA >A >RA', 'RSTO established'],
    ['>S <SA >A <RA', 'RSTR established'],
    ['>S >R', 'RSTOS0 unanswered'],
    ['>S >FA', 'SH unanswered'],
    ['<SA', 'OTH reversed'],
    ['<SA <FA', 'SHR reversed'],
    ['<SA <RA', 'RSTRH reversed'],
    ['>Ad <Ad', 'OTH established'],
    ['>Ad', 'OTH unanswered'],
    // Only one direction was captured: nobody goes on after a SYN that was not answered.
    ['>S >A >Ad', 'S0 established'],
    ['>S >A >Ad >FA', 'SH established'],
    ['>S >Ad', 'S0 unanswered'],
    ['>Ad >Ad >Ad', 'OTH unknown'],
    ['>A >A >A', 'OTH unanswered'],
    ['>A <A', 'OTH unknown'],
  ])('%s is %s', (text, state) => expect(stateOf(text)).toBe(state))
})

describe('who is the client', () => {
  const clientOf = (packet: Buffer) => assembled([[0, packet]]).flows[0]?.client
  it('is who sends the SYN, whatever the ports', () => {
    expect(clientOf(ipv4(a, b, tcp(80, 60_000, { flags: 'S' })))).toBe(a)
  })
  it('is who gets a SYN-ACK', () => {
    expect(clientOf(ipv4(a, b, tcp(60_000, 80, { flags: 'SA' })))).toBe(b)
  })
  it('is in mid-stream the end without a service port, else the one with the higher service port', () => {
    expect(clientOf(ipv4(a, b, tcp(443, 60_000)))).toBe(b)
    expect(clientOf(ipv4(a, b, tcp(60_000, 443)))).toBe(a)
    expect(clientOf(ipv4(a, b, tcp(22, 443)))).toBe(b)
    expect(clientOf(ipv4(a, b, tcp(40_000, 60_000)))).toBe(a)
  })
  it('is for UDP who spoke first, unless only that one has a service port', () => {
    expect(clientOf(ipv4(a, b, udp(40_000, 60_000)))).toBe(a)
    expect(clientOf(ipv4(a, b, udp(53, 60_000)))).toBe(b)
    expect(clientOf(ipv4(a, b, udp(53, 123)))).toBe(a)
    expect(clientOf(ipv4(a, '255.255.255.255', udp(67, 68)))).toBe(a)
    expect(clientOf(ipv4(a, '239.255.255.250', udp(1900, 40_000)))).toBe(a)
  })
  it('turns round when a SYN follows packets that looked the other way', () => {
    const { flows } = assembled([
      [0, ipv4(b, a, tcp(40_000, 6667))],
      [1, ipv4(a, b, tcp(6667, 40_000, { flags: 'S', seq: 9 }))],
    ])
    expect(flows).toMatchObject([{ client: a, clientPackets: 1, serverPackets: 1, serverPort: 40_000 }])
  })
  describe('is remembered while a conversation is silent', () => {
    const clients = (packets: [number, Buffer][]) => assembled(packets).flows.map(({ client }) => client)
    const call = (at: number, flags: string): [number, Buffer] => [
      at,
      out({ flags, seq: 100 }, 50_000, 40_444),
    ]
    const answer = (at: number, flags: string): [number, Buffer] => [
      at,
      back({ flags, seq: 100 }, 40_444, 50_000),
    ]
    const opened = [call(0, 'S'), answer(0.1, 'SA'), call(0.2, 'A')]

    it('of TCP, when the server speaks first after the time-out', () => {
      expect(clients([...opened, answer(400, 'A'), call(401, 'A'), answer(900, 'A')])).toEqual([a, a, a])
    })

    it('when the server resets a connection that was over', () => {
      expect(clients([...opened, call(1, 'FA'), answer(1, 'FA'), answer(12, 'RA')])).toEqual([a, a])
    })

    it('of UDP for an hour', () => {
      const ask = (at: number): [number, Buffer] => [at, ipv4(a, b, udp(50_000, 40_444))]
      const reply = (at: number): [number, Buffer] => [at, ipv4(b, a, udp(40_444, 50_000))]
      expect(clients([ask(1), reply(90), ask(91)])).toEqual([a, a])
      expect(clients([ask(1), reply(4000)])).toEqual([a, b])
    })

    it('but not against a SYN', () => {
      expect(clients([...opened, answer(400, 'S'), call(400.1, 'SA')])).toEqual([a, b])
    })
  })
  it('is who asked, when an echo reply is seen first', () => {
    const { flows } = assembled([
      [0, ipv4(b, a, icmp(0))],
      [1, ipv4(a, b, icmp(8))],
    ])
    expect(flows).toMatchObject([
      { client: a, server: b, clientPort: 0, serverPort: 8 * 256, outcome: 'established' },
    ])
  })
})

describe('counts', () => {
  it('adds IP bytes and packets each way, and the time between', () => {
    const { flows } = assembled([
      [10, out({ flags: 'S', seq: 1 })],
      [10.25, back({ flags: 'SA', seq: 1 })],
      [11, out({ flags: 'A', seq: 2, payload: 'hello' })],
    ])
    expect(flows).toMatchObject([
      {
        start: 10e6,
        duration: 1e6,
        clientPackets: 2,
        clientBytes: 85,
        serverPackets: 1,
        serverBytes: 40,
        packets: 3,
        bytes: 125,
      },
    ])
  })
  it('takes the length of a cut frame from its IP header', () => {
    const whole = ipv4(a, b, udp(40_000, 60_000, 'x'.repeat(1000)))
    expect(assembled([[0, whole.subarray(0, 60)]]).flows).toMatchObject([{ bytes: 1028 }])
  })
  it('does not count what Ethernet pads', () => {
    const padded = Buffer.concat([framed(ipv4(a, b, udp(1, 2))), Buffer.alloc(18)])
    expect(assembled([[0, padded]], 1).flows).toMatchObject([{ bytes: 28 }])
  })
})

describe('when a flow ends', () => {
  const count = (...packets: (readonly [number, Buffer])[]) => assembled(packets).flows.length
  const datagram = ipv4(a, b, udp(40_000, 60_000))
  it('is after 60 s of silence for UDP', () => {
    expect(count([0, datagram], [60, datagram])).toBe(1)
    expect(count([0, datagram], [60.000_001, datagram])).toBe(2)
  })
  it('is after 300 s of silence for TCP, and never because it is long', () => {
    const open = [
      [0, out({ flags: 'S', seq: 1 })],
      [0, back({ flags: 'SA', seq: 1 })],
    ] as const
    expect(count(...open, [300, out({ seq: 2 })])).toBe(1)
    expect(count(...open, [300.000_001, out({ seq: 2 })])).toBe(2)
    const beats = Array.from({ length: 500 }, (_, i) => [i * 290, out({ seq: 2 + i })] as const)
    expect(count(...open, ...beats)).toBe(1)
  })
  it('is after 60 s for an attempt that nobody answers', () => {
    expect(count([0, out({ flags: 'S', seq: 1 })], [60, out({ flags: 'S', seq: 1 })])).toBe(1)
    expect(count([0, out({ flags: 'S', seq: 1 })], [61, out({ flags: 'S', seq: 1 })])).toBe(2)
  })
  it('is 5 s after both ends closed, or at once for a new SYN', () => {
    const closed = [
      [0, out({ flags: 'S', seq: 1 })],
      [0, back({ flags: 'SA', seq: 1 })],
      [1, out({ flags: 'FA', seq: 2 })],
      [1, back({ flags: 'FA', seq: 2 })],
    ] as const
    expect(count(...closed, [6, out({ seq: 3 })])).toBe(1)
    expect(count(...closed, [6.1, out({ seq: 3 })])).toBe(2)
    expect(count(...closed, [1.1, out({ flags: 'S', seq: 900 })])).toBe(2)
  })
  it('is at a SYN with another sequence number, but not at one sent again', () => {
    const first = out({ flags: 'S', seq: 1 })
    expect(count([0, first], [3, first])).toBe(1)
    expect(count([0, first], [3, out({ flags: 'S', seq: 2 })])).toBe(2)
  })
  it('gives two flows that begin in one microsecond two ids', () => {
    const { flows } = assembled([
      [0, out({ flags: 'S', seq: 1 })],
      [0, out({ flags: 'S', seq: 2 })],
    ])
    expect(new Set(flows.map(({ uid }) => uid)).size).toBe(2)
  })
  it('lets memory go: ten thousand dead flows do not stay', () => {
    const packets = Array.from({ length: 10_000 }, (_, i) => [i, ipv4(a, b, udp(1024 + i, 60_000))] as const)
    const { flows, live } = assembled(packets)
    expect(flows).toHaveLength(10_000)
    expect(live).toBeLessThan(80)
  })
  it('does not believe one packet that says a year has passed', () => {
    const { flows } = assembled([
      [0, datagram],
      [3e7, ipv4(a, b, udp(5, 6))],
      [1, datagram],
      [2, datagram],
    ])
    expect(flows.map(({ packets }) => packets)).toEqual([3, 1])
  })
  it('believes two, and goes on after a clock is set back', () => {
    const { live } = assembled([
      [3e7, datagram],
      [100, ipv4(a, b, udp(5, 6))],
      [101, ipv4(a, b, udp(5, 6))],
      [102, ipv4(a, b, udp(5, 6))],
    ])
    // The flow of before is kept: a part of the capture that is earlier may go on with it.
    expect(live).toBe(2)
  })
  it('goes on with a flow where the clock goes back, and ends it when time has passed it', () => {
    const back = (start: number) => Array.from({ length: 8 }, (_, i) => [start + i * 100, datagram] as const)
    const { flows } = assembled([[1000, datagram], [1100, datagram], ...back(500)])
    expect(flows.map(({ packets }) => packets).reduce((sum, n) => sum! + n!, 0)).toBe(10)
    expect(
      assembled([
        [1000, datagram],
        [600, datagram],
        [601, datagram],
      ]).flows,
    ).toMatchObject([{ packets: 3, start: 600e6, duration: 400e6 }])
  })
  it('leaves out a packet without a time', () => {
    expect(assembled([[-1, datagram]]).verdicts).toEqual([5])
    expect(assembled([[2 ** 33, datagram]]).verdicts).toEqual([5])
  })
})

describe('fragments', () => {
  const [, whole] = udp(40_000, 60_000, 'x'.repeat(40))
  const first = ipv4(a, b, [17, whole.subarray(0, 24)], { id: 7, piece: 0x2000 })
  const rest = ipv4(a, b, [17, whole.subarray(24)], { id: 7, piece: 3 })
  const expected = [{ clientPort: 40_000, serverPort: 60_000, packets: 2, bytes: 20 + 24 + 20 + 24 }]
  it('belong to the flow of the first, in either order, from the time of the earlier', () => {
    expect(
      assembled([
        [3, rest],
        [4, first],
      ]).flows,
    ).toMatchObject([{ start: 3e6, duration: 1e6 }])
    expect(
      assembled([
        [0, first],
        [0, rest],
      ]).flows,
    ).toMatchObject(expected)
    expect(
      assembled([
        [0, rest],
        [0, first],
      ]).flows,
    ).toMatchObject(expected)
  })
  it('count without ports when the first never comes, and to no packet of another id', () => {
    const stray = ipv4(a, b, [17, whole.subarray(24)], { id: 8, piece: 3 })
    expect(
      assembled([
        [0, first],
        [0, stray],
      ]).flows,
    ).toMatchObject([
      { clientPort: 40_000, packets: 1 },
      { clientPort: 0, packets: 1 },
    ])
  })
})

describe('ICMP', () => {
  it('keeps the two directions of an error apart', () => {
    const { flows } = assembled([
      [0, ipv4(a, b, icmp(3, 3))],
      [0, ipv4(b, a, icmp(3, 3))],
    ])
    expect(flows).toMatchObject([
      { client: a, serverPort: 3 * 256 + 3 },
      { client: b, serverPort: 3 * 256 + 3 },
    ])
  })
  it('marks what it is about as refused, and nothing else', () => {
    const asked = ipv4(a, b, udp(40_000, 161, 'x'))
    const error = (code: number) => ipv4(b, a, icmp(3, code, Buffer.concat([u32(0), asked.subarray(0, 28)])))
    const outcomeOf = (code: number) =>
      assembled([
        [0, asked],
        [0, error(code)],
      ]).flows[0]?.outcome
    expect(outcomeOf(3)).toBe('refused')
    expect(outcomeOf(4)).toBe('unanswered')
  })
})

it('reads IPv6 behind extension headers, and fragments of it', () => {
  const [, datagram] = udp(40_000, 60_000, 'hello')
  const hopByHop = Buffer.concat([u8(17, 0, 1, 4), u32(0), datagram])
  const { flows } = assembled([[0, ipv6('2001:db8::1', '2001:db8::2', [0, hopByHop])]])
  expect(flows).toMatchObject([
    { client: '2001:db8::1', server: '2001:db8::2', serverPort: 60_000, bytes: 40 + 8 + 13, proto: 'udp' },
  ])
  const piece = Buffer.concat([u8(17, 0), u16(1), u32(5), datagram])
  const later = Buffer.concat([u8(17, 0), u16(16), u32(5), Buffer.from('more')])
  expect(
    assembled([
      [0, ipv6('2001:db8::1', '2001:db8::2', [44, piece])],
      [0, ipv6('2001:db8::1', '2001:db8::2', [44, later])],
    ]).flows,
  ).toMatchObject([{ packets: 2, clientPort: 40_000 }])
})
