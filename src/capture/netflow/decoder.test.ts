import { describe, expect, it } from 'vitest'
import {
  type Field,
  ipfix,
  optionsTemplate,
  records,
  sentAt,
  sflow,
  template,
  upFor,
  usual,
  usualRow,
  version5,
  version9,
  withdrawal,
} from '../../../test/fixtures/export-datagrams.ts'
import { ethernet, ipv4, tcp } from '../../../test/frames.ts'
import type { ExportRecord } from '../biflow/record.ts'
import { counter } from '../biflow/record.ts'
import { ipv4Text, ipv6Text } from '../packets/address-text.ts'
import { ExportDecoder, type ExportOptions, exportDefaults } from './decoder.ts'

/** The result of datagrams: each record in the fields that a test looks at, and rejects by reason. */
function decode(
  datagrams: readonly Buffer[],
  choices: Partial<ExportOptions> = {},
  from = '198.51.100.1',
  received = Number.NaN,
) {
  const rows: ReturnType<typeof plain>[] = []
  const rejects: Record<string, number> = {}
  const decoder = new ExportDecoder(
    {
      record: (record) => rows.push(plain(record)),
      reject: (why, _position, _sample, times = 1) => {
        rejects[why] = (rejects[why] ?? 0) + times
      },
    },
    { ...exportDefaults, ...choices },
  )
  const take = (bytes: Buffer, who = from) =>
    decoder.take({
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      at: 0,
      end: bytes.length,
      from: who,
      port: 2055,
      received,
    })
  for (const each of datagrams) take(each)
  return { decoder, rows, rejects, take }
}

function plain(record: ExportRecord) {
  const { ends } = record
  const text = (last: number, words: Int32Array) => (ends.family === 4 ? ipv4Text(last) : ipv6Text(words, 0))
  return {
    source: text(ends.s3, Int32Array.of(ends.s0, ends.s1, ends.s2, ends.s3)),
    target: text(ends.d3, Int32Array.of(ends.d0, ends.d1, ends.d2, ends.d3)),
    ports: [ends.sourcePort, ends.targetPort],
    proto: ends.proto,
    packets: record.packets,
    bytes: record.bytes,
    flags: record.flags,
    reverse: record.both ? [record.reversePackets, record.reverseBytes] : null,
    start: record.start / 1000,
    end: record.end / 1000,
    rate: record.rate,
    position: record.position,
    running: record.counter === counter.running,
    began: record.began,
    denied: record.denied,
  }
}

const now = sentAt * 1000

