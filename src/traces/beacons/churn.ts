/**
 * C&C that moves: the short traces of one host to one server after another, joined where they go on with one behaviour.
 * Tegeler et al., "BotFinder", CoNEXT 2012, section on bot evolution. The paper joins any two traces where the
 * deviation of the whole is lower than that of at least one part, which joins almost anything with one bad part.
 * Here the second has to begin where the first leaves off, at the same pace and with sizes alike, and the quality
 * of the whole must hold.
 */

import { ascending, known, meanAndSd, medianOf } from '../../math/stats.ts'
import { micros } from '../../model/units.ts'
import { quality, samenessOf } from '../features.ts'
import { intervalsOf } from '../intervals.ts'
import type { Calls, Trace } from '../trace.ts'

interface ChurnOptions {
  /** Quality exp(-beta sd/mean) of the intervals of the whole. */
  readonly minQuality: number
  readonly beta: number
  /** Share of sizes that must be alike over the whole. */
  readonly minAlike: number
  /** Most intervals of silence between the last call to one server and the first to the next. */
  readonly maxSilence: number
  /** Calls of one part. */
  readonly minCalls: number
}

const churnDefaults: ChurnOptions = {
  minQuality: 0.3,
  beta: 2.5,
  minAlike: 0.7,
  maxSilence: 3,
  minCalls: 4,
}

/** Most that the median intervals of two parts may differ by, as a factor. */
const samePace = 1.5

/** Traces of one client on one port, joined as far as they go on; those that joined nothing are left out. */
export function joinedTraces(traces: readonly Trace[], options: Partial<ChurnOptions> = {}): Trace[] {
  const all = { ...churnDefaults, ...options }
  const byPort = Map.groupBy(
    traces.filter(({ by, calls }) => by === 'address' && calls.start.length >= all.minCalls),
    ({ client, serverPort, proto }) => `${client} ${serverPort} ${proto}`,
  )
  return [...byPort.values()].flatMap((group) => joinGroup(group, all))
}

interface Chain {
  readonly trace: Trace
  /** Median seconds between its calls, and the start of its last one. */
  readonly pace: number
  readonly last: number
}

const chainOf = (trace: Trace): Chain => ({
  trace,
  pace: medianOf(ascending(intervalsOf(trace.calls.start))),
  last: trace.calls.start[trace.calls.start.length - 1]!,
})

function joinGroup(group: readonly Trace[], options: ChurnOptions): Trace[] {
  const chains: Chain[] = []
  for (const next of group.toSorted((a, b) => a.firstStart - b.firstStart).map(chainOf)) {
    const at = chains.findIndex(
      (each) => followsOn(each, next, options) && goTogether(each.trace, next.trace, options),
    )
    if (at < 0) chains.push(next)
    else chains[at] = chainOf(join(chains[at]!.trace, next.trace))
  }
  return chains.flatMap(({ trace }) => (trace.servers.length > 1 ? [{ ...trace, by: 'moves' as const }] : []))
}

/** Cheap, and false for nearly all pairs: no more than a few beats after, and at the same pace. */
function followsOn(a: Chain, b: Chain, { maxSilence }: ChurnOptions): boolean {
  const silence = (b.trace.calls.start[0]! - a.last) / 1e6
  return (
    silence > 0 &&
    silence <= maxSilence * a.pace &&
    Math.max(a.pace, b.pace) <= samePace * Math.min(a.pace, b.pace)
  )
}

function goTogether(a: Trace, b: Trace, { minQuality, beta, minAlike }: ChurnOptions): boolean {
  const whole = join(a, b)
  const { mean, sd } = meanAndSd(intervalsOf(whole.calls.start))
  const alike = samenessOf(known(whole.calls.sent))
  return quality(mean, sd, beta) > minQuality && !(alike < minAlike)
}

/** Two traces as one, by start. */
export function join(a: Trace, b: Trace): Trace {
  const order = [...a.calls.start.keys()].map((i) => ({ calls: a.calls, i }))
  order.push(...[...b.calls.start.keys()].map((i) => ({ calls: b.calls, i })))
  order.sort((x, y) => x.calls.start[x.i]! - y.calls.start[y.i]!)
  const column = (name: keyof Calls) => Float64Array.from(order, ({ calls, i }) => calls[name][i]!)

  return {
    ...a,
    servers: [...new Set([...a.servers, ...b.servers])],
    connections: a.connections + b.connections,
    stitched: a.stitched + b.stitched,
    failed: a.failed + b.failed,
    midstream: a.midstream + b.midstream,
    firstStart: micros(Math.min(a.firstStart, b.firstStart)),
    lastEnd: micros(Math.max(a.lastEnd, b.lastEnd)),
    calls: {
      start: column('start'),
      duration: column('duration'),
      sent: column('sent'),
      received: column('received'),
      bytes: column('bytes'),
      packets: column('packets'),
    },
    flows: [...a.flows, ...b.flows].slice(0, 10),
  }
}
