import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { parseNetworks } from '../store/networks.ts'
import { matchThreats } from './match.ts'
import { allowedBy, isSharedName } from './trusted.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-threats-'))
let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await bench.close()
})

async function matched(list: string, records: Parameters<Bench['hold']>[0], allow: readonly string[] = []) {
  await bench.hold({ flow: [{}], ...records })
  const path = join(folder, 'bad.txt')
  writeFileSync(path, list)
  return matchThreats(bench.store, {
    key: 'test',
    paths: [path],
    scope: { from: monday, to: monday + 86_400e6, internal: parseNetworks(['10.0.0.0/8']) },
    isSharedName,
    isAllowed: allowedBy({
      names: allow.filter((each) => !/^\d/.test(each)),
      networks: parseNetworks(allow.filter((each) => /^\d/.test(each))),
    }),
  })
}

const flows = (...servers: string[]): Given[] => servers.map((server, i) => ({ server, start: monday + i }))
const seen = async (...given: Parameters<typeof matched>) =>
  (await matched(...given)).matches.map(({ host, indicator, times }) => `${host} ${indicator} ${times}`)

describe('addresses', () => {
  it('match exactly, networks on both ends and not beyond', async () => {
    expect(await seen('45.61.1.9\n', { flow: flows('45.61.1.9', '45.61.1.9', '45.61.1.8') })).toEqual([
      '10.0.0.5 45.61.1.9 2',
    ])
    expect(
      await seen('45.61.2.0/23\n2a00:1::/32\n', {
        flow: flows('45.61.1.255', '45.61.2.0', '45.61.3.255', '45.61.4.0', '2a00:1:ffff::1', '2a00:2::'),
      }),
    ).toEqual(['10.0.0.5 45.61.2.0/23 2', '10.0.0.5 2a00:1::/32 1'])
  })

  it('match with their port and transport, and where called only', async () => {
    const flow = [
      { server: '45.61.1.9', serverPort: 8081 },
      { server: '45.61.1.9', serverPort: 443 },
      { client: '45.61.1.9', server: '10.0.0.5', serverPort: 8081 },
    ]
    expect(await seen('45.61.1.9:8081\n', { flow })).toEqual(['10.0.0.5 45.61.1.9:8081 1'])
    expect(await seen('45.61.1.9:8081/udp\n', { flow })).toEqual([])
    expect(await seen('8081/tcp\n', { flow })).toEqual([])
    expect(await seen('8082/tcp\n', { flow: [{ serverPort: 8082 }] })).toEqual(['10.0.0.5 8082/tcp 1'])
  })

  it('carry flows, endpoints and a statement that shows them', async () => {
    const { matches } = await matched('45.61.1.9\n', { flow: flows('45.61.1.9') })
    expect(matches[0]?.flows).toHaveLength(1)
    expect(matches[0]?.endpoints).toEqual([{ address: '45.61.1.9', port: 443, protocol: 'tcp', name: null }])
    expect(await bench.store.rows(matches[0]!.query)).toMatchObject([{ peer: '45.61.1.9' }])
  })
})

describe('names, URLs and files', () => {
  it('match themselves and what is under them, in any record, not what only ends alike', async () => {
    const dns = ['evil.net', 'A.b.Evil.net.', 'notevil.net', 'evil.net.example'].map((query) => ({ query }))
    expect(await seen('evil.net\n', { dns })).toEqual(['10.0.0.5 evil.net 2'])
    expect(await seen('evil.net\n', { tls: [{ serverName: 'x.evil.net' }] })).toEqual(['10.0.0.5 evil.net 1'])
    expect(await seen('evil.net\n', { http: [{ host: 'evil.net:8080' }] })).toEqual(['10.0.0.5 evil.net 1'])
    expect(await seen('www.evil.net\n', { dns: [{ query: 'a.www.evil.net' }] })).toEqual([])
  })

  it('of a URL match by path too', async () => {
    const http = [
      { host: 'evil.net', uri: '/gate.php' },
      { host: 'evil.net', uri: '/' },
    ]
    expect(await seen('http://evil.net/gate.php\n', { http })).toEqual([
      '10.0.0.5 http://evil.net/gate.php 1',
    ])
    const { matches } = await matched('http://evil.net/gate.php\n', { http })
    expect(matches).toMatchObject([{ indicator: 'http://evil.net/gate.php', times: 1 }])
    expect(await bench.store.rows(matches[0]!.query)).toHaveLength(1)
  })

  it('of a file match by its hash', async () => {
    const sha1 = 'ab'.repeat(20)
    expect(await seen(`${sha1}\n`, { file: [{ hash: `sha1:${sha1}` }] })).toEqual([`10.0.0.5 ${sha1} 1`])
    expect(await seen(`${'ac'.repeat(20)}\n`, { file: [{ hash: `sha1:${sha1}` }] })).toEqual([])
  })
})

describe('what says nothing', () => {
  it('is an indicator that ten hosts and a fifth of all met; it is told', async () => {
    const hosts = (n: number, server: string) =>
      Array.from({ length: n }, (_, i) => ({ client: `10.0.1.${i}`, server }))
    const nine = await matched('45.61.1.9\n', { flow: hosts(9, '45.61.1.9') })
    expect(nine.matches).toHaveLength(9)
    const ten = await matched('45.61.1.9\n', { flow: hosts(10, '45.61.1.9') })
    expect(ten.matches).toEqual([])
    expect(ten.warnings[0]).toContain('10 of 10 internal hosts')
    const many = [...hosts(10, '45.61.1.9'), ...hosts(51, '45.61.9.9')]
    expect((await matched('45.61.1.9\n', { flow: many })).matches).toHaveLength(10)
  })

  it('is what the user allows', async () => {
    expect(await seen('45.61.1.9\nevil.net\n', { flow: flows('45.61.1.9') }, ['45.61.0.0/16'])).toEqual([])
    const { reports } = await matched('a.evil.net\n', { dns: [{ query: 'a.evil.net' }] }, ['evil.net'])
    expect(Object.keys(reports[0]!.rejects)).toEqual(['refused: a destination that --allow trusts'])
  })
})

it('leaves no table behind', async () => {
  await matched('45.61.1.9\n', {})
  const tables = await bench.store.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE name LIKE 'threat%'",
  )
  expect(tables).toEqual([])
})
