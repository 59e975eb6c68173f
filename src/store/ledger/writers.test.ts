import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEmbedded } from '../embedded.ts'
import { prepare, publish } from '../ledger.ts'
import { beginLoad } from '../load.ts'
import type { Store } from '../store.ts'
import { asWriter, onlyWriter } from './writers.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-writers-'))
let store: Store

beforeAll(async () => {
  store = await openEmbedded(join(folder, 'db'))
  await prepare(store)
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const alert = (position: number) => ({
  position,
  start: 1e15,
  client: '10.0.0.1',
  server: '192.0.2.1',
  serverPort: 80,
  proto: 'tcp',
  uid: '',
  engine: 'suricata',
  signature: '1',
  message: 'm',
  category: '',
  severity: null,
})

const entry = (load: string, sha256 = load) => ({
  load,
  name: 'alerts',
  sha256,
  bytes: 12,
  format: 'test',
  rejects: {},
  rejectSamples: [],
})

async function loaded(): Promise<string> {
  const load = beginLoad(store)
  await load.write('alert', [alert(1), alert(2)])
  await load.flush()
  return load.load
}

const rows = async (table: string) =>
  (await store.rows<{ n: number }>(`SELECT toFloat64(count()) AS n FROM ${table}`))[0]!.n

it('takes nothing from a writer that has not published yet, and clears up when nobody writes', async () => {
  await asWriter(store, async () => {
    const load = await loaded()
    await expect(
      asWriter(store, async () => {
        await loaded()
        throw new Error('cut short')
      }),
    ).rejects.toThrow('cut short')
    await asWriter(store, async () => expect(await rows('alert_rows')).toBe(4))

    expect((await publish(store, entry(load))).records).toEqual({ alert: 2 })
  })
  await asWriter(store, async () => expect(await rows('alert_rows')).toBe(2))
})

it('waits with writing until what was never finished is gone', async () => {
  await loaded()
  const both = [1, 2].map(() => asWriter(store, async () => publish(store, entry(await loaded()))))
  for (const { records } of await Promise.all(both)) expect(records).toEqual({ alert: 2 })
  expect(await rows('alert_rows')).toBe(await rows('alert'))
})

it('publishes a content once, though two parts of a process have read it', async () => {
  const before = await rows('alert')
  const [a, b] = [await loaded(), await loaded()]
  const published = await Promise.all([publish(store, entry(a, 'same')), publish(store, entry(b, 'same'))])
  expect(published.map(({ known, load }) => [known ?? false, load])).toEqual([
    [false, a],
    [true, a],
  ])
  expect(await rows('alert')).toBe(before + 2)
})

it('says whether another one has written meanwhile', async () => {
  await asWriter(store, async () => {
    const mark = onlyWriter(store)
    expect(onlyWriter(store)).toBe(mark)
    await asWriter(store, async () => expect(onlyWriter(store)).toBe(null))
    expect(onlyWriter(store)).not.toBe(mark)
  })
})
