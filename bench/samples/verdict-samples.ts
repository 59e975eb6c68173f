/** Hosts with what each detector saw of them, for the joint verdict to be fitted on and measured with. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import type { HostVerdict } from '../../src/model/answer.ts'
import type { FindingKind } from '../../src/model/finding.ts'
import { privateCidrs } from '../../src/model/networks.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { extentOf } from '../../src/traces/beacons/find.ts'
import { ritaOf } from '../../src/traces/beacons/rita.ts'
import { tracesIn } from '../../src/traces/gather.ts'
import { sharedData } from '../../test/shared-data.ts'

/** Records whose hosts are known. */
export type VerdictGround =
  | {
      readonly name: string
      readonly scenario: string
      readonly seed: number
      readonly bots: boolean
      /** Machines; as many as the scenario has where not given. */
      readonly hosts?: number
    }
  | {
      readonly name: string
      readonly paths: readonly string[]
      readonly internal: readonly string[]
      /** Hosts that are infected; all others are clean. */
      readonly bots: readonly string[]
      /** Only hosts of this parity of the address' last number. */
      readonly half?: 0 | 1
    }

export interface HostSample {
  readonly ground: string
  readonly real: boolean
  readonly host: string
  readonly bot: boolean
  /** Strongest sign by kind. */
  readonly strengths: Readonly<Partial<Record<FindingKind, number>>>
  /** Whether some detector accuses it alone. */
  readonly alone: boolean
  /** RITA's best score of a pair of the host; 0 where it scores none. */
  readonly rita: number
  /** Verdict that was in force when the sample was made. */
  readonly verdict: number
}

export interface SampledGround {
  readonly ground: VerdictGround
  readonly hostDays: number
  readonly samples: readonly HostSample[]
}

/** Runs the whole job on the records; every internal host is a sample, seen of it something or nothing. */
export async function sampled(ground: VerdictGround): Promise<SampledGround> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const store = await openEmbedded(join(folder, 'db'))
  try {
    const { paths, bots, internal } = await recordsOf(ground, folder)
    const { inputs } = await importInputs(store, paths, { acceptRejects: true })
    const { answer } = await analyse(
      store,
      { ...defaults, internal },
      { version: 'bench', inputs, progress: () => {} },
    )
    const networks = parseNetworks(answer.analysis.internal)
    const scope = { epoch: 0, from: 0, to: 4e15, internal: networks }
    const extent = await extentOf(store, scope)
    const best = new Map<string, number>()
    for await (const chunk of tracesIn(store, scope, { minCalls: 4 }))
      for (const trace of chunk)
        if (trace.by === 'address')
          best.set(trace.client, Math.max(best.get(trace.client) ?? 0, ritaOf(trace, extent)?.beacon ?? 0))
    const onSide = (host: string) =>
      !('half' in ground) || ground.half === undefined || Number(host.split('.').at(-1)) % 2 === ground.half
    const seen = new Map<string, HostVerdict>(
      [...answer.hosts, ...answer.suspects].map((each) => [each.host, each]),
    )
    const quiet = Math.max(0, answer.analysis.hosts - seen.size)
    const sampleOf = (host: string): HostSample => {
      const verdict = seen.get(host)
      const accused = answer.hosts.find((each) => each.host === host)
      return {
        ground: ground.name,
        real: 'paths' in ground,
        host,
        bot: bots.includes(host),
        strengths: Object.fromEntries((verdict?.parts ?? []).map(({ kind, strength }) => [kind, strength])),
        alone: accused !== undefined && accused.kinds.some((kind) => kind !== 'together'),
        rita: best.get(host) ?? 0,
        verdict: verdict?.confidence ?? 0,
      }
    }
    const named = new Set([...seen.keys(), ...best.keys(), ...bots].filter(onSide))
    const rest = Math.max(0, Math.round((quiet + seen.size) * ('half' in ground ? 0.5 : 1)) - named.size)
    return {
      ground,
      hostDays: ((named.size + rest) * (extent.last - extent.first)) / 86.4e9,
      samples: [
        ...[...named].map(sampleOf),
        ...Array.from({ length: rest }, (_, i) => sampleOf(`quiet host ${i}`)),
      ],
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function recordsOf(ground: VerdictGround, folder: string) {
  if ('paths' in ground)
    return {
      paths: ground.paths.map(sharedData),
      bots: ground.bots,
      internal: ground.internal.length > 0 ? [...privateCidrs, ...ground.internal] : [],
    }
  const { name: _, ...what } = ground
  const { files, truth } = await simulate({ ...what, format: 'zeek', out: join(folder, 'records') })
  return {
    paths: files.filter((file) => file.endsWith('.log')),
    bots: truth.botnets.flatMap((each) => each.hosts),
    internal: [],
  }
}
