/**
 * Check-ins through the DNS: a host asks the same name of an unpopular domain by the clock, and nobody ever calls what
 * the answers name. The question says "I am here", the answer says whether there is work: Cobalt Strike's DNS beacon
 * asks an A record a minute and is told 0.0.0.0 until there is ("DNS Beacon", Cobalt Strike user guide; T1071.004).
 *
 * Tunnels are told by fresh names, which a channel at rest need not have. Other programs ask by the clock too, but call
 * what they are told; a resolver that blocks names answers 0.0.0.0 for those of many owners.
 */
import { addresses, addressText, mostFrequent, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { askedIn, backwards, partsOfNames, type Span } from './partitions.ts'
import { usual } from './tunnels.ts'

interface CheckInFacts {
  readonly client: string
  readonly registered: string
  /** The name asked most, and the type of its questions. */
  readonly name: string
  readonly type: string
  /** Questions for names that the host asks at least `leastQuestions` times. */
  readonly queries: number
  readonly names: number
  readonly answered: number
  /** Distinct addresses in answers, at most 20. */
  readonly answers: readonly string[]
  /** Mean characters before the registered domain, without dots, and bits a character. */
  readonly payload: number
  readonly entropy: number
  /** Bytes of answers. */
  readonly down: number
  /** Questions of types that clients hardly ask. */
  readonly odd: number
  /** Microseconds since the epoch, ascending; the first 2,048. */
  readonly starts: readonly number[]
  readonly first: number
  readonly last: number
}

export interface CheckIn extends Omit<CheckInFacts, 'starts' | 'answers'> {
  /** Distinct answers. */
  readonly replies: number
  /** Median of the intervals, seconds. */
  readonly period: number
  /** Internal hosts that ask for names under the domain. */
  readonly hosts: number
  /** Why the answers are none that a program would call; null where they only were not called. */
  readonly because: 'no address' | 'a public resolver' | 'an unusual type' | null
  /** 0 to 1. */
  readonly confidence: number
}

/** Thresholds; docs/method/names.md says what each rests on. */
const checkInThresholds = {
  /** Questions of one host for one name. */
  leastQuestions: 60,
  /** Microseconds from first to last. */
  leastSpan: 3600e6,
  /** Questions nearer than this are one: A and AAAA, and repetitions, microseconds. */
  together: 3e6,
  /** Half of the intervals lie within this share of the median. */
  mostSpread: 0.6,
  /** Share of slots of three medians with a question. */
  leastCoverage: 0.8,
  /** Internal hosts that ask for names under the domain: as many, or this share of those that ask at all. */
  mostHosts: 5,
  mostShare: 0.05,
  /** Owners for whom a resolver answers "no address", from which on it blocks names. */
  blocked: 3,
} as const

/** Types that clients ask for addresses and services. */
const ordinary = [...usual, 'SRV', 'ANY']

/** What a check-in is judged by besides its own questions. */
export interface CheckInContext {
  /** Rank of a registered domain among popular ones, 1 the most popular; null for one in no list. */
  readonly rankOf: (registered: string) => number | null
  /** Title of an ordinary service whose look-ups go on below the domain; null for none that is known. */
  readonly serviceOf: (registered: string) => string | null
  /** Whether the address is that of a resolver which anybody may ask. */
  readonly isResolver: (address: string) => boolean
}

/** Check-ins of the internal hosts, the surest first. */
export async function checkInsIn(store: Store, span: Span, context: CheckInContext): Promise<CheckIn[]> {
  const regular = (await repeatedIn(store, span, context)).flatMap((facts) => {
    const period = rhythmOf(facts)
    return period === null ? [] : [{ facts, period }]
  })
  if (regular.length === 0) return []

  const called = await calledAmong(store, span, [...new Set(regular.flatMap(({ facts }) => facts.answers))])
  const users = await usersOf(store, span, [...new Set(regular.map(({ facts }) => facts.registered))])

  return regular
    .flatMap(({ facts, period }) => {
      if (facts.answers.some((each) => called.has(each))) return []
      const hosts = users.hostsOf.get(facts.registered) ?? 1
      return checkInOf(facts, period, { ...users, ...context, hosts }) ?? []
    })
    .toSorted((a, b) => b.confidence - a.confidence || (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({ client, registered }: CheckIn): string => `${client} ${registered}`

/** What each host asks again and again of domains that are not known, by registered domain. */
async function repeatedIn(
  store: Store,
  span: Span,
  { rankOf, serviceOf }: CheckInContext,
): Promise<CheckInFacts[]> {
  const during = sql`start >= ${span.from} AND start < ${span.to}`
  const plain = sql`NOT ${backwards} AND NOT match(query, '(^|[.])_')`
  const often = sql`
    SELECT client, query FROM dns WHERE ${during} AND ${plain}
    GROUP BY client, query HAVING count() >= ${checkInThresholds.leastQuestions}`

  const asked = await store.rows<{ registered: string }>(sql`
    SELECT DISTINCT registered FROM queried
    WHERE registered != '' AND query IN (SELECT query FROM (${often}))`)
  const domains = asked
    .map(({ registered }) => registered)
    .filter((registered) => rankOf(registered) === null && serviceOf(registered) === null)
  if (domains.length === 0) return []

  const rows: CheckInFacts[] = []
  for (const part of await partsOfNames(store)) {
    const names = sql`${part} AND registered IN ${domains}`
    const found = await store.rows<Omit<CheckInFacts, 'client'> & { readonly host: string }>(sql`
      SELECT ${addressText('client')} AS host, registered,
        ${mostFrequent('query')} AS name, ${mostFrequent('queryType')} AS type,
        toFloat64(count()) AS queries, toFloat64(uniqExact(query)) AS names,
        toFloat64(countIf(responseCode = 'NOERROR')) AS answered,
        arraySort(groupUniqArrayArray(20)(answers)) AS answers,
        avg(asked.payload) AS payload, avg(toInt64(round(asked.entropy * 1e3))) / 1e3 AS entropy,
        toFloat64(sum(size)) AS down,
        toFloat64(countIf(queryType NOT IN ${ordinary} AND query != registered)) AS odd,
        arrayMap(x -> toFloat64(x), groupArraySorted(2048)(start)) AS starts,
        toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
      FROM ${askedIn(span, names)} AS asked
      WHERE (client, query) IN (${often})
        AND client NOT IN (SELECT server FROM dns WHERE ${during} AND client != server)
      GROUP BY client, registered`)
    rows.push(...found.map(({ host: client, ...facts }) => ({ client, ...facts })))
  }

  return rows
}

/** Those of the addresses that an internal host called. */
async function calledAmong(store: Store, { from, to }: Span, list: readonly string[]): Promise<Set<string>> {
  const valid = list.filter((each) => /^[\d.]+$|:/.test(each))
  if (valid.length === 0) return new Set()

  const rows = await store.rows<{ called: string }>(sql`
    SELECT DISTINCT ${addressText('server')} AS called FROM flow
    WHERE start >= ${from} AND start < ${to} AND server IN (${addresses(valid)})`)
  return new Set(rows.map(({ called }) => called))
}

/** Who else asks for the domains, how many ask for anything, and whether the resolver blocks names. */
async function usersOf(store: Store, span: Span, domains: readonly string[]) {
  const during = sql`start >= ${span.from} AND start < ${span.to}`
  const rows = await store.rows<{ registered: string; hosts: number }>(sql`
    SELECT registered, toFloat64(uniqExact(client)) AS hosts
    FROM ${askedIn(span, sql`registered IN ${domains}`)} AS asked GROUP BY registered`)
  const [all] = await store.rows<{ askers: number; blocked: number }>(sql`
    SELECT toFloat64(uniqExact(client)) AS askers,
      toFloat64(uniqExactIf(cutToFirstSignificantSubdomain(query), hasAny(answers, ['0.0.0.0', '::']))) AS blocked
    FROM dns WHERE ${during}`)

  return {
    hostsOf: new Map(rows.map(({ registered, hosts }) => [registered, hosts])),
    askers: all?.askers ?? 0,
    blocks: (all?.blocked ?? 0) >= checkInThresholds.blocked,
  }
}

/** Median interval in seconds of questions by the clock; null where they follow none. */
function rhythmOf({ starts, first, last }: Pick<CheckInFacts, 'starts' | 'first' | 'last'>): number | null {
  const lines = checkInThresholds
  if (last - first < lines.leastSpan) return null

  const times = starts.filter((each, i) => i === 0 || each - starts[i - 1]! >= lines.together)
  if (times.length < lines.leastQuestions / 2) return null

  const intervals = times.slice(1).map((each, i) => each - times[i]!)
  const ordered = intervals.toSorted((a, b) => a - b)
  const at = (share: number) => ordered[Math.floor(share * (ordered.length - 1))]!
  const median = at(0.5)
  if (at(0.75) - at(0.25) > lines.mostSpread * median) return null

  const slot = 3 * median
  const slots = new Set(times.map((each) => Math.floor((each - times[0]!) / slot)))
  const whole = Math.floor((times.at(-1)! - times[0]!) / slot) + 1
  return slots.size >= lines.leastCoverage * whole ? median / 1e6 : null
}

interface Situation extends CheckInContext {
  readonly hosts: number
  readonly askers: number
  readonly blocks: boolean
}

/** The verdict on what one client asks by the clock and nobody calls; null for no check-in. */
function checkInOf(facts: CheckInFacts, period: number, situation: Situation): CheckIn | null {
  const lines = checkInThresholds
  const { starts, answers, ...rest } = facts
  if (facts.answered < 0.5 * facts.queries) return null
  if (situation.hosts > Math.max(lines.mostHosts, lines.mostShare * situation.askers)) return null
  if (answers.some((each) => each.startsWith('127.'))) return null

  const because = reasonOf(facts, situation)
  const more = Math.min(1, Math.log2(facts.queries / lines.leastQuestions) / 4)
  const confidence = because === null ? 0.3 : 0.6 + 0.25 * more
  return { ...rest, replies: answers.length, period, hosts: situation.hosts, because, confidence }
}

/** Why no program of people has a use for the answers. */
function reasonOf(
  { odd, queries, answers }: CheckInFacts,
  { blocks, isResolver }: Situation,
): CheckIn['because'] {
  if (odd >= 0.9 * queries) return 'an unusual type'
  if (answers.length === 0) return null
  if (answers.every((each) => each === '0.0.0.0' || each === '::')) return blocks ? null : 'no address'
  return answers.every(isResolver) ? 'a public resolver' : null
}
