/** The best trace of every host, ours and the baseline's, whether it accuses or not: for evaluations alone. */
import type { Scope } from '../../model/networks.ts'
import type { Store } from '../../store/store.ts'
import { gatherDefaults, goesOutside, tracesIn, unionOf } from '../gather.ts'
import { type BeaconOptions, extentOf, findBeacons } from './find.ts'
import { ritaOf } from './rita.ts'
import { fitted } from './verdict.ts'

interface HostTraces {
  /** Our confidence in the best trace, its server and its calls; null where no trace was judged. */
  readonly ours: { readonly score: number; readonly endpoint: string; readonly calls: number } | null
  /** RITA's best beacon score and when its calls were, in microseconds; null where it scores none. */
  readonly rita: { readonly score: number; readonly from: number; readonly to: number } | null
}

interface TracesByHost {
  /** The line that `ours` must reach to accuse. */
  readonly line: number
  readonly hosts: ReadonlyMap<string, HostTraces>
}

/** Looks at all scopes together, as `findBeacons` does. */
export async function tracesByHost(
  store: Store,
  scopes: readonly Scope[],
  options: BeaconOptions = {},
): Promise<TracesByHost> {
  const line = (options.parameters ?? fitted).threshold
  const hosts = new Map<string, HostTraces>()
  const of = (host: string) => hosts.get(host) ?? { ours: null, rita: null }
  for (const { trace, endpoint, score } of await findBeacons(store, scopes, { ...options, minScore: 0 })) {
    const known = of(trace.client)
    if ((known.ours?.score ?? -1) >= score) continue
    const text = `${endpoint.address}:${endpoint.port}/${endpoint.protocol}`
    hosts.set(trace.client, { ...known, ours: { score, endpoint: text, calls: trace.connections } })
  }
  for (const [host, rita] of await ritaByHost(store, scopes, options)) hosts.set(host, { ...of(host), rita })
  return { line, hosts }
}

/** RITA's best beacon score of each client, over its traces by address. */
export async function ritaByHost(
  store: Store,
  scopes: readonly Scope[],
  options: BeaconOptions = {},
): Promise<Map<string, NonNullable<HostTraces['rita']>>> {
  const best = new Map<string, NonNullable<HostTraces['rita']>>()
  const scope = unionOf(scopes)
  const extent = await extentOf(store, scope)
  const withInternal = !(await goesOutside(store, scope))
  for await (const chunk of tracesIn(store, scope, { ...gatherDefaults, ...options, withInternal }))
    for (const trace of chunk) {
      if (trace.by !== 'address') continue
      const rita = ritaOf(trace, extent)
      if (!rita || (best.get(trace.client)?.score ?? -1) >= rita.beacon) continue
      best.set(trace.client, { score: rita.beacon, from: trace.firstStart, to: trace.lastEnd })
    }

  return best
}
