import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { zeekJson } from './zeek-json.ts'

const web = {
  ts: 1655157610.743948,
  uid: 'C1',
  'id.orig_h': '10.0.0.7',
  'id.orig_p': 50000,
  'id.resp_h': '203.0.113.9',
  'id.resp_p': 443,
  proto: 'tcp',
  service: 'ssl',
  duration: 1.5,
  conn_state: 'SF',
  history: 'ShADadFf',
  orig_pkts: 6,
  orig_ip_bytes: 640,
  resp_pkts: 5,
  resp_ip_bytes: 2200,
}
const dns = {
  ts: 2,
  uid: 'C2',
  'id.orig_h': '10.0.0.7',
  'id.resp_h': '10.0.0.1',
  query: 'A.org',
  RD: true,
  RA: false,
  answers: ['10.1.1.1', 'b,c'],
  TTLs: [60, 0.5],
}
const lines = (...objects: object[]) => `${objects.map((each) => JSON.stringify(each)).join('\n')}\n`

readerContract({
  reader: zeekJson,
  sample: Buffer.from(lines(web, dns, { ts: 3, anything: 'else' })),
  records: 3,
  rejects: { 'not-used': 1 },
  body: 0,
  junk: ['"ts":', '{}', '[', '\\u0000', 'null', '1e400', '{"ts":'],
  lines: true,
})

describe('zeek JSON', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const read = (text: string, name?: string) => reading.read(zeekJson, text, name)

  it('reads a connection as the tab-separated log has it', async () => {
    const { rows, rejects } = await read(lines(web, { ...web, ts: '2022-06-13T22:00:10.743948Z' }))
    expect(rejects).toEqual({})
    const flow = {
      start: 1655157610743948,
      duration: 1_500_000,
      client: '10.0.0.7',
      clientPort: 50000,
      server: '203.0.113.9',
      serverPort: 443,
      packets: 11,
      bytes: 2840,
      serverBytes: 2200,
      outcome: 'established',
      state: 'SF',
      service: 'ssl',
      uid: 'C1',
      label: '',
    }
    expect(rows).toMatchObject([
      { position: 1, ...flow },
      { position: 2, ...flow },
    ])
  })

  it('tells logs apart line by line, by _path or by their fields', async () => {
    const http = { ...web, conn_state: undefined, trans_depth: 1, response_body_len: 3, method: 'GET' }
    const { rows, rejects } = await read(
      lines(
        web,
        dns,
        http,
        { ...http, call_id: 'sip' },
        { ...dns, _path: 'dpd' },
        { ...web, conn_state: undefined, _path: 'conn' },
      ),
    )
    expect(rows.map(({ record, position }) => [record, position])).toEqual([
      ['flow', 1],
      ['dns', 2],
      ['http', 3],
      ['flow', 6],
    ])
    expect(rejects).toEqual({ 'not-used': 2 })
    expect(rows[1]).toMatchObject({ query: 'a.org', answers: ['10.1.1.1', 'b,c'], ttls: [60, 0.5] })
  })

  it('says why it leaves a line out', async () => {
    const text = `${lines(web, { ...web, 'id.orig_h': 'x' }, { ...web, ts: 'yesterday' }, { ...web, orig_pkts: -1 })}{"ts":1,"conn_state":"SF"\n[1]\n`
    expect((await read(text)).rejects).toEqual({
      'bad-address': 1,
      'bad-time': 1,
      'bad-field': 1,
      truncated: 2,
    })
  })

  it('keeps a dash, a tab and an empty string as they are', async () => {
    const { rows } = await read(lines({ ...web, uid: '-' }, { ...web, uid: 'a\tb' }, { ...web, uid: '' }))
    expect(rows.map(({ uid }) => uid)).toEqual(['-', 'a\tb', ''])
  })

  it('keeps of an open_conn.log the last snapshot', async () => {
    const { rows, rejects } = await read(lines(web, { ...web, duration: 9 }), 'open_conn.log')
    expect(rows).toMatchObject([{ duration: 9_000_000 }])
    expect(rejects).toEqual({ superseded: 1 })
  })

  it('knows its logs by the first line, even one that is longer than the head', () => {
    expect(zeekJson.accepts(lines(web).slice(0, 100))).toBe(false)
    expect(zeekJson.accepts(`${JSON.stringify({ ...web, more: 'x'.repeat(70_000) })}`.slice(0, 65_536))).toBe(
      true,
    )
    expect(zeekJson.accepts(lines({ ...dns, _path: 'dpd' }))).toBe(false)
    expect(zeekJson.accepts(lines({ timestamp: '2022-01-01', event_type: 'flow' }))).toBe(false)
  })

  it('reads messages and oddities', async () => {
    const smtp = {
      ts: 2,
      uid: 'C3',
      'id.orig_h': '10.0.0.7',
      'id.resp_h': '203.0.113.9',
      'id.resp_p': 25,
      trans_depth: 1,
      helo: '[0.0.0.0]',
      mailfrom: '<Bot@a.example>',
      rcptto: ['x@b.example', '<Y@c.example>'],
      subject: 'hello',
      last_reply: '554 5.7.1 no',
    }
    const weird = { ts: 3, name: 'bad_checksum', addl: '68', notice: false, peer: 'zeek' }
    const { rows, rejects } = await read(
      lines(smtp, { ...weird, 'id.orig_h': '10.0.0.7', 'id.resp_h': '10.0.0.8', 'id.resp_p': 80 }, weird),
    )
    // An oddity of no connection is about nobody.
    expect(rejects).toEqual({ 'not-used': 1 })
    expect(rows).toEqual([
      expect.objectContaining({
        record: 'mail',
        helo: '[0.0.0.0]',
        sender: 'bot@a.example',
        recipients: ['x@b.example', 'y@c.example'],
        reply: '554 5.7.1 no',
      }),
      expect.objectContaining({
        record: 'alert',
        engine: 'zeek-weird',
        signature: 'bad_checksum',
        message: '68',
        client: '10.0.0.7',
        server: '10.0.0.8',
        serverPort: 80,
      }),
    ])
  })
})
