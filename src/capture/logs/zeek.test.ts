import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { zeek } from './zeek.ts'

const fields =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents'
const tsv = (text: string) => text.replaceAll(' ', '\t')
const headers = (path: string, names = fields) =>
  `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${path}\n#fields\t${tsv(names)}\n#types\t${tsv(names)}\n`
const web = tsv(
  '1655157610.743948 C1 10.0.0.7 50000 203.0.113.9 443 tcp ssl 1.5 400 2000 SF T F 0 ShADadFf 6 640 5 2200 (empty)',
)
const silent = tsv('19.98 C2 10.0.0.7 50001 10.1.0.1 445 tcp - - - - S0 T T 0 S 1 60 0 0 (empty)')
const echo = tsv('20 C3 2001:db8::7 128 2001:db8::9 129 icmp - 0.25 56 56 OTH - - 0 - 1 104 1 104 (empty)')
const log = (...lines: string[]) => `${headers('conn')}${lines.join('\n')}\n`

readerContract({
  reader: zeek,
  sample: Buffer.from(log(web, silent, echo)),
  records: 3,
  body: headers('conn').length,
  cut: 20,
  junk: ['\n#fields\tx\n', '#', '\\x09', '(empty)'],
  lines: true,
})

describe('zeek conn.log', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const read = (text: string | Buffer, name?: string) => reading.read(zeek, text, name)

  it('reads a connection whole', async () => {
    expect((await read(log(web))).rows).toEqual([
      {
        record: 'flow',
        position: 8,
        start: 1655157610743948,
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
        state: 'SF',
        service: 'ssl',
        uid: 'C1',
        label: '',
        tunnel: '',
      },
    ])
  })

  it('keeps escapes exact, and tells a dash from nothing', async () => {
    const uid = (text: string) => log(web.replace('\tC1\t', `\t${text}\t`))
    const read1 = async (text: string) => (await read(uid(text))).rows[0]?.['uid']
    expect(await read1('a\\x09b')).toBe('a\tb')
    expect(await read1('a\\\\x09b')).toBe('a\\x09b')
    expect(await read1('\\\\\\x41')).toBe('\\A')
    expect(await read1('\\xzz\\x4')).toBe('\\xzz\\x4')
    expect(await read1('\\x2d')).toBe('-')
    expect(await read1('-')).toBe('')
    expect(await read1('(empty)')).toBe('')
    expect(await read1(`it's "quoted"`)).toBe(`it's "quoted"`)
    expect(await read1('\\N')).toBe('\\N')
  })

  it('honours the separators and marks that the headers name', async () => {
    const comma = `#separator \\x2c\n#set_separator,;\n#empty_field,EMPTY\n#unset_field,NONE\n#path,dns\n#fields,ts,uid,id.orig_h,id.resp_h,query,qtype_name,rcode_name,answers,TTLs\n1.5,-,10.0.0.7,10.0.0.1,WWW.Example.ORG.,A,NONE,a\\x3bb;c,60.000000;x\n2,NONE,10.0.0.7,10.0.0.1,EMPTY,NONE,NXDOMAIN,NONE,EMPTY\n`
    expect((await read(comma)).rows).toMatchObject([
      {
        start: 1_500_000,
        uid: '-',
        query: 'www.example.org',
        queryType: 'A',
        responseCode: '',
        answers: ['a;b', 'c'],
        ttls: [60],
      },
      {
        start: 2_000_000,
        uid: '',
        query: '',
        queryType: '',
        responseCode: 'NXDOMAIN',
        answers: [],
        ttls: [],
      },
    ])
  })

  it('finds columns by name, in any order, with others among them and optional ones away', async () => {
    const some = 'extra id.resp_h ts id.orig_h'
    const { rows, rejects } = await read(`${headers('conn', some)}x\t10.1.0.1\t7\t10.0.0.7\n`)
    expect(rejects).toEqual({})
    expect(rows).toMatchObject([
      {
        start: 7_000_000,
        client: '10.0.0.7',
        server: '10.1.0.1',
        clientPort: 0,
        proto: '',
        packets: null,
        bytes: null,
        outcome: 'unknown',
      },
    ])
  })

  it('reads several logs in one file, each under its own headers', async () => {
    const dns = `${headers('dns', 'ts uid id.orig_h id.resp_h query')}1\tC9\t10.0.0.7\t10.0.0.1\texample.org\n`
    const dpd = `${headers('dpd', 'ts analyzer')}1\tHTTP\n`
    const { rows, rejects } = await read(
      `${log(web)}#close\t2022\n${dns}${dpd}${log(silent).replaceAll('\n', '\r\n')}`,
    )
    expect(rows.map(({ record, position, uid }) => [record, position, uid])).toEqual([
      ['flow', 8, 'C1'],
      ['dns', 17, 'C9'],
      ['flow', 33, 'C2'],
    ])
    expect(rejects).toEqual({ 'not-used': 1 })
  })

  it('says why it leaves a record out', async () => {
    const cell = (i: number, value: string) => web.split('\t').with(i, value).join('\t')
    const bad = {
      'bad-address': [cell(2, '-'), cell(4, '10.0.0.256'), cell(2, 'fe80::1%eth0')],
      'bad-field': [
        cell(3, '65536'),
        cell(5, 'x'),
        cell(17, '-1'),
        cell(18, '1.5'),
        cell(9, '1000000000000000'),
      ],
      'bad-time': [
        cell(0, '-'),
        cell(0, '-1'),
        cell(0, 'nan'),
        cell(0, '8583840000'),
        cell(8, '-0.5'),
        cell(8, 'inf'),
      ],
      truncated: [web.slice(0, 40), `${web}\tmore`],
    }
    const { rows, rejects, samples } = await read(log(...Object.values(bad).flat(), web))
    expect(rows).toHaveLength(1)
    expect(rejects).toEqual(
      Object.fromEntries(Object.entries(bad).map(([why, lines]) => [why, lines.length])),
    )
    for (const why of Object.keys(bad))
      expect(samples.filter(({ reason }) => reason === why).length).toBe(Math.min(3, rejects[why] ?? 0))
    const inside = [
      cell(3, '65535'),
      cell(9, '999999999999999'),
      cell(0, '8583839999.999999'),
      cell(0, '0'),
      cell(8, '0'),
    ]
    expect((await read(log(...inside))).rejects).toEqual({})
  })

  it('tells the outcome from state, history and counts', async () => {
    const outcome = async (changes: Record<string, string>) => {
      const cells = web.split('\t')
      for (const [field, value] of Object.entries(changes)) cells[fields.split(' ').indexOf(field)] = value
      return (await read(log(cells.join('\t')))).rows[0]?.['outcome']
    }
    const states = {
      SF: 'established',
      S1: 'established',
      S2: 'established',
      S3: 'established',
      S0: 'unanswered',
      SH: 'unanswered',
      RSTOS0: 'unanswered',
      SHR: 'reversed',
      REJ: 'refused',
      RSTRH: 'refused',
      RSTO: 'established',
      RSTR: 'established',
      OTH: 'established',
    }
    for (const [conn_state, expected] of Object.entries(states))
      expect([conn_state, await outcome({ conn_state })]).toEqual([conn_state, expected])
    expect(await outcome({ conn_state: 'RSTRH', orig_pkts: '0' })).toBe('reversed')
    const mute = { orig_bytes: '0', history: 'Ar' }
    expect(await outcome({ conn_state: 'RSTR', ...mute })).toBe('refused')
    expect(await outcome({ conn_state: 'RSTR', ...mute, history: 'ShAr' })).toBe('established')
    expect(await outcome({ conn_state: 'RSTO', ...mute })).toBe('unknown')
    expect(await outcome({ conn_state: 'OTH', ...mute })).toBe('unknown')
    expect(await outcome({ conn_state: 'OTH', ...mute, proto: 'udp' })).toBe('established')
    expect(await outcome({ conn_state: 'OTH', ...mute, resp_pkts: '0' })).toBe('unanswered')
    expect(await outcome({ conn_state: 'OTH', ...mute, orig_pkts: '0' })).toBe('reversed')
    expect(await outcome({ conn_state: 'OTH', ...mute, orig_pkts: '-' })).toBe('unknown')
    // One direction was seen only; then who had bad checksums was not counted.
    expect(await outcome({ conn_state: 'S0', history: 'SAD' })).toBe('established')
    expect(await outcome({ conn_state: 'SH', history: 'SADF' })).toBe('established')
    expect(await outcome({ conn_state: 'S0', history: 'SA' })).toBe('unknown')
    expect(await outcome({ conn_state: 'S0', history: 'SD' })).toBe('unanswered')
    expect(await outcome({ conn_state: 'S0', history: 'S' })).toBe('unanswered')
    expect(await outcome({ conn_state: 'S0', history: 'Sc' })).toBe('unknown')
    expect(await outcome({ conn_state: 'SHR', history: 'Ch', orig_pkts: '0' })).toBe('unknown')
    const icmp = { conn_state: 'OTH', proto: 'icmp', resp_pkts: '0' }
    expect(await outcome({ ...icmp, 'id.orig_p': '3', proto: 'ICMP' })).toBe('unknown')
    expect(await outcome({ ...icmp, 'id.orig_p': '8' })).toBe('unanswered')
    expect(await outcome({ ...icmp, 'id.orig_p': '3' })).toBe('unknown')
  })

  it('knows no counts of a side whose packets all had wrong checksums', async () => {
    const cells = web.split('\t')
    for (const [field, value] of Object.entries({ history: 'Scad', resp_pkts: '0', resp_ip_bytes: '0' }))
      cells[fields.split(' ').indexOf(field)] = value
    const { rows } = await read(log(cells.join('\t')))
    expect(rows).toMatchObject([{ serverPackets: null, serverBytes: null, packets: null }])
  })

  it('puts the ICMP type and code where they belong', async () => {
    expect((await read(log(echo))).rows).toMatchObject([{ clientPort: 0, serverPort: 128 * 256 + 129 }])
  })

  it('takes payload bytes where IP bytes are not said', async () => {
    const { rows } = await read(log(web.replace('\t640\t', '\t-\t')))
    expect(rows).toMatchObject([{ clientBytes: 400, serverBytes: 2200, bytes: 2600 }])
  })

  it('reads labels in columns of their own, or behind blanks in the last', async () => {
    const apart = `${headers('conn', `${fields} label detailedlabel`)}${web}\tMalicious\tC&C\n${web}\tBenign\t(empty)\n${web}\t-\t-\n`
    expect((await read(apart)).rows.map(({ label }) => label)).toEqual(['Malicious C&C', 'Benign', ''])
    const within = `${headers('conn').replace('tunnel_parents\n#types', 'tunnel_parents   label   detailed-label\n#types')}${web}   Malicious   PartOfAHorizontalPortScan\n${web}   Benign   -\n`
    expect((await read(within)).rows.map(({ label }) => label)).toEqual([
      'Malicious PartOfAHorizontalPortScan',
      'Benign',
    ])
  })

  it('keeps of an open_conn.log the last snapshot of each connection', async () => {
    const later = web.replace('\t1.5\t', '\t9.5\t')
    for (const [text, name] of [
      [log(web, silent, later), 'logs/open_conn.17:00:00-18:00:00.log'],
      [log(web, silent, later).replace('#path\tconn', '#path\topen_conn'), 'sample'],
    ] as const) {
      const { rows, rejects } = await read(text, name)
      expect(rows.map(({ uid, duration }) => [uid, duration])).toEqual([
        ['C2', 0],
        ['C1', 9_500_000],
      ])
      expect(rejects).toEqual({ superseded: 1 })
    }
    expect((await read(log(web, silent, later))).rows).toHaveLength(3)
  })

  it('survives lines of a mebibyte, NUL and broken UTF-8', async () => {
    const long = web.replace('\tC1\t', `\t${'x'.repeat(1 << 20)}\t`)
    const [before, after] = web.split('C1') as [string, string]
    const odd = Buffer.concat([Buffer.from(`${before}a\0b`), Buffer.from([0xff, 0xc3]), Buffer.from(after)])
    const { rows, rejects } = await read(Buffer.concat([Buffer.from(log(long)), odd]))
    expect(rejects).toEqual({})
    expect(String(rows[0]?.['uid']).length).toBe(1 << 20)
    expect(rows).toHaveLength(2)
  })
})

