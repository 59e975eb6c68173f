/** Commands that run until they are interrupted, killed while records come in. */
import { createSocket } from 'node:dgram'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { connCells, connLog } from '../../test/fixtures/written-logs.ts'
import { type Random, randomFrom } from '../../test/fuzz-random.ts'
import { slowness } from '../../test/slowness.ts'
import { type Attempt, createTrials, type Ground, hold } from './attempt.ts'
import { type Ended, gannet, processorOf, type Running, start } from './gannet.ts'
import { exportDatagrams, inputKinds } from './inputs.ts'
import { diedWell, killedAfter, signals } from './killing.ts'
import { snapshotIn, withStore } from './snapshot.ts'

const rowsIn = (db: string, statement: string): Promise<readonly Record<string, unknown>[]> =>
  withStore(db, (store) => store.rows(statement))

/** Waits until `is` says so. @throws Error after this many seconds. */
async function until(what: string, is: () => boolean, seconds = 90): Promise<void> {
  const end = performance.now() + seconds * 1000 * slowness()
  while (!is()) {
    hold(performance.now() < end, `${what} within ${seconds} s`)
    await sleep(50)
  }
}

const conversations = `SELECT toFloat64(count()) AS n, toFloat64(uniqExact(uid)) AS different FROM flow`

interface Watcher {
  readonly name: string
  /** What it is called with, so that it takes a folder of logs into a database. */
  readonly words: (logs: string, db: string) => readonly string[]
}

/** What takes in a folder that grows, until it is interrupted. Both print `imported`. */
export const watchers: readonly Watcher[] = [
  {
    name: 'gannet watch',
    words: (logs, db) => ['watch', logs, '--db', db, '--every', '0.2', '--settle', '0.2', '--json'],
  },
  {
    name: 'gannet monitor',
    words: (logs, db) => {
      const config = {
        database: { db },
        monitor: { listen: '127.0.0.1:0' },
        watch: { folder: [logs], every: 0.2, settle: 0.2 },
        analyze: { every: '0.01m', html: `${db}.html` },
        serve: { listen: '127.0.0.1:0' },
      }
      writeFileSync(`${db}.yaml`, JSON.stringify(config))
      return ['monitor', `${db}.yaml`]
    },
  },
]

export const watchKilled = ({ name }: Watcher): string => `\`${name}\` killed over a log that grows`
export const collectKilled = '`gannet collect` killed while datagrams come'
export const captureKilled = '`gannet capture` killed while packets come'
export const serveKilled = '`gannet serve` killed while decisions are made'

export async function watchesKilled(
  { folder, count, seed, isOver }: Ground,
  watcher: Watcher,
): Promise<Attempt> {
  const { name, words } = watcher
  const random = randomFrom(seed)
  const trials = createTrials()
  const rounds = count({ smallest: 1, usual: 10, full: 10 })
  const kills = count({ smallest: 1, usual: 5, full: 5 })
  let killed = 0
  for (let round = 0; round < rounds && (round === 0 || !isOver()); round++) {
    await trials.try(`log that grows, round ${round}`, async () => {
      const place = join(folder, `${name.replace(' ', '-')}-${round}`)
      const [logs, db] = [join(place, 'logs'), join(place, 'db')]
      mkdirSync(logs, { recursive: true })
      writeFileSync(join(logs, 'conn.log'), connLog(0, 0))
      let records = 0
      const write = () => {
        for (let i = 0; i < 200; i++, records++)
          appendFileSync(join(logs, 'conn.log'), `${connCells(records).join('\t')}\n`)
      }

      for (let kill = 0; kill < kills; kill++) {
        const running = start(words(logs, db))
        write()
        await sleep(random(800))
        write()
        const ended = await killedAfter(
          running,
          [0.2 + random(900) / 1000, 3],
          signals[random(signals.length)]!,
        )
        diedWell(ended)
        killed++
        write()
      }

      const last = start(words(logs, db))
      await until('the last takes what is left', () => /"imported"/.test(last.out() + last.err()))
      await sleep(1500)
      last.child.kill('SIGINT')
      const { code, err } = await last.ended
      hold(code === 0, `the last ended with ${code}: ${err}`)
      const rest = await gannet(['import', logs, '--db', db])
      hold(rest.code === 0, rest.err)
      const [found] = await rowsIn(db, conversations)
      hold(
        found?.['n'] === records && found['different'] === records,
        `${JSON.stringify(found)} of ${records}`,
      )
      rmSync(place, { recursive: true })
    })
  }
  return {
    attack: watchKilled(watcher),
    tried: killed,
    of: 'kills',
    held: 'with the next one each record is there once',
    bound: '{databases} databases, up to five kills of each',
    failed: trials.failed,
    figures: { databases: trials.tried() },
  }
}

