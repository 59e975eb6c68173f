/**
 * The proving ground: who is found while botnets hide harder and harder, who is accused where there is no botnet, and
 * what is lost on networks of a kind that nothing was set on. Writes docs/method/proving-ground.md.
 *
 * `npm run bench -- proving` in full, `npm run bench -- proving-quick` the small share.
 */

import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { sharedData } from '../../test/shared-data.ts'
import { type Row, writePage } from '../row.ts'
import { type AnalysedRecords, type AnalysedRequest, analysed, type Run } from '../samples/analysed.ts'
import { isSmallest, shortDay } from '../smallest.ts'
import {
  type CleanResult,
  type EvasionResult,
  type NetworkResult,
  provingPage,
  provingRows,
} from './proving-page.ts'
import { type EvasionRun, type NetworkGround, type Plan, planOf } from './proving-plan.ts'

export const run = (): Promise<Row[]> => prove('full')

/** A whole number after a flag such as `--minutes 25`; null where it is not given. */
function flag(name: string): number | null {
  const at = process.argv.indexOf(name)
  return at < 0 ? null : Number(process.argv[at + 1])
}

/**
 * With `--minutes N` no run begins after this many, and the page says what is missing; with `--jobs N` this many run at
 * once.
 */
export async function prove(size: 'full' | 'quick'): Promise<Row[]> {
  const plan = planOf(size)
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 60_000
  const limit = flag('--minutes') ?? Number.POSITIVE_INFINITY
  const { found, done, of } = await everything(plan, {
    isOver: () => elapsed() >= limit,
    jobs: flag('--jobs'),
  })
  if (isSmallest && done < of) throw new RangeError(`only ${done} of ${of} runs were done`)
  writePage('proving-ground.md', provingPage(found, { size, minutes: elapsed(), done, of }))
  return provingRows(found)
}

interface Found {
  readonly evasions: readonly EvasionResult[]
  readonly networks: readonly NetworkResult[]
  readonly real: readonly CleanResult[]
}

interface Task {
  /** What matters most comes first, so that a run that is cut short still says something. */
  readonly rank: number
  readonly work: () => Promise<void>
}

/** As many at once as there are processors; each in a process of its own. */
async function everything(
  plan: Plan,
  { isOver, jobs }: { isOver: () => boolean; jobs: number | null },
): Promise<{ found: Found; done: number; of: number }> {
  const evasions: EvasionResult[] = []
  const networks: NetworkResult[] = []
  const real: CleanResult[] = []
  const tasks: Task[] = [
    ...plan.evasions.map((each) => ({
      rank: each.evasion === null ? each.days - 1 : 3 - each.strength,
      work: async () => {
        evasions.push(await hidden(each))
      },
    })),
    ...plan.networks.map((each) => ({
      rank: each.side === 'tuning' ? 0.5 : 1.5,
      work: async () => {
        networks.push(await onNetwork(each))
      },
    })),
    ...(plan.real ? realGrounds : [])
      .filter(({ path }) => existsSync(sharedData(path)))
      .map((each) => ({
        rank: 2.6,
        work: async () => {
          real.push(await onReal(each))
        },
      })),
  ].sort((a, b) => a.rank - b.rank)
  let [next, done] = [0, 0]
  const worker = async () => {
    while (next < tasks.length && !isOver()) {
      // One run that fails must not take the others with it; the page says how many are missing.
      const failed = await tasks[next++]!.work().then(
        () => null,
        (error: unknown) => error,
      )
      if (failed !== null)
        console.error(`a run failed: ${failed instanceof Error ? failed.message : String(failed)}`)
      else console.error(`${++done} of ${tasks.length} done`)
    }
  }
  await Promise.all(Array.from({ length: jobs ?? Math.min(2, availableParallelism()) }, worker))
  return { found: { evasions, networks, real }, done, of: tasks.length }
}

