/**
 * The C-plane filters. Gu et al., BotMiner 2008, section 3.3: "not critical for the proper functioning … useful
 * for reducing the workload". Each may be switched off. None of them touches the A-plane.
 */

import type { Allowlist } from '../model/allowlist.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { inside, outside } from '../store/networks.ts'
import { namesOfServers } from '../store/server-names.ts'
import { join, raw, sql, texts } from '../store/sql.ts'

export interface Filter {
  readonly name: string
  readonly doc: string
  /** SQL over `flow`, true for the flows that stay. */
  readonly keeps: Query
}

export interface FilterOptions {
  readonly f1: boolean
  readonly f2: boolean
  readonly f3: boolean
  readonly allow: Allowlist
}

/** The filters that are on, in order. */
export function filtersOf(scope: Scope, { f1, f2, f3, allow }: FilterOptions): Filter[] {
  const all: (Filter & { on: boolean })[] = [
    {
      on: true,
      name: 'transport',
      doc: 'flows that are not TCP or UDP',
      keeps: raw(`proto IN ('tcp', 'udp')`),
    },
    {
      on: f1,
      name: 'F1',
      doc: 'flows not from an internal host to an external one',
      keeps: sql`(${inside('client', scope.internal)} AND ${outside('server', scope.internal)})`,
    },
    {
      on: f2,
      name: 'F2',
      doc: 'flows not completely established',
      keeps: raw(`outcome IN ('established', 'unknown')`),
    },
    {
      on: f3 && allow.names.length + allow.networks.cidrs.length + (allow.services?.length ?? 0) > 0,
      name: 'F3',
      doc: 'flows to allowed destinations',
      keeps: sql`NOT ${allowed(scope, allow)}`,
    },
  ]

  return all.filter(({ on }) => on).map(({ name, doc, keeps }) => ({ name, doc, keeps }))
}

/** True where the server, or the service, is allowed by network, or is known to the client only by allowed names. */
function allowed(scope: Scope, { names, networks, services = [] }: Allowlist): Query {
  const ported = services.map(({ name, networks: where, port }) => {
    const there = name === null ? inside('server', where) : knownBy(scope, [name])
    return sql`(serverPort = ${port} AND ${there})`
  })
  const byName = names.length === 0 ? [] : [knownBy(scope, names)]
  return sql`(${join([inside('server', networks), ...byName, ...ported], ' OR ')})`
}

/** True where the client knows the server by no other names than these and what is under them. */
const knownBy = (scope: Scope, names: readonly string[]): Query => sql`(client, server) IN (
    SELECT client, server FROM (${namesOfServers(scope)})
    GROUP BY client, server
    HAVING min(arrayExists(suffix -> name = suffix OR endsWith(name, concat('.', suffix)), ${texts(names)})))`