describe('NetFlow 5', () => {
  it('is read field by field', () => {
    const { rows, rejects } = decode([
      version5([{ bytes: 4_294_967_295, packets: 7, first: 90_000, last: 500 }], { nanos: 250_000_000 }),
    ])
    expect(rejects).toEqual({})
    expect(rows).toMatchObject([
      {
        source: '10.0.0.1',
        target: '192.0.2.1',
        ports: [40_000, 443],
        proto: 6,
        packets: 7,
        bytes: 4_294_967_295,
        flags: 0x1b,
        start: now + 250 - 90_000,
        end: now + 250 - 500,
        rate: 1,
      },
    ])
  })

  it('has the type and code of ICMP in the target port', () => {
    const { rows } = decode([
      version5([
        { proto: 1, targetPort: 0x0303, sourcePort: 0 },
        { proto: 1, targetPort: 0x0800, sourcePort: 0 },
      ]),
    ])
    expect(rows.map(({ ports }) => ports)).toEqual([
      [3, 3],
      [8, 0],
    ])
  })

  it('counts uptime over its end after 49.7 days', () => {
    const uptime = 500
    const flow = { first: 2000, last: 200 }
    const { rows } = decode([version5([flow], { uptime: uptime + 2 ** 32, nanos: 1e6 })])
    expect(rows[0]).toMatchObject({ start: now + 1 - 2000, end: now + 1 - 200 })
  })

  it('rejects what is missing of the records that the header claims, and a header that claims nonsense', () => {
    expect(decode([version5([{}], { count: 3 })])).toMatchObject({ rejects: { truncated: 2 }, rows: [{}] })
    expect(decode([version5([{}], { count: 31 })])).toMatchObject({ rejects: { 'bad-field': 1 }, rows: [] })
    expect(decode([version5([{}]).subarray(0, 23)])).toMatchObject({ rejects: { truncated: 1 }, rows: [] })
    expect(decode([version5([{ first: 500, last: 20_900 }])])).toMatchObject({
      rejects: { 'bad-time': 1 },
      rows: [],
    })
  })

  it('of sampled packets is refused or scaled, as asked; an interval of 1 is no sampling', () => {
    const datagram = version5([{ packets: 3, bytes: 180 }], { rate: 100 })
    expect(decode([datagram])).toMatchObject({ rejects: { sampled: 1 }, rows: [] })
    expect(decode([datagram], { sampled: 'scale' }).rows).toMatchObject([
      { packets: 300, bytes: 18_000, rate: 100 },
    ])
    expect(decode([version5([{}], { rate: 1 })])).toMatchObject({
      rejects: {},
      rows: [{ packets: 5, rate: 1 }],
    })
  })

  it('counts records that are missing in its numbering, each engine by itself', () => {
    const { decoder, take } = decode([version5([{}, {}], { sequence: 10 }), version5([{}], { sequence: 12 })])
    const lost = () => decoder.streams.all().map(({ sequence }) => sequence.lost)
    expect(lost()).toEqual([0])
    take(version5([{}], { sequence: 20 }))
    take(version5([{}], { sequence: 5, engine: 1 }))
    expect(lost()).toEqual([7, 0])
    take(version5([{}, {}], { sequence: 15 }))
    expect(lost()).toEqual([5, 0])
    take(version5([{}], { sequence: 4_000_000_000 }))
    expect(lost()).toEqual([5, 0])
  })
})

