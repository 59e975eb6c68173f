/** The collector as a process: datagrams over loopback, stopped by a signal, started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEmbedded } from '../../src/store/embedded.ts'
import {
  ipfix,
  records,
  template,
  usual,
  usualRow,
  version5,
  version9,
} from '../fixtures/export-datagrams.ts'

const gannet = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

interface Running {
  readonly child: ChildProcess
  readonly port: number
  readonly stop: (signal?: NodeJS.Signals) => Promise<{ code: number | null; out: string; err: string }>
}

async function collect(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [gannet, 'collect', '--netflow', '0', ...args])
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      err += chunk
      const found = /listening on 127\.0\.0\.1:(\d+) \(this machine only\)/.exec(err)
      if (found) resolve(Number(found[1]))
    })
    child.on('exit', () => reject(new Error(err)))
  })
  return {
    child,
    port,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      const [code] = (await once(child, 'close')) as [number | null]
      return { code, out, err }
    },
  }
}

async function send(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const each of datagrams) {
    await new Promise((resolve) => socket.send(each, port, '127.0.0.1', resolve))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  socket.close()
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-collect-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const calls = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => usualRow({ sourcePort: from + i, flags: 2 }))
const data = (from: number, count: number, sequence: number) =>
  version9([records(256, usual, calls(from, count))], { sequence })

async function flows(db: string) {
  const store = await openEmbedded(db)
  try {
    return {
      ports: await store.rows<{ port: number }>('SELECT clientPort AS port FROM flow ORDER BY port'),
      inputs: await store.rows<{ name: string; rejects: Record<string, number> }>(
        'SELECT name, rejects FROM ledger ORDER BY imported',
      ),
    }
  } finally {
    await store.close()
  }
}

it('takes every protocol on one port, flushes all when it is stopped, and knows its templates when it is started again', async () => {
  const db = join(folder, 'db')
  const first = await collect('--db', db, '--json')
  await send(first.port, [
    version9([template(0, 256, usual)]),
    data(1000, 20, 1),
    version5([{ sourcePort: 2000, flags: 2 }]),
    ipfix([template(2, 300, usual), records(300, usual, calls(3000, 2))]),
    Buffer.from('not a flow export at all'),
  ])
  const stopped = await first.stop('SIGINT')
  expect(stopped.code).toBe(0)
  expect(JSON.parse(stopped.out)).toMatchObject({
    datagrams: 5,
    records: 23,
    flows: 23,
    open: 0,
    rejects: 1,
    lost: { numbering: 0, queue: 0 },
  })
  expect(stopped.err).not.toContain('\r')
  expect(existsSync(join(db, 'exporters.json'))).toBe(true)

  const second = await collect('--db', db, '--json')
  await send(second.port, [data(4000, 10, 2), data(5000, 10, 7)])
  const again = await second.stop('SIGTERM')
  expect(JSON.parse(again.out)).toMatchObject({
    records: 20,
    flows: 20,
    lost: { numbering: 4 },
  })
  // The exporter sends from another port now: it is the same one by its numbering, and keeps its templates.
  const { exporters } = JSON.parse(again.out) as { exporters: readonly { protocol: string; lost: number }[] }
  expect(exporters).toContainEqual(expect.objectContaining({ protocol: 'netflow-v9', templates: 1, lost: 4 }))

  const { ports, inputs } = await flows(db)
  expect(ports).toHaveLength(43)
  expect(inputs.map(({ rejects }) => rejects)).toEqual([{ unsupported: 1 }, { lost: 4 }])
})

it('publishes while it runs', async () => {
  const db = join(folder, 'rotating')
  const running = await collect('--db', db, '--json', '--rotate', '1')
  await send(running.port, [
    version9([template(0, 256, usual)]),
    data(1000, 5, 1),
    Buffer.from('nonsense, which is a reject at once'),
  ])
  // Written with each rotation, after what it publishes.
  for (let tries = 0; !existsSync(join(db, 'exporters.json')) && tries < 600; tries++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  const { out } = await running.stop()
  // The reject was published before the flows, which wait for their answers.
  expect(JSON.parse(out)).toMatchObject({ rotations: 2, flows: 5 })
})

it('says what it cannot listen on', async () => {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const child = spawn(process.execPath, [
    gannet,
    'collect',
    '--netflow',
    String(socket.address().port),
    '--db',
    join(folder, 'none'),
  ])
  let err = ''
  child.stderr.on('data', (chunk) => (err += chunk))
  const [code] = await once(child, 'close')
  socket.close()
  expect(code).toBe(2)
  expect(err).toMatch(
    /cannot listen on 127\.0\.0\.1:\d+: another program listens there\n {2}Stop the other program/,
  )
})