async function listening(words: readonly string[]): Promise<{ running: Running; port: number }> {
  const running = start(words)
  const port = () => Number(/listening on 127\.0\.0\.1:(\d+)/.exec(running.err())?.[1] ?? 0)
  await until('it listens', () => port() > 0)
  return { running, port: port() }
}

/** Up to 0.4 seconds of processor more, or the first commit or two where it waits for more. */
const soonOf = ({ pid }: Running, random: Random): [number, number] => [
  processorOf(pid) + random(400) / 1000,
  random(2500) / 1000,
]

async function send(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const [i, each] of datagrams.entries()) {
    await new Promise((done) => socket.send(each, port, '127.0.0.1', done))
    if (i % 20 === 0) await sleep(1)
  }
  socket.close()
}

export async function collectorsKilled({ folder, count, seed, isOver }: Ground): Promise<Attempt> {
  const random = randomFrom(seed)
  const trials = createTrials()
  const times = count({ smallest: 1, usual: 100, full: 100 })
  let [kept, sentInAll] = [0, 0]
  const datagrams = exportDatagrams(4000)
  const records = (datagrams.length - 1) * 20
  for (let i = 0; i < times && (i === 0 || !isOver()); i++) {
    const db = join(folder, `collected-${i}`)
    const signal = i % 3 === 0 ? 'SIGTERM' : 'SIGKILL'
    await trials.try(`${signal} (kill ${i})`, async () => {
      const { running, port } = await listening([
        'collect',
        '--netflow',
        '0',
        '--db',
        db,
        '--rotate',
        '1',
        '--json',
      ])
      await send(port, datagrams)
      const ended: Ended = await killedAfter(running, soonOf(running, random), signal)
      diedWell(ended)
      const whole = ended.code === 0
      const [found] = existsSync(join(db, 'store'))
        ? await rowsIn(
            db,
            `SELECT toFloat64(count()) AS n, toFloat64(uniqExact(client, clientPort)) AS different FROM flow`,
          ).catch((error: Error) => {
            hold(/Unknown table|does not exist/.test(error.message), error.message)
            return [{ n: 0, different: 0 }]
          })
        : [{ n: 0, different: 0 }]
      const n = Number(found?.['n'])
      hold(n === found?.['different'] && n <= records, `${JSON.stringify(found)} of ${records}`)
      if (whole) {
        const { flows, lost, rejects } = JSON.parse(ended.out) as {
          flows: number
          lost: { numbering: number; queue: number }
          rejects: number
        }
        hold(flows === n, `it says ${flows} flows and ${n} are there`)
        hold(
          n + lost.queue + lost.numbering + rejects >= records,
          `${n} flows of ${records}, ${JSON.stringify(lost)} lost`,
        )
      }
      kept += n
      sentInAll += records
      const again = await gannet(['import', inputKinds[0]!.make(folder, 10), '--db', db])
      hold(again.code === 0, `the folder cannot be used after it: ${again.err}`)
    })
    rmSync(db, { recursive: true, force: true })
  }
  return {
    attack: collectKilled,
    tried: trials.tried(),
    of: 'kills',
    held: 'what was committed is whole, no record twice; stopped by SIGTERM, flows + rejects + lost make all that were sent',
    bound:
      'a kill costs the records since the last commit (`--rotate`, 1 s here): {kept} of {sent} records were kept',
    failed: trials.failed,
    figures: { kept, sent: sentInAll },
  }
}

