import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, startServer, type TestServer, whyNoServer } from '../../test/clickhouse-server.ts'
import { asDatabaseError } from './database-error.ts'
import { openEmbedded } from './embedded.ts'
import { openServer } from './server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'gannet-errors-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const engine = new URL('./embedded.ts', import.meta.url).href
const node = (program: string) => ['--input-type=module', '-e', program]

describe('a database folder', () => {
  it('that may not be read: its permission is named, and nothing of the engine is printed', () => {
    const open = mkdtempSync(join(tmpdir(), 'gannet-permission-'))
    const folder = join(open, 'closed')
    mkdirSync(folder)
    chmodSync(open, 0o755)
    chmodSync(folder, 0)
    const program = `const { openEmbedded } = await import('${engine}')
      await openEmbedded(${JSON.stringify(folder)}).catch(({ message, hint }) => console.log(message + ' | ' + hint))`
    // The superuser may read everything.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const { stdout, stderr } = spawnSync(process.execPath, node(program), { encoding: 'utf8', ...user })
    rmSync(open, { recursive: true, force: true })
    expect(stderr).toBe('')
    expect(stdout).toBe(
      `the folder ${folder} cannot be read or written | Check its permission and owner: ls -ld FOLDER.\n`,
    )
  })

  it('that another process holds: its PID is given', async () => {
    const folder = join(scratch, 'held')
    const program = `const { openEmbedded } = await import('${engine}')
      await openEmbedded(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, node(program), { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await new Promise((done) => holder.stdout.once('data', done))
      await expect(openEmbedded(folder)).rejects.toMatchObject({
        code: 'database-busy',
        message: `another process (${holder.pid}) is using ${folder}`,
        hint: expect.stringContaining('Wait for it or stop it'),
      })
    } finally {
      const gone = new Promise((done) => holder.once('exit', done))
      holder.kill('SIGKILL')
      await gone
    }
    const store = await openEmbedded(folder)
    expect(await store.rows('SELECT 1 AS free')).toEqual([{ free: 1 }])
    await store.close()
  })

  it('that was moved while it was in use', async () => {
    const [folder, moved] = [join(scratch, 'here'), join(scratch, 'there')]
    const store = await openEmbedded(folder)
    try {
      await store.run('CREATE TABLE kept (n UInt64) ENGINE = MergeTree ORDER BY n')
      await store.run('INSERT INTO kept SELECT number FROM numbers(1000)')
      renameSync(folder, moved)
      await expect(store.rows('SELECT sum(n) AS n FROM kept')).rejects.toMatchObject({
        code: 'database-failed',
        message: `files of ${folder} are gone: it was moved, removed or changed while it was in use`,
      })
    } finally {
      renameSync(moved, folder)
      await store.close()
    }
  })

  it('is not blamed for an input that is gone', async () => {
    const store = await openEmbedded(join(scratch, 'blameless'))
    try {
      const read = store.rows(`SELECT * FROM file('${join(scratch, 'gone.log')}', 'LineAsString')`)
      await expect(read).rejects.toThrow(/gone\.log doesn't exist/)
    } finally {
      await store.close()
    }
  })

  it('that is a file, or lies under one', async () => {
    const path = join(scratch, 'file')
    writeFileSync(path, 'text')
    for (const folder of [path, join(path, 'db')])
      await expect(openEmbedded(folder)).rejects.toMatchObject({
        code: 'database-failed',
        message: `${folder} is not a folder`,
      })
  })

  it('that holds something else: nothing is written to it', async () => {
    const folder = join(scratch, 'letters')
    mkdirSync(folder)
    writeFileSync(join(folder, 'letter.txt'), 'Dear Sir')
    await expect(openEmbedded(folder)).rejects.toMatchObject({
      code: 'database-failed',
      message: `${folder} is not a database: it holds other files (letter.txt)`,
    })
    expect(readdirSync(folder)).toEqual(['letter.txt'])
  })
})

/** A small disk of its own, in a namespace of its own, so that nothing stays mounted. */
const small = (command: readonly string[]) =>
  spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"`, scratch, ...command],
    {
      encoding: 'utf8',
    },
  )
const canMount = small(['true']).status === 0
describe.skipIf(!canMount)(
  canMount ? 'a full disk' : 'a full disk (skipped: nothing can be mounted here)',
  () => {
    it('is told, and nothing of the import is kept', () => {
      const source = join(tmpdir(), `gannet-full-${process.pid}`)
      const program = `
      const { openEmbedded } = await import('${engine}')
      const { importInputs } = await import('${new URL('../capture/import/import.ts', import.meta.url).href}')
      const { connLog } = await import('${new URL('../../test/fixtures/written-logs.ts', import.meta.url).href}')
      const { writeFileSync } = await import('node:fs')
      const folder = ${JSON.stringify(join(scratch, 'db'))}
      const store = await openEmbedded(folder)
      writeFileSync(${JSON.stringify(source)}, connLog(0, 200))
      await importInputs(store, [${JSON.stringify(source)}])
      const random = Array.from({ length: 200000 }, () => crypto.randomUUID())
      const log = connLog(1000, 200000).split('\\n').map((line, i) => line.replace(/\\tC[0-9a-z]+\\t/, '\\t' + random[i] + '\\t'))
      writeFileSync(${JSON.stringify(source)}, log.join('\\n'))
      try { await importInputs(store, [${JSON.stringify(source)}]); console.log('taken') }
      catch (error) { console.log(error.code + ': ' + error.message + ' | ' + error.hint) }
      const [row] = await store.rows('SELECT toFloat64(count()) AS n FROM flow')
      console.log('flows: ' + row.n)
      process.exit()`
      try {
        const { stdout, stderr } = small([process.execPath, ...node(program)])
        expect(stdout + stderr).toBe(
          `database-full: no space left for ${join(scratch, 'db')} | Free some space or give --db on another disk; nothing of the unfinished import was kept.\nflows: 200\n`,
        )
      } finally {
        rmSync(source, { force: true })
      }
    })
  },
)

it.each(['ftp://host/x', 'host:8123', ''])('an address that is none: %s', async (url) => {
  await expect(openServer(url)).rejects.toMatchObject({ code: 'option-invalid' })
})

it('a server that is not there', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  await expect(openServer(`${url}/x`)).rejects.toMatchObject({
    code: 'server-unreachable',
    message: `no ClickHouse server answers at ${url}/x`,
  })
})

const why = whyNoServer()
describe.skipIf(why)(why ? `a server (skipped: ${why})` : 'a server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())

  it('that refuses the password: it is not repeated', async () => {
    const url = server.url.replace('//', '//default:secret@')
    await expect(openServer(`${url}/x`)).rejects.toMatchObject({
      code: 'server-unreachable',
      message: `${server.url}/x refused the user or password`,
      hint: 'Put the right ones in --url.',
    })
  })

  it('that goes away', async () => {
    const passing = await startServer()
    const store = await openServer(`${passing.url}/x`)
    await passing.stop()
    await expect(store.rows('SELECT 1')).rejects.toMatchObject({ code: 'server-unreachable' })
    await store.close()
  })

  it('that ends by a fault of its own', async () => {
    const faulty = await startServer()
    const store = await openServer(`${faulty.url}/x`)
    process.kill(faulty.pid, 'SIGSEGV')
    const asked = async () => {
      for (let i = 0; i < 600; i++) await store.rows('SELECT sleep(0.01)')
    }
    await expect(asked()).rejects.toMatchObject({ code: 'server-unreachable' })
    await faulty.stop()
    await store.close()
  })
})

it('an engine that is dumping its stack', () => {
  const said = new Error('The server is shutting down due to a fatal error. ')
  expect(asDatabaseError(said, 'http://127.0.0.1:8123/x')).toMatchObject({
    code: 'server-unreachable',
    message: 'the ClickHouse server at http://127.0.0.1:8123/x is ending; its own log says why',
  })
})