async function one(request: AnalysedRequest): Promise<{ records: AnalysedRecords; run: Run }> {
  const records = await analysed(request)
  const [own] = records.runs
  if (records.failed !== null || !own)
    throw new RangeError(`${JSON.stringify(request).slice(0, 120)}: ${records.failed}`)
  return { records, run: own }
}

/** Hosts that the answer accuses, by what accuses them. */
const accusedBy = ({ accused }: Run, kind?: string) =>
  new Set(
    accused
      .filter(({ kinds }) => kind === undefined || kinds.some((each) => each === kind))
      .map(({ host }) => host),
  )

async function hidden({
  evasion,
  strength,
  seed,
  scenario,
  hosts,
  days,
}: EvasionRun): Promise<EvasionResult> {
  const { records, run: own } = await one({
    records: { scenario, hosts, seed, bots: true, days },
    modes: ['default'],
    withRita: true,
  })
  const bots = records.truth!.botnets.flatMap(({ hosts, family }) => hosts.map((host) => ({ host, family })))
  const [joint, group, beacon] = [accusedBy(own), accusedBy(own, 'botnet'), accusedBy(own, 'beacon')]
  const rita = own.rita ?? {}
  const isBot = new Set(bots.map(({ host }) => host))
  return {
    evasion,
    strength,
    seed,
    days,
    bots: bots.map(({ host, family }) => ({
      family,
      joint: joint.has(host),
      group: group.has(host),
      beacon: beacon.has(host),
      rita: rita[host] ?? 0,
    })),
    clean: {
      hosts: own.hosts - bots.length,
      joint: [...joint].filter((host) => !isBot.has(host)).length,
      rita: Object.entries(rita).flatMap(([host, score]) => (isBot.has(host) ? [] : [score])),
    },
  }
}

async function onNetwork(ground: NetworkGround): Promise<NetworkResult> {
  const { scenario, hosts, seed } = ground
  const at = (bots: boolean) =>
    one({
      records: { scenario, hosts, seed, bots, ...(isSmallest && shortDay) },
      modes: ['default'],
      withRita: true,
    })
  const clean = await at(false)
  const infected = await at(true)
  const { evaluation } = infected.run
  return {
    ...ground,
    clean: cleanOf(`${scenario}, seed ${seed}`, clean.run),
    infected: {
      bots: evaluation!.hosts.truePositives + evaluation!.hosts.falseNegatives,
      caught: evaluation!.hosts.truePositives,
      wrong: evaluation!.hosts.falsePositives,
      botnets: evaluation!.botnets.length,
      found: evaluation!.botnets.filter(({ match }) => match !== null).length,
      missed: evaluation!.botnets.flatMap(({ id, family, size, accused }) =>
        accused < size ? [`${id} (${family}): ${size - accused} of ${size}`] : [],
      ),
    },
    processorSeconds: infected.run.processorSeconds + clean.run.processorSeconds,
  }
}

function cleanOf(name: string, { hosts, hostDays, accused, rita = {} }: Run): CleanResult {
  return {
    name,
    hosts,
    hostDays,
    accused: accused.map(({ host, kinds, claims }) => ({ host, kinds, claims })),
    rita: Object.values(rita).filter((score) => score >= 0.7).length,
  }
}

const realGrounds = [
  { name: 'desktop 008', path: 'captures/stratosphere-008/data', internal: ['147.32.81.167/32'] },
  { name: 'desktop 010', path: 'captures/stratosphere-010/data', internal: ['147.32.83.234/32'] },
  {
    name: 'Normal 2013',
    path: 'captures/slips-more/Normal-2013-10-21_capture-1.binetflow',
    internal: ['147.32.83.53/32'],
  },
  { name: 'campus background', path: 'background/ctu13-s6-half.binetflow.gz', internal: ['147.32.0.0/16'] },
]

async function onReal({ name, path, internal }: (typeof realGrounds)[number]): Promise<CleanResult> {
  const { run: own } = await one({
    records: { paths: [sharedData(path)] },
    modes: ['default'],
    options: { internal },
    withRita: true,
  })
  return cleanOf(name, own)
}
