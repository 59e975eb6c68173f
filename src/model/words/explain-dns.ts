import type {
  AnsweredEvidence,
  HandedEvidence,
  LabelsEvidence,
  PingEvidence,
  SpreadEvidence,
  TunnelEvidence,
} from '../dns-evidence.ts'
import { sayBytes, sayCount, sayEndpoint, sayList, sayMany, sayNumber, saySpan } from './say.ts'

export function tunnel({
  host,
  domain,
  names,
  queries,
  payload,
  entropy,
  up,
  down,
  answers,
  type,
}: TunnelEvidence): string {
  const types = type === '' ? '' : `, mostly of type ${type}`

  return (
    `${host} looked up ${sayMany(names, 'name')} under ${domain} ` +
    `(${sayMany(queries, 'query', 'queries')}${types}). The part ` +
    `before the domain has ${sayNumber(payload)} characters with ${sayNumber(entropy)} bits of entropy each. ` +
    `${sayBytes(up)} went out in names; ${sayBytes(down)} came back in ${sayMany(answers, 'different answer')}.`
  )
}

export function pings({
  endpoint,
  requests,
  answers,
  sent,
  received,
  spread,
  carried,
}: PingEvidence): string {
  return (
    `${sayMany(requests, 'echo request')} to ${endpoint.address} got ${sayMany(answers, 'answer')}: ` +
    `${sayNumber(sent)} bytes a request, ${sayNumber(received)} an answer, ${sayNumber(spread)} bytes of spread; ` +
    `a ping has its answer as large as itself. They carried ${sayBytes(carried)}.`
  )
}

export function handed({ endpoint, times, sent, received, callers, checked }: HandedEvidence): string {
  const before =
    checked === null ? '' : ` It had asked for its own public address ${saySpan(checked)} before.`
  const others = callers === 1 ? 'No other host uses it.' : `${sayMany(callers, 'host')} use it.`
  return (
    `${sayMany(times, 'conversation')} with ${sayEndpoint(endpoint)}: ${sayBytes(sent)} out, ` +
    `${sayBytes(received)} back. ${others}${before}`
  )
}

export function spread({
  of,
  name,
  addresses,
  networks,
  owners,
  systems,
  countries,
  lookups,
  ttl,
  late,
  score,
  threshold,
}: SpreadEvidence): string {
  const where = [
    `${sayMany(networks, 'network')} of ${sayMany(owners, 'owner')}`,
    systems === null ? null : sayMany(systems, 'autonomous system'),
    countries === null ? null : sayMany(countries, 'country', 'countries'),
  ].filter((each) => each !== null)
  const whose = of === 'name' ? name : `The name servers of ${name}`
  const time = ttl === null ? '' : `, with a TTL of ${sayNumber(ttl)} s`
  const growth =
    late === null || late === 0 ? '' : `, ${sayCount(late)} of them first seen in the second half of the time`

  return (
    `${whose} had ${sayMany(addresses, 'address', 'addresses')} in ${sayList(where)} ` +
    `over ${sayMany(lookups, 'look-up')}${time}${growth}. ` +
    `Flux score ${sayNumber(score)}, counting owners (threshold ${sayNumber(threshold)}).`
  )
}

export const labels = ({ domain, names, queries, clients, answerSets }: LabelsEvidence): string =>
  `${sayMany(clients, 'host')} looked up ` +
  `${sayMany(names, 'name')} under ${domain} (${sayMany(queries, 'query', 'queries')}). ` +
  `Nearly every name was looked up by one host only, and all had ${sayMany(answerSets, 'set')} of answers.`

export const answered = ({ names, hosts }: AnsweredEvidence): string =>
  `Of the names of this generator, ${sayList(names, 4)} resolved; the first resolved for ${sayMany(hosts, 'host')}.`
