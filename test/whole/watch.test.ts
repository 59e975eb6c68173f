/**
 * A watch over logs that are written, rotated, closed and compressed, and that is killed on the way: nothing twice,
 * nothing lost.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { openEmbedded } from '../../src/store/embedded.ts'
import { connCells, connFields, dnsFields } from '../fixtures/written-logs.ts'
import { slowness } from '../slowness.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-watch-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const head = (path: string, fields: readonly string[]) =>
  `#separator \\x09\n#path\t${path}\n#fields\t${fields.join('\t')}\n`
const dnsCells = (i: number) => [
  String(1_772_409_600 + i),
  `D${i}`,
  '10.0.0.1',
  '5000',
  '192.0.2.53',
  '53',
  'udp',
  `n${i}.example.net`,
  'A',
  'NOERROR',
  'T',
  'T',
]

/** A sensor as Zeek writes: logs in `current`, rotated into a folder of the day and compressed there a moment later. */
function createSensor(logs: string) {
  const current = join(logs, 'current')
  const day = join(logs, '2026-03-02')
  mkdirSync(current, { recursive: true })
  mkdirSync(day)
  const kinds = [
    { name: 'conn', fields: connFields, cells: connCells },
    { name: 'dns', fields: dnsFields, cells: dnsCells },
  ] as const
  let records = 0
  let hour = 0
  const open = () => {
    for (const { name, fields } of kinds) writeFileSync(join(current, `${name}.log`), head(name, fields))
  }
  open()
  return {
    records: () => records,
    /** Writes records; each line comes in two pieces, with a moment between. */
    async write(n: number) {
      for (let i = 0; i < n; i++, records++) {
        const lines = kinds.map(({ name, cells }) => [name, `${cells(records).join('\t')}\n`] as const)
        for (const [name, line] of lines) appendFileSync(join(current, `${name}.log`), line.slice(0, 20))
        // The fourth stays cut for longer than from one look to the next.
        await sleep(i === 3 ? 500 : i % 5 === 0 ? 5 : 0)
        for (const [name, line] of lines) appendFileSync(join(current, `${name}.log`), line.slice(20))
      }
    },
    async rotate() {
      const moved = kinds.map(({ name }) => {
        const to = join(day, `${name}.${String(hour).padStart(2, '0')}.log`)
        appendFileSync(join(current, `${name}.log`), '#close\t2026-03-02-01-00-00\n')
        renameSync(join(current, `${name}.log`), to)
        return to
      })
      hour++
      open()
      await sleep(150)
      for (const path of moved) {
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)))
        rmSync(path)
      }
    },
  }
}

function startWatch(logs: string, db: string) {
  const child: ChildProcess = spawn(
    join(root, 'gannet'),
    ['watch', logs, '--db', db, '--every', '0.2', '--settle', '0.5', '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  const gone = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  const imported = () =>
    out
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line).imported as { name: string; records: Record<string, number> })
  return {
    imported,
    said: () => err,
    counted: (record: string) => imported().reduce((sum, { records }) => sum + (records[record] ?? 0), 0),
    end: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      return { code: await gone, out, err }
    },
  }
}

async function until(what: () => boolean, most = 60_000): Promise<void> {
  const end = performance.now() + most
  while (!what() && performance.now() < end) await sleep(100)
  expect(what()).toBe(true)
}

