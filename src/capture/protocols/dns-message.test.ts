import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assembled, ipv4, tcp, u8, u16, u32, udp } from '../../../test/frames.ts'
import { readDns } from './dns-message.ts'

const name = (text: string) =>
  Buffer.concat([
    ...text.split('.').map((label) => Buffer.concat([u8(label.length), Buffer.from(label, 'latin1')])),
    u8(0),
  ])
const asked = (text: string, type = 1, id = 7) =>
  Buffer.concat([u16(id, 0x0100, 1, 0, 0, 0), name(text), u16(type, 1)])
const answer = (type: number, value: Buffer, ttl = 60) =>
  Buffer.concat([u16(0xc00c, type, 1), u32(ttl), u16(value.length), value])
const answered = (text: string, answers: Buffer[], { type = 1, code = 0, id = 7 } = {}) =>
  Buffer.concat([u16(id, 0x8180 | code, 1, answers.length, 0, 0), name(text), u16(type, 1), ...answers])
const read = (bytes: Buffer, length = bytes.length) => readDns(bytes, { at: 0, end: bytes.length, length })

describe('readDns', () => {
  it('reads a question', () => {
    expect(read(asked('WWW.Example.com', 15))).toEqual({
      id: 7,
      isAnswer: false,
      query: 'www.example.com',
      queryType: 'MX',
      responseCode: '',
      answers: [],
      ttls: [],
      answerBytes: null,
      nameServers: [],
      nameServerAddresses: [],
    })
  })
  it('reads name servers and their addresses, and no others', () => {
    const record = (owner: string, type: number, value: Buffer) =>
      Buffer.concat([name(owner), u16(type, 1), u32(60), u16(value.length), value])
    const bytes = Buffer.concat([
      u16(7, 0x8180, 1, 1, 2, 2),
      name('a.test'),
      u16(1, 1),
      answer(1, u8(192, 0, 2, 9)),
      record('test', 2, name('NS1.test')),
      record('test', 2, name('ns2.test')),
      record('ns1.test', 1, u8(192, 0, 2, 53)),
      record('other.test', 1, u8(192, 0, 2, 54)),
    ])
    expect(read(bytes)).toMatchObject({
      answers: ['192.0.2.9'],
      nameServers: ['ns1.test', 'ns2.test'],
      nameServerAddresses: ['192.0.2.53'],
    })
  })
  it('counts what the answer had on the wire, though the capture cut it', () => {
    const bytes = answered('a.test', [answer(16, Buffer.concat([u8(200), Buffer.alloc(200, 97)]))], {
      type: 16,
    })
    expect(read(bytes)?.answerBytes).toBe(12 + 201)
    expect(read(bytes.subarray(0, 60), bytes.length)).toMatchObject({ answers: [], answerBytes: 12 + 201 })
  })
  it('writes NULL records as bytes', () => {
    expect(read(answered('a.test', [answer(10, u8(0, 255, 16))]))?.answers).toEqual(['\\# 3 00ff10'])
  })
  it('reads answers of the usual types, through pointers', () => {
    const bytes = answered('a.test', [
      answer(5, Buffer.concat([u8(1), Buffer.from('B'), u16(0xc00e)]), 300),
      answer(1, u8(192, 0, 2, 9)),
      answer(28, Buffer.concat([u32(0x20010db8, 0, 0, 1)])),
      answer(15, Buffer.concat([u16(10), name('mx.test')])),
      answer(16, Buffer.concat([u8(3), Buffer.from('v=1'), u8(1), Buffer.from('x')])),
      answer(46, Buffer.alloc(8)),
    ])
    expect(read(bytes)).toMatchObject({
      responseCode: 'NOERROR',
      answers: ['b.test', '192.0.2.9', '2001:db8::1', 'mx.test', 'v=1x'],
      ttls: [300, 60, 60, 60, 60],
    })
  })
  it('names the codes', () => {
    expect(read(answered('a.test', [], { code: 3 }))?.responseCode).toBe('NXDOMAIN')
    expect(read(answered('a.test', [], { code: 15 }))?.responseCode).toBe('RCODE15')
  })
  it('gives what came before a cut, and nothing of a cut question', () => {
    const bytes = answered('a.test', [answer(1, u8(1, 2, 3, 4)), answer(1, u8(5, 6, 7, 8))])
    expect(read(bytes.subarray(0, bytes.length - 1))?.answers).toEqual(['1.2.3.4'])
    expect(read(asked('a.test').subarray(0, -1))).toBeNull()
  })
  it.each<[string, Buffer]>([
    ['a name that points at itself', u8(0xc0, 12)],
    ['a name that points ahead', u8(0xc0, 20)],
    ['a label of a reserved kind', u8(0x40, 1, 1)],
    [
      'a name longer than 255',
      Buffer.concat([...Array(5).fill(Buffer.concat([u8(60), Buffer.alloc(60, 97)])), u8(0)]),
    ],
  ])('refuses %s', (_, bad) => {
    expect(read(Buffer.concat([u16(7, 0x0100, 1, 0, 0, 0), bad, u16(1, 1), Buffer.alloc(20)]))).toBeNull()
  })
  it('allows a name of 255 and labels of any byte, written so that they print', () => {
    const long = Buffer.concat([
      ...Array(4).fill(Buffer.concat([u8(61), Buffer.alloc(61, 97)])),
      u8(2, 46, 10),
      u8(0),
    ])
    const query = read(Buffer.concat([u16(7, 0x0100, 1, 0, 0, 0), long, u16(1, 1)]))?.query
    expect(query?.endsWith('a.\\046\\010')).toBe(true)
  })
  it('never reads outside the message, whatever the bytes', () => {
    const sample = answered('a.test', [
      answer(5, name('b.test')),
      answer(16, Buffer.concat([u8(3), Buffer.from('abc')])),
    ])
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 5 }),
        fc.nat(sample.length),
        (hits, end) => {
          const bytes = Buffer.from(sample)
          for (const [at, value] of hits) bytes[at] = value
          const found = readDns(bytes, { at: 0, end, length: end })
          if (found) expect(found.query.length).toBeLessThanOrEqual(4 * 255)
          const more = Buffer.concat([bytes.subarray(0, end), Buffer.alloc(50, 0xaa)])
          expect(readDns(more, { at: 0, end, length: end })).toEqual(found)
        },
      ),
      { numRuns: 5000, seed: 7 },
    )
  })
})

