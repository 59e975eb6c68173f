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
import { type Attempt, createTrials, type Ground, hold, type Level, notTried } from './attempt.ts'
import { added } from './runs.ts'

const cases = fileURLToPath(new URL('../../../shared/cases/inputs/', import.meta.url))

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

const odd = 'the odd inputs that people report, cut, joined, doubled, holed and overwritten'

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
    attack: odd,
    tried: trials.tried(),
    of: 'files',
    held: 'each is read to its last byte, or refused or unpacked with a reason; nothing else is thrown',
    bound:
      times === 0
        ? 'not tried: the files are not here'
        : `of ${paths.length} files; {read} plain ones read whole, {refused} refused, wrapped or packed; {longest} s of processor time at most`,
    failed: trials.failed,
    figures: { read, refused, longest },
    most: ['longest'],
  }
}

interface Family {
  readonly attack: string
  /** What is counted, a plural; the figure of that name. */
  readonly of: string
  readonly held: string
  readonly bound: string
  /** The figure of the slowest, in milliseconds. */
  readonly most: readonly string[]
  /** How many are made in all, and how many of them of one seed. */
  readonly counts: Readonly<Record<Level, number>>
  readonly batch: number
  /** Share of the time after which no further batch begins. */
  readonly until: number
  readonly run: (count: number, seed: number, level: Level) => Promise<object> | object
}

const families: readonly Family[] = [
  {
    attack: 'datagrams of exporters and files of nfdump',
    of: 'inputs',
    held: 'each of {records} records that came out is in a flow, and {rejects} are rejected',
    bound: '{flows} flows; {slowest} ms of processor time at most',
    most: ['slowest'],
    counts: { smallest: 500, usual: 10_000_000, full: 10_000_000 },
    batch: 100_000,
    until: 0.25,
    run: (count, seed) => fuzzDatagrams(count, seed),
  },
  {
    attack: 'captures, layer by layer, 40 link types',
    of: 'frames',
    held: 'each is in a flow or rejected, in {captures} captures',
    bound:
      '{packets} packets in flows, {rejected} rejected; {longest} ms of processor time a capture at most',
    most: ['longest'],
    counts: { smallest: 50, usual: 380_000, full: 380_000 },
    batch: 2000,
    until: 0.55,
    run: (count, seed) => fuzzPackets(count, seed),
  },
  {
    attack: 'text formats, line by line',
    of: 'lines',
    held: 'each of {records} records is a row or rejected',
    bound: '{rows} rows, {rejects} rejects; {slowest} ms of processor time a file at most',
    most: ['slowest'],
    counts: { smallest: 400, usual: 10_000_000, full: 10_000_000 },
    batch: 320_000,
    until: 0.9,
    run: (count, seed, level) => fuzzTexts(count, seed, level === 'smallest' ? 200 : 20_000),
  },
  {
    attack: 'envelopes, encodings, packings and archives around records',
    of: 'files',
    held: 'each of {lines} lines comes out again; of damaged ones nothing is thrown but a reason',
    bound: '{refused} of the damaged were refused',
    most: [],
    counts: { smallest: 20, usual: 5000, full: 1_000_000 },
    batch: 100,
    until: 0.95,
    run: (count, seed) => fuzzWrapped(count, seed),
  },
]

/**
 * Batches of seeds a thousand apart, until all is tried or the time is over. A batch in which something does not hold is
 * not counted, and the others go on.
 */
async function fuzzed(
  family: Family,
  { count, seed, level }: Ground,
  isOver: () => boolean,
): Promise<Attempt> {
  const { attack, of, held, bound, most, counts, batch, run } = family
  const times = count(counts)
  const trials = createTrials()
  let figures: Readonly<Record<string, number>> = { [of]: 0 }

  for (let number = 0; number * batch < times && (number === 0 || !isOver()); number++)
    await trials.try(`batch ${number}`, async () => {
      const found = await run(Math.min(batch, times - number * batch), seed + 1000 * number, level)
      const numbers = Object.entries(found).filter(([, value]) => typeof value === 'number')
      figures = added(figures, Object.fromEntries(numbers), most)
    })

  return { attack, tried: figures[of]!, of, held, bound, failed: trials.failed, figures, most }
}

export async function parsers(ground: Ground): Promise<Attempt[]> {
  const asked = families.filter(({ attack }) => ground.asks(attack))
  const attempts: Attempt[] = []
  const add = (found: Attempt) => {
    attempts.push(found)
    ground.say(`${found.attack}: ${found.tried} ${found.of}, ${found.failed[0] ?? 'held'}`)
  }

  for (const family of families) {
    const isOver = () => ground.isOver(asked.length > 1 ? family.until : 1)
    add(asked.includes(family) ? await fuzzed(family, ground, isOver) : notTried(family.attack, family.of))
  }
  add(ground.asks(odd) ? await mutatedCases(ground) : notTried(odd, 'files'))
  return attempts
}
