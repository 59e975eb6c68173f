import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assembled, ipv4, tcp, u8, u16, udp } from '../../../test/frames.ts'
import { sketchOf } from '../../math/sketch.ts'
import { readClientHello } from './tls-hello.ts'

/** A TCP conversation: `>` client, `<` server; sequence numbers follow. */
function talk(
  ...turns: (readonly ['>' | '<', string | Buffer] | readonly ['>' | '<', string | Buffer, number])[]
) {
  const next = { '>': 100, '<': 900 }
  return assembled(
    turns.map(([side, payload, lost = 0], i) => {
      next[side] += lost
      const segment = { seq: next[side], payload }
      next[side] += payload.length
      const packet =
        side === '>'
          ? ipv4('10.0.0.7', '192.0.2.9', tcp(40_000, 8000, segment))
          : ipv4('192.0.2.9', '10.0.0.7', tcp(8000, 40_000, segment))
      return [i, packet] as const
    }),
  )
}
const kind = (record: string, records: ReturnType<typeof talk>['records']) =>
  records.filter((each) => each.record === record).map(({ row }) => row)

const get = 'GET /update.exe?v=2 HTTP/1.1\r\nHost: Files.Test:8000\r\nUser-Agent: curl/8\r\n\r\n'
const ok = 'HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=x\r\nContent-Length: 4\r\n\r\nabcd'

