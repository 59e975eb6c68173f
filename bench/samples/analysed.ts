/**
 * The whole job on simulated or real records in a process of its own, so that memory is counted and given back.
 *
 * `analysed(request)` from a benchmark; `node bench/samples/analysed.ts REQUEST` is the child, which prints one JSON
 * object.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { importInputs } from '../../src/capture/import/import.ts'
import { type AnalysisOptions, defaults, paper } from '../../src/config.ts'
import { type Evaluation, evaluate } from '../../src/evaluate/index.ts'
import type { AccusedHost, Answer, Botnet, EpochReport, InputReport } from '../../src/model/answer.ts'
import type { Planes } from '../../src/model/correlation.ts'
import type { Truth } from '../../src/model/truth.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { type Scenario, simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import type { Store } from '../../src/store/store.ts'
import { ritaByHost } from '../../src/traces/beacons/by-host.ts'
import { piece } from './pieces.ts'

export type Mode = AnalysisOptions['mode']

export interface AnalysedRequest {
  readonly records:
    | {
        /** Its name, or its data. */
        readonly scenario: string | Scenario
        readonly hosts?: number
        readonly days?: number
        readonly seed: number
        readonly bots: boolean
        readonly format?: 'zeek' | 'argus'
      }
    | { readonly paths: readonly string[] }
  readonly modes: readonly Mode[]
  readonly options?: Partial<AnalysisOptions>
  /** For real records; simulated ones bring their own. */
  readonly truth?: Truth
  /** The two planes of each epoch too, for scores at other options. */
  readonly withPlanes?: boolean
  /** RITA's best score of each host too. */
  readonly withRita?: boolean
}

export interface Accused
  extends Pick<AccusedHost, 'host' | 'kinds' | 'botnet' | 'cnc' | 'severity' | 'confidence'> {
  readonly claims: readonly string[]
}

export interface Run {
  readonly mode: Mode
  readonly seconds: number
  /** Of all threads, user and system: what a busy machine disturbs least. */
  readonly processorSeconds: number
  /** Processor seconds by stage. */
  readonly stages: Readonly<Record<string, number>>
  readonly evaluation: Evaluation | null
  readonly accused: readonly Accused[]
  readonly botnets: readonly Botnet[]
  readonly epochs: readonly EpochReport[]
  readonly internal: readonly string[]
  readonly hosts: number
  readonly hostDays: number
  readonly planes: readonly Planes[]
  /** RITA's best beacon score of each internal host that it scores, where asked for. */
  readonly rita?: Readonly<Record<string, number>>
}

export interface AnalysedRecords {
  readonly truth: Truth | null
  readonly inputs: readonly Pick<InputReport, 'format' | 'records' | 'rejects'>[]
  readonly importSeconds: number
  readonly runs: readonly Run[]
  /** Of the whole process, at its highest. */
  readonly peakMegabytes: number
  /** Why there is no run. */
  readonly failed: string | null
}

const self = fileURLToPath(import.meta.url)
const execute = promisify(execFile)

export async function analysed(request: AnalysedRequest): Promise<AnalysedRecords> {
  return piece(request, async () => {
    const { stdout } = await execute(process.execPath, [self, JSON.stringify(request)], {
      maxBuffer: 1 << 30,
    })
    return JSON.parse(stdout) as AnalysedRecords
  })
}

async function work(request: AnalysedRequest): Promise<AnalysedRecords> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const store = await openEmbedded(join(folder, 'db'))
  let inputs: readonly InputReport[] = []
  let truth = request.truth ?? null
  const runs: Run[] = []
  let importSeconds = 0
  let failed: string | null = null
  try {
    const { records } = request
    let paths: readonly string[]
    if ('paths' in records) paths = records.paths
    else {
      const made = await simulate({ format: 'zeek', ...records, out: join(folder, 'records') })
      truth = made.truth
      paths = made.files.filter((file) => !file.endsWith('truth.json'))
    }
    const began = performance.now()
    inputs = (await importInputs(store, paths, { acceptRejects: true })).inputs
    importSeconds = since(began)
    for (const mode of request.modes) runs.push(await runOf(store, { request, mode, inputs, truth }))
  } catch (error) {
    failed = error instanceof Error ? error.message : String(error)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return {
    truth,
    inputs: inputs.map(({ format, records, rejects }) => ({ format, records, rejects })),
    importSeconds,
    runs,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    failed,
  }
}

const since = (began: number) => (performance.now() - began) / 1000

function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

interface Setting {
  readonly request: AnalysedRequest
  readonly mode: Mode
  readonly inputs: readonly InputReport[]
  readonly truth: Truth | null
}

async function runOf(store: Store, { request, mode, inputs, truth }: Setting): Promise<Run> {
  const began = performance.now()
  const stages: Record<string, number> = {}
  const spent = processorSeconds()
  let [stage, entered] = ['start', spent]
  const leave = () => {
    stages[stage] = (stages[stage] ?? 0) + processorSeconds() - entered
  }
  const planes: Planes[] = []
  const options = { ...(mode === 'paper' ? paper : defaults), ...request.options, mode }
  const { answer } = await analyse(store, options, {
    version: 'bench',
    inputs,
    inTurn: true,
    isAlone: true,
    progress: (name) => {
      leave()
      ;[stage, entered] = [name, processorSeconds()]
    },
    planes: (each) => {
      if (request.withPlanes) planes.push(each)
    },
  })
  leave()
  const { from, to, hosts } = answer.analysis
  return {
    mode,
    seconds: since(began),
    processorSeconds: processorSeconds() - spent,
    stages,
    evaluation: truth && evaluate(answer, truth),
    accused: answer.hosts.map(({ host, kinds, botnet, cnc, severity, confidence, findings }) => ({
      host,
      kinds,
      botnet,
      cnc,
      severity,
      confidence,
      claims: findings.map((id) => answer.findings.find((each) => each.id === id)?.claim ?? id),
    })),
    botnets: answer.botnets,
    epochs: answer.analysis.epochs,
    internal: answer.analysis.internal,
    hosts,
    hostDays: from === null || to === null ? 0 : (hosts * (to - from)) / 86_400e6,
    planes,
    ...(request.withRita ? { rita: await ritaIn(store, answer) } : {}),
  }
}

async function ritaIn(
  store: Store,
  { analysis: { from, to, internal } }: Answer,
): Promise<Record<string, number>> {
  const scope = { epoch: 0, from: from ?? 0, to: to ?? 4e15, internal: parseNetworks(internal) }
  return Object.fromEntries([...(await ritaByHost(store, [scope]))].map(([host, { score }]) => [host, score]))
}

if (process.argv[1] === self) {
  const request = JSON.parse(process.argv[2] ?? '') as AnalysedRequest
  process.stdout.write(JSON.stringify(await work(request)))
}