export async function capturesKilled({ folder, count, seed, isOver }: Ground): Promise<Attempt> {
  const random = randomFrom(seed)
  const trials = createTrials()
  const times = count({ smallest: 1, usual: 100, full: 100 })
  const place = join(folder, 'packets')
  mkdirSync(place)
  const rows = count({ smallest: 5000, usual: 10_000, full: 20_000 })
  const file = readFileSync(inputKinds.find(({ name }) => name === 'pcap')!.make(place, rows))
  for (let i = 0; i < times && (i === 0 || !isOver()); i++) {
    const db = join(folder, `captured-${i}`)
    const signal = signals[random(signals.length)]!
    await trials.try(`${signal} (kill ${i})`, async () => {
      const running = start(['capture', '-', '--db', db, '--rotate', '1', '--json'], { input: 'open' })
      running.child.stdin?.on('error', () => {})
      await until('it listens', () => running.err().includes('listening'))
      const middle = random(file.length)
      running.child.stdin?.write(file.subarray(0, middle))
      diedWell(await killedAfter(running, soonOf(running, random), signal))
      if (!existsSync(join(db, 'store'))) return
      const shown = await snapshotIn(db)
      const next = await gannet(['capture', '-', '--db', db, '--json'], { input: file })
      hold(next.code === 0, `the next capture: ${next.err}`)
      const after = await snapshotIn(db)
      for (const [name, text] of Object.entries(shown)) hold(after[name] === text, `${name} changed`)
      const { frames } = JSON.parse(next.out) as { frames: number }
      hold(frames === rows, `${frames} of ${rows} frames in the next capture`)
    })
    rmSync(db, { recursive: true, force: true })
  }
  return {
    attack: captureKilled,
    tried: trials.tried(),
    of: 'kills',
    held: 'what was committed stays as it is, row by row, and the next capture reads all of its frames',
    bound: 'a kill costs the records since the last commit (`--rotate`) and the connections that were open',
    failed: trials.failed,
    figures: {},
  }
}

/**
 * Decisions are made over HTTP until the server is killed: those that it answered for are in the file.
 *
 * @param db A database with its analysis.
 */
export async function serversKilled({ folder, count, seed, isOver }: Ground, db: string): Promise<Attempt> {
  const random = randomFrom(seed)
  const trials = createTrials()
  const times = count({ smallest: 1, usual: 100, full: 100 })
  const rows = await snapshotIn(db)
  let answered = 0
  for (let i = 0; i < times && (i === 0 || !isOver()); i++) {
    const decisions = join(folder, `decided-${i}.yaml`)
    const signal = signals[random(signals.length)]!
    await trials.try(`${signal} (kill ${i})`, async () => {
      const running = start(['serve', '--db', db, '--listen', '127.0.0.1:0', '--decisions', decisions])
      await until('it serves', () => /http:\S+/.test(running.out()))
      const url = /http:\S+/.exec(running.out())![0]
      const accepted: string[] = []
      let isGone = false
      const ended = killedAfter(running, soonOf(running, random), signal).finally(() => (isGone = true))
      for (let n = 0; !isGone && n < 500; n++) {
        const reason = `decision ${i}.${n}`
        const found = await fetch(new URL('/decisions', url), {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: new URL(url).origin },
          body: JSON.stringify({ verb: 'note', subject: `203.0.113.${n % 250}`, reason }),
        }).catch(() => null)
        if (found?.ok) accepted.push(reason)
        else if (found) throw new Error(`${found.status} ${await found.text()}`)
      }
      diedWell(await ended)
      answered += accepted.length
      const text = existsSync(decisions) ? readFileSync(decisions, 'utf8') : ''
      parse(text)
      const absent = accepted.filter((reason) => !text.includes(reason))
      hold(
        absent.length === 0,
        `${absent.length} of ${accepted.length} decisions are not in the file: ${absent[0]}`,
      )
    })
    rmSync(decisions, { force: true })
  }
  await trials.try('records after all kills', async () => {
    hold(JSON.stringify(await snapshotIn(db)) === JSON.stringify(rows), 'records changed')
  })
  return {
    attack: serveKilled,
    tried: trials.tried() - 1,
    of: 'kills',
    held: 'the file of decisions is whole, each decision that was answered is in it, and the records are untouched',
    bound: '{answered} decisions were answered',
    failed: trials.failed,
    figures: { answered },
  }
}
