/** The command as a process of its own, watched: how long it runs, how much memory it holds, and that it ends. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { slowness } from '../../test/slowness.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Limits {
  /** Seconds by the clock after which it is killed; more on a machine that is busy with other work. */
  readonly seconds: number
  /** Resident megabytes above which it is killed. */
  readonly megabytes: number
}

export interface Running {
  readonly child: ChildProcess
  readonly pid: number
  /** What it has printed so far. */
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<Ended>
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
  readonly seconds: number
  /** Seconds of processor, looked at ten times a second. */
  readonly processor: number
  /** Most resident megabytes, looked at ten times a second. */
  readonly megabytes: number
  /** Which limit it was killed for. */
  readonly over: 'seconds' | 'megabytes' | null
}

export interface Setting {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly limits?: Limits
  /** Written to its standard input, which is then closed; else there is none. */
  readonly input?: Buffer | 'open'
  /** A program that starts it, as `['prlimit', '--fsize=1000']`. */
  readonly under?: readonly string[]
}

const usualLimits: Limits = { seconds: 120, megabytes: 1500 }

/** What the work that is going on has started and that has not ended. */
const started = new AsyncLocalStorage<Set<Running>>()

/** Does the work, and kills what it leaves running. */
export async function withProcesses<T>(work: () => Promise<T> | T): Promise<T> {
  const own = new Set<Running>()
  try {
    return await started.run(own, work)
  } finally {
    for (const { child, ended } of own) {
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** Starts `gannet` with these words. */
export function start(words: readonly string[], setting: Setting = {}): Running {
  const { env = {}, cwd, limits = usualLimits, input, under = [] } = setting
  const [program = '', ...args] = [...under, process.execPath, main, ...words]
  const began = performance.now()
  const slow = slowness()
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })

  let [out, err, most, processor] = ['', '', 0, 0]
  let over: Ended['over'] = null
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('latin1')))
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('latin1')))
  if (input !== undefined && input !== 'open') {
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  }

  const pid = child.pid ?? 0
  const watch = setInterval(() => {
    most = Math.max(most, residentOf(pid))
    processor = Math.max(processor, processorOf(pid))
    if (performance.now() - began > limits.seconds * 1000 * slow) over ??= 'seconds'
    if (most > limits.megabytes) over ??= 'megabytes'
    if (over) child.kill('SIGKILL')
  }, 100)

  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearInterval(watch)
      const seconds = (performance.now() - began) / 1000
      resolve({ code, signal, out: text(out), err: text(err), seconds, processor, megabytes: most, over })
    })
  })

  const running: Running = { child, pid, out: () => text(out), err: () => text(err), ended }
  const own = started.getStore()
  own?.add(running)
  ended.catch(() => {}).finally(() => own?.delete(running))
  return running
}

const text = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()

/** Runs `gannet` to its end. */
export const gannet = (words: readonly string[], setting: Setting = {}): Promise<Ended> =>
  start(words, setting).ended

/** Megabytes resident at most so far; 0 for a process that is gone. */
function residentOf(pid: number): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(found?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Seconds of processor so far, in steps of 10 ms; 0 for a process that is gone. */
export function processorOf(pid: number): number {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')
    const [user, system] = fields.split(' ').slice(11, 13)
    return (Number(user) + Number(system)) / 100
  } catch {
    return 0
  }
}

/** Whether it ended as the manual says: an answer, or an error that can be fixed, in two lines. */
export function endedWell({ code, err, over, signal }: Ended): string | null {
  if (over) return `was killed for its ${over}`
  if (signal) return `died of ${signal}: ${err.slice(-300)}`
  if (code === 0 || code === 1) return null
  if (code === 2 && /^gannet: .+\n {2}\S/m.test(err)) return null
  return `ended with ${code}: ${err.slice(-400)}`
}
