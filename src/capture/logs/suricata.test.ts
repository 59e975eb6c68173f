import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { suricata } from './suricata.ts'

const base = {
  timestamp: '2021-06-06T15:59:46.457984+0200',
  flow_id: 1374195536821504,
  src_ip: '10.0.0.7',
  src_port: 50000,
  dest_ip: '203.0.113.9',
  dest_port: 443,
  proto: 'TCP',
}
const flow = {
  ...base,
  event_type: 'flow',
  app_proto: 'tls',
  flow: {
    pkts_toserver: 6,
    pkts_toclient: 5,
    bytes_toserver: 640,
    bytes_toclient: 2200,
    start: '2021-06-06T15:59:40.000001+0200',
    end: '2021-06-06T15:59:41.500001+0200',
    state: 'closed',
  },
  tcp: { tcp_flags: '1b', tcp_flags_ts: '1b', tcp_flags_tc: '1b' },
}
const query = {
  ...base,
  event_type: 'dns',
  proto: 'UDP',
  dest_port: 53,
  dns: { type: 'query', id: 7, rrname: 'WWW.a.org', rrtype: 'A' },
}
const answer = {
  ...query,
  dns: {
    version: 2,
    type: 'answer',
    id: 7,
    rrname: 'WWW.a.org',
    rrtype: 'A',
    rcode: 'NOERROR',
    answers: [{ rrname: 'www.a.org', rrtype: 'A', ttl: 91, rdata: '10.1.1.1' }],
  },
}
const lines = (...objects: object[]) => `${objects.map((each) => JSON.stringify(each)).join('\n')}\n`

readerContract({
  reader: suricata,
  sample: Buffer.from(lines(flow, query, answer, { ...base, event_type: 'stats', stats: {} })),
  records: 4,
  rejects: { superseded: 1, 'not-used': 1 },
  body: 0,
  junk: ['"flow":', '{}', '[', '\\u0000', 'null', '"event_type":"dns"', 'T25:'],
  lines: true,
})

