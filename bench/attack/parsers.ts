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
import { type Attempt, createTrials, type Ground, hold, seconds } from './attempt.ts'

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

async function mutatedCases({ folder, count, seed }: Ground): Promise<Attempt> {
  const random = randomFrom(seed)
  const trials = createTrials()
  const paths = globSync('*/*', { cwd: cases }).filter(
    (path) =>
      !path.endsWith('.md') &&
      statSync(join(cases, path)).isFile() &&
      statSync(join(cases, path)).size < 1 << 20,
  )
  const times = existsSync(cases) ? count({ smallest: 60, usual: 250, full: 100_000 }) : 0
  const place = join(folder, 'cases')
  mkdirSync(place)
  const store = await openEmbedded(join(folder, 'cases-db'))
  let [read, refused, longest] = [0, 0, 0]
  try {
    for (let i = 0; i < times; i++) {
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
    tried: times,
    of: 'files',
    held: 'each is read to its last byte, or refused or unpacked with a reason; nothing else is thrown',
    bound:
      times === 0
        ? 'not tried: the files are not here'
        : `${said(read)} plain files read whole, ${said(refused)} refused, wrapped or packed; ${seconds(longest)} of processor time at most`,
    failed: trials.failed,
  }
}

export async function parsers(ground: Ground): Promise<Attempt[]> {
  const { count, seed, say } = ground
  const attempts: Attempt[] = []
  const add = async (made: Promise<Attempt>) => {
    const found = await made
    attempts.push(found)
    say(`${found.attack}: ${said(found.tried)} ${found.of}, ${found.failed[0] ?? 'held'}`)
  }
  await add(
    attempt('datagrams of exporters and files of nfdump', async () => {
      const { inputs, records, flows, rejects, slowest } = await fuzzDatagrams(
        count({ smallest: 5000, usual: 1_000_000, full: 10_000_000 }),
        seed,
      )
      const bound = `${said(flows)} flows, ${said(rejects)} rejects; ${Math.round(slowest)} ms of processor time at most`
      return {
        tried: inputs,
        of: 'inputs',
        held: `each of ${said(records + rejects)} records is in a flow or rejected`,
        bound,
      }
    }),
  )
  await add(
    attempt('captures, layer by layer, 40 link types', () => {
      const { captures, frames, packets, rejected, longest } = fuzzPackets(
        count({ smallest: 500, usual: 60_000, full: 10_000_000 }),
        seed,
      )
      const bound = `${said(packets)} packets in flows, ${said(rejected)} rejected; ${Math.round(longest)} ms of processor time at most`
      return {
        tried: captures,
        of: 'captures',
        held: `each of ${said(frames)} frames is in a flow or rejected`,
        bound,
      }
    }),
  )
  await add(
    attempt('text formats, line by line', async () => {
      const { lines, records, rows, rejects, slowest } = await fuzzTexts(
        count({ smallest: 8000, usual: 120_000, full: 10_000_000 }),
        seed,
        count({ smallest: 800, usual: 20_000, full: 20_000 }),
      )
      const bound = `${said(rows)} rows, ${said(rejects)} rejects; ${Math.round(slowest)} ms of processor time a file at most`
      return {
        tried: lines,
        of: 'lines',
        held: `each of ${said(records)} records is a row or rejected`,
        bound,
      }
    }),
  )
  await add(
    attempt('envelopes, encodings, packings and archives around records', async () => {
      const { files, lines, refused } = await fuzzWrapped(
        count({ smallest: 100, usual: 1000, full: 1_000_000 }),
        seed,
      )
      return {
        tried: files,
        of: 'files',
        held: `each of ${said(lines)} lines comes out again; of damaged ones nothing is thrown but a reason`,
        bound: `${said(refused)} of the damaged were refused`,
      }
    }),
  )
  await add(mutatedCases(ground))
  return attempts
}
