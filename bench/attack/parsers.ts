/** Every reader on inputs that are made from a seed and damaged: records in = rows + rejects, bytes in = bytes read. */
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importInputs } from '../../src/capture/import/import.ts'
import { UserError } from '../../src/errors.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import type { Store } from '../../src/store/store.ts'
import { fuzz as fuzzDatagrams } from '../../test/fuzz-datagrams.ts'
import { fuzzPackets } from '../../test/fuzz-packets.ts'
import { type Random, randomFrom } from '../../test/fuzz-random.ts'
import { fuzz as fuzzTexts } from '../../test/fuzz-texts.ts'
import { fuzzWrapped } from '../../test/fuzz-wrapped.ts'
import { type Attempt, createTrials, type Ground, hold, type Level, seconds } from './attempt.ts'

const cases = fileURLToPath(new URL('../../../shared/cases/inputs/', import.meta.url))

interface Fuzzed {
  readonly tried: number
  readonly of: string
  readonly held: string
  readonly bound: string
}

const said = (value: number): string => value.toLocaleString('en-US')

async function attempt(attack: string, run: () => Promise<Fuzzed> | Fuzzed): Promise<Attempt> {
  const trials = createTrials()
  let found: Fuzzed = { tried: 0, of: 'inputs', held: 'nothing', bound: 'none' }
  await trials.try(attack, async () => {
    found = await run()
  })
  return { attack, ...found, failed: trials.failed }
}

/** A file that is damaged in one of the ways in which files are. */
function mutated(random: Random, bytes: Buffer, other: Buffer): Buffer {
  const out = Buffer.from(bytes)
  const at = random(out.length)
  const rest = out.subarray(at)
  switch (random(8)) {
    case 0:
      return out.subarray(0, at)
    case 1:
      return Buffer.concat([out, out])
    case 2:
      return Buffer.concat([out.subarray(0, at), other.subarray(random(other.length)), rest])
    case 3:
      return Buffer.concat([out.subarray(0, at), Buffer.alloc(1 + random(5000)), rest])
    case 4:
      return Buffer.concat([out, other])
    case 5:
      out.copyWithin(random(out.length), at)
      return out
    default:
      for (let i = 1 + random(12); i > 0; i--)
        out[random(out.length)] = [0, 10, 255, 0x22, 44, random(256)][random(6)]!
      return out
  }
}