describe('other zeek logs', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const one = async (path: string, record: Record<string, string>) => {
    const names = Object.keys(record)
    const { rows, rejects } = await reading.read(
      zeek,
      `${headers(path, names.join(' '))}${Object.values(record).join('\t')}\n`,
    )
    return rows[0] ?? rejects
  }
  const id = {
    ts: '1.5',
    uid: 'C1',
    'id.orig_h': '10.0.0.7',
    'id.orig_p': '50000',
    'id.resp_h': '203.0.113.9',
    'id.resp_p': '80',
  }

  it('reads http', async () => {
    expect(
      await one('http', {
        ...id,
        trans_depth: '1',
        method: 'GET',
        host: 'WWW.Example.org:8080',
        uri: '/a\\x09b',
        user_agent: 'curl',
        request_body_len: '0',
        response_body_len: '22',
        status_code: '200',
        resp_mime_types: 'text/plain,text/html',
      }),
    ).toEqual({
      record: 'http',
      position: 8,
      start: 1_500_000,
      client: '10.0.0.7',
      server: '203.0.113.9',
      serverPort: 80,
      uid: 'C1',
      method: 'GET',
      host: 'www.example.org',
      uri: '/a\tb',
      userAgent: 'curl',
      status: 200,
      mimeType: 'text/plain',
      requestBytes: 0,
      responseBytes: 22,
    })
  })

  it('reads ssl', async () => {
    expect(
      await one('ssl', {
        ...id,
        version: 'TLSv12',
        server_name: 'WWW.Example.org',
        subject: 'CN=a\\\\, b',
        issuer: 'CN=c',
        ja3: 'abc',
        ja4: '-',
      }),
    ).toEqual({
      record: 'tls',
      position: 8,
      start: 1_500_000,
      client: '10.0.0.7',
      server: '203.0.113.9',
      serverPort: 80,
      uid: 'C1',
      serverName: 'www.example.org',
      version: 'TLSv12',
      fingerprint: 'abc',
      subject: 'CN=a\\, b',
      issuer: 'CN=c',
    })
  })

  it('reads files, with sets of hosts and with the connection', async () => {
    const file = {
      ts: '1.5',
      fuid: 'F1',
      source: 'HTTP',
      mime_type: 'application/x-dosexec',
      filename: 'a.exe',
      seen_bytes: '9',
      md5: 'd41d',
      sha1: 'da39',
      sha256: '-',
    }
    const expected = {
      record: 'file',
      position: 8,
      start: 1_500_000,
      client: '10.0.0.7',
      server: '203.0.113.9',
      uid: 'C1',
      name: 'a.exe',
      mimeType: 'application/x-dosexec',
      bytes: 9,
      hash: 'sha1:da39',
      sketch: [],
      protocol: 'http',
    }
    expect(
      await one('files', {
        ...file,
        tx_hosts: '203.0.113.9',
        rx_hosts: '10.0.0.7,10.0.0.8',
        conn_uids: 'C1,C2',
      }),
    ).toEqual(expected)
    expect(await one('files', { ...file, ...id, is_orig: 'F' })).toEqual(expected)
    expect(await one('files', { ...file, ...id, is_orig: 'T' })).toMatchObject({
      client: '203.0.113.9',
      server: '10.0.0.7',
    })
    expect(await one('files', { ...file, tx_hosts: '-', rx_hosts: '-' })).toEqual({ 'bad-address': 1 })
  })

  it('reads notices, about a connection or about a host', async () => {
    const notice = { note: 'Scan::Address_Scan', msg: 'scanned', sub: 'local', proto: '-', p: '-' }
    expect(await one('notice', { ...notice, ts: '1', uid: '-', src: '10.0.0.7', dst: '-' })).toEqual({
      record: 'alert',
      position: 8,
      start: 1_000_000,
      client: '10.0.0.7',
      server: '::',
      serverPort: 0,
      proto: '',
      uid: '',
      engine: 'zeek',
      signature: 'Scan::Address_Scan',
      message: 'scanned',
      category: 'local',
      severity: null,
    })
    expect(await one('notice', { ...notice, ...id, src: '-', dst: '-' })).toMatchObject({
      client: '10.0.0.7',
      server: '203.0.113.9',
      serverPort: 80,
    })
    expect(await one('notice', { ...notice, ts: '1', src: '-', dst: '-' })).toEqual({ unsupported: 1 })
  })

  it('reads leases, of today and of before Zeek 3, and leaves out what gave no address', async () => {
    const today = {
      ts: '1',
      uids: 'C7,C8',
      client_addr: '-',
      server_addr: '10.0.0.1',
      mac: 'AA:bb:00:00:00:01',
    }
    const given = {
      host_name: 'pc7',
      assigned_addr: '10.0.0.7',
      lease_time: '600.0',
      msg_types: 'REQUEST,ACK',
    }
    expect(await one('dhcp', { ...today, ...given })).toEqual({
      record: 'lease',
      position: 8,
      start: 1_000_000,
      client: '10.0.0.7',
      server: '10.0.0.1',
      uid: 'C7',
      mac: 'aa:bb:00:00:00:01',
      name: 'pc7',
      seconds: 600,
    })
    const renewed = { ...today, client_addr: '10.0.0.8', assigned_addr: '-', msg_types: 'INFORM,ACK' }
    expect(await one('dhcp', renewed)).toMatchObject({ client: '10.0.0.8', name: '' })
    const before = { ...id, mac: 'aa:bb:00:00:00:01', assigned_ip: '10.0.0.9', lease_time: '0.000000' }
    expect(await one('dhcp', before)).toMatchObject({ client: '10.0.0.9', server: '203.0.113.9', seconds: 0 })
    expect(await one('dhcp', { ...today, msg_types: 'DISCOVER' })).toEqual({ 'not-used': 1 })
    expect(await one('dhcp', { ...today, ...given, mac: '-' })).toEqual({ 'not-used': 1 })
  })

  it('is not fooled by a log it does not read', () => {
    expect(zeek.accepts(headers('dpd', 'ts name'))).toBe(false)
    expect(zeek.accepts(headers('connections'))).toBe(false)
    expect(zeek.accepts('ts\tuid\n1\tC1\n')).toBe(false)
  })
})
