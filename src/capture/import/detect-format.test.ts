/** What is around records is recognised and taken off, and what is no record is named. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connLog, eveLog } from '../../../test/fixtures/written-logs.ts'
import { openInput } from '../input.ts'
import { detect, tablesOf } from './detect-format.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-detect-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = async (content: string | Buffer, name = 'input') => {
  const path = join(folder, name)
  writeFileSync(path, content)
  const { input, reader } = await detect(await openInput(path, name), tablesOf(null))
  const text = Buffer.concat(await Array.fromAsync(input.bytes())).toString()
  return { reader: reader.name, text, input }
}

const eve = eveLog(4)
const lines = eve.split('\n').filter((line) => line !== '')
const bare = (text: string) => text.split('\n').filter((line) => line.trim() !== '')
const conn = connLog(0, 3)

const headers: readonly (readonly [string, (line: string, i: number) => string])[] = [
  ['RFC 3164', (line, i) => `<14>Nov 14 22:13:2${i} host suricata[91]: ${line}`],
  ['RFC 3164 without a priority', (line) => `Nov  4 22:13:20 host suricata: ${line}`],
  ['RFC 5424', (line) => `<14>1 2023-11-14T22:13:20.003Z host suricata 91 - [x@1 a="b"] ${line}`],
  ['an octet count', (line) => `${line.length + 40} <14>1 2023-11-14T22:13:20Z host app - - - ${line}`],
  ['@cee', (line) => `@cee: ${line}`],
  ['syslog and @cee', (line) => `Nov 14 22:13:20 host app: @cee:${line}`],
  ['CRI', (line) => `2023-11-14T22:13:20.123456789Z stdout F ${line}`],
  ['docker compose', (line) => `suricata_1  | ${line}`],
  ['grep', (line, i) => `eve.json:${i + 1}:${line}`],
  [
    'Beats',
    (line) => JSON.stringify({ '@timestamp': '2023-11-14T22:13:20Z', host: { name: 'h' }, message: line }),
  ],
  ['Docker', (line) => JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2023-11-14T22:13:20Z' })],
  ['ECS event.original', (line) => JSON.stringify({ event: { original: line, kind: 'event' } })],
  ['journald', (line) => JSON.stringify({ __CURSOR: 's=1', PRIORITY: '6', MESSAGE: line })],
  ['Splunk', (line) => JSON.stringify({ preview: false, result: { _raw: line } })],
  ['Elasticsearch', (line) => `{"_index":"suricata","_source":${line}}`],
  ['Beats of syslog', (line) => JSON.stringify({ message: `<14>Nov 14 22:13:20 h s[1]: ${line}` })],
]

describe('envelopes', () => {
  it.each(headers)('%s around EVE', async (_, wrap) => {
    const found = await open(`${lines.map(wrap).join('\n')}\n`)
    expect(found.reader).toBe('suricata')
    expect(bare(found.text).map((line) => JSON.parse(line))).toEqual(lines.map((line) => JSON.parse(line)))
  })

  it('keep numbers of 64 bits as they are', async () => {
    const line = `{"timestamp":"2023-11-14T22:13:20Z","event_type":"flow","flow_id":18446744073709551615,"a":1.50}`
    expect((await open(`{"_source":${line}}\n`)).text).toContain('"flow_id":18446744073709551615')
  })

  it.each([
    ['one array', `[${lines.join(',')}]`],
    ['an array over lines', `[\n${lines.join(',\n')}\n]\n`],
    ['printed objects', lines.map((line) => JSON.stringify(JSON.parse(line), null, 4)).join('\n')],
    [
      'a printed array',
      JSON.stringify(
        lines.map((line) => JSON.parse(line)),
        null,
        2,
      ),
    ],
    ['objects side by side', lines.join('')],
    ['an array in an object', JSON.stringify({ Records: lines.map((line) => JSON.parse(line)) }, null, 1)],
  ])('%s', async (_, text) => {
    const found = await open(text)
    expect(found.reader).toBe('suricata')
    expect(bare(found.text).map((line) => JSON.parse(line))).toEqual(lines.map((line) => JSON.parse(line)))
  })

  it('of an array lose one object where one is broken off', async () => {
    const printed = lines.map((line) => JSON.stringify(JSON.parse(line), null, 2))
    printed[1] = printed[1]!.slice(0, 60)
    const found = await open(`[\n${printed.join(',\n')}\n]`)
    const whole = bare(found.text).filter((line) => {
      try {
        return JSON.parse(line) !== null
      } catch {
        return false
      }
    })
    expect(whole).toHaveLength(lines.length - 1)
  })

  it('of a log with tabs: syslog with the escapes of rsyslog, and no header', async () => {
    const cells =
      '1700000000.123456 CAAA1 10.1.1.7 50123 203.0.113.9 443 tcp ssl 1.5 120 300 SF T F 0 ShADadFf 5 320 3 420 -'
    const rows = [cells, cells.replace('CAAA1', 'CAAA2')].map((line) => line.replaceAll(' ', '\t'))
    const wrapped = rows.map((line) => `Nov 14 22:13:20 host zeek_conn: ${line.replaceAll('\t', '#011')}`)
    const found = await open(`${wrapped.join('\n')}\n`)
    expect(found.reader).toBe('zeek')
    expect(found.text.split('\n').slice(6, -1)).toEqual(rows)
  })
})

describe('encodings', () => {
  it.each([
    ['UTF-16 of Windows', Buffer.from(`\ufeff${conn}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(conn, 'utf16le')],
    ['UTF-16 in network order', Buffer.from(`\ufeff${conn}`, 'utf16le').swap16()],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${conn}`)],
    ['a hole', Buffer.concat([Buffer.alloc(200_000), Buffer.from(conn)])],
    ['UTF-16 in gzip', gzipSync(Buffer.from(`\ufeff${conn}`, 'utf16le'))],
  ])('%s', async (_, bytes) => {
    expect(await open(bytes)).toMatchObject({ reader: 'zeek', text: conn })
  })
})

describe('first lines', () => {
  it('that are blank or of something else are passed over, and counted before a table', async () => {
    const csv = 'start,client,server,proto\n1700000000,10.0.0.1,10.0.0.2,tcp\n'
    const { reader, text, input } = await open(`\nsep=,\nexported by hand\n${csv}`)
    expect([reader, text]).toEqual(['csv', csv])
    expect(input.remarks?.()).toMatchObject([{ reason: 'not-used', times: 3 }])
    expect(await open(`\n\n${conn}`)).toMatchObject({ reader: 'zeek', text: `\n\n${conn}` })
    expect((await open(`starting\n${eve}`)).reader).toBe('suricata')
  })
})

describe('what is not read', () => {
  const word = (...bytes: number[]) => Buffer.concat([Buffer.from(bytes), Buffer.alloc(600)])
  it.each([
    ['xz', word(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), /an xz archive/, /xz -dc/],
    ['bzip2', Buffer.from('BZh91AY&SY'), /a bzip2 archive/, /bzip2 -dc/],
    ['lz4', word(4, 0x22, 0x4d, 0x18), /an lz4 archive/, /lz4 -dc/],
    ['.Z', word(0x1f, 0x9d, 0x90), /an archive of compress/, /gzip -dc/],
    ['7z', word(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), /a 7z archive/, /7z x/],
    ['snoop', Buffer.from('snoop\0\0\0\0\0\0\u0002\0\0\0\u0004'), /Solaris snoop/, /editcap/],
    ['NetMon', word(0x47, 0x4d, 0x42, 0x55), /Network Monitor/, /editcap/],
    ['Argus', word(0x83, 0x10, 0, 0x20, 0, 0, 0, 0, 0xe5, 0x71, 0x2d, 0xcb), /Argus in its own/, /ra -r/],
    ['zeros', Buffer.alloc(3000), /nothing but zeros/, /Copy it again/],
  ])('%s is named', async (_, bytes, message, hint) => {
    await expect(open(bytes)).rejects.toMatchObject({
      code: 'input-unsupported',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  it('ERF and ETL are told without a sign', async () => {
    const record = Buffer.alloc(80)
    record.writeUInt32LE(1_700_000_000, 4)
    record.writeUInt8(2, 8)
    record.writeUInt16BE(80, 10)
    record.writeUInt16BE(60, 14)
    await expect(open(Buffer.concat([record, record, record]))).rejects.toThrow(/ERF/)
    const trace = Buffer.alloc(4096)
    trace.writeUInt32LE(65_536)
    trace.writeUInt32LE(0xc0010002, 72)
    await expect(open(trace)).rejects.toThrow(/ETL/)
  })
})
