/** Floods of datagrams: memory stays flat, each record is a row or a reject, and loss is counted. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Attempt, createTrials, type Ground, hold, megabytes } from './attempt.ts'
import type { Flooded } from './flood-child.ts'
import { floods } from './floods.ts'

const child = fileURLToPath(new URL('flood-child.ts', import.meta.url))

/**
 * Megabytes beyond what the process holds before the flood: 4096 exporters with all they may have, and a million
 * flows.
 */
const most = 700

async function flooded(number: number, count: number, seed: number): Promise<Flooded> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [child, String(number), String(count), String(seed)],
    {
      maxBuffer: 1 << 26,
    },
  )
  return JSON.parse(stdout) as Flooded
}

export async function datagrams({ count, seed, say }: Ground): Promise<Attempt[]> {
  const times = count({ smallest: 6000, usual: 60_000, full: 1_000_000 })
  const all = [
    ...floods.map(({ name }) => name),
    'each kind cut at every length, and noise at lengths to 65,507',
  ]
  const attempts: Attempt[] = []
  for (const [number, name] of all.entries()) {
    const trials = createTrials()
    let found: Flooded | null = null
    await trials.try(name, async () => {
      found = await flooded(number, times, seed)
      hold(found.megabytes - found.before < most, `${found.megabytes} MB`)
      hold(found.slowest < 20, `${found.slowest} ms a datagram`)
    })
    const {
      datagrams: sent = 0,
      records = 0,
      rejects = 0,
      lost = 0,
      exporters = 0,
      slowest = 0,
      before = 0,
      megabytes: held = 0,
    } = (found ?? {}) as Partial<Flooded>
    attempts.push({
      attack: name,
      tried: sent,
      of: 'datagrams',
      held: `records = rows + rejects: ${records.toLocaleString('en-US')} records, ${rejects.toLocaleString('en-US')} rejected, ${lost.toLocaleString('en-US')} counted as lost, ${exporters.toLocaleString('en-US')} exporters known`,
      bound: `at most 4,096 exporters and ${most} MB beyond the start; ${megabytes(held - before)} were taken, ${slowest.toFixed(2)} ms of processor time a datagram in the slowest thousand`,
      failed: trials.failed,
    })
    say(`${name}: ${megabytes(held)}, ${trials.failed[0] ?? 'held'}`)
  }
  return attempts
}
