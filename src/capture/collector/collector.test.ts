import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Cell,
  type Field,
  records,
  template,
  usual,
  usualRow,
  version9,
} from '../../../test/fixtures/export-datagrams.ts'
import { openEmbedded } from '../../store/embedded.ts'
import { ledger } from '../../store/ledger.ts'
import { sql } from '../../store/sql.ts'
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

/** Collects datagrams that come from one socket, all at once. */
const collected = (datagrams: readonly Buffer[], more: Partial<CollectOptions> = {}) =>
  collectedFrom([{ address: '127.0.0.1', datagrams }], more)

/** Collects what each sender sends from an address and a port of its own. */
async function collectedFrom(
  senders: readonly { readonly address: string; readonly datagrams: readonly Buffer[] }[],
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
  for (const { address, datagrams } of senders) {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, address, resolve))
    await Promise.all(
      datagrams.map((each) => new Promise((resolve) => socket.send(each, port, '127.0.0.1', resolve))),
    )
    socket.close()
  }
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

it('tells 36 exporters by address, port and domain, although all call their templates alike', async () => {
  const swapped: Field[] = usual.map((_, i) => usual[i ^ 1]!)
  const swappedRow = (cells: readonly Cell[]): Cell[] => cells.map((_, i) => cells[i ^ 1]!)
  // Each of 12 senders is three domains.
  const senders = Array.from({ length: 12 }, (_, i) => ({
    address: `127.0.0.${1 + (i % 3)}`,
    datagrams: [0, 1, 2].flatMap((domain) => {
      const row = usualRow({ sourcePort: 50_000 + i * 3 + domain, packets: 10 + i, bytes: 1000 * (i + 1) })
      const isSwapped = (i + domain) % 2 === 1
      const layout = isSwapped ? swapped : usual
      return [
        version9([template(0, 256, layout)], { source: domain, sequence: 1 }),
        version9([records(256, layout, [isSwapped ? swappedRow(row) : row])], {
          source: domain,
          sequence: 2,
        }),
      ]
    }),
  }))
  const status = await collectedFrom(senders)
  expect(status.exporters).toHaveLength(36)
  expect(new Set(status.exporters.map(({ from, port }) => `${from} ${port}`)).size).toBe(12)
  expect(status).toMatchObject({ records: 36, flows: 36, rejects: 0 })
  const load = (await ledger(store)).at(-1)!.load
  const found = await store.rows<{ clientPort: number; clientPackets: number; clientBytes: number }>(
    sql`SELECT clientPort, toFloat64(clientPackets) AS clientPackets, toFloat64(clientBytes) AS clientBytes
        FROM flow_rows WHERE load = ${load} ORDER BY clientPort`,
  )
  expect(found).toEqual(
    Array.from({ length: 36 }, (_, i) => ({
      clientPort: 50_000 + i,
      clientPackets: 10 + Math.floor(i / 3),
      clientBytes: 1000 * (Math.floor(i / 3) + 1),
    })),
  )
})

it('refuses a file of templates that is none, before it takes a datagram', async () => {
  const state = join(folder, 'other.json')
  writeFileSync(state, '{"version": 2}')
  await expect(collected([], { state })).rejects.toMatchObject({ code: 'output-failed' })
})
