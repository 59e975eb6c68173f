/** Bad input as a person meets it: through the command. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { connLog } from '../fixtures/written-logs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-bad-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const given = (name: string, content: string | Uint8Array): string => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}
function gannet(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, 'gannet'), words, { encoding: 'utf8' })
  return { status, stdout, stderr }
}
const db = join(scratch, 'site')

it('says what, where and what to do in two lines, and exits with 2', () => {
  const path = given('letter.txt', 'Dear all,\n')
  expect(gannet('import', path, '--db', db)).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(`^gannet: ${path} is in no known format\n {2}Give one of: .*--format\\.\n$`),
    ),
  })
})

it('names inputs of which nothing could be used, and why', () => {
  const heartbeat = '{"event_type":"stats","timestamp":"2026-03-02T10:00:00.000+0000"}\n'
  const path = given('eve.json', heartbeat.repeat(2))
  expect(gannet('run', path)).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(
        `^gannet: there is no record to analyse in ${path} \\(left out: 2 of a kind that is not used\\)\n`,
      ),
    ),
  })
})

it('refuses a setting of no rule before it imports', () => {
  const refused = {
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^gannet: no activity rule has scan\.least\n {2}Give one of: horizontal-scan\./,
    ),
  }
  expect(gannet('run', join(scratch, 'not-there.log'), '--set', 'scan.least=5')).toEqual(refused)
  expect(gannet('watch', scratch, '--db', db, '--set', 'scan.least=5')).toEqual(refused)
})

it('says which C&C the samples of a family do not call', () => {
  const call = (server: string) => (i: number) =>
    JSON.stringify({
      ...{ _path: 'conn', ts: 1_772_409_600 + 60 * i, uid: `C${i}`, proto: 'tcp', conn_state: 'SF' },
      ...{ 'id.orig_h': '10.0.0.5', 'id.orig_p': 40_000 + i, 'id.resp_h': server, 'id.resp_p': 443 },
      ...{ orig_pkts: 9, orig_ip_bytes: 900, resp_pkts: 9, resp_ip_bytes: 1500, duration: 0.5 },
    })
  const sampleOf = (name: string, server: string) =>
    given(name, `${Array.from({ length: 20 }, (_, i) => call(server)(i)).join('\n')}\n`)
  const [four, six] = [sampleOf('four.log', '198.51.100.7'), sampleOf('six.log', '2001:db8::7')]
  const train = (cnc: string, path = four) =>
    gannet('train', '--family', 'x', '--from', path, '--cnc', cnc, '--out', join(scratch, 'x.json'))

  expect(train('198.51.100.7:443').status).toBe(0)
  expect(train('198.51.100.7:443/tcp').status).toBe(0)
  expect(train('198.51.100.7:443/udp').status).toBe(2)
  for (const cnc of ['2001:DB8:0:0::7', '[2001:0db8::7]:443']) expect(train(cnc, six).status, cnc).toBe(0)
  expect(train('198.51.100:443')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^gannet: --cnc 198\.51\.100:443 is no address\n {2}Give an address/),
  })
  expect(train('198.51.100.7:80')).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^gannet: the samples have no trace to 198\.51\.100\.7:80\n {2}Give --cnc /,
    ),
  })
})

it('shows code and cause with --debug', () => {
  const path = given('cut.gz', gzipSync(connLog(0, 5000)).subarray(0, 20_000))
  const { status, stderr } = gannet('--debug', 'import', path, '--db', db)
  expect(status).toBe(2)
  expect(stderr).toMatch(/cut\.gz is damaged: .*\n {2}Copy it again.*\ninput-damaged: /)
})

it('says who holds the database', async () => {
  const program = `const { openEmbedded } = await import('${new URL('../../src/store/embedded.ts', import.meta.url).href}')
    await openEmbedded(${JSON.stringify(db)}); console.log('held'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await new Promise((done) => holder.stdout.once('data', done))
    expect(gannet('import', given('conn.log', connLog(0, 5)), '--db', db)).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(
        `gannet: another process (${holder.pid}) is using ${db}\n  Wait for it or stop it`,
      ),
    })
  } finally {
    const gone = new Promise((done) => holder.once('exit', done))
    holder.kill('SIGKILL')
    await gone
  }
})

it('takes a good file after all that', () => {
  const { status, stderr } = gannet('import', given('conn.log', connLog(0, 5)), '--db', db)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
