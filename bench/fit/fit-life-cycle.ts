/**
 * Fits src/structures/life-cycle.json on the tuning side alone: office days of seeds 1 to 6 with their botnets, and the
 * tuning captures of docs/method/held-out.md.
 *
 *     node bench/fit/fit-life-cycle.ts [--seeds 1-6] [--kept FILE] [--write]
 *
 * With --kept, what was analysed is kept in (and taken from) a file of one ground a line.
 *
 * A sample is a host with a sign outward, by the strongest sign of each stage in its best window; hosts of the
 * background and of the desktops are taken for benign. The threshold is the least of 0.5, 0.6 … 0.9 at which, of the
 * hosts for which a rule holds, no benign is declared.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import type { LifeCycle } from '../../src/model/life-cycle.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { simulate } from '../../src/simulate/index.ts'
import { stageFeatures, strengthsOf } from '../../src/structures/life-cycle.ts'
import { sharedData } from '../../test/shared-data.ts'
import { truthOf } from '../samples/capture-list.ts'
import { withStore } from '../samples/own-store.ts'
import { seedsAsked } from '../seeds.ts'
import { isSmallest, shortDay } from '../smallest.ts'
import { fitLogistic } from './logistic.ts'

interface LifeSample {
  readonly ground: string
  readonly bot: boolean
  readonly cycle: LifeCycle
}

/** Captures of the tuning side, and who is a bot there where the truth file does not say. */
const captures: readonly {
  readonly path: string
  readonly internal: readonly string[]
  readonly half?: 'even'
}[] = [
  { path: 'captures/stratosphere-001/conn.log', internal: [] },
  { path: 'captures/stratosphere-008/data', internal: ['147.32.0.0/16'] },
  { path: 'captures/slips-more/Normal-2013-10-21_capture-1.binetflow', internal: [] },
  { path: 'pcap/unit42__Example-1-2021-01-06-Emotet-infection.pcap', internal: [] },
  { path: 'pcap/corelight_zeek-asyncrat-detector__cd010953-5faf-4054-86be-58c020c3a532.pcap', internal: [] },
  { path: 'background/ctu13-s6-half.binetflow.gz', internal: ['147.32.0.0/16'], half: 'even' },
]

export async function cyclesOf(
  paths: readonly string[],
  internal: readonly string[],
): Promise<readonly LifeCycle[]> {
  return withStore(async (store) => {
    const { inputs } = await importInputs(store, paths, { acceptRejects: true })
    const { answer } = await analyse(
      store,
      { ...defaults, internal },
      { version: 'bench', inputs, progress: () => {} },
    )
    return answer.lifeCycles
  })
}

/** Hosts of a simulated day of an office. */
export async function simulatedCycles(seed: number, bots: boolean): Promise<LifeSample[]> {
  const out = mkdtempSync(join(tmpdir(), 'gannet-life-'))
  try {
    const { files, truth } = await simulate({
      scenario: 'office',
      seed,
      bots,
      out,
      format: 'zeek',
      ...(isSmallest && shortDay),
    })
    const malicious = new Set(truth.botnets.flatMap(({ hosts }) => hosts))
    const cycles = await cyclesOf(
      files.filter((file) => !file.endsWith('truth.json')),
      [],
    )
    return cycles.map((cycle) => ({ ground: `office ${seed}`, bot: malicious.has(cycle.host), cycle }))
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

async function capturedCycles({ path, internal, half }: (typeof captures)[number]): Promise<LifeSample[]> {
  const malicious = new Set(truthOf(path)?.botnets.flatMap(({ hosts }) => hosts))
  return (await cyclesOf([sharedData(path)], internal))
    .filter(({ host }) => half === undefined || Number(host.split('.').at(-1)) % 2 === 0)
    .map((cycle) => ({ ground: path, bot: malicious.has(cycle.host), cycle }))
}

const file = process.argv.includes('--kept') ? process.argv[process.argv.indexOf('--kept') + 1] : undefined

/** What `make` gives, from the file of those kept where it is there. */
export async function kept(
  ground: string,
  make: () => Promise<LifeSample[]>,
): Promise<readonly LifeSample[]> {
  const lines = file && existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const known = lines.map((line) => JSON.parse(line) as { ground: string; samples: LifeSample[] })
  const found = known.find((each) => each.ground === ground)
  if (found) return found.samples
  const samples = await make()
  console.error(`${ground}: ${samples.length} hosts, ${samples.filter(({ bot }) => bot).length} bots`)
  if (file) appendFileSync(file, `${JSON.stringify({ ground, samples })}\n`)
  return samples
}

const valuesOf = ({ stages }: LifeCycle): number[] => {
  const values = strengthsOf(stages.filter(({ counted }) => counted))
  return stageFeatures.map(({ name }) => values[name]!)
}

if (import.meta.main) {
  const seeds = seedsAsked([1, 2, 3, 4, 5, 6])
  const samples: LifeSample[] = []
  for (const capture of captures) samples.push(...(await kept(capture.path, () => capturedCycles(capture))))
  for (const seed of seeds) samples.push(...(await kept(`office ${seed}`, () => simulatedCycles(seed, true))))
  const bots = samples.filter(({ bot }) => bot).length
  const { bias, weights } = fitLogistic(
    samples.map(({ bot, cycle }) => ({
      values: valuesOf(cycle),
      positive: bot,
      weight: bot ? 1 / bots : 1 / (samples.length - bots),
    })),
    stageFeatures.map(({ sign }) => sign),
    { ridge: 0.003 },
  )
  const short = (value: number) => Math.round(value * 1e3) / 1e3
  const judged = samples.map(({ bot, cycle }) => ({
    bot,
    rule: cycle.rule !== null,
    score: 1 / (1 + Math.exp(-valuesOf(cycle).reduce((sum, value, i) => sum + value * weights[i]!, bias))),
  }))
  const threshold =
    [0.5, 0.6, 0.7, 0.8, 0.9].find(
      (line) => !judged.some(({ bot, rule, score }) => !bot && rule && score >= line),
    ) ?? 0.95
  const parameters = {
    provenance: {
      command: 'node bench/fit/fit-life-cycle.ts --write',
      seeds,
      captures: captures.map(({ path }) => path),
      samples: samples.length,
      bots,
    },
    bias: short(bias),
    weights: Object.fromEntries(stageFeatures.map(({ name }, i) => [name, short(weights[i]!)])),
    threshold,
  }
  console.log(JSON.stringify(parameters, null, 2))
  for (const bot of [true, false]) {
    const own = judged.filter((each) => each.bot === bot)
    console.log(
      bot ? 'bots' : 'innocents',
      own.length,
      'with a rule',
      own.filter(({ rule }) => rule).length,
      'declared',
      own.filter(({ rule, score }) => rule && score >= threshold).length,
    )
  }
  if (process.argv.includes('--write'))
    writeFileSync(
      new URL('../../src/structures/life-cycle.json', import.meta.url),
      `${JSON.stringify(parameters, null, 2)}\n`,
    )
}
