import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { scanningLog } from '../../../test/fixtures/scanning-log.ts'
import { framed, ipv4, pcapFile, udp } from '../../../test/frames.ts'
import { importInputs } from '../../capture/import/import.ts'
import { defaults } from '../../config.ts'
import { analyse } from '../../pipeline/index.ts'
import { openEmbedded } from '../../store/embedded.ts'
import { type RemovedInput, remove } from '../../store/ledger/retention.ts'
import { newLoad, prepare, publish } from '../../store/ledger.ts'
import type { Store } from '../../store/store.ts'
import { inputsOf } from '../commands/run.ts'
import { componentsOf } from './components.ts'
import { parseConfig } from './config.ts'
import { askForAnalysis, createState, type MonitorState, metricsOf } from './state.ts'
import { supervise } from './supervise.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-components-'))
const path = (name: string) => join(folder, name)
let store: Store

beforeAll(async () => {
  store = await openEmbedded(path('db'))
  await prepare(store)
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the components that a configuration asks for until `done`. */
async function running(text: string, done: (state: MonitorState) => Promise<void>): Promise<string[]> {
  const said: string[] = []
  const log = { info: () => {}, error: (_: string, message: string) => void said.push(message) }
  const state = createState()
  const stop = new AbortController()
  const config = parseConfig(`database: {db: ${path('db')}}\n${text}`, 'test')
  const ended = supervise(componentsOf(config, { store, state, log }), { state, log, signal: stop.signal })
  await done(state).finally(() => stop.abort())
  await ended
  return said
}

async function until(what: () => boolean): Promise<void> {
  const end = Date.now() + 30_000
  while (!what()) {
    if (Date.now() > end) throw new Error('it did not come about')
    await sleep(20)
  }
}

const entry = (load: string) => ({
  load,
  name: load,
  sha256: load,
  bytes: 0,
  format: 'test',
  rejects: {},
  rejectSamples: [],
})

it('analyses what was begun before, and published after, what it has seen', async () => {
  const early = newLoad()
  writeFileSync(path('scan.log'), scanningLog('10.0.0.7', 400))
  await importInputs(store, [path('scan.log')])

  await running('analyze: {every: 0.01m}', async (state) => {
    await until(() => state.analyses === 1)
    await publish(store, entry(early))
    await until(() => state.analyses === 2)
  })
})

it('begins with no analysis where the newest has seen all, and with one where it has not', async () => {
  await running('analyze: {every: 0.01m}', async (state) => {
    await until(() => state.components.get('analyze')?.state === 'running')
    await sleep(300)
    expect(state.analyses).toBe(0)
  })

  await publish(store, entry(newLoad()))
  await store.run('ALTER TABLE ledger UPDATE imported = 0 WHERE 1 SETTINGS mutations_sync = 1')
  await running('analyze: {every: 0.01m}', (state) => until(() => state.analyses === 1))
})

it('analyses when it is asked to, before its time and also where nothing is new', async () => {
  await publish(store, entry(newLoad()))
  await running('analyze: {every: 30d}', async (state) => {
    await until(() => state.analyses === 1)
    await publish(store, entry(newLoad()))
    await sleep(300)
    expect(state.analyses).toBe(1)
    for (const asked of [2, 3]) {
      askForAnalysis(state)
      await until(() => state.analyses === asked)
    }
  })
})

it('gives each alert once, also where no report can be written', async () => {
  mkdirSync(path('report.html'))
  writeFileSync(path('other.log'), scanningLog('10.0.0.8', 400))
  await importInputs(store, [path('other.log')])
  const config = `analyze: {every: 0.01m, html: ${path('report.html')}, alert: ['file:${path('alerts')}']}`

  await running(config, (state) =>
    until(() => {
      const component = state.components.get('analyze')
      return component?.restarts === 1 && component.state === 'running'
    }),
  )
  const lines = readFileSync(path('alerts'), 'utf8').trim().split('\n')
  expect(lines.filter((line) => line.includes('10.0.0.8'))).toHaveLength(1)
})

it('alerts on what an analysis found that it did not begin itself, as one of the pages', async () => {
  await running(`analyze: {every: 30d, alert: ['file:${path('pages')}']}`, async (state) => {
    await until(() => state.components.get('analyze')?.state === 'running')
    writeFileSync(path('third.log'), scanningLog('10.0.0.11', 400))
    const before = state.analyses
    await importInputs(store, [path('third.log')])
    await until(() => state.analyses === before + 1)
    writeFileSync(path('fourth.log'), scanningLog('10.0.0.12', 400))
    await importInputs(store, [path('fourth.log')])

    const context = { version: 'test', inputs: await inputsOf(store), progress: () => {} }
    await analyse(store, { ...defaults }, context)
    askForAnalysis(state)
    await until(() => state.analyses === before + 2)
    await until(() => readFileSync(path('pages'), 'utf8').includes('10.0.0.12'))
  })
  const lines = readFileSync(path('pages'), 'utf8').trim().split('\n')
  expect(lines.filter((line) => line.includes('10.0.0.12'))).toHaveLength(1)
})

it('captures from a named pipe, from one writer after the other, and ends while none writes', async () => {
  execFileSync('mkfifo', [path('pipe')])
  const frames = (n: number) =>
    Array.from({ length: 500 }, (_, i) => ({
      bytes: framed(ipv4(`10.1.${n}.${i % 250}`, '192.0.2.9', udp(40_000 + i, 60_000, 'x'.repeat(50)))),
      at: 1_700_000_000 + i / 100,
    }))
  const captured = async () => {
    const [row] = await store.rows<{ n: number }>(
      'SELECT toFloat64(count()) AS n FROM flow WHERE serverPort = 60000',
    )
    return row?.n ?? 0
  }

  const said = await running(`capture: {fifo: ${path('pipe')}}\nanalyze: {every: 1h}`, async (state) => {
    for (const n of [1, 2]) {
      await until(() => state.components.get('capture')?.state === 'running')
      await writeFile(path('pipe'), pcapFile(frames(n)))
      const end = Date.now() + 60_000
      while ((await captured()) < n * 500 && Date.now() < end) await sleep(50)
      expect(await captured()).toBe(n * 500)
      expect(metricsOf(state)).toContain('gannet_capture_packets_total 500\n')
    }
  })
  expect(said).toEqual([])
})

it('says of a note beside the logs that it is left out, and of what cannot be read that it is trouble', async () => {
  mkdirSync(path('mixed'))
  writeFileSync(path('mixed/README'), 'Logs of the sensor at the gate.\n')
  writeFileSync(path('mixed/cut.log.gz'), gzipSync(scanningLog('10.0.0.9', 400)).subarray(0, 300))
  const said = await running(
    `watch: {folder: [${path('mixed')}], every: 0.05, settle: 0.1}\nanalyze: {every: 1h}`,
    (state) => until(() => state.skipped === 2),
  )
  expect(said).toEqual(['left out'])
})

it('analyses one at a time, and removes nothing meanwhile', async () => {
  const inputs = await inputsOf(store)
  const once = async () => {
    const { answer } = await analyse(store, defaults, { version: 'test', inputs, progress: () => {} })
    return answer
  }
  const alone = await once()
  const gone = await store.rows<RemovedInput>(
    "SELECT toString(load) AS load, name, 0 AS first, 0 AS last, records, 'age' AS why FROM ledger",
  )
  const answers = await Promise.all([once(), once(), remove(store, gone)])
  for (const answer of answers.slice(0, 2)) expect(answer).toEqual(alone)
  expect(await store.rows('SELECT * FROM flow_rows LIMIT 1')).toEqual([])
})
