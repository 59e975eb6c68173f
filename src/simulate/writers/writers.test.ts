import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Exchange } from '../exchange.ts'
import type { Scenario } from '../scenario.ts'
import { simulate } from '../write.ts'
import { argusLines, pieces } from './argus.ts'
import { zeekLogs } from './zeek.ts'

const base: Exchange = {
  uid: 'CabcdeFGHIJ12345',
  start: 1_710_201_600_000_001,
  end: 1_710_201_602_500_001,
  proto: 'tcp',
  client: '10.20.1.10',
  clientPort: 50_000,
  server: '192.0.2.1',
  serverPort: 80,
  service: 'http',
  state: 'SF',
  history: 'ShADadFf',
  clientPayload: 100,
  serverPayload: 3000,
  clientPackets: 7,
  serverPackets: 6,
  clientIpBytes: 392,
  serverIpBytes: 3252,
  origin: '',
}
const local = (address: string) => address.startsWith('10.')
const zeek = (each: Exchange, path: string) =>
  zeekLogs(base.start, local)
    .find(({ file }) => file === `${path}.log`)
    ?.lines(each) ?? ''

describe('zeek', () => {
  it('writes a connection', () => {
    expect(zeek(base, 'conn')).toBe(
      '1710201600.000001\tCabcdeFGHIJ12345\t10.20.1.10\t50000\t192.0.2.1\t80\ttcp\thttp\t2.500000\t100\t3000\tSF\tT\tF\t0\tShADadFf\t7\t392\t6\t3252\t-\n',
    )
  })

  it('leaves unset what a lone packet does not tell', () => {
    const lone: Exchange = {
      ...base,
      end: base.start,
      clientPayload: null,
      serverPayload: null,
      service: '',
      state: 'S0',
      history: 'S',
    }
    expect(zeek(lone, 'conn').split('\t').slice(7, 12)).toEqual(['-', '-', '-', '-', 'S0'])
  })

  it('says in files.log which bytes were the same', () => {
    const note = {
      after: 0.1,
      method: 'GET',
      host: 'a.example',
      uri: '/x.exe',
      userAgent: 'x',
      status: 200,
      requestBody: 0,
      responseBody: 9,
      mime: 'application/x-dosexec',
    }
    const line = (content: string) => zeek({ ...base, http: [{ ...note, content }] }, 'files').split('\t')
    expect(line('one').slice(19, 23)).toEqual(line('one').slice(19, 23))
    expect(line('one')).not.toEqual(line('two'))
    expect(line('one')).toContain('application/x-dosexec')
    expect(zeek({ ...base, http: [{ ...note, content: 'one', status: 404 }] }, 'files')).toBe('')
  })

  it('writes the name servers of an answer as auth-addl does, and not without it', () => {
    const authority = { names: ['ns1.a.example', 'ns2.a.example'], addresses: ['203.0.113.1'] }
    const dns = {
      query: 'a.example',
      type: 'A',
      code: 'NOERROR',
      answers: ['203.0.113.9'],
      ttls: [60],
      authority,
    }
    const line = (authorities: boolean) =>
      zeekLogs(0, () => true, authorities)
        .find(({ file }) => file === 'dns.log')!
        .lines({ ...base, dns })
    expect(line(true).trimEnd().split('\t').slice(-3)).toEqual([
      'F',
      'ns1.a.example,ns2.a.example',
      '203.0.113.1',
    ])
    expect(line(false).trimEnd().split('\t').at(-1)).toBe('F')
  })

  it('has no line in other logs for what was not there', () => {
    expect(['dns', 'http', 'ssl', 'files'].map((path) => zeek(base, path))).toEqual(['', '', '', ''])
  })
})

