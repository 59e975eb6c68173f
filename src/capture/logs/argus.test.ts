import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { argus } from './argus.ts'

const header =
  'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label'
const web =
  '2011/08/16 10:01:46.972101,1.500000,tcp,10.0.0.7,50000,   ->,203.0.113.9,443,FSPA_FSPA,0,0,11,2840,640,flow=Background'
const arp = '1970/01/01 01:00:06.519466,1999.104004,arp,192.168.1.112,,  who,192.168.1.2,,CON,,,22,924,462,'
const log = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`

readerContract({
  reader: argus,
  sample: Buffer.from(log(web, arp, web.replace('tcp', 'udp').replace('FSPA_FSPA', 'CON'))),
  records: 3,
  rejects: { 'not-ip': 1 },
  body: header.length + 1,
  cut: 40,
  junk: ['0x', '0xffff', '_', '2011/08/16', '<?>', '  <-'],
  lines: true,
})

describe('argus', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const read = (text: string) => reading.read(argus, text)
  const flowOf = async (fields: Partial<Record<string, string | number>>) => {
    const values: Record<string, string | number> = {
      StartTime: '2011/08/16 10:01:46.972101',
      Dur: '1.5',
      Proto: 'tcp',
      SrcAddr: '10.0.0.7',
      Sport: '50000',
      Dir: '   ->',
      DstAddr: '203.0.113.9',
      Dport: '443',
      State: 'FSPA_FSPA',
      TotPkts: '11',
      TotBytes: '2840',
      SrcBytes: '640',
      ...(fields as Record<string, string>),
    }
    const text = `${Object.keys(values).join(',')}\n${Object.values(values).join(',')}\n`
    const { rows, rejects } = await read(text)
    return rows[0] ?? rejects
  }

  it('reads a flow whole, its time as UTC', async () => {
    // date -u -d '2011-08-16 10:01:46' +%s is 1313488906.
    expect((await read(log(web))).rows).toEqual([
      {
        record: 'flow',
        position: 2,
        start: 1313488906972101,
        duration: 1_500_000,
        proto: 'tcp',
        client: '10.0.0.7',
        clientPort: 50000,
        server: '203.0.113.9',
        serverPort: 443,
        packets: 11,
        bytes: 2840,
        clientPackets: null,
        clientBytes: 640,
        serverPackets: null,
        serverBytes: 2200,
        outcome: 'established',
        state: 'FSPA_FSPA',
        service: '',
        uid: '',
        label: 'flow=Background',
        tunnel: '',
      },
    ])
  })

  it('reads tabs, headers that come again with other columns, and files without Label', async () => {
    const other =
      'StartTime\tDur\tProto\tSrcAddr\tSport\tDir\tDstAddr\tDport\tState\tTotPkts\tTotBytes\tSrcBytes\tSrcPkts'
    const line = '2011/08/16 10:01:46.972101\t1\ttcp\t10.0.0.7\t1\t   ->\t10.0.0.9\t2\tS_RA\t2\t114\t60\t1'
    const { rows, rejects } = await read(`${log(web)}${other}\r\n${line}\r\n\r\n${header}\n${web}\n`)
    expect(rejects).toEqual({})
    expect(rows.map(({ position, clientPackets, label }) => [position, clientPackets, label])).toEqual([
      [2, null, 'flow=Background'],
      [4, 1, ''],
      [7, null, 'flow=Background'],
    ])
  })

  it('leaves out what is below IP, harmlessly, and says why it leaves out the rest', async () => {
    const bad = {
      'not-ip': [arp, web.replace('tcp', 'llc').replace('10.0.0.7', '00:00:00:00:00:00')],
      'bad-time': [
        web.replace('2011/08/16 ', ''),
        web.replace('2011', '2243'),
        web.replace('1.500000', '-1'),
      ],
      'bad-address': [web.replace('10.0.0.7', '10.0.0.256'), web.replace('203.0.113.9', '')],
      'bad-field': [
        web.replace('443', '65536'),
        web.replace(',50000,', ',0x10000,'),
        web.replace(',640,', ',2841,'),
      ],
      truncated: [web.slice(0, 60), `${web},more`],
    }
    const { rows, rejects, samples } = await read(log(web, ...Object.values(bad).flat()))
    expect(rows).toHaveLength(1)
    expect(rejects).toEqual(
      Object.fromEntries(Object.entries(bad).map(([why, lines]) => [why, lines.length])),
    )
    expect(samples.find(({ reason }) => reason === 'truncated')).toMatchObject({ position: 13 })
  })

  it('accepts what lies just inside those lines', async () => {
    const good = [
      web.replace('2011', '2241'),
      web.replace('443', '65535'),
      web.replace(',50000,', ',0xffff,'),
      web.replace(',640,', ',2840,'),
    ]
    const { rows, rejects } = await read(log(...good))
    expect([rows.length, rejects]).toEqual([4, {}])
  })

  it('turns round what Argus or the flags say began at the destination', async () => {
    const direction = async (Dir: string, State: string, Sport = '22', Dport = '50000', TotPkts = '2') => {
      const flow = await flowOf({ Dir, State, Sport, Dport, TotPkts })
      return `${flow['client']}:${flow['clientPort']} ${flow['serverPort']} ${flow['clientBytes']} ${flow['outcome']}`
    }
    const turned = '203.0.113.9:50000 22 2200'
    const kept = '10.0.0.7:22 50000 640'
    expect(await direction('  <-', 'RSP')).toBe(`${turned} unanswered`)
    expect(await direction('  <?>', 'PA_PA')).toBe(`${turned} established`)
    expect(await direction('   ?>', 'A_')).toBe(`${turned} reversed`)
    expect(await direction('  <?>', 'SPA_PA')).toBe(`${kept} established`) // a SYN was seen
    expect(await direction('   ->', 'PA_PA')).toBe(`${kept} established`) // Argus is sure
    expect(await direction('  <?>', 'PA_PA', '1024')).toBe('10.0.0.7:1024 50000 640 established')
    expect(await direction('  <?>', 'PA_PA', '1023')).toBe('203.0.113.9:50000 1023 2200 established')
    expect(await direction('  <?>', 'PA_PA', '22', '1023')).toBe('10.0.0.7:22 1023 640 established')
    expect(await direction('   ->', 'SA_', '60000', '50000', '1')).toBe(
      '203.0.113.9:50000 60000 2200 reversed',
    )
    expect(await direction('   ->', 'SA_', '60000', '50000', '2')).toBe('10.0.0.7:60000 50000 640 unanswered')
    expect(await direction('   ->', 'SA_', '80', '50000', '2')).toBe('203.0.113.9:50000 80 2200 reversed')
    expect(await direction('   ->', 'SA_R')).toBe(`${turned} unknown`)
  })

  it('tells the outcome from State', async () => {
    const outcomes: Record<string, readonly string[]> = {
      established: ['FSPA_FSPA', 'S_SA', 'SR_SA', 'PA_A', 'FPA_FPA', 'CON', 'FIN', 'ACC', 'EST', 'SPA_'],
      unanswered: ['S_', 'SR_', 'SP_', 'S0'],
      refused: ['S_RA', 'S_R', 'SR_RA', 'URP'],
      reversed: ['_FSPA', '_SPA'],
      unknown: ['FA_FA', 'A_A', 'S_A', 'TIM', 'FA_R', ''],
    }
    for (const [outcome, states] of Object.entries(outcomes))
      for (const State of states)
        expect([State, (await flowOf({ State, TotBytes: 780, TotPkts: 10 }))['outcome']]).toEqual([
          State,
          outcome,
        ])
  })

  it('tells data from bare headers by size, where flags do not say', async () => {
    const outcome = async (State: string, TotBytes: number, SrcBytes = 60) =>
      (await flowOf({ State, TotPkts: 10, TotBytes, SrcBytes }))['outcome']
    expect(await outcome('RST', 780)).toBe('refused')
    expect(await outcome('RST', 781)).toBe('established')
    expect(await outcome('RST', 600, 600)).toBe('unanswered')
    expect(await outcome('FA_FA', 780)).toBe('unknown')
    expect(await outcome('FA_FA', 781)).toBe('established')
    expect((await flowOf({ State: 'SPA_', TotPkts: 2, TotBytes: 200, SrcBytes: 200 }))['outcome']).toBe(
      'unanswered',
    )
    expect(await outcome('INT', 600, 600)).toBe('unanswered')
    expect(await outcome('INT', 600, 599)).toBe('unknown')
    expect(await outcome('CON', 600, 600)).toBe('unanswered')
  })

  it('reads ICMP: type and code from Sport, and blames nobody for messages about others', async () => {
    const icmp = async (Sport: string, State: string, Dir = '   ->', Proto = 'icmp') => {
      const { proto, clientPort, serverPort, outcome } = (await flowOf({
        Sport,
        State,
        Dir,
        Proto,
        Dport: '0x5e00',
      })) as Record<string, unknown>
      return [proto, clientPort, serverPort, outcome].join(' ')
    }
    expect(await icmp('0x0103', 'URH')).toBe('icmp 0 769 unknown') // type 3, code 1: the message itself
    expect(await icmp('0x0008', 'URN')).toBe('icmp 0 2048 refused') // an echo request, answered so
    expect(await icmp('0x0008', 'ECO')).toBe('icmp 0 2048 unanswered')
    expect(await icmp('0x0008', 'ECO', '  <->')).toBe('icmp 0 2048 established')
    expect(await icmp('135', 'NNS', '   ->', 'ipv6-icmp')).toBe('icmp 0 34560 unanswered')
    expect(await icmp('', 'MRQ', '   ->', 'ipv6-icmp')).toBe('icmp 0 0 unknown')
  })

  it('calls rtp, rtcp and udt what they are: UDP', async () => {
    expect(await flowOf({ Proto: 'rtp', State: 'CON' })).toMatchObject({ proto: 'udp', service: 'rtp' })
    expect(await flowOf({ Proto: 'IGMP', State: 'INT', Sport: '', Dport: '' })).toMatchObject({
      proto: 'igmp',
      service: '',
      serverPort: 0,
    })
  })

  it('says nothing of the sides where only totals are given', async () => {
    const { rows } = await read(
      'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes\n2011/08/16 10:01:46,0,udp,10.0.0.7,1,  <->,10.0.0.9,2,CON,2,240\n',
    )
    expect(rows).toMatchObject([
      { packets: 2, bytes: 240, clientBytes: null, serverBytes: null, outcome: 'established' },
    ])
  })

  describe('user data', () => {
    const udata =
      'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes,SrcBytes,srcUdata,dstUdata'
    const data = (side: 's' | 'd', bytes: Buffer | string) => {
      const text = Buffer.from(bytes as string, 'latin1').toString('base64')
      return text === '' ? '' : `${side}[${text.length}]=${text}`
    }
    const line = (ports: string, source: Buffer | string, destination: Buffer | string, proto = 'udp') => {
      const [from, to] = ports.split('>')
      const ends = `10.0.0.7,${from},   ->,192.0.2.53,${to}`
      return `2015/03/24 18:23:32.619989,1,${proto},${ends},CON,2,240,76,${data('s', source)},${data('d', destination)}`
    }
    const payloadsOf = async (...lines: string[]) => {
      const { rows, rejects } = await read(`${[udata, ...lines].join('\n')}\n`)
      expect(rejects).toEqual({})
      expect(rows.filter(({ record }) => record === 'flow')).toHaveLength(lines.length)
      return rows.filter(({ record }) => record !== 'flow')
    }
    // From slips-more/2015-03-24_capture1-only-dns.binetflow, its first flow.
    const question = Buffer.from('LAQBAAABAAAAAAAABGF1czQHbW96aWxsYQNvcmcAAAEAAQ==', 'base64')
    const answer = Buffer.from(
      'LASBgAABAAQAAAAABGF1czQHbW96aWxsYQNvcmcAAAEAAcAMAAUAAQAAAAMAHARhdXM0BHZpcHMEcGh4MQdtb3ppbGxhA2NvbQDALgABAAEAAAADAAQ/9dmKwC4AAQABAAAAAwAEP/XZ28AuAAEAAQAAAAMABD/12Ss=',
      'base64',
    )

    it('reads a question and its answer, whichever side has port 53', async () => {
      const row = {
        record: 'dns',
        start: 1427221412619989,
        client: '10.0.0.7',
        server: '192.0.2.53',
        query: 'aus4.mozilla.org',
        queryType: 'A',
        responseCode: 'NOERROR',
        answers: ['aus4.vips.phx1.mozilla.com', '63.245.217.138', '63.245.217.219', '63.245.217.43'],
        ttls: [3, 3, 3, 3],
        answerBytes: answer.length - 34,
      }
      expect(
        await payloadsOf(
          line('5000>53', question, answer),
          line('53>5000', answer, question),
          line('5000>54', question, answer),
        ),
      ).toMatchObject([
        { position: 2, ...row },
        { position: 3, ...row, client: '192.0.2.53', server: '10.0.0.7' },
      ])
    })

    it('gives what is whole of an answer that is cut, its code and its question at least', async () => {
      // Two answers and a half; the question alone; a header alone.
      const cut = [answer.subarray(0, 100), answer.subarray(0, 34), answer.subarray(0, 33)]
      expect(await payloadsOf(...cut.map((each) => line('5000>53', question, each)))).toMatchObject([
        {
          responseCode: 'NOERROR',
          answers: ['aus4.vips.phx1.mozilla.com', '63.245.217.138'],
          answerBytes: null,
        },
        { responseCode: 'NOERROR', answers: [], answerBytes: null },
        { query: 'aus4.mozilla.org', responseCode: '', answers: [], answerBytes: null },
      ])
    })

    it('reads messages one after the other, and what was said twice once', async () => {
      const other = Buffer.from(question)
      other.writeUInt16BE(0x2c05, 0)
      other.writeUInt16BE(28, 30)
      const failed = Buffer.from(other)
      failed.writeUInt16BE(0x8183, 2)
      const asked = Buffer.concat([question, other, question])
      const rows = await payloadsOf(line('5000>53', asked, Buffer.concat([answer, answer, failed])))
      expect(rows.map(({ queryType, responseCode }) => [queryType, responseCode])).toEqual([
        ['A', 'NOERROR'],
        ['AAAA', 'NXDOMAIN'],
      ])
      const long = (bytes: Buffer) => Buffer.concat([Buffer.from([0, bytes.length]), bytes])
      const stream = await payloadsOf(
        line('5000>53', Buffer.concat([long(question), long(other)]), long(answer).subarray(0, 80), 'tcp'),
      )
      expect(stream).toMatchObject([
        { queryType: 'A', answers: ['aus4.vips.phx1.mozilla.com'], answerBytes: answer.length - 34 },
        { queryType: 'AAAA', responseCode: '' },
      ])
    })

    it('reads requests on any port, and the names of servers in hellos', async () => {
      const request = 'GET /a?b HTTP/1.1\r\nHost: www.example.com:8080\r\nUser-Agent: x y\r\n\r\n'
      const response = 'HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n'
      const name = Buffer.from('example.org')
      const sni = Buffer.concat([Buffer.from([0, 0, 0, 16, 0, 14, 0, 0, 11]), name])
      const hello = Buffer.concat([
        Buffer.from([0x16, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3]),
        Buffer.alloc(32),
        Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, sni.length]),
        sni,
      ])
      expect(
        await payloadsOf(
          line('5000>8080', request, response, 'tcp'),
          line('8080>5000', '', request.slice(0, 40), 'tcp'),
          line('5000>443', hello, '', 'tcp'),
          line('5000>443', 'HTTP/1.1 005\r\n\r\n', response, 'tcp'),
          line('5000>8080', request, response, 'udp'),
        ),
      ).toMatchObject([
        {
          record: 'http',
          position: 2,
          serverPort: 8080,
          method: 'GET',
          uri: '/a?b',
          host: 'www.example.com',
          userAgent: 'x y',
          status: 404,
          mimeType: 'text/html',
          requestBytes: 0,
          responseBytes: 20,
        },
        {
          record: 'http',
          client: '192.0.2.53',
          server: '10.0.0.7',
          serverPort: 8080,
          host: '',
          status: null,
        },
        { record: 'tls', position: 4, serverPort: 443, serverName: 'example.org' },
      ])
    })

    it('lets text, damage and rejects say nothing, and loses no flow', async () => {
      const bad = ['s[4]=GET ', 's[34]=....aus4.mozilla.org', 's[8]=####====', 's=', '=', 's[999]=A']
      expect(
        await payloadsOf(
          ...bad.map((each) => line('5000>53', '', '').replace(/,,$/, `,${each},`)),
          line('5000>53', question.subarray(0, 20), Buffer.alloc(300, 0xc0)),
          line('5000>53', Buffer.alloc(400, 1), Buffer.alloc(0)),
        ),
      ).toEqual([])
      const out = await read(`${udata}\n${line('5000>53', question, answer).replace('2015', '2243')}\n`)
      expect([out.rows, out.rejects]).toEqual([[], { 'bad-time': 1 }])
    })

    it('says the same of a long file, in stretches, with the lines of the whole', async () => {
      const lines = Array.from({ length: 40 }, (_, i) => line(`${5000 + i}>53`, question, answer))
      const text = `${[udata, ...lines].join('\n')}\n`
      const whole = await read(text)
      expect(whole.rows).toHaveLength(80)
      expect(await reading.readStretches(argus, text, { own: 3000, beside: 100 })).toEqual(whole)
    })
  })
})
