import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { records, template, usual, usualRow, version9 } from '../../../test/fixtures/export-datagrams.ts'
import { openEmbedded } from '../../store/embedded.ts'
import { ledger } from '../../store/ledger.ts'
import type { Store } from '../../store/store.ts'
import { collect } from './collector.ts'
import type { CollectOptions } from './session.ts'
import type { CollectorStatus } from './status.ts'

let folder = ''
let store: Store
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-collector-'))
  store = await openEmbedded(join(folder, 'db'))
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const learn = version9([template(0, 256, usual)])
const call = (i: number) =>
  version9([records(256, usual, [usualRow({ sourcePort: i, flags: 2 })])], { sequence: i })

/** Collects what `send` sends to the port, all at once. */
async function collected(
  datagrams: readonly Buffer[],
  more: Partial<CollectOptions> = {},
): Promise<CollectorStatus> {
  const stop = new AbortController()
  const listening = Promise.withResolvers<number>()
  const done = collect(store, {
    listen: [{ address: '127.0.0.1', port: 0 }],
    state: null,
    sampled: 'refuse',
    clock: 'exporter',
    rotateSeconds: 60,
    rotateRows: 1000,
    signal: stop.signal,
    listening: ({ port }) => listening.resolve(port),
    ...more,
  })
  done.catch(listening.reject)
  const port = await listening.promise
  const socket = createSocket('udp4')
  await Promise.all(
    datagrams.map((each) => new Promise((resolve) => socket.send(each, port, '127.0.0.1', resolve))),
  )
  socket.close()
  stop.abort()
  return done
}

it('loses nothing that it has room for, and puts it into the store', async () => {
  const status = await collected([learn, ...Array.from({ length: 100 }, (_, i) => call(i + 1))])
  expect(status).toMatchObject({
    datagrams: 101,
    records: 100,
    flows: 100,
    rejects: 0,
    lost: { numbering: 0, queue: 0 },
  })
  expect((await ledger(store)).at(-1)).toMatchObject({
    records: { flow: 100 },
    rejects: {},
    format: 'netflow',
  })
})

it('drops what it has no room for, counts it, and says so in the ledger', async () => {
  const status = await collected([learn, ...Array.from({ length: 100 }, (_, i) => call(i + 1))], {
    mostBytes: 2000,
  })
  expect(status.lost.queue).toBeGreaterThan(0)
  expect(status.datagrams).toBe(101)
  // What came after the last drop is not missed in the numbering, so the drops are the greater count.
  expect(status.records + status.lost.queue).toBe(100)
  expect((await ledger(store)).at(-1)?.rejects).toMatchObject({ lost: status.lost.queue })
})

it('refuses a file of templates that is none, before it takes a datagram', async () => {
  const state = join(folder, 'other.json')
  writeFileSync(state, '{"version": 2}')
  await expect(collected([], { state })).rejects.toMatchObject({ code: 'output-failed' })
})