describe('DNS over a flow', () => {
  const out = (payload: Buffer) => ipv4('10.0.0.7', '10.0.0.1', udp(40_000, 53, payload))
  const back = (payload: Buffer) => ipv4('10.0.0.1', '10.0.0.7', udp(53, 40_000, payload))
  it('joins a question to its answer, and both to the flow', () => {
    const { records, flows } = assembled([
      [1, out(asked('a.test'))],
      [2, back(answered('a.test', [answer(1, u8(1, 2, 3, 4))]))],
    ])
    expect(records).toEqual([
      {
        record: 'dns',
        row: expect.objectContaining({
          start: 1e6,
          client: '10.0.0.7',
          server: '10.0.0.1',
          query: 'a.test',
          answers: ['1.2.3.4'],
          uid: flows[0]?.uid,
        }),
      },
    ])
    expect(flows).toMatchObject([{ service: 'dns' }])
  })
  it('gives a question without an answer once, however often it is asked', () => {
    const { records } = assembled([
      [1, out(asked('a.test'))],
      [2, out(asked('a.test'))],
      [3, out(asked('b.test', 1, 8))],
    ])
    expect(records.map(({ row }) => [row['query'], row['responseCode']])).toEqual([
      ['a.test', ''],
      ['b.test', ''],
    ])
  })
  it('does not join an answer to another question of the same id', () => {
    const { records } = assembled([
      [1, out(asked('a.test'))],
      [2, back(answered('evil.test', []))],
    ])
    expect(records.map(({ row }) => [row['query'], row['responseCode']])).toEqual([
      ['evil.test', 'NOERROR'],
      ['a.test', ''],
    ])
  })
  it('reads messages over TCP, also when they come in pieces', () => {
    const message = asked('a.test')
    const framed = Buffer.concat([u16(message.length), message])
    const piece = (seq: number, payload: Buffer) =>
      ipv4('10.0.0.7', '10.0.0.1', tcp(40_000, 53, { seq, payload }))
    const { records } = assembled([
      [1, piece(1, framed.subarray(0, 9))],
      [2, piece(10, framed.subarray(9))],
    ])
    expect(records).toMatchObject([{ record: 'dns', row: { query: 'a.test' } }])
  })
})