describe('NetFlow 9', () => {
  const learn = version9([template(0, 256, usual)])

  it('is read by its template, with padding and several sets in a datagram', () => {
    const { rows, rejects } = decode([
      version9([
        template(0, 256, usual),
        records(256, usual, [usualRow(), usualRow({ proto: 17, targetPort: 53 })], 2),
      ]),
    ])
    expect(rejects).toEqual({})
    expect(rows).toMatchObject([
      {
        source: '10.0.0.1',
        ports: [40_000, 443],
        packets: 5,
        bytes: 500,
        start: now - 2000,
        end: now - 1000,
        position: 1,
      },
      { proto: 17, ports: [40_000, 53], position: 2 },
    ])
  })

  it('rejects bytes behind the last record that are more than padding', () => {
    const { id, body } = records(256, usual, [usualRow()])
    const withMore = (more: Buffer) => decode([learn, version9([{ id, body: Buffer.concat([body, more]) }])])
    expect(withMore(Buffer.alloc(12))).toMatchObject({ rejects: {}, rows: [{}] })
    expect(withMore(Buffer.alloc(3, 7))).toMatchObject({ rejects: {}, rows: [{}] })
    expect(withMore(Buffer.alloc(12, 7))).toMatchObject({ rejects: { truncated: 1 }, rows: [{}] })
  })

  it('is not thought to begin anew because its uptime jumps back', () => {
    const back = version9([records(256, usual, [usualRow({}, upFor - 113_000)])], {
      uptime: upFor - 113_000,
      seconds: sentAt + 16,
    })
    expect(decode([learn, back]).rows).toHaveLength(1)
  })

  it('waits for a template that comes late, of the same exporter and domain only', () => {
    const early = version9([records(256, usual, [usualRow(), usualRow()])])
    const { rows, rejects, take, decoder } = decode([early])
    take(version9([template(0, 256, usual)], { source: 1 }))
    take(learn, '198.51.100.2')
    expect(rows).toHaveLength(0)
    take(learn)
    expect(rows).toHaveLength(2)
    take(version9([records(300, usual, [usualRow()])]))
    decoder.finish()
    expect(rejects).toEqual({ 'no-template': 1 })
  })

  it('holds no more than it may', () => {
    const early = version9([records(256, usual, Array(1000).fill(usualRow()))])
    const { rows, rejects, take } = decode(Array(200).fill(early))
    const given = rejects['no-template'] ?? 0
    expect(given).toBeGreaterThan(50)
    take(learn)
    expect(rows.length / 1000 + given).toBe(200)
  })

  it('takes a template that changes in place of the one before', () => {
    const changed: Field[] = [...usual.slice(0, 7), [1, 8], ...usual.slice(8)]
    const { rows } = decode([
      learn,
      version9([records(256, usual, [usualRow()])]),
      version9([
        template(0, 256, changed),
        records(256, changed, [[...usualRow().slice(0, 7), 2 ** 40, ...usualRow().slice(8)]]),
      ]),
    ])
    expect(rows.map(({ bytes }) => bytes)).toEqual([500, 2 ** 40])
  })

  it('forgets the templates of an exporter that began anew', () => {
    const { rows, decoder, rejects } = decode([
      learn,
      version9([records(256, usual, [usualRow({}, 5000)])], { uptime: 5000 }),
    ])
    decoder.finish()
    expect({ rows, rejects }).toEqual({ rows: [], rejects: { 'no-template': 1 } })
  })

  it('keeps starts even although its header has whole seconds only', () => {
    // The exporter began at 1 699 999 000.400; every 700 ms it sends a flow that began 100 ms before.
    const began = sentAt * 1000 - 999_600
    const datagrams = Array.from({ length: 40 }, (_, i) => {
      const uptime = 1_000_000 + i * 700
      const seconds = Math.floor((began + uptime) / 1000)
      return version9([records(256, usual, [usualRow({ first: 100, last: 50 }, uptime)])], {
        uptime,
        seconds,
      })
    })
    const { rows } = decode([learn, ...datagrams])
    const gaps = rows.slice(1).map(({ start }, i) => start - rows[i]!.start)
    // At most one jump while the moment of start-up becomes known, and then none.
    expect(gaps.slice(10).every((gap) => gap === 700)).toBe(true)
    expect(rows.at(-1)!.start - (began + 1_000_000 + 39 * 700 - 100)).toBeLessThanOrEqual(0)
  })

  it('applies what options say of sampling: to all, by sampler, by interface', () => {
    const fields: Field[] = [...usual, [10, 2], [48, 1]]
    const row = (input: number, sampler: number) => [...usualRow({ packets: 2 }), input, sampler]
    const all = optionsTemplate(9, 257, { scopes: [[1, 4]], fields: [[34, 4]] })
    const bySampler = optionsTemplate(9, 258, {
      scopes: [[1, 4]],
      fields: [
        [48, 1],
        [50, 4],
      ],
    })
    const byInput = optionsTemplate(9, 259, { scopes: [[2, 4]], fields: [[34, 4]] })
    const { rows } = decode(
      [
        version9([template(0, 256, fields), all, bySampler, byInput]),
        version9([records(256, fields, [row(1, 0)])]),
        version9([
          records(
            257,
            [
              [1, 4],
              [34, 4],
            ],
            [[0, 10]],
          ),
          records(
            258,
            [
              [1, 4],
              [48, 1],
              [50, 4],
            ],
            [[0, 3, 20]],
          ),
          records(
            259,
            [
              [10, 4],
              [34, 4],
            ],
            [[7, 30]],
          ),
        ]),
        version9([records(256, fields, [row(1, 0), row(1, 3), row(7, 0)])]),
      ],
      { sampled: 'scale' },
    )
    expect(rows.map(({ packets }) => packets)).toEqual([2, 20, 40, 60])
  })

  it('waits for a sampler that a record names, and refuses the record when nobody describes it', () => {
    const fields: Field[] = [...usual, [48, 1]]
    const known = optionsTemplate(9, 258, {
      scopes: [[1, 4]],
      fields: [
        [48, 1],
        [50, 4],
      ],
    })
    const early = version9([template(0, 256, fields), records(256, fields, [[...usualRow(), 3]])])
    const { rows, rejects, take, decoder } = decode([early, early], { sampled: 'scale' })
    expect(rows).toEqual([])
    take(
      version9([
        known,
        records(
          258,
          [
            [1, 4],
            [48, 1],
            [50, 4],
          ],
          [[0, 3, 1]],
        ),
      ]),
    )
    expect(rows.map(({ rate }) => rate)).toEqual([1, 1])
    take(version9([records(256, fields, [[...usualRow(), 9]])]))
    decoder.finish()
    expect(rejects).toEqual({ sampled: 1 })
  })

  it('tells records that came before the exporter said that it samples', () => {
    const options = optionsTemplate(9, 257, { scopes: [[1, 4]], fields: [[34, 4]] })
    const { decoder } = decode([
      learn,
      version9([records(256, usual, [usualRow(), usualRow()])]),
      version9([
        options,
        records(
          257,
          [
            [1, 4],
            [34, 4],
          ],
          [[0, 10]],
        ),
      ]),
    ])
    expect(decoder.streams.all()[0]).toMatchObject({ early: 2 })
  })

  it('takes the second pair of counts for the other direction, and alone for the one', () => {
    const both: Field[] = [...usual, [23, 4], [24, 4]]
    const alone: Field[] = [...usual.filter(([id]) => id !== 1 && id !== 2), [23, 4], [24, 4]]
    const { rows } = decode([
      version9([template(0, 256, both), records(256, both, [[...usualRow(), 900, 9]])]),
      version9([
        template(0, 300, alone),
        records(300, alone, [[...usualRow().filter((_, i) => i !== 6 && i !== 7), 900, 9]]),
      ]),
    ])
    expect(rows).toMatchObject([
      { packets: 5, bytes: 500, reverse: [9, 900] },
      { packets: 9, bytes: 900, reverse: null },
    ])
  })

  it('reads events of a firewall: created is told again at the end, denied is a flow that was refused', () => {
    const fields: Field[] = [
      [8, 4],
      [12, 4],
      [7, 2],
      [11, 2],
      [4, 1],
      [233, 1],
      [152, 8],
      [323, 8],
      [231, 4],
      [232, 4],
    ]
    const row = (event: number) => [
      '10.0.0.1',
      '192.0.2.1',
      40_000,
      443,
      6,
      event,
      now - 5000,
      now - 1000,
      event === 1 ? 0 : 70,
      event === 1 ? 0 : 80,
    ]
    const { rows, rejects } = decode([
      version9([template(0, 256, fields), records(256, fields, [row(1), row(2), row(3)])]),
    ])
    expect(rejects).toEqual({ superseded: 1 })
    expect(rows).toMatchObject([
      { bytes: 70, reverse: [Number.NaN, 80], start: now - 5000, end: now - 1000, began: 1, denied: false },
      { denied: true },
    ])
  })
})

