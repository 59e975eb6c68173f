/** A slow contact as a finding and the ranked list say it. */
import type { Endpoint, Shown } from '../../model/endpoint.ts'
import type { Evidence } from '../../model/evidence.ts'
import { clampRatio, micros, seconds } from '../../model/units.ts'
import { sayMany, saySpan } from '../../model/words/say.ts'
import { mapped } from '../calls-query.ts'
import type { SlowContact } from './find.ts'
import { leastAccusing } from './judge.ts'

export const slowEndpoint = ({ trace }: Pick<SlowContact, 'trace'>): Endpoint => ({
  address: trace.servers[0]!,
  port: trace.serverPort,
  protocol: trace.proto,
  name: trace.name,
})

/** "10.0.0.7 visits 203.0.113.9:443 every 7 d 0 h." */
export function slowClaim({ trace, figures: { timing } }: SlowContact): string {
  const [first] = trace.servers
  const at = `:${trace.serverPort}${trace.proto === 'tcp' ? '' : ` by ${trace.proto.toUpperCase()}`}`
  const place = trace.name === null ? `${first}${at}` : `${trace.name} (${first})${at}`
  return `${trace.client} visits ${place} every ${saySpan(seconds(Math.round(timing.period)))}.`
}

export function slowEvidence(contact: SlowContact, threshold: number): Evidence[] {
  const { trace, figures, verdict } = contact
  const { timing, history } = figures
  const endpoint = slowEndpoint(contact)
  const base = { endpoint, flows: [], query: visitsQuery(contact) }

  return [
    {
      ...base,
      kind: 'slow-rhythm',
      period: seconds(Math.round(timing.period)),
      jitter: seconds(Math.round(timing.jitter)),
      visits: timing.visits,
      span: seconds(timing.span),
      coverage: clampRatio(timing.coverage),
    },
    {
      endpoint,
      flows: [],
      kind: 'rarity',
      hosts: figures.callers,
      ofHosts: figures.ofHosts,
      query: callersQuery(contact),
    },
    ...(history
      ? [
          {
            ...base,
            kind: 'history' as const,
            first: micros(trace.visits[0]! * 1e6),
            days: history.days,
            ofDays: history.ofDays,
            daysBefore: history.daysBefore,
          },
        ]
      : []),
    {
      ...base,
      kind: 'weighing',
      confidence: clampRatio(Math.round(verdict.score * 1e3) / 1e3),
      threshold: clampRatio(threshold),
      bias: verdict.prior,
      reasons: verdict.reasons.map((reason) => ({ ...reason, doc: reason.description })),
      wouldChange: [],
      baseline: null,
    },
  ]
}

/** The hours with a visit, from the aggregates. */
function visitsQuery({ trace }: SlowContact): Shown {
  const hours = (count: string, table: string, where: string) =>
    `SELECT toDateTime(min(first), 'UTC') AS began, sum(${count}) AS ${count}
FROM ${table}
WHERE client = {client:IPv6} AND ${where}
GROUP BY hour ORDER BY hour`
  const client = mapped(trace.client)
  if (trace.by === 'name' && trace.name !== null)
    return {
      sql: hours('times', 'name_hour', 'name = {name:String}'),
      params: { client, name: trace.name },
    }

  return {
    sql: hours('flows', 'service_hour', service),
    params: { client, ...serviceOf(trace) },
  }
}

const service = 'server IN {servers:Array(IPv6)}\n  AND serverPort = {port:UInt16} AND proto = {proto:String}'
const serviceOf = ({ servers, serverPort, proto }: SlowContact['trace']) => ({
  servers: servers.map(mapped),
  port: serverPort,
  proto,
})

const callersQuery = ({ trace }: SlowContact): Shown => ({
  sql: `SELECT client, uniqExact(hour) AS hours, toDateTime(min(first), 'UTC') AS began
FROM service_hour
WHERE ${service}
GROUP BY client ORDER BY hours DESC`,
  params: serviceOf(trace),
})

/** Honest causes that would look the same, the likeliest first. */
export function slowDoubts({ figures }: SlowContact): [string, ...string[]] {
  const { service: known, rented, timing, bytes } = figures

  const named = known === null ? [] : [`it looks like ${known.title} (${known.source})`]
  const shared =
    rented === null
      ? []
      : [`${rented.title} serves many honest programs, and the records do not say who is behind this use`]
  const few =
    timing.visits < leastAccusing(timing)
      ? [`${sayMany(timing.visits, 'visit')} are few: a person’s routine can look like a clock`]
      : []
  const bulk = bytes >= 1e6 ? ['it is a backup or an update that runs by a schedule'] : []

  return [
    ...named,
    ...bulk,
    'it is a scheduled task: an update or licence check, a report, a certificate renewal',
    ...shared,
    ...few,
  ] as [string, ...string[]]
}

/** All that a finding says of the contact. */
export function slowFacts(contact: SlowContact, threshold: number) {
  const { trace, verdict } = contact
  const endpoint = slowEndpoint(contact)
  return {
    host: trace.client,
    endpoint,
    movedTo: trace.servers.slice(1).map((address) => ({ ...endpoint, address })),
    confidence: verdict.score,
    from: micros(trace.visits[0]! * 1e6),
    to: micros(trace.visits.at(-1)! * 1e6),
    claim: slowClaim(contact),
    evidence: slowEvidence(contact, threshold),
    doubts: slowDoubts(contact),
  }
}