describe('HTTP', () => {
  it('reads a request and its response', () => {
    const { records, flows } = talk(['>', get], ['<', ok])
    expect(records).toEqual([
      {
        record: 'http',
        row: {
          position: 1,
          start: 0,
          client: '10.0.0.7',
          server: '192.0.2.9',
          serverPort: 8000,
          uid: flows[0]?.uid,
          method: 'GET',
          host: 'files.test',
          uri: '/update.exe?v=2',
          userAgent: 'curl/8',
          status: 200,
          mimeType: 'text/html',
          requestBytes: 0,
          responseBytes: 4,
        },
      },
    ])
    expect(flows).toMatchObject([{ service: 'http' }])
  })
  it('reads every exchange of a connection that is kept', () => {
    const { records } = talk(
      ['>', get],
      ['<', ok],
      ['>', 'POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc'],
      ['<', 'HTTP/1.1 404 No\r\n\r\n'],
    )
    expect(kind('http', records).map((row) => [row['method'], row['status'], row['requestBytes']])).toEqual([
      ['GET', 200, 0],
      ['POST', 404, 3],
    ])
  })
  it('puts pieces together, passes over what is sent again, and reads a request without a response', () => {
    const { records } = talk(['>', get.slice(0, 30)], ['>', get.slice(0, 30), -30], ['>', get.slice(30)])
    expect(kind('http', records)).toMatchObject([{ host: 'files.test', userAgent: 'curl/8', status: null }])
  })
  it('keeps what came before bytes that were lost', () => {
    const { records } = talk(['>', get.slice(0, 53)], ['>', get.slice(53), 5])
    expect(kind('http', records)).toMatchObject([
      { uri: '/update.exe?v=2', host: 'files.test', userAgent: '' },
    ])
  })
  it('does not take an interim answer for the answer', () => {
    const { records } = talk(['>', get], ['<', 'HTTP/1.1 100 Continue\r\n\r\n'], ['<', ok])
    expect(kind('http', records)).toMatchObject([{ status: 200, method: 'GET' }])
  })
  it('sees a program come down, and hashes what it sees of it', () => {
    const body = `MZ${'\0'.repeat(2000)}`
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 2002\r\n\r\n'
    const { records } = talk(['>', get], ['<', head], ['<', body.slice(0, 500)], ['<', body.slice(500)])
    const digest = createHash('sha256').update(body.slice(0, 1024), 'latin1').digest('hex')
    expect(kind('file', records)).toMatchObject([
      {
        client: '10.0.0.7',
        server: '192.0.2.9',
        name: 'update.exe',
        mimeType: 'application/x-dosexec',
        bytes: 2002,
        hash: `sha256-first1024:${digest}`,
        // Less than 4 KiB was seen.
        sketch: [],
        protocol: 'http',
      },
    ])
    expect(kind('http', records)).toMatchObject([{ mimeType: 'application/x-dosexec' }])
  })
  it('keeps of its first 4 KiB a sketch, in chunks or not, and of 4095 bytes none', () => {
    const body = `MZ${Array.from({ length: 6000 }, (_, i) => String.fromCharCode((i * i) % 251)).join('')}`
    const minHashes = (head: string, sent: string) => {
      const pieces = [
        sent.slice(0, 1000),
        sent.slice(1000, 2400),
        sent.slice(2400, 3800),
        sent.slice(3800, 5000),
      ]
      const arrivals = pieces.map((piece): ['<', string] => ['<', piece])
      return kind('file', talk(['>', get], ['<', head], ...arrivals).records).map((row) => row['sketch'])
    }
    const sketch = sketchOf(Buffer.from(body.slice(0, 4096), 'latin1'))
    expect(sketch).toHaveLength(128)
    expect(minHashes(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`, body)).toEqual([sketch])
    expect(minHashes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `1772\r\n${body}`)).toEqual([
      sketch,
    ])
    expect(minHashes('HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n', body.slice(0, 4096))).toEqual([
      sketch,
    ])
    expect(minHashes('HTTP/1.1 200 OK\r\nContent-Length: 4095\r\n\r\n', body.slice(0, 4095))).toEqual([[]])
  })
  it('sees it in chunks too, and sees none in a page', () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n\x7fELF\x02\r\n0\r\n\r\n'
    expect(kind('file', talk(['>', get], ['<', chunked]).records)).toMatchObject([
      { mimeType: 'application/x-executable' },
    ])
    expect(kind('file', talk(['>', get], ['<', ok]).records)).toEqual([])
  })
  it('holds no more than 4 KiB of a head without end', () => {
    const { records } = talk(
      ['>', `GET /${'a'.repeat(1000)}`],
      ...Array.from({ length: 90 }, () => ['>', 'b'.repeat(1000)] as const),
    )
    expect(String(kind('http', records)[0]?.['uri']).length).toBeLessThanOrEqual(4096)
  })
  it('is not misled by a server that speaks first', () => {
    expect(talk(['<', ok], ['>', get]).records.map(({ record }) => record)).toEqual(['http', 'http'])
  })
})

const hello = ({
  ciphers,
  extensions,
  version = 0x0303,
}: {
  ciphers: number[]
  extensions: Buffer[]
  version?: number
}) => {
  const all = Buffer.concat(extensions)
  const body = Buffer.concat([
    u16(version),
    Buffer.alloc(32),
    u8(0),
    u16(ciphers.length * 2, ...ciphers),
    u8(1, 0),
    u16(all.length),
    all,
  ])
  return Buffer.concat([u8(22, 3, 1), u16(body.length + 4), u8(1, 0), u16(body.length), body])
}
const extension = (type: number, value: Buffer = Buffer.alloc(0)) =>
  Buffer.concat([u16(type, value.length), value])
const sni = (text: string) =>
  extension(0, Buffer.concat([u16(text.length + 3), u8(0), u16(text.length), Buffer.from(text)]))
const alpn = (text: string) =>
  extension(16, Buffer.concat([u16(text.length + 1), u8(text.length), Buffer.from(text)]))

/** The worked example in the JA4 specification (a browser's hello), in an order of our own. */
const browser = hello({
  ciphers: [
    0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
  ],
  extensions: [
    extension(0x3a3a),
    sni('Example.test'),
    extension(0x17),
    extension(0xff01),
    extension(0x0a),
    extension(0x0b),
    extension(0x23),
    alpn('h2'),
    extension(5),
    extension(0x0d, u16(16, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)),
    extension(0x12),
    extension(0x33),
    extension(0x2d),
    extension(0x2b, Buffer.concat([u8(6), u16(0x4a4a, 0x0304, 0x0303)])),
    extension(0x1b),
    extension(0x4469),
    extension(0x15),
  ],
})

describe('TLS', () => {
  it('reads the name and the fingerprint of a client', () => {
    expect(readClientHello(browser)).toEqual({
      serverName: 'example.test',
      fingerprint: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    })
  })
  it('does not fingerprint a hello that is cut, but still reads its name', () => {
    expect(readClientHello(browser.subarray(0, -1))).toEqual({ serverName: 'example.test', fingerprint: '' })
  })
  it('says i for no name and 00 for no protocol', () => {
    const bare = hello({ ciphers: [0x002f], extensions: [], version: 0x0301 })
    expect(readClientHello(bare)?.fingerprint).toMatch(/^t10i010000_[0-9a-f]{12}_000000000000$/)
  })
  it('makes one record of both hellos, also when they come in pieces', () => {
    const chosen = Buffer.concat([
      u16(0x0303),
      Buffer.alloc(32),
      u8(0),
      u16(0x1301),
      u8(0),
      u16(6),
      extension(0x2b, u16(0x0304)),
    ])
    const server = Buffer.concat([u8(22, 3, 3), u16(chosen.length + 4), u8(2, 0), u16(chosen.length), chosen])
    const { records, flows } = talk(
      ['>', browser.subarray(0, 50)],
      ['>', browser.subarray(50)],
      ['<', server],
    )
    expect(records).toMatchObject([
      {
        record: 'tls',
        row: {
          serverName: 'example.test',
          version: 'TLSv13',
          serverPort: 8000,
          uid: flows[0]?.uid,
          fingerprint: 't13d1516h2_8daaf6152771_e5627efa2ab1',
        },
      },
    ])
    expect(flows).toMatchObject([{ service: 'ssl' }])
  })
  it('never throws on a hello whose lengths lie', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(browser.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(browser.length),
        (hits, end) => {
          const bytes = Buffer.from(browser)
          for (const [at, value] of hits) bytes[at] = value
          readClientHello(bytes.subarray(0, end))
        },
      ),
      { numRuns: 5000, seed: 7 },
    )
  })
})

it.each([
  ['SSH-2.0-x\r\n', '<', 'ssh'],
  ['220 mail ESMTP\r\n', '<', 'smtp'],
  ['NICK abc\r\n', '>', 'irc'],
  ['hello', '>', ''],
] as const)('%s from %s is %s', (text, side, service) => {
  expect(talk([side, text]).flows).toMatchObject([{ service }])
})

it('keeps nothing of a flow that it does not know', () => {
  const { records, flows } = assembled([
    [0, ipv4('10.0.0.7', '192.0.2.9', udp(40_000, 60_000, 'GET / HTTP/1.1\r\n\r\n'))],
  ])
  expect(records).toEqual([])
  expect(flows).toMatchObject([{ service: '' }])
})

describe('mail', () => {
  const mails = (...turns: Parameters<typeof talk>) => kind('mail', talk(...turns).records)
  const opening = [
    ['<', '220 mx.test ESMTP\r\n'],
    ['>', 'EHLO bot.test\r\n'],
    ['<', '250-mx.test\r\n250 SIZE 1000\r\n'],
  ] as const
  const envelope = [
    '>',
    'MAIL FROM:<A@Spam.test> SIZE=9\r\nRCPT TO:<b@x.test>\r\nRCPT TO: c@x.test\r\nDATA\r\n',
  ] as const

  it('gives one record a message, with what the server said to it', () => {
    const records = mails(
      ...opening,
      envelope,
      ['<', '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n'],
      ['>', 'From: a\r\nSUBJECT: cheap watches\r\n\r\nSubject: not this\r\nQUIT\r\n.\r\n'],
      ['<', '250 2.0.0 queued\r\n'],
      ['>', 'MAIL FROM:<>\r\n'],
      ['<', '550 5.7.1 no more\r\n'],
      ['>', 'QUIT\r\n'],
    )
    expect(records).toMatchObject([
      {
        client: '10.0.0.7',
        server: '192.0.2.9',
        serverPort: 8000,
        helo: 'bot.test',
        sender: 'a@spam.test',
        recipients: ['b@x.test', 'c@x.test'],
        subject: 'cheap watches',
        reply: '250 2.0.0 queued',
        start: 3e6,
      },
      { sender: '', recipients: [], subject: '', reply: '550 5.7.1 no more' },
    ])
  })
  it('gives one for a client that was turned away at the door, or never said anything else', () => {
    expect(
      mails(['<', '220 mx.test\r\n'], ['>', 'HELO bot\r\n'], ['<', '554 5.7.1 listed\r\n']),
    ).toMatchObject([{ helo: 'bot', sender: '', recipients: [], reply: '554 5.7.1 listed', start: 0 }])
    expect(mails(...opening, ['>', 'QUIT\r\n'], ['<', '221 bye\r\n'])).toHaveLength(1)
  })
  it('is seen when the server speaks after the client', () => {
    expect(mails(['>', 'EHLO me\r\n'], ['<', '250 hello\r\n'])).toMatchObject([
      { helo: 'me', client: '10.0.0.7' },
    ])
  })
  it('does not take the lines of a message, or a line whose start was lost, for commands', () => {
    const records = mails(
      ...opening,
      envelope,
      ['<', '354 go\r\n'],
      ['>', 'Subject: s\r\n\r\nMAIL FROM:<x@y.test>\r\n'],
      ['>', 'M FROM:<lost@y.test>\r\nRSET\r\n', 700],
      ['<', '250 taken\r\n'],
    )
    expect(records).toMatchObject([{ sender: 'a@spam.test', reply: '250 taken' }])
    expect(mails(...opening, ['>', 'M:<lost@y.test>\r\nMAIL FROM:<k@y.test>\r\n', 9])).toMatchObject([
      { sender: 'k@y.test' },
    ])
  })
  it('stops at STARTTLS', () => {
    const records = mails(
      ...opening,
      ['>', 'STARTTLS\r\n'],
      ['<', '220 go\r\n'],
      ['>', 'MAIL FROM:<z@z.test>\r\n'],
    )
    expect(records).toMatchObject([{ helo: 'bot.test', sender: '', reply: '220 go' }])
  })
  it('keeps lines and lists short', () => {
    const long = 'x'.repeat(5000)
    const rcpt = Array.from({ length: 100 }, (_, i) => `RCPT TO:<${i}@x.test>\r\n`).join('')
    const [mail] = mails(...opening, ['>', `MAIL FROM:<${long}@x.test>\r\n${rcpt}`])
    expect(mail!['sender']).toHaveLength(512)
    expect(mail!['recipients']).toHaveLength(64)
  })
})

describe('DHCP', () => {
  /** A reply of 10.0.0.1: fields of BOOTP, then options as code, length, bytes. */
  const message = ({
    op = 2,
    yours = [10, 0, 0, 9],
    options = [53, 1, 5, 51, 4, 0, 0, 14, 16, 12, 3, 112, 99, 55],
  } = {}) => {
    const bytes = Buffer.alloc(240)
    bytes.set([op, 1, 6, 0])
    bytes.set(yours, 16)
    bytes.set([2, 0xaa, 0, 0, 0, 7], 28)
    bytes.writeUInt32BE(0x63825363, 236)
    return Buffer.concat([bytes, Buffer.from([...options, 255])])
  }
  const leases = (payload: Buffer, captured = payload.length) => {
    const packet = ipv4('10.0.0.1', '255.255.255.255', udp(67, 68, payload))
    const cut = packet.subarray(0, packet.length - payload.length + captured)
    return kind('lease', assembled([[0, cut]]).records)
  }
  const lease = {
    client: '10.0.0.9',
    server: '10.0.0.1',
    mac: '02:aa:00:00:00:07',
    name: 'pc7',
    seconds: 3600,
  }

  it('reads what a server acknowledges, broadcast or not', () => {
    expect(leases(message())).toMatchObject([lease])
    const renewed = message({ yours: [0, 0, 0, 0] })
    renewed.set([10, 0, 0, 8], 12)
    expect(leases(renewed)).toMatchObject([{ ...lease, client: '10.0.0.8' }])
  })

  it('takes the address of a reply whose options were cut off', () => {
    expect(leases(message(), 200)).toMatchObject([{ ...lease, name: '', seconds: null }])
    expect(leases(message(), 33)).toEqual([])
  })

  it('leaves out requests, offers and refusals, and survives options that run over the end', () => {
    expect(leases(message({ op: 1 }))).toEqual([])
    expect(leases(message({ options: [53, 1, 2] }))).toEqual([])
    expect(leases(message({ options: [53, 1, 6] }))).toEqual([])
    expect(leases(message({ yours: [0, 0, 0, 0] }))).toEqual([])
    expect(leases(message({ options: [53, 1, 5, 12, 200, 65] }))).toMatchObject([
      { client: '10.0.0.9', name: '' },
    ])
  })
})
