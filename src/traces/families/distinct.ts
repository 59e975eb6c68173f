/** Which traces are one and the same service seen twice, by address and by name. */
import type { Scope } from '../../model/networks.ts'
import type { Store } from '../../store/store.ts'
import { type GatherOptions, goesOutside, tracesIn } from '../gather.ts'
import { type Trace, traceKey } from '../trace.ts'

interface DistinctOptions extends Partial<Omit<GatherOptions, 'withInternal'>> {
  readonly minCalls: number
}

/**
 * Traces of at least `minCalls` connections, in the order of their keys: each address once, and a name once that
 * stood for several addresses, in the place of its addresses. For samples of a family; all are held in memory.
 */
export async function distinctTraces(
  store: Store,
  scope: Scope,
  options: DistinctOptions,
): Promise<readonly Trace[]> {
  const withInternal = !(await goesOutside(store, scope))
  const traces: Trace[] = []
  for await (const chunk of tracesIn(store, scope, { ...options, withInternal }))
    for (const trace of chunk) if (trace.connections >= options.minCalls) traces.push(trace)
  return withoutRepeats(traces)
}

/** As `distinctTraces` says, of traces that are there. */
export function withoutRepeats(traces: readonly Trace[]): Trace[] {
  const wide = traces.filter(({ by, servers }) => by === 'name' && servers.length > 1)
  const covered = new Set(wide.flatMap(servicesOf))
  return [
    ...wide,
    ...traces.filter(
      (trace) => trace.by === 'address' && !servicesOf(trace).every((each) => covered.has(each)),
    ),
  ].sort((a, b) => traceKey(a).localeCompare(traceKey(b)))
}

/** Client, server, port and transport of each server of a trace. */
export const servicesOf = ({ client, servers, serverPort, proto }: Trace): string[] =>
  servers.map((server) => [client, server, serverPort, proto].join(' '))
