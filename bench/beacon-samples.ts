/** Traces of a real capture with simulated implants, each with its clues and its truth. */
import { publish } from '../src/store/ledger.ts'
import { beginLoad } from '../src/store/load.ts'
import { sql } from '../src/store/sql.ts'
import type { Store } from '../src/store/store.ts'
import { type Beacon, findBeacons } from '../src/traces/find.ts'
import { isCnc, onSide, type RealCapture, withCapture } from './beacon-captures.ts'
import { implants } from './implants.ts'

export interface Judged {
  readonly beacon: Beacon
  readonly truth: 'cnc' | 'implant' | 'innocent' | 'unknown'
}

export interface JudgedCapture {
  readonly capture: RealCapture
  readonly traces: readonly Judged[]
  /** Internal hosts of this side, times the days covered. */
  readonly hostDays: number
}

/** Every trace that is considered, with `count` implants of the capture's own hosts laid over. */
export function judged(
  capture: RealCapture,
  { seed, count }: { seed: number; count: number },
): Promise<JudgedCapture> {
  return withCapture(capture, async ({ store, scope }) => {
    const [extent] = await store.rows<{ first: number; last: number }>(
      sql`SELECT min(start) AS first, max(start + duration) AS last FROM flow`,
    )
    const before = await findBeacons(store, scope, { minScore: 0 })
    const hosts = [...new Set(before.map(({ trace }) => trace.client))].filter(
      (each) => onSide(capture, each) && !each.includes(':'),
    )
    const { flows, lookups, cnc } = implants({ seed, count, hosts, ...extent! })
    if (count > 0) await add(store, flows, before[0] && before[0].network.namedShare > 0 ? lookups : [])
    const beacons = count > 0 ? await findBeacons(store, scope, { minScore: 0 }) : before
    const traces = beacons
      .filter(({ trace }) => onSide(capture, trace.client))
      .map((beacon): Judged => {
        const { address, port } = beacon.endpoint
        if (cnc.has(`${address}:${port}`)) return { beacon, truth: 'implant' }
        if (isCnc(capture, address, port)) return { beacon, truth: 'cnc' }
        return { beacon, truth: capture.others }
      })
    return { capture, traces, hostDays: (hosts.length * (extent!.last - extent!.first)) / 86.4e9 }
  })
}

async function add(store: Store, flows: readonly object[], lookups: readonly object[]): Promise<void> {
  const load = beginLoad(store)
  await load.write('flow', flows)
  await load.write('dns', lookups)
  await load.flush()
  await publish(store, {
    load: load.load,
    name: 'implants',
    sha256: load.load,
    bytes: 0,
    format: 'simulated',
    rejects: {},
    rejectSamples: [],
  })
}
