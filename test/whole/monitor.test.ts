/** The service as a process: what it does by itself, and what is left of it when it is killed at any moment. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { freePort } from '../clickhouse-server.ts'
import { connLog } from '../fixtures/written-logs.ts'
import { slowness } from '../slowness.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-monitor-'))
const children: ChildProcess[] = []

const gannet = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(join(root, 'gannet'), args, { maxBuffer: 64e6 })).stdout

interface Service {
  readonly child: ChildProcess
  readonly url: string
  readonly log: () => readonly Record<string, unknown>[]
}

let ports: { health: number; pages: number }
beforeAll(async () => {
  ports = { health: await freePort(), pages: await freePort() }
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts it on a folder of logs, with an analysis when something is new. */
function start(name: string): Service {
  const logs = join(folder, name)
  mkdirSync(logs, { recursive: true })
  const path = join(folder, `${name}.yaml`)
  writeFileSync(
    path,
    `database: {db: ${logs}.db}
monitor: {listen: 127.0.0.1:${ports.health}}
watch: {folder: [${logs}], every: 0.2, settle: 0.2}
analyze: {every: 0.01m, html: ${logs}.html, alert: ['file:${logs}.alerts']}
serve: {listen: 127.0.0.1:${ports.pages}}
`,
  )
  const child = spawn(join(root, 'gannet'), ['monitor', path], { stdio: ['ignore', 'inherit', 'pipe'] })
  children.push(child)
  let said = ''
  child.stderr!.on('data', (chunk) => {
    said += chunk
  })
  const log = () => said.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  return { child, url: `http://127.0.0.1:${ports.health}`, log }
}

async function until<T>(what: () => Promise<T | false | null | undefined>): Promise<T> {
  const end = Date.now() + 60_000 * slowness()
  for (;;) {
    const found = await what().catch(() => null)
    if (found) return found
    if (Date.now() > end) throw new Error('it did not come about')
    await sleep(50)
  }
}

const metric = async ({ url }: Service, name: string): Promise<number | null> => {
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  const [, value] = new RegExp(`^gannet_${name} (.*)$`, 'm').exec(text) ?? []
  return value === undefined ? null : Number(value)
}

const health = async ({ url }: Service) => {
  const answer = await fetch(`${url}/health`, { headers: { connection: 'close' } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function stopped({ child }: Service): Promise<number | null> {
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  return code
}

it.skipIf(process.platform !== 'linux')(
  'keeps few arenas, and stays the process that was started',
  async () => {
    const service = start('arenas')
    await until(async () => (await health(service)).status === 200)
    expect(readFileSync(`/proc/${service.child.pid}/environ`, 'utf8').split('\0')).toContain(
      'MALLOC_ARENA_MAX=1',
    )
  },
)

it('takes in, analyses, alerts, serves, and says how it is', async () => {
  const logs = join(folder, 'day')
  await gannet('simulate', '--hosts', '30', '--seed', '5', '--out', join(folder, 'simulated'))
  const service = start('day')
  await until(async () => (await health(service)).status === 200)
  for (const name of ['conn', 'dns'])
    copyFileSync(join(folder, 'simulated', `${name}.log`), join(logs, `${name}.log`))

  await until(async () => ((await metric(service, 'hosts_accused')) ?? 0) > 0)
  expect(await metric(service, 'imported_records_total{kind="flow"}')).toBeGreaterThan(10_000)
  expect(await metric(service, 'component_up{component="watch"}')).toBe(1)
  expect(await metric(service, 'stage_seconds{stage="cflows"}')).toBeGreaterThan(0)
  expect((await health(service)).body).toMatchObject({ status: 'ok', lastAnalysis: expect.any(String) })
  const page = await fetch(`http://127.0.0.1:${ports.pages}/overview.json`, {
    headers: { connection: 'close' },
  })
  expect(page.status).toBe(200)
  await until(async () => readFileSync(`${logs}.alerts`, 'utf8').length > 0)
  expect(readFileSync(`${logs}.html`, 'utf8')).toContain('<html')

  expect(await stopped(service)).toBe(0)
  const log = service.log()
  for (const message of ['started', 'imported', 'analysed', 'alerts', 'serving'])
    expect(log.map((each) => each['message'])).toContain(message)
  for (const line of log) expect(line).toMatchObject({ time: expect.any(String), level: 'info' })
})

it('has every record once after it was killed at any moment', async () => {
  const logs = join(folder, 'killed')
  mkdirSync(logs)
  let written = 0
  const flows = 4000
  for (const pause of [900, 1400, 2000, 2600, 3300, 4200]) {
    for (let i = 0; i < 3; i++, written++)
      writeFileSync(join(logs, `part-${written}.log`), connLog(written * flows, flows))
    const { child } = start('killed')
    await sleep(pause)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  const service = start('killed')
  await until(async () => (await metric(service, 'inputs')) === written)
  expect(await stopped(service)).toBe(0)
  const counted = JSON.parse(
    await gannet('sql', 'SELECT count() AS n, uniqExact(id) AS ids FROM flow', '--db', `${logs}.db`),
  )
  expect(counted).toEqual({ n: written * flows, ids: written * flows })
})

it('goes on where one part fails, says so, and starts it again', async () => {
  const blocking = createServer().listen(ports.pages, '127.0.0.1')
  await once(blocking, 'listening')
  const service = start('blocked')
  const failing = await until(async () => {
    const found = await health(service)
    return found.status === 503 && found
  })
  expect(failing.body['components']).toMatchObject({ serve: { state: 'failing', error: expect.any(String) } })
  await until(async () => (await metric(service, 'component_up{component="watch"}')) === 1)

  blocking.close()
  await until(async () => (await health(service)).status === 200)
  expect(await metric(service, 'component_restarts_total{component="serve"}')).toBeGreaterThan(0)
  expect(await stopped(service)).toBe(0)
})

it('refuses a file with a fault before it starts', async () => {
  const path = join(folder, 'fault.yaml')
  writeFileSync(path, 'database: {db: x}\nanalyze:\n  evry: 1h\n')
  for (const command of [
    ['monitor', path],
    ['config', 'check', path],
  ])
    await expect(gannet(...command)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('fault.yaml:3: analyze has no key evry'),
    })
})
