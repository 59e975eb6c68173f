/** Floods of datagrams: memory stays flat, each record is a row or a reject, and loss is counted. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Attempt, createTrials, type Ground, hold, megabytes, notTried, twoAtATime } from './attempt.ts'
import type { Flooded } from './flood-child.ts'
import { floods } from './floods.ts'

const child = fileURLToPath(new URL('flood-child.ts', import.meta.url))

/**
 * Megabytes beyond what the process holds before the flood: 4096 exporters with all they may have, and a million
 * flows.
 */
const most = 700

/** @param seconds After which it stops. */
async function flooded(words: {
  number: number
  count: number
  seed: number
  seconds: number
}): Promise<Flooded> {
  const { number, count, seed, seconds } = words
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [child, ...[number, count, seed, seconds].map(String)],
    { maxBuffer: 1 << 26 },
  )
  return JSON.parse(stdout) as Flooded
}

const nothing: Flooded = {
  ...{ datagrams: 0, records: 0, flows: 0, rejects: 0, lost: 0, exporters: 0 },
  ...{ seconds: 0, slowest: 0, before: 0, megabytes: 0 },
}

export async function datagrams({ count, seed, minutes, asks, say }: Ground): Promise<Attempt[]> {
  const times = count({ smallest: 3000, usual: 1_000_000, full: 1_000_000 })
  const all = [...floods, { name: 'each kind cut at every length, and noise at lengths to 65,507' }]
  // Two at a time.
  const seconds = (minutes * 60 * 2) / Math.max(2, all.filter(({ name }) => asks(name)).length)

  const attempt = async (number: number): Promise<Attempt> => {
    const { name } = all[number]!
    if (!asks(name)) return notTried(name, 'datagrams')
    const trials = createTrials()
    let found = nothing
    await trials.try(name, async () => {
      found = await flooded({ number, count: times, seed, seconds })
      hold(found.megabytes - found.before < most, `${found.megabytes} MB`)
      hold(found.slowest < 20, `${found.slowest} ms a datagram`)
    })
    const { records, rejects, lost, exporters, before, slowest } = found
    const taken = Math.round(found.megabytes - before)
    say(`${name}: ${megabytes(found.megabytes)}, ${trials.failed[0] ?? 'held'}`)
    return {
      attack: name,
      tried: found.datagrams,
      of: 'datagrams',
      held: 'records = rows + rejects: {records} records, {rejects} rejected, {lost} counted as lost, {exporters} exporters known',
      bound: `at most 4,096 exporters and ${most} MB beyond the start; {taken} MB were taken, {slowest} ms of processor time a datagram in the slowest thousand`,
      failed: trials.failed,
      figures: { records, rejects, lost, exporters, taken, slowest },
      most: ['exporters', 'taken', 'slowest'],
    }
  }
  return twoAtATime(all.map((_, number) => () => attempt(number)))
}
