import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostile } from '../../test/fixtures/any-answer.ts'
import { sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { framed, ipv4, pcapFile, readAll, tcp, udp } from '../../test/frames.ts'
import { zipMembers } from '../capture/content/zip.ts'
import { importInputs } from '../capture/import/import.ts'
import { pcapng } from '../capture/pcap/pcap.ts'
import type { Answer } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import type { Micros } from '../model/units.ts'
import { temporaryPrefix } from '../store/abandoned.ts'
import { openEmbedded } from '../store/embedded.ts'
import type { Store } from '../store/store.ts'
import { packStream, writePack } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-pack-'))
const capture = join(folder, 'site.pcap')
const begins = 1_772_409_600
const bot = '10.0.0.7'
const cnc = { address: '203.0.113.9', port: 443, protocol: 'tcp', name: null }
let store: Store

/** The bot calls every minute, 20 times; somebody else calls the same server, and the bot asks the DNS. */
const calls = Array.from({ length: 20 }, (_, i) => [
  { at: begins + i * 60, packet: ipv4(bot, cnc.address, tcp(50_000 + i, 443, { flags: 'S' })) },
  { at: begins + i * 60 + 0.1, packet: ipv4(cnc.address, bot, tcp(443, 50_000 + i, { flags: 'SA' })) },
  { at: begins + i * 60 + 0.2, packet: ipv4(bot, cnc.address, tcp(50_000 + i, 443, { payload: 'beat' })) },
  { at: begins + i * 60 + 0.3, packet: ipv4('10.0.0.8', cnc.address, tcp(51_000 + i, 443, { flags: 'S' })) },
  { at: begins + i * 60 + 0.4, packet: ipv4(bot, '192.0.2.53', udp(52_000 + i, 53, 'x')) },
]).flat()

const beacon = sampleAnswer.findings.find(({ kind }) => kind === 'beacon')!
const finding: Finding = {
  ...beacon,
  hosts: [bot],
  cnc: [cnc],
  from: (begins * 1e6) as Micros,
  to: ((begins + 3600) * 1e6) as Micros,
  evidence: beacon.evidence.map((each) => ({ ...each, flows: [] })),
}
const answer: Answer = { ...sampleAnswer, findings: [finding] }
const places = { folders: [] as string[], files: [] as string[] }

beforeAll(async () => {
  writeFileSync(capture, pcapFile(calls.map(({ at, packet }) => ({ at, bytes: framed(packet) }))))
  store = await openEmbedded(join(folder, 'db'))
  await importInputs(store, [capture])
})
afterAll(async () => {
  await store?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What can be compared of a flow of the store and one of a reader. */
const keyOf = ({ start, clientPort, packets, bytes, outcome }: Record<string, unknown>) =>
  [start, clientPort, packets, bytes, outcome].join()

describe('an evidence pack', () => {
  const out = join(folder, 'pack')

  it('holds the flows of the finding, and of the capture their packets alone', async () => {
    const pack = await writePack(store, { answer, finding }, { folder: out, places })
    expect(pack).toMatchObject({ flows: 20, captures: [{ from: capture, packets: 60, remark: '' }] })
    expect(readdirSync(out).toSorted()).toEqual(pack.files.toSorted())
    const own = await store.rows(
      `SELECT * FROM flow WHERE client = '::ffff:${bot}' AND serverPort = 443 ORDER BY start`,
    )
    expect(own).toHaveLength(20)
    const { rows } = await readAll(pcapng, readFileSync(join(out, 'packets.pcapng')))
    expect((rows['flow'] as Record<string, unknown>[]).map(keyOf).toSorted()).toEqual(
      own.map(keyOf).toSorted(),
    )
  })

  it('holds the same flows as CSV and as Parquet', async () => {
    const csv = readFileSync(join(out, 'flows.csv'), 'utf8').trim().split('\r\n')
    const described = await store.describe(join(out, 'flows.parquet'), 'Parquet')
    expect(csv[0]!.split(',')).toEqual(described.map(({ name }) => name))
    const rows = await store.rows<{ id: string; client: string; clientPort: number }>(
      `SELECT id, client, clientPort FROM file('${join(out, 'flows.parquet')}', 'Parquet') ORDER BY start, id`,
    )
    const columns = csv[0]!.split(',')
    expect(csv.slice(1).map((line) => line.split(',')[columns.indexOf('id')])).toEqual(
      rows.map(({ id }) => id),
    )
    expect(rows.map(({ client }) => client)).toEqual(Array(20).fill(bot))
  })

  it('states the claim, the evidence with its statements, the doubts, and what each file is', () => {
    const text = readFileSync(join(out, 'statement.txt'), 'utf8')
    for (const each of [
      finding.id,
      finding.claim,
      finding.doubts[0],
      'SELECT',
      'SHA-256',
      '60 in packets.pcapng',
    ])
      expect(text).toContain(each)
    const { evidence } = JSON.parse(readFileSync(join(out, 'finding.json'), 'utf8'))
    expect(evidence).toHaveLength(finding.evidence.length)
  })

  it('is the same again', async () => {
    const again = join(folder, 'pack-again')
    await writePack(store, { answer, finding }, { folder: again, places })
    for (const name of ['statement.txt', 'finding.json', 'flows.csv', 'packets.pcapng'])
      expect(readFileSync(join(again, name)).equals(readFileSync(join(out, name))), name).toBe(true)
  })

  it('takes the place of an earlier one, though its packets are the capture that is cut', async () => {
    const again = join(folder, 'pack-again')
    const own = { ...places, files: [join(again, 'packets.pcapng')] }
    const pack = await writePack(store, { answer, finding }, { folder: again, places: own })
    expect(pack.captures).toMatchObject([{ packets: 60, remark: '' }])
    expect(readdirSync(again).toSorted()).toEqual(pack.files.toSorted())
    expect(
      readFileSync(join(again, 'packets.pcapng')).equals(readFileSync(join(out, 'packets.pcapng'))),
    ).toBe(true)
  })

  it('is not begun where something named is no capture, or stands in its way', async () => {
    const place = join(folder, 'in-the-way')
    const text = join(folder, 'conn.log')
    writeFileSync(text, 'a log\n')
    await expect(
      writePack(store, { answer, finding }, { folder: place, places: { ...places, files: [text] } }),
    ).rejects.toMatchObject({ code: 'input-unknown-format' })
    expect(readdirSync(place)).toEqual([])

    mkdirSync(join(place, 'packets.pcapng'))
    await expect(writePack(store, { answer, finding }, { folder: place, places })).rejects.toMatchObject({
      code: 'EISDIR',
    })
  })

  it('shows text of the traffic as text', async () => {
    const text = hostile.join(' ')
    const named = { ...finding, claim: text, doubts: [text] as [string], cnc: [{ ...cnc, name: text }] }
    await writePack(store, { answer, finding: named }, { folder: join(folder, 'hostile'), places })
    const stated = readFileSync(join(folder, 'hostile', 'statement.txt'), 'utf8')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stated).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/)
  })

  it('is an archive that unpacks to the same files', async () => {
    const path = join(folder, 'pack.zip')
    writeFileSync(
      path,
      Buffer.concat(await Array.fromAsync(await packStream(store, { answer, finding }, places))),
    )
    const unpacked = join(folder, 'unpacked')
    mkdirSync(unpacked)
    const lost: unknown[] = []
    const members = await Array.fromAsync(
      zipMembers(path, { folder: unpacked, lost: (each) => lost.push(each) } as Parameters<
        typeof zipMembers
      >[1]),
    )
    expect(lost).toEqual([])
    expect(members.map(({ name }) => name).toSorted()).toEqual(readdirSync(out).toSorted())
    for (const { name, path: file } of members)
      if (name !== 'flows.parquet')
        expect(readFileSync(file).equals(readFileSync(join(out, name))), name).toBe(true)
  })

  it('leaves nothing behind where its bytes are not taken, or not all', async () => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(basename(temporaryPrefix())))
    const before = left()
    for (const taken of [0, 1, 1000]) {
      const bytes = (await packStream(store, { answer, finding }, places))[Symbol.asyncIterator]()
      for (let i = 0; i < taken && !(await bytes.next()).done; i++);
      await bytes.return?.()
      expect(left()).toEqual(before)
    }
  })

  it('has no packets where the capture is gone, finds it in another folder, and takes one that is named', async () => {
    const moved = join(folder, 'moved')
    mkdirSync(moved)
    renameSync(capture, join(moved, 'site.pcap'))
    const into = (name: string) => ({ folder: join(folder, name) })
    const none = await writePack(store, { answer, finding }, { ...into('none'), places })
    expect(none.captures).toMatchObject([{ file: null, remark: expect.stringContaining('not available') }])
    expect(readdirSync(join(folder, 'none'))).not.toContain('packets.pcapng')
    const found = await writePack(
      store,
      { answer, finding },
      { ...into('found'), places: { ...places, folders: [moved] } },
    )
    expect(found.captures).toMatchObject([{ packets: 60 }])
    const given = await writePack(
      store,
      { answer, finding },
      { ...into('given'), places: { ...places, files: [join(moved, 'site.pcap')] } },
    )
    expect(given.captures).toMatchObject([{ packets: 60 }])
    writeFileSync(capture, 'something else')
    const other = await writePack(store, { answer, finding }, { ...into('other'), places })
    expect(other.captures).toMatchObject([{ file: null }])
  })
})