describe('IPFIX', () => {
  const six: Field[] = [
    [27, 16],
    [28, 16],
    [7, 2],
    [11, 2],
    [4, 1],
    [2, 8],
    [1, 8],
    [152, 8],
    [153, 8],
  ]
  const address = (last: number) => Buffer.from([0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), last])

  it('is read with IPv6 and counters of 64 bits', () => {
    const row = [address(1), address(2), 40_000, 443, 6, 5, 2 ** 45, now - 3000, now - 1000]
    const { rows } = decode([ipfix([template(2, 256, six), records(256, six, [row])])])
    expect(rows).toMatchObject([
      { source: '2001:db8::1', target: '2001:db8::2', bytes: 2 ** 45, start: now - 3000, end: now - 1000 },
    ])
  })

  it('steps over fields of variable length and of enterprises that it does not know', () => {
    const fields: Field[] = [
      [82, 65_535],
      ...usual.slice(0, 8),
      [5, 65_535, 9999],
      [150, 4],
      [151, 4],
      [3, 3, 4242],
    ]
    const row = (name: Buffer) => [
      name,
      ...usualRow().slice(0, 8),
      Buffer.from('x'),
      sentAt - 9,
      sentAt - 4,
      1,
    ]
    const { rows, rejects } = decode([
      ipfix([
        template(2, 256, fields),
        records(256, fields, [row(Buffer.alloc(0)), row(Buffer.alloc(300, 'n'))], 3),
      ]),
    ])
    expect(rejects).toEqual({})
    expect(rows).toMatchObject([
      { bytes: 500, start: now - 9000 },
      { bytes: 500, start: now - 9000, end: now - 4000 },
    ])
  })

  it('takes both directions of one record (RFC 5103), and who began', () => {
    const fields: Field[] = [...usual.slice(0, 8), [1, 4, 29305], [2, 4, 29305], [239, 1], [152, 8], [153, 8]]
    const { rows } = decode([
      ipfix([
        template(2, 256, fields),
        records(256, fields, [[...usualRow().slice(0, 8), 900, 9, 2, now - 10, now]]),
      ]),
    ])
    expect(rows).toMatchObject([{ bytes: 500, reverse: [9, 900], began: 2 }])
  })

  it.each([
    ['seconds', [150, 4], [151, 4], sentAt - 9, sentAt - 4],
    ['milliseconds', [152, 8], [153, 8], now - 9000, now - 4000],
    ['microseconds', [154, 8], [155, 8], ntp(now - 9000), ntp(now - 4000)],
    ['nanoseconds', [156, 8], [157, 8], ntp(now - 9000), ntp(now - 4000)],
    ['microseconds before the export', [158, 4], [159, 4], 9_000_000, 4_000_000],
  ] as const)('has times in %s', (_, start, end, from, to) => {
    const fields: Field[] = [...usual.slice(0, 8), start, end]
    const { rows } = decode([
      ipfix([template(2, 256, fields), records(256, fields, [[...usualRow().slice(0, 8), from, to]])]),
    ])
    expect(rows).toMatchObject([{ start: now - 9000, end: now - 4000 }])
  })

  it('has uptimes; records wait for the options that say when the exporter began', () => {
    const fields: Field[] = [...usual.slice(0, 8), [22, 4], [21, 4]]
    const options = optionsTemplate(10, 257, { scopes: [[144, 4]], fields: [[160, 8]] })
    const data = records(256, fields, [[...usualRow().slice(0, 8), upFor - 9000, upFor - 4000]])
    const { rows } = decode([
      ipfix([template(2, 256, fields), data]),
      ipfix([
        options,
        records(
          257,
          [
            [144, 4],
            [160, 8],
          ],
          [[0, now - upFor]],
        ),
      ]),
      ipfix([data]),
    ])
    expect(rows).toMatchObject([
      { start: now - 9000, end: now - 4000 },
      { start: now - 9000, end: now - 4000 },
    ])
  })

  it('takes a duration, and running totals for what they are', () => {
    const fields: Field[] = [...usual.slice(0, 6), [86, 4], [85, 4], [152, 8], [161, 4]]
    const { rows } = decode([
      ipfix([
        template(2, 256, fields),
        records(256, fields, [[...usualRow().slice(0, 8), now - 9000, 5000]]),
      ]),
    ])
    expect(rows).toMatchObject([{ start: now - 9000, end: now - 4000, bytes: 500, running: true }])
  })

  it('takes the bytes of frames where an exporter counts no others', () => {
    const sent = (...counts: Field[]) => {
      const fields: Field[] = [...usual.slice(0, 5), ...counts]
      const values: Readonly<Record<number, number>> = { 1: 400, 2: 10, 86: 10, 352: 640, 353: 740 }
      const row = [...usualRow().slice(0, 5), ...counts.map(([field]) => values[field] ?? 0)]
      return decode([ipfix([template(2, 256, fields), records(256, fields, [row])])]).rows.map(
        ({ bytes, packets, running }) => [bytes, packets, running],
      )
    }
    expect(sent([2, 4], [352, 8])).toEqual([[500, 10, false]])
    expect(sent([86, 4], [353, 8])).toEqual([[600, 10, true]])
    expect(sent([352, 8])).toEqual([[640, Number.NaN, false]])
    expect(sent([353, 8])).toEqual([[740, Number.NaN, true]])
    expect(sent([352, 8], [1, 4], [2, 4])).toEqual([[400, 10, false]])
    expect(sent([352, 8], [353, 8], [2, 4])).toEqual([[500, 10, false]])
    // A total beside packets since the record before counts from another time.
    expect(sent([353, 8], [2, 4])).toEqual([[Number.NaN, 10, false]])
  })

  it('forgets a template that is withdrawn, one or all', () => {
    const data = (sequence: number) =>
      ipfix([records(256, six, [[address(1), address(2), 1, 2, 6, 1, 1, now, now]])], { sequence })
    const { rows, take, decoder, rejects } = decode([
      ipfix([template(2, 256, six)]),
      data(0),
      ipfix([withdrawal(256)]),
      data(1),
    ])
    expect(rows).toHaveLength(1)
    take(ipfix([template(2, 256, six)]))
    expect(rows).toHaveLength(2)
    take(ipfix([withdrawal(2)]))
    take(data(2))
    decoder.finish()
    expect(rejects).toEqual({ 'no-template': 1 })
  })

  it('leaves out what came between a withdrawal and another layout of the same id', () => {
    const row = [address(1), address(2), 1, 2, 6, 1000, 10, now, now]
    const turned = [...six.slice(0, 5), six[6]!, six[5]!, ...six.slice(7)]
    const data = (sequence: number) => ipfix([records(256, six, [row])], { sequence })
    const { rows, rejects } = decode([
      ipfix([template(2, 256, six)]),
      data(0),
      ipfix([withdrawal(256)]),
      data(1),
      ipfix([template(2, 256, turned)]),
      ipfix([records(256, turned, [[...row.slice(0, 5), 10, 1000, ...row.slice(7)]])], { sequence: 2 }),
    ])
    expect(rows.map(({ packets, bytes }) => [packets, bytes])).toEqual([
      [1000, 10],
      [1000, 10],
    ])
    expect(rejects).toEqual({ 'no-template': 1 })
  })

  it('counts records that are missing in its numbering', () => {
    const one = records(256, six, [[address(1), address(2), 1, 2, 6, 1, 1, now, now]])
    const { decoder } = decode([
      ipfix([template(2, 256, six), one], { sequence: 5 }),
      ipfix([one], { sequence: 6 }),
      ipfix([one], { sequence: 11 }),
    ])
    expect(decoder.streams.all()[0]?.sequence.lost).toBe(4)
  })

  it('rejects what is cut short, whatever is cut', () => {
    const whole = ipfix([
      template(2, 256, six),
      records(256, six, [[address(1), address(2), 1, 2, 6, 1, 1, now, now]]),
    ])
    for (let size = 1; size < whole.length; size++) {
      const { rows, rejects, decoder } = decode([whole.subarray(0, size)])
      decoder.finish()
      expect(rows).toEqual([])
      expect(
        Object.values(rejects).reduce((sum, n) => sum + n, 0),
        `${size} bytes`,
      ).toBeGreaterThan(0)
    }
  })
})