describe('suricata', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const read = (...objects: object[]) => reading.read(suricata, lines(...objects))

  it('knows a kind among others however it is written', async () => {
    const escaped = JSON.stringify(flow).replace('"flow"', '"\\u0066low"')
    const spaced = JSON.stringify(flow).replace('"event_type":', '"event_type" : ')
    const found = await reading.read(suricata, `${lines(query, flow)}${escaped}\n${spaced}\n`)
    expect(found.rows.map(({ record }) => record)).toEqual(['dns', 'flow', 'flow', 'flow'])
    expect(found.rejects).toEqual({})
  })

  it('reads a flow whole, times with their zone', async () => {
    // date -u -d '2021-06-06 13:59:40' +%s is 1622987980.
    expect((await read(flow)).rows).toEqual([
      {
        record: 'flow',
        position: 1,
        start: 1622987980000001,
        duration: 1_500_000,
        proto: 'tcp',
        client: '10.0.0.7',
        clientPort: 50000,
        server: '203.0.113.9',
        serverPort: 443,
        packets: 11,
        bytes: 2840,
        clientPackets: 6,
        clientBytes: 640,
        serverPackets: 5,
        serverBytes: 2200,
        outcome: 'established',
        state: 'closed',
        service: 'ssl',
        uid: '1374195536821504',
        label: '',
        tunnel: '',
      },
    ])
  })

  it('tells the outcome from counts, flags and state', async () => {
    const outcome = async (change: { flow?: object; tcp?: object; proto?: string; icmp_type?: number }) => {
      const { rows } = await read({
        ...flow,
        ...change,
        flow: { ...flow.flow, ...change.flow },
        tcp: { ...flow.tcp, ...change.tcp },
      })
      return rows[0]?.['outcome']
    }
    expect(await outcome({ flow: { pkts_toclient: 0 } })).toBe('established')
    expect(await outcome({ flow: { pkts_toclient: 0 }, tcp: { tcp_flags_ts: '02' } })).toBe('unanswered')
    expect(await outcome({ flow: { pkts_toclient: 0, pkts_toserver: 2 } })).toBe('unanswered')
    expect(await outcome({ flow: { pkts_toserver: 0 } })).toBe('reversed')
    expect(await outcome({ flow: { pkts_toserver: undefined } })).toBe('unknown')
    expect(await outcome({ tcp: { tcp_flags_ts: '02', tcp_flags_tc: '14' } })).toBe('refused')
    expect(await outcome({ tcp: { tcp_flags_ts: '02', tcp_flags_tc: '12' } })).toBe('established')
    expect(await outcome({ tcp: { tcp_flags_ts: '18', tcp_flags_tc: '18' } })).toBe('established')
    expect(await outcome({ tcp: { tcp_flags_ts: '10', tcp_flags_tc: '18' } })).toBe('unknown')
    expect(
      await outcome({ tcp: { tcp_flags_ts: '00', tcp_flags_tc: '00' }, flow: { state: 'established' } }),
    ).toBe('established')
    expect(await outcome({ proto: 'UDP', tcp: { tcp_flags_ts: '00', tcp_flags_tc: '00' } })).toBe(
      'established',
    )
    expect(await outcome({ proto: 'ICMP', icmp_type: 8, flow: { pkts_toclient: 0 } })).toBe('unanswered')
    expect(await outcome({ proto: 'ICMP', icmp_type: 3, flow: { pkts_toclient: 0 } })).toBe('unknown')
  })

  describe('takes for the client who called, if the server was seen first', () => {
    const seen = async (change: { flow?: object; tcp?: object | undefined } & Record<string, unknown>) => {
      const { rows } = await read({
        ...flow,
        src_ip: '203.0.113.9',
        src_port: 443,
        dest_ip: '10.0.0.7',
        dest_port: 50_000,
        ...change,
        flow: { ...flow.flow, ...change.flow },
        tcp: { ...flow.tcp, tcp_flags_ts: '18', tcp_flags_tc: '18', ...change.tcp },
      })
      return rows.map(
        (row) => `${row['client']} ${row['clientPackets']}/${row['serverPackets']} ${row['outcome']}`,
      )[0]
    }
    it.each([
      ['mid-stream', {}, '10.0.0.7 5/6 established'],
      ['a SYN was seen', { tcp: { tcp_flags_ts: '1b' } }, '203.0.113.9 6/5 established'],
      ['both ports serve', { dest_port: 8443 }, '203.0.113.9 6/5 established'],
      [
        'no flags, and a port below 1024',
        { tcp: undefined, flow: { state: 'established' } },
        '10.0.0.7 5/6 established',
      ],
      [
        'a SYN-ACK alone',
        {
          src_port: 9999,
          flow: { pkts_toserver: 1, pkts_toclient: 0 },
          tcp: { tcp_flags_ts: '12', tcp_flags_tc: '00' },
        },
        '10.0.0.7 0/1 reversed',
      ],
      [
        'a late answer of UDP',
        { proto: 'UDP', src_port: 53, flow: { pkts_toserver: 1, pkts_toclient: 0 } },
        '10.0.0.7 0/1 reversed',
      ],
      [
        'an offer of DHCP to all',
        { proto: 'UDP', src_port: 67, dest_port: 68, dest_ip: '255.255.255.255', flow: { pkts_toclient: 0 } },
        '203.0.113.9 6/0 unanswered',
      ],
    ])('%s', async (_, change, expected) => expect(await seen(change)).toBe(expected))
  })

  it('names protocols by their numbers, and takes the ends of an alert from its flow', async () => {
    const alert = {
      ...base,
      event_type: 'alert',
      src_ip: '203.0.113.9',
      dest_ip: '10.0.0.7',
      alert: { signature_id: 1, signature: 'x', category: 'c', severity: 1 },
    }
    const ends = { src_ip: '10.0.0.7', dest_ip: '203.0.113.9', src_port: 50_000, dest_port: 443 }
    const { rows } = await read({ ...flow, proto: '041' }, { ...alert, flow: ends }, alert)
    expect(rows).toMatchObject([{ proto: 'ipv6' }, { client: '10.0.0.7' }, { client: '203.0.113.9' }])
  })

  it('gives one row a question: the answer, or the query that had none', async () => {
    const lost = { ...query, dns: { ...query.dns, id: 8 } }
    const { rows, rejects } = await read(query, answer, lost)
    expect(rejects).toEqual({ superseded: 1 })
    expect(rows).toMatchObject([
      {
        position: 2,
        query: 'www.a.org',
        queryType: 'A',
        responseCode: 'NOERROR',
        answers: ['10.1.1.1'],
        ttls: [91],
      },
      { position: 3, query: 'www.a.org', responseCode: '', answers: [] },
    ])
  })

  it('reads DNS of versions 1 and 3, and answers that are logged from the server', async () => {
    const first = {
      ...query,
      src_ip: '10.0.0.1',
      src_port: 53,
      dest_ip: '10.0.0.7',
      dest_port: 50000,
      dns: {
        type: 'answer',
        id: 1,
        rcode: 'NOERROR',
        rrname: 'a.org',
        rrtype: 'A',
        ttl: 60,
        rdata: '10.1.1.1',
      },
    }
    const third = {
      ...query,
      dns: {
        version: 3,
        type: 'response',
        id: 2,
        rcode: 'NXDOMAIN',
        queries: [{ rrname: 'B.org', rrtype: 'MX' }],
      },
    }
    expect((await read(first, third)).rows).toMatchObject([
      { client: '10.0.0.7', server: '10.0.0.1', query: 'a.org', answers: ['10.1.1.1'], ttls: [60] },
      { client: '10.0.0.7', query: 'b.org', queryType: 'MX', responseCode: 'NXDOMAIN', answers: [] },
    ])
  })

  it('reads http, tls, files and alerts', async () => {
    const { rows, rejects } = await read(
      {
        ...base,
        event_type: 'http',
        http: {
          hostname: 'A.org:81',
          url: '/x',
          http_user_agent: 'u',
          http_method: 'GET',
          http_content_type: 'text/html',
          status: 404,
          length: 47,
        },
      },
      {
        ...base,
        event_type: 'tls',
        tls: { subject: 'CN=a', issuerdn: 'CN=b', sni: 'A.org', version: 'TLS 1.2', ja3: { hash: 'abc' } },
      },
      {
        ...base,
        event_type: 'fileinfo',
        app_proto: 'http',
        fileinfo: { filename: '/a.exe', size: 535, md5: 'd41d', sha256: 'e3b0' },
      },
      {
        ...base,
        event_type: 'alert',
        alert: { signature_id: 2403388, signature: 'ET CINS', category: 'Misc Attack', severity: 2 },
      },
    )
    expect(rejects).toEqual({})
    expect(rows).toMatchObject([
      {
        record: 'http',
        method: 'GET',
        host: 'a.org',
        uri: '/x',
        userAgent: 'u',
        status: 404,
        mimeType: 'text/html',
        requestBytes: null,
        responseBytes: 47,
      },
      {
        record: 'tls',
        serverName: 'a.org',
        version: 'TLS 1.2',
        fingerprint: 'abc',
        subject: 'CN=a',
        issuer: 'CN=b',
      },
      {
        record: 'file',
        client: '203.0.113.9',
        server: '10.0.0.7',
        name: '/a.exe',
        bytes: 535,
        hash: 'sha256:e3b0',
        protocol: 'http',
      },
      {
        record: 'alert',
        start: 1622987986457984,
        engine: 'suricata',
        signature: '2403388',
        message: 'ET CINS',
        category: 'Misc Attack',
        severity: 2,
        proto: 'tcp',
      },
    ])
  })

  it('reads leases that were acknowledged', async () => {
    const dhcp = (more: object) => ({
      ...base,
      event_type: 'dhcp',
      src_ip: '10.0.0.1',
      dhcp: {
        dhcp_type: 'ack',
        client_mac: '02:00:00:00:00:07',
        assigned_ip: '10.0.0.7',
        lease_time: 600,
        ...more,
      },
    })
    const { rows, rejects } = await read(
      dhcp({ hostname: 'pc7' }),
      dhcp({ assigned_ip: '0.0.0.0', client_ip: '10.0.0.8' }),
      dhcp({ dhcp_type: 'offer' }),
      dhcp({ assigned_ip: '0.0.0.0' }),
    )
    expect(rows).toMatchObject([
      { record: 'lease', client: '10.0.0.7', server: '10.0.0.1', name: 'pc7', seconds: 600 },
      { record: 'lease', client: '10.0.0.8', mac: '02:00:00:00:00:07' },
    ])
    expect(rejects).toEqual({ 'not-used': 2 })
  })

  it('says why it leaves an event out', async () => {
    const { rejects } = await read(
      { ...flow, src_ip: 'x' },
      { ...flow, flow: { ...flow.flow, start: 'x', end: 'x' }, timestamp: 'x' },
      { ...flow, dest_port: 65536 },
      { ...base, event_type: 'anomaly' },
    )
    expect(rejects).toEqual({ 'bad-address': 1, 'bad-time': 1, 'bad-field': 1, 'not-used': 1 })
  })

  it('reads a message, its envelope before its headers', async () => {
    const smtp = {
      ...base,
      event_type: 'smtp',
      dest_port: 25,
      smtp: { helo: 'pc7', mail_from: '<Bot@a.example>', rcpt_to: ['<x@b.example>', '<y@c.example>'] },
      email: { from: '"Boss" <boss@a.example>', to: ['z@d.example'], subject: 'hello' },
    }
    const { rows } = await read(smtp, { ...smtp, smtp: { helo: 'pc7' } })
    expect(rows[0]).toMatchObject({
      record: 'mail',
      client: '10.0.0.7',
      serverPort: 25,
      helo: 'pc7',
      sender: 'bot@a.example',
      recipients: ['x@b.example', 'y@c.example'],
      subject: 'hello',
      reply: '',
    })
    expect(rows[1]).toMatchObject({ recipients: ['z@d.example'] })
  })

  describe('netflow events', () => {
    const half = (flowId: number, ends: object, packets: number, flags: string, begin = '40.000001') => ({
      ...base,
      ...ends,
      flow_id: flowId,
      event_type: 'netflow',
      app_proto: 'tls',
      netflow: {
        pkts: packets,
        bytes: packets * 100,
        start: `2021-06-06T15:59:${begin}+0200`,
        end: '2021-06-06T15:59:41.500001+0200',
      },
      tcp: { tcp_flags: flags },
    })
    const back = {
      src_ip: base.dest_ip,
      src_port: base.dest_port,
      dest_ip: base.src_ip,
      dest_port: base.src_port,
    }

    it('are joined to one flow, whose client is the side of the first', async () => {
      const { rows, rejects } = await read(half(1, {}, 6, '1b'), half(2, {}, 1, '02'), half(1, back, 5, '1a'))
      expect(rejects).toEqual({ superseded: 1 })
      expect(rows).toEqual([
        expect.objectContaining({
          start: 1622987980000001,
          duration: 1_500_000,
          client: '10.0.0.7',
          clientPort: 50000,
          server: '203.0.113.9',
          serverPort: 443,
          packets: 11,
          bytes: 1100,
          clientPackets: 6,
          clientBytes: 600,
          serverPackets: 5,
          serverBytes: 500,
          outcome: 'established',
          service: 'ssl',
        }),
        expect.objectContaining({ packets: 1, serverPackets: 0, outcome: 'unanswered' }),
      ])
    })

    it('of another conversation under the same id are apart', async () => {
      const { rows } = await read(half(1, {}, 6, '1b'), half(1, back, 5, '04', '41.000000'))
      expect(rows.map(({ clientPackets, serverPackets }) => [clientPackets, serverPackets])).toEqual([
        [6, 0],
        [0, 5],
      ])
    })

    it('are left out where the flow event is there', async () => {
      const { rows, rejects } = await read(half(base.flow_id, {}, 6, '1b'), flow, half(9, {}, 1, '02'))
      expect(rejects).toEqual({ superseded: 1 })
      expect(rows.map(({ packets }) => packets)).toEqual([11, 1])
    })
  })
})
