/**
 * Machines with an IPv4 and an IPv6 address.
 *
 * A dual-stack client asks the DNS over one family and calls what it was told over the other, so that its names and
 * its flows lie at two addresses. Whoever asked for a server, and who then called it at once, is one machine when it is
 * nearly always the same pair. Weak behind a resolver that many clients use: then no one caller is nearly always it.
 */

import type { SameMachine } from '../model/evidence.ts'
import type { Finding } from '../model/finding.ts'
import type { Scope } from '../model/networks.ts'
import { heldRecords } from '../store/epochs.ts'
import { inside, isIpv4 } from '../store/networks.ts'
import { addressText, name, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { hasRows } from '../store/tables/has-rows.ts'
import { shown } from './identity.ts'

/** Microseconds from the answer to the call. */
const atOnce = 5_000_000
/** Servers that must have been asked for and called. */
const leastServers = 3
/** Share of them that one caller must have called. */
const leastShare = 0.8

/** Whether any internal client has an address of IPv6: without one no machine has two families. */
async function hasVersion6(store: Store, { from, to, internal }: Omit<Scope, 'epoch'>): Promise<boolean> {
  const inEither = (['flow', 'dns'] as const).map(
    (table) => sql`
      SELECT 1 AS yes FROM ${name(table)}
      WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)}
        AND NOT ${isIpv4('client', internal)} LIMIT 1`,
  )
  for (const statement of inEither) if (await hasRows(store, statement)) return true
  return false
}

/** For each address that asks the DNS, the other-family address of its machine. */
export async function aliasesIn(
  store: Store,
  { from, to, internal }: Omit<Scope, 'epoch'>,
): Promise<SameMachine[]> {
  if (!(await heldRecords(store)).includes('dns')) return []
  if (!(await hasVersion6(store, { from, to, internal }))) return []
  const isV4 = (column: string) => sql`startsWith(toString(${{ parts: [column], params: [] }}), '::ffff:')`

  // Joined by server and slot of time too: a server that all call has more pairs of questions and calls than can be
  // looked at.
  const slot = (time: string) => sql`intDiv(${raw(time)}, ${atOnce})`

  const pairs = sql`
    SELECT asked.asker AS asker, called.caller AS caller, asked.told AS told, min(called.flow) AS flow
    FROM (
      SELECT client AS asker, start AS asking, toIPv6(answer) AS told,
        arrayJoin([${slot('start')}, ${slot('start')} + 1]) AS slot
      FROM dns ARRAY JOIN answers AS answer
      WHERE start >= ${from} AND start < ${to} AND (isIPv4String(answer) OR isIPv6String(answer))
        AND ${inside('client', internal)}
    ) AS asked
    INNER JOIN (
      SELECT client AS caller, start AS calling, server AS told, id AS flow, ${slot('start')} AS slot FROM flow
      WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)}
        AND server IN (SELECT toIPv6(answer) FROM dns ARRAY JOIN answers AS answer
          WHERE isIPv4String(answer) OR isIPv6String(answer))
    ) AS called ON asked.told = called.told AND asked.slot = called.slot
    WHERE called.calling >= asked.asking AND called.calling < asked.asking + ${atOnce}
    GROUP BY asker, caller, told`

  const rows = await store.rows<{
    host: string
    alias: string
    servers: number
    all: number
    some: string[]
  }>(sql`
    SELECT ${addressText('caller')} AS host, ${addressText('asker')} AS alias, toFloat64(servers) AS servers,
      toFloat64(everyone) AS all, some
    FROM (
      SELECT asker, caller, count() AS servers,
        arrayMap(x -> toString(x), arraySlice(arraySort(groupArray(flow)), 1, 10)) AS some,
             any(total) AS everyone
      FROM (SELECT *, uniqExact(told) OVER (PARTITION BY asker) AS total FROM (${pairs}))
      GROUP BY asker, caller
    )
    WHERE asker != caller AND ${isV4('asker')} != ${isV4('caller')} AND servers >= ${leastServers}
      AND servers >= ${leastShare} * everyone
    ORDER BY alias, servers DESC LIMIT 1 BY alias`)

  const query = shown(pairs)

  return rows.map(({ host, alias, servers, all, some }) => ({
    kind: 'same-machine',
    host,
    alias,
    servers,
    ofServers: all,
    flows: some,
    query,
  }))
}

/** The findings, with the other address of an accused machine accused with it, and why. */
export const withAliases = (findings: readonly Finding[], aliases: readonly SameMachine[]): Finding[] =>
  findings.map((finding) => {
    const known = aliases.filter(
      ({ alias, host }) => finding.hosts.includes(alias) && !finding.hosts.includes(host),
    )
    if (known.length === 0 || finding.kind === 'botnet') return finding
    return {
      ...finding,
      hosts: [...finding.hosts, ...known.map(({ host }) => host)],
      evidence: [...finding.evidence, ...known],
    }
  })
