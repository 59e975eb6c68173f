/** A command as a process of its own, with the operating system's account of it; and the engine alone as one. */
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from '../row.ts'

export interface Took {
  /** Seconds of processor, user and system; by the clock; most megabytes resident. */
  readonly processor: number
  readonly clock: number
  readonly megabytes: number
  readonly output: string
}

const account = `import resource,subprocess,sys,time
t=time.time();r=subprocess.run(sys.argv[1:],stdout=subprocess.PIPE,stderr=subprocess.DEVNULL,stdin=subprocess.DEVNULL)
u=resource.getrusage(resource.RUSAGE_CHILDREN);print(u.ru_utime+u.ru_stime,time.time()-t,u.ru_maxrss/1024,flush=True)
sys.stdout.buffer.write(r.stdout)`

/** @throws RangeError where the account cannot be had. */
export function timed(command: readonly string[]): Took {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', account, ...command], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new RangeError(`${command.join(' ')}: ${stderr}`)
  const end = stdout.indexOf('\n')
  const [processor = 0, clock = 0, megabytes = 0] = stdout.slice(0, end).split(' ').map(Number)
  return { processor, clock, megabytes, output: stdout.slice(end + 1) }
}

const aloneProgram = fileURLToPath(new URL('engine-alone.ts', import.meta.url))

/** What the engine alone takes for logs of Zeek (`engine-alone.ts`), or folders of them, in a new folder. */
export function engineOn(inputs: readonly string[], folder: string): Took & { readonly flows: number } {
  const logs = inputs.flatMap((path) =>
    statSync(path).isDirectory() ? readdirSync(path).map((file) => join(path, file)) : [path],
  )
  rmSync(folder, { recursive: true, force: true })
  const took = timed([process.execPath, aloneProgram, folder, ...logs])
  return { ...took, flows: (JSON.parse(took.output) as { flows: number }).flows }
}

/** The limit beside an analysis of `flows` flows. @throws RangeError where the engine alone read another number. */
export function limitRow(name: string, alone: ReturnType<typeof engineOn>, flows: number): Row {
  if (alone.flows !== flows) throw new RangeError(`${name}: ${alone.flows} flows, not ${flows}`)
  return {
    name: `limit: ${name}, import too, CPU time`,
    figure: alone.processor,
    unit: 's',
    better: 'less',
    asserted: `${flows} flows; ${alone.megabytes.toFixed(0)} MB`,
  }
}
