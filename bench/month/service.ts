/** `gannet monitor` as a process, and what it takes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AlertMessage } from '../../src/alerts/alert.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** Longest that one step of the service may take, in milliseconds. */
const longest = 900_000

export interface Taken {
  readonly flows: number
  /** Records that were not taken: rejected, or known from another input. */
  readonly lost: number
}

export interface Usage {
  /** Seconds of processor, user and system, since it was asked last. */
  readonly processor: number
  /** Most megabytes in memory since it was asked last. */
  readonly megabytes: number
  /** Megabytes of the database on disk. */
  readonly disk: number
}

export interface Service {
  /** Folder that it watches. */
  readonly folder: string
  /** Where its database is. */
  readonly database: string
  /** Waits until this many lines of the logs in a folder were imported. */
  imported(folder: string, lines: number): Promise<Taken>
  /** Has it analyse, and waits for the alerts; gives those that are new. */
  analysed(): Promise<readonly AlertMessage[]>
  /** Hosts that the last analysis accuses. */
  accused(): Promise<number>
  usage(): Usage
  /** Ends it. @throws RangeError where it does not end well, or a part of it has failed. */
  stop(): Promise<void>
  /** Ends it at once, where it has not ended. */
  kill(): void
}

interface Said {
  readonly component: string
  readonly message: string
  readonly level: string
  readonly [name: string]: unknown
}

const configOf = (at: (name: string) => string, internal: readonly string[]): string => `
database: {db: ${at('db')}}
monitor: {listen: '127.0.0.1:0'}
watch: {folder: [${at('logs')}], every: 0.2, settle: 0.2}
analyze: {every: 3650d, last: 24h, internal: [${internal.join(', ')}], alert: ['file:${at('alerts')}']}
prune: {keep: 3d, every: 0.2m}
`

/** Starts it on an empty database in a folder. Its first analysis comes by itself, the others are asked for. */
export async function startService(folder: string, internal: readonly string[]): Promise<Service> {
  const at = (name: string) => join(folder, name)
  mkdirSync(at('logs'))
  writeFileSync(at('monitor.yaml'), configOf(at, internal))
  const child = spawn(process.execPath, [main, 'monitor', at('monitor.yaml')], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const said = listen(child)
  const until = waiting(child)
  const place = await until(() => said.find(({ message, port }) => message === 'listening' && port))
  const url = `http://127.0.0.1:${place['port']}`
  const alerted = () =>
    said.filter(({ component, message }) => component === 'analyze' && message === 'alerts')
  const usage = usageOf(child.pid!, at('db'))
  let [given, analyses] = [0, 0]

  return {
    folder: at('logs'),
    database: at('db'),
    imported: (logs, lines) => until(() => takenFrom(said, `${logs}/`, lines)),

    async analysed() {
      if (analyses++ > 0) child.kill('SIGUSR2')
      await until(() => alerted().length >= analyses)
      const all = existsSync(at('alerts')) ? readFileSync(at('alerts'), 'utf8').trimEnd().split('\n') : []
      const fresh = all.slice(given)
      given = all.length
      return fresh.filter((line) => line !== '').map((line) => JSON.parse(line) as AlertMessage)
    },

    async accused() {
      const [, value] =
        /^gannet_hosts_accused (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text()) ?? []
      return Number(value)
    },

    usage,
    kill: () => void child.kill('SIGKILL'),

    async stop() {
      const health = await fetch(`${url}/health`)
      child.kill('SIGTERM')
      const [code] = (await once(child, 'exit')) as [number | null]
      const faults = said.filter(({ level }) => level === 'error')
      if (code !== 0 || health.status !== 200 || faults.length > 0)
        throw new RangeError(`the service ended with ${code}: ${JSON.stringify(faults.slice(0, 5))}`)
    },
  }
}

/** What it says, line by line, in the order of its log. */
function listen(child: ChildProcess): Said[] {
  const said: Said[] = []
  let rest = ''
  child.stderr!.on('data', (chunk) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop()!
    for (const line of lines)
      if (line.startsWith('{')) said.push(JSON.parse(line) as Said)
      else process.stderr.write(`${line}\n`)
  })
  return said
}

const waiting =
  (child: ChildProcess) =>
  async <T>(what: () => T | false | null | undefined): Promise<T> => {
    const end = Date.now() + longest
    for (;;) {
      const found = what()
      if (found) return found
      if (child.exitCode !== null) throw new RangeError(`the service ended with ${child.exitCode}`)
      if (Date.now() > end) throw new RangeError('the service did nothing for a quarter of an hour')
      await sleep(50)
    }
  }

/** What it has taken from the logs of a folder, once that is all. */
function takenFrom(said: readonly Said[], folder: string, lines: number): Taken | null {
  const own = said.filter(
    ({ message, name }) => message === 'imported' && typeof name === 'string' && name.startsWith(folder),
  )
  const sum = (counts: readonly unknown[]) =>
    counts
      .flatMap((each) => Object.values(each as Record<string, number>))
      .reduce((total, each) => total + each, 0)
  const lost =
    sum(own.map(({ rejects }) => rejects)) +
    own.reduce((total, { duplicates }) => total + Number(duplicates), 0)
  const flows = sum(own.map(({ records }) => ({ flow: (records as Record<string, number>)['flow'] ?? 0 })))

  return sum(own.map(({ records }) => records)) + lost >= lines ? { flows, lost } : null
}

/** From /proc: ticks of the clock are hundredths of a second on Linux. */
function usageOf(pid: number, db: string): () => Usage {
  let before = 0

  return () => {
    const cells = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const processor = (Number(cells[11]) + Number(cells[12])) / 100
    const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    const used = { processor: processor - before, megabytes: Number(peak) / 1024, disk: bytesIn(db) / 1e6 }
    before = processor
    return used
  }
}

/** Bytes of the files in a folder, each once; what goes meanwhile does not count. Links are not followed. */
function bytesIn(path: string): number {
  const info = lstatSync(path, { throwIfNoEntry: false })
  if (!info) return 0
  if (!info.isDirectory()) return info.size / Math.max(1, info.nlink)
  return namesIn(path).reduce((bytes, name) => bytes + bytesIn(join(path, name)), 0)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
