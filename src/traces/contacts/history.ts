/**
 * How long a host has had a contact: first call, and days with a call, over all the time that aggregates are kept. It
 * is said beside the verdict and adds nothing to the score: no records with a truth reach back a week
 * (docs/method/contacts.md).
 */
import type { HistoryEvidence } from '../../model/evidence.ts'
import { type Micros, micros } from '../../model/units.ts'
import {
  day,
  haveDays,
  hostsSeen,
  namesSeen,
  nameText,
  type Seen,
  servicesSeen,
  serviceText,
} from '../../store/aggregates/seen.ts'
import type { Store } from '../../store/store.ts'
import { mapped, toServers } from '../calls-query.ts'
import type { ContactTrace } from './gather.ts'

export interface ContactHistory {
  /** Whether the host was followed by the name or by the servers' addresses. */
  readonly by: 'name' | 'address'
  readonly first: Micros
  /** Days with a call, and days on which the host was seen at all. */
  readonly days: number
  readonly ofDays: number
  /** Of these, days before the first call. */
  readonly daysBefore: number
}

/** Days on which a host must have been seen for its history to be worth a word. */
const leastDays = 7

/** Servers of one contact that are looked up. */
const mostServers = 16

const servicesOf = ({ client, servers, serverPort, ports, proto }: ContactTrace) =>
  servers
    .slice(0, mostServers)
    .map((server, i) => ({ client, server, port: ports?.[i] ?? serverPort, protocol: proto }))

/** The histories of contacts until a moment; of none whose host was seen on fewer than `leastDays` days. */
export async function historiesOf(
  store: Store,
  traces: readonly ContactTrace[],
  until: number,
): Promise<ReadonlyMap<ContactTrace, ContactHistory>> {
  if (traces.length === 0 || !(await haveDays(store, leastDays))) return new Map()
  const hosts = [...new Set(traces.map(({ client }) => client))]
  const called = traces.flatMap(({ client, name }) => (name === null ? [] : [{ client, name }]))

  const [byFlows, byNames, services, names] = [
    await hostsSeen(store, 'service_hour', { hosts, until }),
    await hostsSeen(store, 'name_hour', { hosts, until }),
    await servicesSeen(store, { services: traces.flatMap(servicesOf), until }),
    await namesSeen(store, { names: called, until }),
  ]

  return new Map(
    traces.flatMap((trace) => {
      const { client, name } = trace
      const named = name === null ? undefined : names.get(nameText({ client, name }))
      const met = servicesOf(trace).flatMap((each) => services.get(serviceText(each)) ?? [])
      const history = named
        ? historyFrom('name', [named], byNames.get(client))
        : historyFrom('address', met, byFlows.get(client))
      return history ? [[trace, history] as const] : []
    }),
  )
}

/** null where nothing was seen, or the host on too few days. */
export function historyFrom(
  by: ContactHistory['by'],
  seen: readonly Seen[],
  host: Seen | undefined,
): ContactHistory | null {
  if (seen.length === 0 || !host || host.days.length < leastDays) return null
  const first = Math.min(...seen.map((each) => each.first))
  const days = new Set(seen.flatMap((each) => each.days)).size
  const firstDay = Math.floor(first / day)

  return {
    by,
    first: micros(first),
    days,
    ofDays: host.days.length,
    daysBefore: host.days.filter((each) => each < firstDay).length,
  }
}

/** Whether the host was there for long enough without the contact for it to be new. */
export const isNew = ({ daysBefore }: ContactHistory): boolean => daysBefore >= leastDays

/** The days with a call, from the aggregates. */
export function historyQuery(trace: ContactTrace, { by }: ContactHistory): HistoryEvidence['query'] {
  const { client, name, proto } = trace
  const whole = (table: string, count: string, where: string) =>
    `SELECT toDate(intDiv(hour, 86400000000)) AS day, sum(${count}) AS ${count}, toDateTime(min(first), 'UTC') AS began
FROM ${table}
WHERE client = {client:IPv6} AND ${where}
GROUP BY day ORDER BY day`
  if (by === 'name' && name !== null) {
    return {
      sql: whole('name_hour', 'times', 'name = {name:String}'),
      params: { client: mapped(client), name },
    }
  }

  const { where, params } = toServers(trace)

  return {
    sql: whole('service_hour', 'flows', `${where}\n  AND proto = {proto:String}`),
    params: { client: mapped(client), ...params, proto },
  }
}
