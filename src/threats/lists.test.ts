import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Listed } from './indicator.ts'
import { readThreatList } from './lists.ts'
import { isSharedName } from './trusted.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-lists-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** 2026-03-02. */
const from = Date.UTC(2026, 2, 2) * 1000

async function reading(content: string | Buffer, more: { isAllowed?: () => boolean } = {}) {
  const path = join(folder, 'list')
  writeFileSync(path, content)
  const taken: Listed[] = []
  const report = await readThreatList(
    path,
    { from, isSharedName, isAllowed: () => false, ...more },
    async (batch) => {
      taken.push(...batch)
    },
  )
  return { taken, report, texts: taken.map(({ text }) => text) }
}

describe('one entry a line', () => {
  it('takes comments, hosts files, defanged names, and counts what names nothing', async () => {
    const { texts, report } = await reading(
      '# a list\n\n45.61.1.9 # c2 of X\n0.0.0.0 evil.net\nbad[.]example\nnonsense\n10.0.0.1\n0.0.0.0/0\n',
    )
    expect(texts).toEqual(['45.61.1.9', 'evil.net', 'bad.example'])
    expect(report.records).toEqual({ indicator: 3 })
    expect(report.rejects).toEqual({
      'it names nothing that can be matched': 1,
      'refused: a private, local, reserved or documentation address': 1,
      'refused: a network so wide that benign hosts live in it': 1,
    })
    expect(report.rejectSamples[0]).toEqual({
      reason: 'it names nothing that can be matched',
      position: 6,
      sample: 'nonsense',
    })
  })

  it('is read through gzip, with any line ending, and without a head', async () => {
    expect((await reading(gzipSync('45.61.1.9\r\n45.61.1.10\r\n'))).texts).toEqual([
      '45.61.1.9',
      '45.61.1.10',
    ])
    expect((await reading('2024-01-02 10:00:00,45.61.1.9,8080,X\n')).taken[0]).toMatchObject({
      type: 'service',
      port: 8080,
    })
  })

  it('gives up a line that is too long, not the list', async () => {
    const { texts, report } = await reading(`45.61.1.9\n${'x'.repeat(300_000)}\n45.61.1.10\n`)
    expect(texts).toEqual(['45.61.1.9', '45.61.1.10'])
    expect(Object.values(report.rejects)).toEqual([1])
  })
})

describe('CSV', () => {
  it('knows columns by name, also in a comment as abuse.ch has it', async () => {
    const { taken, report } = await reading(
      '# "first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n' +
        '"2026-01-01 08:00:00","45.61.1.9","443","online","2026-02-01","Pikabot, ""new"""\n' +
        '"2024-01-01 08:00:00","45.61.1.10","443","offline","2025-03-01","Old"\n',
    )
    expect(taken).toMatchObject([
      { type: 'service', port: 443, description: 'Pikabot, "new"', listed: Date.UTC(2026, 1, 1) * 1000 },
    ])
    expect(report.rejects).toEqual({
      'refused: an address last seen over a year before the records begin': 1,
    })
  })

  it('refuses what has expired, and keeps an old name', async () => {
    const head = 'indicator;valid_until;first_seen\n'
    expect((await reading(`${head}evil.net;2026-03-01;2020-01-01\n`)).texts).toEqual([])
    expect((await reading(`${head}evil.net;2026-03-03;2020-01-01\n`)).texts).toEqual(['evil.net'])
  })
})

describe('MISP', () => {
  it('reads warning lists, events and feeds', async () => {
    expect((await reading('{"name":"Sinkholes","list":["45.61.1.0/24",7]}')).taken[0]).toMatchObject({
      list: 'Sinkholes',
      type: 'network',
    })
    const event = {
      Event: {
        info: 'OSINT X',
        Attribute: [
          {
            type: 'ip-dst|port',
            value: '45.61.1.9|8081',
            to_ids: true,
            timestamp: '1767225600',
            comment: 'panel',
          },
          { type: 'domain', value: 'evil.net', to_ids: false },
          { type: 'regkey', value: 'HKLM', to_ids: true },
        ],
        Object: [{ Attribute: [{ type: 'filename|sha1', value: `a.exe|${'ab'.repeat(20)}` }] }],
      },
    }
    const { taken, report } = await reading(JSON.stringify({ response: [event] }))
    expect(taken).toMatchObject([
      { type: 'service', port: 8081, description: 'panel', list: 'OSINT X', listed: 1_767_225_600e6 },
      { type: 'hash', name: `sha1:${'ab'.repeat(20)}` },
    ])
    expect(Object.values(report.rejects)).toEqual([1, 1])
  })
})