describe('sFlow 5', () => {
  const frame = ethernet(0x0800, ipv4('10.0.0.1', '192.0.2.1', tcp(40_000, 443, { flags: 'PA' })))
  const received = 1_700_000_123_456_000

  it('gives each sampled packet, scaled, at the time it came', () => {
    const { rows } = decode(
      [sflow([frame, frame], { rate: 400 })],
      { sampled: 'scale' },
      '198.51.100.1',
      received,
    )
    expect(rows).toHaveLength(2)
    expect(rows[0]).toMatchObject({
      source: '10.0.0.1',
      ports: [40_000, 443],
      packets: 400,
      bytes: 400 * 40,
      rate: 400,
      start: received / 1000,
      flags: 0x18,
    })
  })

  it('is refused as sampled, and has no time in a file that keeps none', () => {
    expect(decode([sflow([frame], { rate: 2 })], {}, '', received)).toMatchObject({
      rejects: { sampled: 1 },
      rows: [],
    })
    expect(decode([sflow([frame])])).toMatchObject({ rejects: { 'bad-time': 1 }, rows: [] })
    const next = sflow([frame], { sequence: 2 })
    expect(decode([sflow([frame]), sflow([frame]), next], {}, '', received)).toMatchObject({
      rejects: { superseded: 1 },
      rows: [{}, {}],
    })
  })

  it('rejects what is cut short', () => {
    const whole = sflow([frame])
    for (let size = 4; size < whole.length; size++) {
      const { rows, rejects } = decode([whole.subarray(0, size)], {}, '', received)
      expect(rows).toEqual([])
      expect(
        Object.values(rejects).reduce((sum, n) => sum + n, 0),
        `${size} bytes`,
      ).toBe(1)
    }
  })
})