/** @returns whether the ledger has as many bytes as the file, or null where it was refused or is no plain file. */
async function taken(store: Store, path: string): Promise<boolean | null> {
  const { size } = statSync(path)
  try {
    const { inputs } = await importInputs(store, [path], { acceptRejects: true })
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    if (inputs[0]?.sha256 !== sha256) return null
    const [found] = await store.rows<{ bytes: number }>(
      `SELECT toFloat64(bytes) AS bytes FROM ledger WHERE sha256 = '${sha256}' LIMIT 1`,
    )
    return found?.bytes === size
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

async function mutatedCases({ folder, count, seed, isOver }: Ground): Promise<Attempt> {
  const random = randomFrom(seed)
  const trials = createTrials()
  const paths = globSync('*/*', { cwd: cases }).filter(
    (path) =>
      !path.endsWith('.md') &&
      statSync(join(cases, path)).isFile() &&
      statSync(join(cases, path)).size < 1 << 20,
  )
  const times = existsSync(cases) ? count({ smallest: 30, usual: 5000, full: 100_000 }) : 0
  const place = join(folder, 'cases')
  mkdirSync(place)
  const store = await openEmbedded(join(folder, 'cases-db'))
  let [read, refused, longest] = [0, 0, 0]
  try {
    for (let i = 0; i < times && (i === 0 || !isOver()); i++) {
      const name = paths[i % paths.length]!
      const bytes = readFileSync(join(cases, name))
      if (bytes.length === 0) continue
      const other = readFileSync(join(cases, paths[random(paths.length)]!))
      const path = join(place, `${i}-${basename(name)}`)
      writeFileSync(path, mutated(random, bytes, other))
      await trials.try(`${name}, input ${i} of seed ${seed}`, async () => {
        const { user, system } = process.cpuUsage()
        const isWhole = await taken(store, path)
        const after = process.cpuUsage()
        longest = Math.max(longest, (after.user + after.system - user - system) / 1e6)
        hold(isWhole !== false, 'the ledger has another number of bytes')
        if (isWhole === null) refused++
        else read++
      })
      rmSync(path, { force: true })
    }
  } finally {
    await store.close()
  }
  return {
    attack: `the odd inputs that people report (${paths.length} files), cut, joined, doubled, holed and overwritten`,
    tried: trials.tried(),
    of: 'files',
    held: 'each is read to its last byte, or refused or unpacked with a reason; nothing else is thrown',
    bound:
      times === 0
        ? 'not tried: the files are not here'
        : `${said(read)} plain files read whole, ${said(refused)} refused, wrapped or packed; ${seconds(longest)} of processor time at most`,
    failed: trials.failed,
  }
}

/** Adds up what batches of other seeds give, until all is tried or the time is over. Of `most` the largest is kept. */
async function inBatches(
  { times, batch, isOver }: { times: number; batch: number; isOver: () => boolean },
  run: (count: number, number: number) => Promise<object> | object,
  most: readonly string[],
): Promise<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (let done = 0, number = 0; done < times && (number === 0 || !isOver()); done += batch, number++) {
    const found = await run(Math.min(batch, times - done), number)
    for (const [key, value] of Object.entries(found)) {
      if (typeof value !== 'number') continue
      sums[key] = most.includes(key) ? Math.max(sums[key] ?? 0, value) : (sums[key] ?? 0) + value
    }
  }
  return sums
}

/** By attack: how many inputs, and how many of them have one seed. The seed of a batch is that of the run and 1000 a batch. */
const wanted: Readonly<Record<string, { counts: Readonly<Record<Level, number>>; batch: number }>> = {
  datagrams: { counts: { smallest: 500, usual: 10_000_000, full: 10_000_000 }, batch: 100_000 },
  captures: { counts: { smallest: 50, usual: 1_000_000, full: 10_000_000 }, batch: 5000 },
  lines: { counts: { smallest: 1600, usual: 10_000_000, full: 10_000_000 }, batch: 160_000 },
  wrapped: { counts: { smallest: 20, usual: 5000, full: 1_000_000 }, batch: 100 },
}

export async function parsers(ground: Ground): Promise<Attempt[]> {
  const { count, seed, say } = ground
  const attempts: Attempt[] = []
  const add = async (made: Promise<Attempt>) => {
    const found = await made
    attempts.push(found)
    say(`${found.attack}: ${said(found.tried)} ${found.of}, ${found.failed[0] ?? 'held'}`)
  }
  /** @param until Share of the time after which no further batch begins. */
  const batches = (name: string, until: number) => ({
    times: count(wanted[name]!.counts),
    batch: wanted[name]!.batch,
    isOver: () => ground.isOver(until),
  })
  const seedOf = (number: number) => seed + 1000 * number

  await add(
    attempt('datagrams of exporters and files of nfdump', async () => {
      const run = (n: number, number: number) => fuzzDatagrams(n, seedOf(number))
      const found = await inBatches(batches('datagrams', 0.3), run, ['slowest'])
      return {
        tried: found['inputs']!,
        of: 'inputs',
        held: `each of ${said(found['records']! + found['rejects']!)} records is in a flow or rejected`,
        bound: `${said(found['flows']!)} flows, ${said(found['rejects']!)} rejects; ${Math.round(found['slowest']!)} ms of processor time at most`,
      }
    }),
  )
  await add(
    attempt('captures, layer by layer, 40 link types', async () => {
      const run = (n: number, number: number) => fuzzPackets(n, seedOf(number))
      const found = await inBatches(batches('captures', 0.6), run, ['longest'])
      return {
        tried: found['frames']!,
        of: 'frames',
        held: `each is in a flow or rejected, in ${said(found['captures']!)} captures`,
        bound: `${said(found['packets']!)} packets in flows, ${said(found['rejected']!)} rejected; ${Math.round(found['longest']!)} ms of processor time a capture at most`,
      }
    }),
  )
  await add(
    attempt('text formats, line by line', async () => {
      const each = count({ smallest: 200, usual: 20_000, full: 20_000 })
      const run = (n: number, number: number) => fuzzTexts(n, seedOf(number), each)
      const found = await inBatches(batches('lines', 0.85), run, ['slowest'])
      return {
        tried: found['lines']!,
        of: 'lines',
        held: `each of ${said(found['records']!)} records is a row or rejected`,
        bound: `${said(found['rows']!)} rows, ${said(found['rejects']!)} rejects; ${Math.round(found['slowest']!)} ms of processor time a file at most`,
      }
    }),
  )
  await add(
    attempt('envelopes, encodings, packings and archives around records', async () => {
      const run = (n: number, number: number) => fuzzWrapped(n, seedOf(number))
      const found = await inBatches(batches('wrapped', 0.92), run, [])
      return {
        tried: found['files']!,
        of: 'files',
        held: `each of ${said(found['lines']!)} lines comes out again; of damaged ones nothing is thrown but a reason`,
        bound: `${said(found['refused']!)} of the damaged were refused`,
      }
    }),
  )
  await add(mutatedCases(ground))
  return attempts
}