describe('argus', () => {
  const line = (each: Exchange) => argusLines(each).map((piece) => piece.line.trimEnd())

  it('writes a connection, with the Ethernet header in the bytes', () => {
    // 13 packets, 392 + 3252 + 13 * 14 bytes; 392 + 7 * 14 from the client.
    expect(line(base)).toEqual([
      '2024/03/12 00:00:00.000001,2.500000,tcp,10.20.1.10,50000,   ->,192.0.2.1,80,FSPA_FSPA,0,0,13,3826,490,7,',
    ])
  })

  it.each([
    ['S0', 0, '   ->', 'S_'],
    ['REJ', 1, '   ->', 'S_RA'],
    ['RSTO', 6, '   ->', 'SRPA_SPA'],
    ['RSTR', 6, '   ->', 'SPA_SRPA'],
    ['S1', 6, '   ->', 'SPA_SPA'],
    ['OTH', 6, '  <?>', 'PA_PA'],
  ])('%s', (state, serverPackets, direction, flags) => {
    const cells = line({ ...base, state, serverPackets })[0]?.split(',')
    expect([cells?.[5], cells?.[8]]).toEqual([direction, flags])
  })

  it('knows datagrams and echoes', () => {
    const at = (each: Partial<Exchange>) =>
      line({ ...base, ...each })[0]
        ?.split(',')
        .slice(4, 9)
    expect(at({ proto: 'udp' })).toEqual(['50000', '  <->', '192.0.2.1', '80', 'CON'])
    expect(at({ proto: 'udp', serverPackets: 0 })).toEqual(['50000', '   ->', '192.0.2.1', '80', 'INT'])
    expect(at({ proto: 'icmp' })).toEqual(['0x0008', '  <->', '192.0.2.1', '', 'ECO'])
  })

  it('cuts at 3,600 s and loses nothing', () => {
    const long = {
      ...base,
      end: base.start + 7201e6,
      clientPackets: 100,
      serverPackets: 50,
      clientIpBytes: 10_001,
      serverIpBytes: 5003,
    }
    const cut = pieces(long)
    expect(cut.map(({ start, end }) => (end - start) / 1e6)).toEqual([3600, 3600, 1])
    const sum = (of: (piece: (typeof cut)[number]) => number) =>
      cut.reduce((total, piece) => total + of(piece), 0)
    expect(sum(({ clientPackets }) => clientPackets)).toBe(100)
    expect(sum(({ serverBytes }) => serverBytes)).toBe(5003 + 14 * 50)
    expect(line(long).map((each) => each.split(',')[8])).toEqual(['SPA_SPA', 'PA_PA', 'FPA_FPA'])
    expect(pieces({ ...base, end: base.start + 3600e6 })).toHaveLength(1)
  })
})

describe('simulate', () => {
  const tiny: Scenario = {
    name: 'tiny',
    doc: 'Three desks and a resolver.',
    begins: '2024-03-12T00:00:00Z',
    hours: 24,
    prefix: '10.20',
    domain: 'tiny.example',
    populations: [
      {
        role: 'staff',
        count: 3,
        systems: ['windows'],
        habits: [{ behaviour: 'browse' }, { behaviour: 'antivirus' }],
      },
      { role: 'resolver', count: 1, systems: ['linux'], habits: [] },
    ],
    surroundings: [],
    botnets: [{ id: 'x', family: 'irc', size: 1, among: ['staff'] }],
  }
  let out = ''
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'gannet-simulate-'))
  })
  afterAll(() => rm(out, { recursive: true }))

  const bytesOf = async (files: readonly string[]) =>
    (await Promise.all(files.map((file) => readFile(file)))).map((each) => each.toString('base64'))

  it.each(['zeek', 'argus'] as const)('writes the same %s bytes for the same seed', async (format) => {
    const first = await simulate({ scenario: tiny, seed: 5, format, out: join(out, `${format} 1`) })
    const again = await simulate({ scenario: tiny, seed: 5, format, out: join(out, `${format} 2`) })
    expect((await bytesOf(again.files)).join() === (await bytesOf(first.files)).join()).toBe(true)
    const other = await simulate({ scenario: tiny, seed: 6, format, out: join(out, `${format} 3`) })
    expect((await bytesOf(other.files)).join() === (await bytesOf(first.files)).join()).toBe(false)
    expect(JSON.parse(await readFile(first.files.at(-1) ?? '', 'utf8'))).toEqual(first.truth)
  })

  it.each([
    ['as it is', tiny],
    ['with auth-addl', { ...tiny, authorities: true as const }],
  ])('writes Zeek logs whose lines have the fields that the header names, %s', async (name, scenario) => {
    const { files, flows } = await simulate({ scenario, seed: 5, out: join(out, `fields ${name}`) })
    const logs = files.filter((file) => file.endsWith('.log'))
    expect(logs.map((file) => file.split('/').at(-1))).toEqual([
      'conn.log',
      'dns.log',
      'http.log',
      'ssl.log',
      'files.log',
    ])
    for (const file of logs) {
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
      const [fields, types] = ['#fields', '#types'].map(
        (key) => lines.find((line) => line.startsWith(key))?.split('\t').length,
      )
      const rows = lines.filter((line) => !line.startsWith('#'))
      expect(types).toBe(fields)
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.filter((row) => row.split('\t').length !== (fields ?? 0) - 1)).toEqual([])
      expect(lines.at(-1)).toMatch(/^#close\t2024-03-13-00-00-00$/)
      if (file.endsWith('conn.log')) expect(rows).toHaveLength(flows)
    }
  })

  it('writes only the innocent lines without bots', async () => {
    const linesOf = async (bots: boolean) => {
      const { files } = await simulate({ scenario: tiny, seed: 5, bots, out: join(out, `bots ${bots}`) })
      return (await readFile(files[0] ?? '', 'utf8')).split('\n')
    }
    const [clean, all] = [await linesOf(false), new Set(await linesOf(true))]
    expect(clean.filter((line) => !all.has(line))).toEqual([])
    expect(clean.length).toBeLessThan(all.size)
  })

  it('says where it cannot write', async () => {
    const file = join(out, 'a file')
    await writeFile(file, '')
    await expect(simulate({ scenario: tiny, seed: 5, out: file })).rejects.toMatchObject({
      code: 'output-failed',
    })
  })
})