describe('STIX 2.1', () => {
  const bundle = (...indicators: object[]) =>
    JSON.stringify({
      type: 'bundle',
      objects: indicators.map((each) => ({ type: 'indicator', pattern_type: 'stix', name: 'X', ...each })),
    })

  it('reads comparisons for equality, alone and as alternatives', async () => {
    const { taken } = await reading(
      bundle(
        { pattern: "[ipv4-addr:value = '45.61.1.9']", valid_from: '2026-01-01T00:00:00Z' },
        { pattern: "[domain-name:value = 'evil.net' OR domain-name:value = 'worse.net']" },
        { pattern: "[ipv4-addr:value ISSUBSET '45.62.0.0/16'] OR [ipv6-addr:value = '2a00::1']" },
        { pattern: `[file:hashes.'SHA-256' = '${'ab'.repeat(32)}']` },
        { pattern: "[network-traffic:dst_ref.value = '45.61.1.9' AND network-traffic:dst_port = 8081]" },
      ),
    )
    expect(taken.map(({ type, text }) => `${type} ${text}`)).toEqual([
      'address 45.61.1.9',
      'name evil.net',
      'name worse.net',
      'network 45.62.0.0/16',
      'address 2a00::1',
      `hash ${'ab'.repeat(32)}`,
      'service 45.61.1.9:8081',
    ])
    expect(taken[0]?.listed).toBe(Date.UTC(2026, 0, 1) * 1000)
  })

  it('counts what it cannot match whole, and refuses what was taken back', async () => {
    const { taken, report } = await reading(
      bundle(
        { pattern: "[ipv4-addr:value = '45.61.1.9' AND file:name = 'a.exe']" },
        { pattern: "[ipv4-addr:value != '45.61.1.9']" },
        { pattern: "[process:command_line MATCHES 'x']" },
        { pattern: 'alert tcp any any', pattern_type: 'snort' },
        { pattern: "[ipv4-addr:value = '45.61.1.10']", revoked: true },
        { pattern: "[ipv4-addr:value = '45.61.1.11']", valid_until: '2026-01-01T00:00:00Z' },
      ),
    )
    expect(taken).toEqual([])
    expect(report.rejects).toEqual({
      'a pattern of a kind that is not matched': 4,
      'refused: the list itself says that it is no longer valid': 2,
    })
  })
})

describe('hostile lists', () => {
  it('are an error when they are no list, with the file named', async () => {
    for (const content of ['', '{"a":', '{"a":1}', '[1,2]'])
      await expect(reading(content), content).rejects.toThrow(/list/)
    await expect(
      readThreatList(join(folder, 'absent'), { from, isSharedName, isAllowed: () => false }, async () => {}),
    ).rejects.toThrow('cannot be read')
  })

  it('are an error when no entry names anything, and none when one is refused', async () => {
    for (const content of ['nonsense\nmore of it\n', '\u0000\u0001\u0002\n', 'x'.repeat(300_000)])
      await expect(reading(content), content.slice(0, 9)).rejects.toThrow(
        expect.objectContaining({ code: 'list-invalid' }),
      )
    await expect(reading('nonsense\n')).rejects.toThrow(
      /names nothing that can be matched; entry 1 is "nonsense"/,
    )
    expect((await reading('nonsense\n10.0.0.1\n')).report.records).toEqual({ indicator: 0 })
    expect((await reading('evil.net\n', { isAllowed: () => true })).report.records).toEqual({ indicator: 0 })
  })

  it('of any text never throw anything else, and take or count every line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), async (lines) => {
        try {
          await reading(lines.join('\n'))
        } catch (error) {
          expect((error as { code?: string }).code).toBe('list-invalid')
        }
      }),
      { numRuns: 30 },
    )
  })

  it('of any JSON never throw anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        try {
          await reading(JSON.stringify({ type: 'bundle', objects: [value], Event: value, list: value }))
          await reading(JSON.stringify({ Event: { Attribute: value, Object: [value] } }))
        } catch (error) {
          expect((error as { code?: string }).code).toBe('list-invalid')
        }
      }),
      { numRuns: 30 },
    )
  })
})
