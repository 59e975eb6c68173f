/** What analysts do with findings, through the command: decide, compare, alert, export, serve. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { scanBegins, scanningLog } from '../fixtures/scanning-log.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-review-'))
const db = join(scratch, 'site.gannet')
const alerts = join(scratch, 'alerts.jsonl')
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill()
  rmSync(scratch, { recursive: true, force: true })
})

function gannet(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, 'gannet'), [...args, '--db', db], {
    encoding: 'utf8',
    env: { ...process.env, GANNET_AUTHOR: 'anna' },
    maxBuffer: 64e6,
  })
  return { code: status, out: stdout, err: stderr }
}
const given = (name: string, content: string): string => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}
const accused = () =>
  (JSON.parse(gannet('findings', '--json').out) as { hosts: { host: string }[] }).hosts.map(
    ({ host }) => host,
  )
const sent = () =>
  existsSync(alerts)
    ? readFileSync(alerts, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { change: string; hosts: string[] })
    : []

const [first, second] = ['10.0.0.66', '10.0.0.67']

beforeAll(() => {
  gannet('import', given('one.log', scanningLog(first, 400)))
  expect(gannet('analyze', '--alert', `file:${alerts}`).code).toBe(0)
})

describe('findings', () => {
  it('begin with a table of accused hosts', () => {
    const { out, code } = gannet('findings', '--hosts')
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^ *${first} +(?:high|medium) `, 'm'))
    expect(gannet('findings').out.startsWith(out.trimEnd())).toBe(true)
  })

  it('are written in other forms, to a file too', () => {
    expect(gannet('findings', '--format', 'cef').out).toMatch(/^CEF:0\|Gannet\|/)
    const path = join(scratch, 'out.stix.json')
    expect(gannet('findings', '--format', 'stix', '--out', path).code).toBe(0)
    expect((JSON.parse(readFileSync(path, 'utf8')) as { type: string }).type).toBe('bundle')
    expect(gannet('findings', '--format', 'none').code).toBe(2)
    expect(gannet('findings', '--format', 'stix', '--botnet', 'b0').code).toBe(2)
  })
})

describe('findings --watch', () => {
  it('draws the table again after a decision, and leaves the folder to others meanwhile', async () => {
    const decisions = join(scratch, 'watched.yaml')
    const child = spawn(
      join(root, 'gannet'),
      ['findings', '--watch', '--every', '0.2', '--db', db, '--decisions', decisions],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    children.push(child)
    let shown = ''
    child.stdout!.on('data', (text: Buffer) => {
      shown += String(text)
    })
    const until = (text: string) =>
      vi.waitUntil(() => shown.includes(text), { timeout: 60_000, interval: 50 })
    await until('1 host accused')
    await vi.waitUntil(() => gannet('allow', first, '--decisions', decisions).code === 0, {
      timeout: 60_000,
      interval: 300,
    })
    await until(`No longer accused: ${first}`)
    await until('No host is accused.')
    const ended = new Promise<number | null>((done) => child.once('exit', done))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(gannet('findings', '--watch', '--json').code).toBe(2)
  }, 180_000)
})

describe('a decision', () => {
  it('is applied by every later command, and can be taken back', () => {
    expect(accused()).toEqual([first])
    const { out, code } = gannet('allow', first, '--reason', 'our scanner')
    expect(code).toBe(0)
    expect(out).toContain(`No longer accused: ${first}`)
    expect(accused()).toEqual([])
    expect(gannet('show', first).out).toContain('our scanner (anna')
    expect(gannet('findings').out).toContain('Decisions allow')
    gannet('analyze')
    expect(accused()).toEqual([])

    const id = /^(d[0-9a-f]{12})/m.exec(gannet('decisions').out)![1]!
    expect(gannet('decisions', '--remove', id).code).toBe(0)
    expect(accused()).toEqual([first])
    expect(readFileSync(`${db}.decisions.yaml.log`, 'utf8').trim().split('\n')).toHaveLength(2)
  })

  it('that hides a confirmed bot must be repeated', () => {
    gannet('confirm', first)
    const refused = gannet('allow', first)
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('contradict each other')
    expect(gannet('allow', first, '--yes').code).toBe(0)
    rmSync(`${db}.decisions.yaml`)
  })

  it('is a label: what evaluate takes for the truth', () => {
    gannet('confirm', first)
    const { out, code } = gannet('evaluate', '--decided', '--json')
    expect(code).toBe(0)
    expect(out).toContain(first)
    rmSync(`${db}.decisions.yaml`)
    expect(gannet('evaluate', '--decided').code).toBe(2)
  })

  it('that cannot be read names its line', () => {
    writeFileSync(`${db}.decisions.yaml`, '- allow: host 10.0.0.1\n- allow: nothing\n')
    const { code, err } = gannet('findings')
    expect(code).toBe(2)
    expect(err).toContain('site.gannet.decisions.yaml:2')
    rmSync(`${db}.decisions.yaml`)
  })
})

describe('what is new', () => {
  it('is said, and sent once', () => {
    expect(sent().map(({ change, hosts }) => [change, hosts])).toEqual([['new', [first]]])
    gannet('import', given('two.log', scanningLog(second, 400, scanBegins + 600)))
    expect(gannet('analyze', '--alert', `file:${alerts}`).code).toBe(0)
    expect(gannet('diff').out).toMatch(/Findings: 1 new/)
    gannet('diff', '--alert', `file:${alerts}`)
    expect(sent().map(({ hosts }) => hosts)).toEqual([[first], [second]])
    expect(gannet('diff', '--alert', 'ftp://x').code).toBe(2)
  })

  it('waits where a place does not answer', () => {
    const { code, err } = gannet(
      'diff',
      '--alert',
      'syslog+tcp://127.0.0.1:9',
      '--outbox',
      join(scratch, 'box.json'),
    )
    expect(code).toBe(0)
    expect(err).toContain('1 alerts wait')
    expect(readFileSync(join(scratch, 'box.json'), 'utf8')).toContain(second)
  }, 60_000)
})

describe('gannet serve', () => {
  it('answers on loopback until it is interrupted, with what was decided elsewhere', async () => {
    const child = spawn(join(root, 'gannet'), ['serve', '--db', db, '--listen', '0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    const url = await new Promise<string>((done, fail) => {
      child.stdout!.once('data', (text: Buffer) => done(String(text).trim()))
      child.once('exit', () => fail(new Error('it ended')))
    })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const hosts = async () =>
      (
        (await (await fetch(`${url}hosts.json?state=accused`)).json()) as { rows: { host: string }[] }
      ).rows.map(({ host }) => host)
    expect((await hosts()).toSorted()).toEqual([first, second])
    writeFileSync(`${db}.decisions.yaml`, `- allow: host ${first}\n  reason: scanner\n`)
    expect(await hosts()).toEqual([second])
    const ended = new Promise<number | null>((done) => child.once('exit', done))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  }, 60_000)

  it('imports into a new database from a folder that it was given, and from no other', async () => {
    const logs = join(scratch, 'logs')
    mkdirSync(logs)
    writeFileSync(join(logs, 'conn.log'), scanningLog(first, 400))
    const fresh = join(scratch, 'fresh.gannet')
    const child = spawn(
      join(root, 'gannet'),
      ['serve', '--db', fresh, '--listen', '0', '--import-from', logs],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    children.push(child)
    const url = await new Promise<string>((done) =>
      child.stdout!.once('data', (text: Buffer) => done(String(text).trim())),
    )
    const start = (paths: string[]) =>
      fetch(`${url}jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ paths, analyse: true }),
      })
    expect((await fetch(`${url}hosts.json`)).status).toBe(503)
    expect((await start([join(scratch, 'one.log')])).status).toBe(400)
    expect((await start([logs])).status).toBe(202)
    const state = async () =>
      ((await (await fetch(`${url}jobs.json`)).json()) as { job: { state: string } }).job.state
    await vi.waitUntil(async () => (await state()) !== 'running', { timeout: 120_000, interval: 200 })
    expect(await state()).toBe('done')
    expect(((await (await fetch(`${url}hosts.json`)).json()) as { total: number }).total).toBe(1)
    const ended = new Promise<number | null>((done) => child.once('exit', done))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  }, 180_000)

  it.each(['x', '1.2.3.4', '99999'])('--listen %s is refused', (place) => {
    expect(gannet('serve', '--listen', place).code).toBe(2)
  })

  it('refuses a short token', () => {
    expect(gannet('serve', '--token', 'short').code).toBe(2)
  })
})
