/**
 * Two baselines on a case, from the same records: RITA's beacon score at its threshold, and the naive rule that accuses
 * every host with a contact that hardly anybody else has. Each gives an answer that is judged as Gannet's is.
 *
 * RITA's pairs are a client with an address, and a client with a name of TLS or HTTP; of an address whose connections
 * all have such a name only the names are scored. Every record counts, none is joined to another.
 */
import { importInputs } from '../../src/capture/import/import.ts'
import { ritaLine } from '../../src/evaluate/whole.ts'
import type { Networks } from '../../src/model/networks.ts'
import type { Query } from '../../src/model/query.ts'
import { internalNetworks } from '../../src/store/internal.ts'
import { inside, special } from '../../src/store/networks.ts'
import { addressText, raw, sql } from '../../src/store/sql.ts'
import type { Store } from '../../src/store/store.ts'
import { ritaOfDay } from '../../src/traces/beacons/rita.ts'
import { flowNames, isName } from '../../src/traces/names.ts'
import { withStore } from '../samples/own-store.ts'
import type { GroundAnswer } from './answer.ts'
import type { Contacted, GroundCase } from './cases.ts'

/** Of one case, by name of the baseline. */
export interface BaselineAnswers {
  readonly rita: GroundAnswer
  readonly rare: GroundAnswer
}

/** A contact is rare if no more than one in this many hosts has it; in a smaller network, if nobody else has. */
const rareOf = 50

interface ScoredPair extends Contacted {
  readonly host: string
  readonly score: number
  readonly accuses: boolean
  readonly connections: number
}

export const baselineAnswers = (of: GroundCase): Promise<BaselineAnswers> =>
  withStore(async (store) => {
    await importInputs(store, [...of.paths], { acceptRejects: true })
    const { networks } = await internalNetworks(store, of.internal)
    return baselinesIn(store, networks, of.victims)
  })

/** The same of records that are in a store. Of hosts that are no victims only the first few contacts are listed. */
export async function baselinesIn(
  store: Store,
  internal: Networks,
  victims: readonly string[],
): Promise<BaselineAnswers> {
  return {
    rita: answerOf(await ritaPairs(store, internal), victims),
    rare: answerOf(await rarePairs(store, internal), victims),
  }
}

const outside = (internal: Networks): Query => sql`
  ${inside('client', internal)} AND NOT ${inside('server', internal)}
  AND NOT ${inside('server', special)} AND NOT ${inside('client', special)}`

/** (uid, called): the name that the TLS handshake or the first request of a connection gave. */
const calledNames = sql`
  SELECT uid, argMin(told, (start, told)) AS called FROM (
    SELECT uid, start, serverName AS told FROM tls UNION ALL SELECT uid, start, host AS told FROM http)
  WHERE uid != '' AND ${raw(isName('told'))} GROUP BY uid`

/** Pairs that RITA scores. */
/** Pairs that RITA scores. */
export async function ritaPairs(store: Store, internal: Networks): Promise<ScoredPair[]> {
  const [extent] = await store.rows<{ first: number; last: number }>(
    sql`SELECT toFloat64(min(start)) AS first, toFloat64(max(start)) AS last FROM flow WHERE ${outside(internal)}`,
  )
  if (!extent) return []

  const columns = sql`${addressText('any(server)')} AS address, toFloat64(topK(1)(serverPort)[1]) AS port,
    groupArray(86400)((toFloat64(start), sent)) AS calls`
  const rows = await store.rows<
    Contacted & { readonly client: string; readonly calls: readonly (readonly [number, number])[] }
  >(sql`
    WITH connected AS (
      SELECT f.client AS client, f.server AS server, f.serverPort AS serverPort, f.start AS start, n.called AS called,
        toFloat64(ifNull(f.clientBytes, ifNull(f.bytes, 0))) AS sent
      FROM (SELECT * FROM flow WHERE ${outside(internal)}) AS f LEFT ANY JOIN (${calledNames}) AS n ON f.uid = n.uid)
    SELECT ${addressText('client')} AS client, address, port, name, calls FROM (
      SELECT client, called AS name, ${columns} FROM connected WHERE called != '' GROUP BY client, called
      UNION ALL
      SELECT client, '' AS name, ${columns} FROM connected GROUP BY client, server HAVING countIf(called = '') > 0)
    WHERE length(calls) > 3 ORDER BY client, name, address`)

  return rows.flatMap(({ client, address, port, name, calls }) => {
    const scored = ritaOfDay(
      calls.map(([start]) => start),
      calls.map(([, sent]) => sent),
      extent,
    )
    if (!scored) return []

    const score = scored.beacon
    const pair = { host: client, address, port, name: name || null, connections: calls.length }
    return [{ ...pair, score, accuses: score >= ritaLine }]
  })
}

/** Every contact, by name where any record has one, with the share of the hosts that do not have it as its score. */
async function rarePairs(store: Store, internal: Networks): Promise<ScoredPair[]> {
  const rows = await store.rows<
    Contacted & {
      readonly client: string
      readonly connections: number
      readonly callers: number
      readonly hosts: number
    }
  >(sql`
    WITH contact AS (
      SELECT client, name, if(name = '', server, toIPv6('::')) AS bare, any(server) AS one,
        topK(1)(serverPort)[1] AS port, count() AS connections
      FROM ${flowNames(outside(internal))} GROUP BY client, name, bare)
    SELECT ${addressText('client')} AS client, ${addressText('one')} AS address, toFloat64(port) AS port, name,
      toFloat64(connections) AS connections, toFloat64(callers) AS callers,
      (SELECT toFloat64(uniqExact(client)) FROM contact) AS hosts
    FROM contact
    INNER JOIN (SELECT name, bare, uniqExact(client) AS callers FROM contact GROUP BY name, bare) AS others
      USING (name, bare)
    ORDER BY client, name, address`)

  return rows.map(({ client, address, port, name, connections, callers, hosts }) => ({
    host: client,
    address,
    port,
    name: name || null,
    connections,
    score: 1 - (callers - 1) / hosts,
    accuses: callers <= Math.max(1, hosts / rareOf),
  }))
}

/** Pairs of one host that an answer keeps. */
const mostPairs = 10

function answerOf(pairs: readonly ScoredPair[], victims: readonly string[]): GroundAnswer {
  const ordered = pairs.toSorted((a, b) => b.score - a.score || b.connections - a.connections)
  const hosts = [...Map.groupBy(ordered, ({ host }) => host)].map(([host, own]) => {
    const accusing = own.filter(({ accuses }) => accuses)
    const text = `${host} meets ${own[0]!.name ?? own[0]!.address}:${own[0]!.port}.`

    return {
      accused: accusing.length > 0,
      own,
      answer: {
        host,
        confidence: own[0]!.score,
        kinds: [],
        cnc: accusing.slice(0, mostPairs).map(({ address, port, name }) => ({ address, port, name })),
        claims: [text],
      },
    }
  })
  const shown = hosts.filter(({ answer: { host } }, i) => i < 3 || victims.includes(host))

  return {
    accused: hosts.filter(({ accused }) => accused).map(({ answer }) => answer),
    suspects: hosts.filter(({ accused }) => !accused).map(({ answer }) => answer),
    contacts: shown.flatMap(({ own }) =>
      own.slice(0, mostPairs).map(({ host, address, port, name, score }, i) => ({
        host,
        address,
        port,
        name,
        score,
        rank: i + 1,
        place: ordered.indexOf(own[i]!) + 1,
      })),
    ),
    hosts: hosts.length,
    hostDays: 0,
    seconds: 0,
    failed: null,
  }
}
