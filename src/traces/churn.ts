/**
 * C&C that moves: the short traces of one host to many servers, joined where they go on with one behaviour.
 * Tegeler et al., "BotFinder", CoNEXT 2012, section on bot evolution. The paper joins where the deviation of the
 * whole is lower than that of at least one part; here than that of both or their larger, and the quality must
 * hold too, since the paper's rule joins almost anything with one bad part.
 */
import { micros } from '../model/units.ts'
import { meanAndSd } from './columns.ts'
import { quality } from './family-model.ts'
import { samenessOf } from './features.ts'
import { intervalsOf } from './intervals.ts'
import type { Calls, Trace } from './trace.ts'

export interface ChurnOptions {
  /** Quality exp(-beta sd/mean) of the intervals of the whole. */
  readonly minQuality: number
  readonly beta: number
  /** Share of sizes that must be alike over the whole. */
  readonly minAlike: number
}

export const churnDefaults: ChurnOptions = { minQuality: 0.3, beta: 2.5, minAlike: 0.7 }

/** Traces of one client on one port, joined as far as they go together; those that joined nothing are left out. */
export function joinedTraces(traces: readonly Trace[], options: Partial<ChurnOptions> = {}): Trace[] {
  const all = { ...churnDefaults, ...options }
  const byPort = Map.groupBy(
    traces.filter(({ by }) => by === 'address'),
    ({ client, serverPort, proto }) => `${client} ${serverPort} ${proto}`,
  )
  return [...byPort.values()].flatMap((group) => joinGroup(group, all))
}

function joinGroup(group: readonly Trace[], options: ChurnOptions): Trace[] {
  const made: Trace[] = []
  for (const trace of group.toSorted((a, b) => a.firstStart - b.firstStart)) {
    const at = made.findIndex((each) => goTogether(each, trace, options))
    if (at < 0) made.push(trace)
    else made[at] = join(made[at]!, trace)
  }
  return made.filter(({ servers }) => servers.length > 1)
}

function goTogether(a: Trace, b: Trace, { minQuality, beta, minAlike }: ChurnOptions): boolean {
  const whole = join(a, b)
  const { mean, sd } = meanAndSd(intervalsOf(whole.calls.start))
  // Parts too short for a deviation of their own bring no bound.
  const parts = [a, b].map(({ calls }) => intervalsOf(calls.start)).filter(({ length }) => length >= 2)
  const bound = Math.max(
    ...parts.map((each) => meanAndSd(each).sd),
    parts.length === 0 ? Number.POSITIVE_INFINITY : 0,
  )
  const alike = samenessOf(whole.calls.sent)
  return (sd < bound || sd < 0.05 * mean) && quality(mean, sd, beta) > minQuality && !(alike < minAlike)
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
