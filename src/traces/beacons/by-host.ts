/** The baseline's best score of every host: for evaluations alone. */
import type { Scope } from '../../model/networks.ts'
import type { Store } from '../../store/store.ts'
import { gatherDefaults, goesOutside, tracesIn, unionOf } from '../gather.ts'
import { type BeaconOptions, extentOf } from './find.ts'
import { ritaOf } from './rita.ts'

/** RITA's best beacon score of a host, and when its calls were, in microseconds. */
interface BestPair {
  readonly score: number
  readonly from: number
  readonly to: number
}

/** RITA's best beacon score of each client, over its traces by address. */
export async function ritaByHost(
  store: Store,
  scopes: readonly Scope[],
  options: BeaconOptions = {},
): Promise<Map<string, BestPair>> {
  const best = new Map<string, BestPair>()
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