describe('gannet watch', () => {
  const logs = join(scratch, 'logs')
  const db = join(scratch, 'db')

  it('imports every record once over growth, rotation, compression, kills and restarts', async () => {
    const sensor = createSensor(logs)
    let before = 0
    let watch = startWatch(logs, db)
    await sensor.write(40)
    await until(() => watch.counted('flow') === 40 && watch.counted('dns') === 40)
    await sensor.write(30)
    await sensor.rotate()
    await sensor.write(25)
    await until(() => watch.counted('flow') === 95 && watch.counted('dns') === 95)
    // Killed while the sensor goes on, and in the middle of a rotation.
    await sensor.write(10)
    await watch.end('SIGKILL')
    await sensor.write(20)
    await sensor.rotate()
    await sensor.write(15)
    watch = startWatch(logs, db)
    await sleep(300)
    await watch.end('SIGKILL')
    await sensor.write(5)
    const last = startWatch(logs, db)
    await sensor.write(5)
    await sensor.rotate()
    await sensor.write(7)
    before = sensor.records()
    const store = async <T>(ask: string) => {
      const opened = await openEmbedded(db)
      const rows = await opened.rows<T>(ask)
      await opened.close()
      return rows
    }
    const countsIn = () =>
      store<{ n: number; different: number }>(
        'SELECT toFloat64(count()) AS n, toFloat64(uniqExact(uid)) AS different FROM flow UNION ALL SELECT toFloat64(count()), toFloat64(uniqExact(query)) FROM dns',
      )
    // What the last watch says it took is not all: others took the rest. So it is stopped after a while, and where the
    // machine was too slow for that while, another goes on.
    const all = [
      { n: before, different: before },
      { n: before, different: before },
    ]
    let counts: { n: number; different: number }[] = []
    for (let tries = 0; tries < 8; tries++) {
      const going = tries === 0 ? last : startWatch(logs, db)
      await sleep((2500 + 1000 * tries) * slowness())
      const { code, err } = await going.end('SIGINT')
      // What those left behind that were killed is removed, which is said.
      const others = err.replace(/^gannet: removed \d+ temporary folders? of killed runs.*\n/m, '')
      // One that was interrupted before it listened dies of the signal.
      expect({ code: code ?? 0, others }).toEqual({ code: 0, others: '' })
      counts = await countsIn()
      if (counts.every(({ n }) => n >= before)) break
    }
    expect(counts).toEqual(all)
    expect(await store('SELECT sum(duplicates) AS n, sum(length(rejects)) AS r FROM ledger')).toEqual([
      { n: 0, r: 0 },
    ])
  })

  it('says what is new and nothing else, and names a file that it cannot use once', async () => {
    const watch = startWatch(logs, db)
    writeFileSync(join(logs, 'junk.txt'), 'this is no log')
    appendFileSync(join(logs, 'current', 'conn.log'), `${connCells(9000).join('\t')}\n`)
    await until(() => watch.counted('flow') > 0 && /junk/.test(watch.said()))
    await sleep(1500)
    const { code, err } = await watch.end('SIGINT')
    expect(code).toBe(0)
    expect(watch.imported().map(({ name, records }) => [name.slice(logs.length + 1), records])).toEqual([
      ['current/conn.log', { flow: 1 }],
    ])
    expect(err.match(/left out .*junk\.txt/g)).toHaveLength(1)
  })

  it('takes a log that is cut in place and written on (copytruncate) once, whole, while it grows and over a restart', async () => {
    const folder = join(scratch, 'truncated')
    mkdirSync(folder)
    const log = join(folder, 'conn.log')
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `${connCells(from + i).join('\t')}\n`).join('')
    writeFileSync(log, head('conn', connFields) + lines(0, 20))
    const into = join(scratch, 'db-truncated')
    let following = startWatch(folder, into)
    await until(() => following.counted('flow') === 20)
    appendFileSync(log, lines(20, 25))
    await until(() => following.counted('flow') === 25)
    // As logrotate does: a copy, then the file itself is cut to nothing; its place on disk stays.
    copyFileSync(log, join(folder, 'conn.log.1'))
    truncateSync(log)
    appendFileSync(log, head('conn', connFields) + lines(25, 28))
    await until(() => following.counted('flow') === 28)
    // Cut again, and grown past what it was before the watch looks again.
    copyFileSync(log, join(folder, 'conn.log.2'))
    truncateSync(log)
    appendFileSync(log, head('conn', connFields) + lines(28, 90))
    await until(() => following.counted('flow') === 90)
    await following.end('SIGKILL')
    appendFileSync(log, lines(90, 95))
    following = startWatch(folder, into)
    await until(() => following.counted('flow') === 5)
    await sleep(500)
    expect((await following.end('SIGINT')).err).toBe('')
    const opened = await openEmbedded(into)
    const counts = await opened.rows(
      'SELECT toFloat64(count()) AS n, toFloat64(uniqExact(uid)) AS different FROM flow',
    )
    const left = await opened.rows('SELECT sum(duplicates) AS n, sum(length(rejects)) AS r FROM ledger')
    await opened.close()
    expect(counts).toEqual([{ n: 95, different: 95 }])
    expect(left).toEqual([{ n: 0, r: 0 }])
  })
})
