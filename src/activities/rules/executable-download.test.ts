import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import type { Activity } from '../../model/activity.ts'
import type { Scope } from '../../model/networks.ts'
import type { RecordName } from '../../model/records.ts'
import { parseNetworks } from '../../store/networks.ts'
import { executableDownload } from './executable-download.ts'

const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8']),
}

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const seen = async (given: Partial<Record<RecordName, readonly Given[]>>) => {
  await bench.hold(given)
  return bench.store.rows<Activity>(executableDownload.query(scope, executableDownload.defaults))
}
const program = { mimeType: 'application/x-dosexec', hash: 'sha256:ab', uid: 'C1' }

describe('executable download', () => {
  it('names the program by its content', async () => {
    const [row] = await seen({ file: [{ ...program, name: 'run.exe' }], flow: [{ uid: 'C1' }] })
    expect(row).toMatchObject({ type: 'download', targets: 1, traits: ['sha256:ab'], sample: ['run.exe'] })
    expect(row?.flows).toHaveLength(1)
    expect(executableDownload.did(row!)).toBe('downloaded 1 program (run.exe)')
  })

  it('marks server and size as the weaker trait where there is no hash', async () => {
    expect(await seen({ file: [{ ...program, hash: '' }] })).toMatchObject([
      { traits: ['sized 203.0.113.9 50000'] },
    ])
  })

  it('counts what file and HTTP records both show once', async () => {
    const http = [{ uid: 'C1', host: 'dl.example.net', uri: '/run.exe', mimeType: 'application/x-dosexec' }]
    expect(await seen({ file: [program], http })).toMatchObject([{ times: 1, traits: ['sha256:ab'] }])
    expect(await seen({ http })).toMatchObject([{ sample: ['dl.example.net/run.exe'] }])
  })

  it('believes a name only where the type says nothing', async () => {
    const get = (uri: string, mimeType: string, more: Given = {}) => ({ http: [{ uri, mimeType, ...more }] })
    expect(await seen(get('/a.exe?x=1', 'application/octet-stream'))).toHaveLength(1)
    expect(await seen(get('/a.exe', ''))).toHaveLength(1)
    expect(await seen(get('/a.exe', 'text/html'))).toEqual([])
    expect(await seen(get('/?file=a.exe', ''))).toEqual([])
    expect(await seen(get('/a.exe', '', { status: 404 }))).toEqual([])
    expect(await seen(get('/a.exe', '', { responseBytes: 1023 }))).toEqual([])
    expect(await seen(get('/a.exe', '', { responseBytes: 1024 }))).toHaveLength(1)
    expect(await seen(get('/a.js', 'application/javascript'))).toEqual([])
  })

  const hosts = (n: number, more: Given = {}) =>
    Array.from({ length: n }, (_, i) => ({ client: `10.0.1.${i}`, ...more }))

  it('leaves out servers that a quarter of the hosts, ten at least, talk to', async () => {
    const others = hosts(40, { server: '198.51.100.1' })
    const file = [program]
    // The host makes it 41; a quarter is 10.25, and with it there are ten of them and then eleven.
    expect(await seen({ file, flow: [...others, ...hosts(9)] })).toHaveLength(1)
    expect(await seen({ file, flow: [...others, ...hosts(10)] })).toEqual([])
    expect(await seen({ file, flow: hosts(8) })).toHaveLength(1)
  })

  it('leaves out programs that a tenth of the hosts, ten at least, fetch', async () => {
    const fetched = (n: number) =>
      hosts(n).map((row, i) => ({ ...row, ...program, server: `203.0.113.${i % 2}` }))
    const of = (n: number) => hosts(n, { server: '198.51.100.1' })
    expect(await seen({ file: fetched(9), flow: of(20) })).toHaveLength(9)
    expect(await seen({ file: fetched(10), flow: of(100) })).toEqual([])
    expect(await seen({ file: fetched(10), flow: of(101) })).toHaveLength(10)
  })

  it('leaves out programs that three hosts fetch from three servers', async () => {
    const from = (n: number, servers: number) =>
      hosts(n).map((row, i) => ({ ...row, ...program, server: `203.0.113.${i % servers}` }))
    expect(await seen({ file: from(3, 3) })).toEqual([])
    expect(await seen({ file: from(4, 2) })).toHaveLength(4)
    expect(await seen({ file: from(2, 2) })).toHaveLength(2)
  })

  it('looks at hosts inside only', async () => {
    expect(await seen({ file: [{ ...program, client: '198.51.100.9' }] })).toEqual([])
  })
})