describe('clocks', () => {
  const learn = version9([template(0, 256, usual)], { seconds: 900_000 })
  const data = version9([records(256, usual, [usualRow()])], { seconds: 900_000 })
  const received = sentAt * 1e6

  it('that were never set give way to the time of receipt; others are believed, unless told otherwise', () => {
    expect(decode([learn, data], {}, 'a', received).rows[0]).toMatchObject({ end: now - 1000 })
    const late = [
      version9([template(0, 256, usual), records(256, usual, [usualRow()])], { seconds: sentAt - 700 }),
    ]
    expect(decode(late, {}, 'a', received).rows[0]).toMatchObject({ end: now - 701_000 })
    expect(decode(late, { clock: 'receiver' }, 'a', received).rows[0]).toMatchObject({ end: now - 1000 })
  })
})

it('keeps templates, samplers and the moment of start-up over a restart', () => {
  const options = optionsTemplate(10, 257, {
    scopes: [[144, 4]],
    fields: [
      [160, 8],
      [302, 2],
      [305, 4],
      [306, 4],
    ],
  })
  const fields: Field[] = [...usual, [302, 2]]
  const before = decode([
    ipfix([template(2, 256, fields), options]),
    ipfix([
      records(
        257,
        [
          [144, 4],
          [160, 8],
          [302, 2],
          [305, 4],
          [306, 4],
        ],
        [[0, now - upFor, 4, 1, 9]],
      ),
    ]),
  ])
  const after = decode([], { sampled: 'scale' })
  after.decoder.streams.restore(JSON.parse(JSON.stringify(before.decoder.streams.kept())))
  after.take(ipfix([records(256, fields, [[...usualRow(), 4]])]))
  expect(after.rows).toMatchObject([{ packets: 50, rate: 10, start: now - 2000, end: now - 1000 }])
})

function ntp(millis: number): bigint {
  return (BigInt(Math.floor(millis / 1000) + 2_208_988_800) << 32n) | ((BigInt(millis % 1000) << 32n) / 1000n)
}
