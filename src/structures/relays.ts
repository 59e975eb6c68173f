/**
 * Machines that pass on what external hosts send: blind proxies and the relays of a hierarchy.
 *
 * A front end of a hidden server takes a call and makes one at once, of the same size each way (the fast-flux
 * "mothership", Honeynet Project, "Know your enemy: fast-flux service networks", 2007; Zhang and Paxson, "Detecting
 * stepping stones", USENIX Security 2000, match times in the same way). For every inbound call of a stranger an
 * outbound call to outside is looked for that begins within `within` of it and whose bytes are alike each way. Busy
 * hosts give such pairs by chance, so the same flows are paired again with the outbound ones shifted in time: the
 * chance is the share of shifts, the true one among them, with as many pairs.
 *
 * Told apart: calls from inside make a web proxy or a NAT gateway, a destination inside makes a reverse proxy or a load
 * balancer, port 25 makes a mail relay; none of these is looked at. A VPN gateway has few long inbound calls and many
 * outbound ones, which do not pair in size.
 */
import { seeded } from '../math/random.ts'
import { medianOf } from '../math/stats.ts'
import type { Relayed } from '../model/evidence.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, micros } from '../model/units.ts'
import { inside, outside } from '../store/networks.ts'
import { address, addresses, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type Candidate, type Side, shifted, sidesOf } from './relay-sides.ts'

export const relayDefaults = {
  /** Inbound calls, of this many external hosts, and outbound calls that a host needs to be looked at. */
  calls: 20,
  clients: 5,
  /** Microseconds from the inbound call to the outbound one. */
  within: 2e6,
  /** Bytes each way may differ by this factor, as a logarithm, and by headers. */
  alike: 0.1,
  slack: 120,
  /** Shifts of the control. */
  shifts: 199,
  /** A pair count is telling at this chance; Bonferroni over the hosts looked at. */
  chance: 0.05,
  /** Excess pairs over inbound calls. Fitted: `node bench/fit/fit-relays.ts`. */
  share: 0.2,
  /** Flows of one host and side that are looked at; of more, the first. */
  most: 20_000,
} as const
type RelayOptions = { readonly [K in keyof typeof relayDefaults]: number }

export interface Relay {
  readonly host: string
  /** Excess pairs over the calls: 0 for chance, 1 where every call is passed on. */
  readonly score: number
  readonly accused: boolean
  readonly from: number
  readonly to: number
  readonly evidence: Omit<Relayed, 'query'> & { readonly query: Query }
}

/** Ports whose servers pass on by trade. */
const passingPorts = [25, 465, 587, 53, 123]

/** Every host and port that could be a relay, with its score; best first. */
export async function findRelays(
  store: Store,
  scope: Scope,
  given: Partial<RelayOptions> = {},
): Promise<Relay[]> {
  const options: RelayOptions = { ...relayDefaults, ...given }
  const candidates = await candidatesIn(store, scope, options)
  const found: Relay[] = []
  for (let i = 0; i < candidates.length; i += together) {
    const batch = candidates.slice(i, i + together)
    const sides = await sidesOf(store, scope, batch, options.most)
    for (const candidate of batch) {
      const { called, passed } = sides(candidate)
      const relay = relayOf(scope, { candidate, options, tests: candidates.length, called, passed })
      if (relay) found.push(relay)
    }
  }

  return found.toSorted((a, b) => b.score - a.score || (a.host < b.host ? -1 : 1))
}

/** Candidates whose flows are asked for in one statement: bounds the memory, and the looks at all records. */
const together = 16

/** Keys only: hosts that external hosts call on one port and that call outside as often. */
function candidatesIn(store: Store, scope: Scope, { calls, clients }: RelayOptions): Promise<Candidate[]> {
  const { from, to, internal } = scope
  return store.rows<Candidate>(sql`
    SELECT ${addressText('server')} AS host, toUInt32(serverPort) AS port, toString(proto) AS proto FROM flow
    WHERE ${inboundCalls(scope)}
      AND server IN (
        SELECT client FROM flow
        WHERE start >= ${from} AND start < ${to} AND proto IN ('tcp', 'udp') AND outcome IN ('established', 'unknown')
          AND ${inside('client', internal)} AND ${outside('server', internal)}
        GROUP BY client HAVING count() >= ${calls})
    GROUP BY server, serverPort, proto
    HAVING count() >= ${calls} AND uniqExact(client) >= ${clients}
    ORDER BY count() DESC, host, port LIMIT 200`)
}

/** A call from outside that could be passed on. */
export const inboundCalls = ({ from, to, internal }: Pick<Scope, 'from' | 'to' | 'internal'>): Query => sql`
  start >= ${from} AND start < ${to} AND proto IN ('tcp', 'udp') AND outcome IN ('established', 'unknown')
  AND ${inside('server', internal)} AND NOT ${inside('client', internal)}
  AND serverPort NOT IN (${{ type: 'Array(UInt16)', value: passingPorts }})`

interface Looking {
  readonly candidate: Candidate
  readonly options: RelayOptions
  readonly tests: number
  readonly called: Side
  readonly passed: Side
}

function relayOf(scope: Scope, { candidate, options, tests, called, passed }: Looking): Relay | null {
  const { host, port, proto } = candidate
  if (called.start.length < options.calls || passed.start.length < options.calls) return null
  const pairs = pairsOf(called, passed, options)
  if (pairs.length === 0) return null
  const random = seeded(`relay ${host} ${port}`)
  const counts = Array.from(
    { length: options.shifts },
    () => pairsOf(called, shifted(passed, options.within, random), options).length,
  )
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length
  const chance = (1 + counts.filter((n) => n >= pairs.length).length) / (1 + counts.length)
  const score = Math.max(0, (pairs.length - expected) / called.start.length)
  const lags = Float64Array.from(pairs, ({ call, pass }) => passed.start[pass]! - called.start[call]!).sort()
  const places = Map.groupBy(pairs, ({ pass }) => `${passed.peer[pass]} ${passed.port[pass]}`)
  const to = [...places.values()].toSorted((a, b) => b.length - a.length)
  const isSignificant = chance <= Math.max(options.chance / tests, 1 / (1 + options.shifts))

  return {
    host,
    score,
    accused: isSignificant && score >= options.share,
    from: called.start[pairs[0]!.call]!,
    to: called.start[pairs.at(-1)!.call]! + 1,
    evidence: {
      kind: 'relayed',
      port,
      protocol: proto,
      clients: new Set(called.peer).size,
      calls: called.start.length,
      pairs: pairs.length,
      expected: Math.round(expected * 100) / 100,
      chance: clampRatio(chance),
      lag: micros(Math.round(medianOf(lags))),
      to: to.slice(0, 5).map(([first]) => ({
        address: passed.peer[first!.pass]!,
        port: passed.port[first!.pass]!,
        protocol: passed.proto[first!.pass]!,
        name: null,
      })),
      destinations: to.length,
      flows: pairs.slice(0, 5).flatMap(({ call, pass }) => [called.id[call]!, passed.id[pass]!]),
      query: rowsOf(
        scope,
        candidate,
        to.slice(0, 5).map(([first]) => passed.peer[first!.pass]!),
      ),
    },
  }
}

interface Pair {
  readonly call: number
  readonly pass: number
}

/** Each outbound call answers to one inbound call at most, the first that fits. Both sides are in order of time. */
export function pairsOf(
  called: Pick<Side, 'start' | 'sent' | 'received'>,
  passed: Pick<Side, 'start' | 'sent' | 'received'>,
  { within, alike, slack }: Pick<RelayOptions, 'within' | 'alike' | 'slack'>,
): Pair[] {
  const pairs: Pair[] = []
  const used = new Uint8Array(passed.start.length)
  const near = (a: number, b: number) =>
    Math.abs(a - b) <= slack || Math.abs(Math.log((a + 1) / (b + 1))) <= alike
  let low = 0

  for (let call = 0; call < called.start.length; call++) {
    const at = called.start[call]!
    while (low < passed.start.length && passed.start[low]! < at) low++
    for (let pass = low; pass < passed.start.length && passed.start[pass]! <= at + within; pass++) {
      if (used[pass]) continue
      if (!near(called.sent[call]!, passed.sent[pass]!)) continue
      if (!near(called.received[call]!, passed.received[pass]!)) continue
      used[pass] = 1
      pairs.push({ call, pass })
      break
    }
  }

  return pairs
}

const rowsOf = (
  { from, to }: Scope,
  { host, port, proto }: Candidate,
  places: readonly string[],
): Query => sql`
  SELECT toString(id) AS flow, fromUnixTimestamp64Micro(start) AS time,
    if(server = ${address(host)}, 'in', 'out') AS way,
         ${addressText('client')} AS from, ${addressText('server')} AS to, serverPort, clientBytes, serverBytes,
           duration / 1e6 AS seconds
  FROM flow WHERE start >= ${from} AND start < ${to}
    AND ((server = ${address(host)} AND serverPort = ${port} AND proto = ${proto})
      OR (client = ${address(host)} AND server IN (${addresses(places)})))
  ORDER BY start LIMIT 1000`
