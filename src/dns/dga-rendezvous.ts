/**
 * Generated names that answered: where the bots found their C&C.
 *
 * A host's failed names are the statistical cluster (Antonakakis et al., Pleiades, USENIX Security 2012). Of the names
 * that answered the same hosts, those of the same suffixes and lengths whose letters follow each other as in the failed
 * ones rather than as in names that people use are of the cluster too. First comes what answered most of the hosts,
 * then what answered most of them right after names that failed, as the name at which a generator stops does. How
 * unlike the others a name of the generator may be is taken from the failed names themselves, each judged by a
 * table that had not seen it. `bench/fit/fit-candidates.ts` measures both on the tuning families.
 */
import type { Endpoint } from '../model/endpoint.ts'
import { addresses, addressText, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { classifierOf, fitted } from './dga-classifier.ts'
import { nameOf } from './domain-name.ts'
import { lettersFrom, letterTable } from './letter-model.ts'
import type { Span } from './partitions.ts'

/** A name of the cluster that answered. */
export interface AnsweredName {
  readonly registered: string
  /** Where it leads; the port is that which was called most, 0 where no call was seen. */
  readonly endpoint: Endpoint
  /** Hosts of the cluster that it answered. */
  readonly hosts: number
  readonly first: number
  /** Hosts of the cluster that had asked for a failed name shortly before. */
  readonly after: number
  /** Mean bits a letter by which the cluster explains it better than names that people use. */
  readonly fit: number
}

/** What the failed names of some hosts have in common. */
interface Pattern {
  readonly suffixes: ReadonlySet<string>
  readonly shortest: number
  readonly longest: number
  /** Bits a letter by which this pattern explains a label better than names that people use. */
  fitOf(label: string): number
  /** A label is like the pattern from this fit on. */
  readonly leastFit: number
  /** And from this ratio of the classifier on. */
  readonly leastGenerated: number
}

/** Failed names that a pattern needs. */
export const leastOfPattern = 8

const usual = lettersFrom(fitted.letters)

/** One in this many names of the generator may be taken for none of it. */
const lostShare = 0.02
const folds = 5

/** The pattern of failed registered domains; null of too few. */
export function patternOf(failed: readonly string[]): Pattern | null {
  const names = failed.map(nameOf).filter(({ kind }) => kind === 'public')
  if (names.length < leastOfPattern) return null
  const labels = names.map(({ label }) => label)
  const lengths = labels.map(({ length }) => length).sort((a, b) => a - b)
  const spare = Math.max(1, Math.round((lengths.at(-1)! - lengths[0]!) / names.length))
  const unseen = Array.from({ length: folds }, (_, fold) => {
    const fitOf = fitTo(labels.filter((_, i) => i % folds !== fold))
    return labels.filter((_, i) => i % folds === fold).map(fitOf)
  })

  return {
    suffixes: new Set(names.map(({ suffix }) => suffix)),
    shortest: lengths[0]! - spare,
    longest: lengths.at(-1)! + spare,
    fitOf: fitTo(labels),
    leastFit: lowOf(unseen.flat()),
    leastGenerated: Math.max(ordinary, lowOf(names.map(classify))),
  }
}

/** How much better a table counted from `labels` explains a label than names that people use do, in bits a letter. */
function fitTo(labels: readonly string[]): (label: string) => number {
  const own = lettersFrom(letterTable(labels, Number.POSITIVE_INFINITY))
  return (label) => meanOf(own.fitsOf(label)) - meanOf(usual.fitsOf(label))
}

const lowOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(lostShare * values.length)] ?? 0

const meanOf = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0) / values.length

/** A name that the classifier is this sure people use is none of the generator's, whatever its letters. */
const ordinary = -2
const classify = classifierOf(fitted)

/** Whether a registered domain that answered could be the generator's. */
export function isLike(pattern: Pattern, registered: string): boolean {
  const name = nameOf(registered)
  const { label, suffix } = name
  return (
    label.length >= pattern.shortest &&
    label.length <= pattern.longest &&
    pattern.suffixes.has(suffix) &&
    pattern.fitOf(label) >= pattern.leastFit &&
    classify(name) >= pattern.leastGenerated
  )
}

/** What a candidate is ordered by. */
export interface Candidate {
  readonly hosts: number
  readonly after: number
  readonly fit: number
}

/**
 * The names that may be where the generator led, best first. What less than half as many hosts were told as the best is
 * left out: it is what one of them was told besides.
 */
export function bestOf<C extends Candidate>(candidates: readonly C[]): C[] {
  const best = Math.max(0, ...candidates.map(({ hosts }) => hosts))
  return candidates
    .filter(({ hosts }) => 2 * hosts >= best)
    .toSorted((a, b) => b.hosts - a.hosts || b.after - a.after || b.fit - a.fit)
}

/** Failed and answered domains of some hosts at a time. */
const mostNames = 5000
/** Names told. */
const most = 10

/** Names that answered `hosts` and are like those that failed them, best first. */
export async function answeredLike(
  store: Store,
  span: Span,
  hosts: readonly string[],
): Promise<AnsweredName[]> {
  const failed = await failedBy(store, span, hosts)
  const pattern = patternOf(failed.map(({ registered }) => registered))
  if (!pattern) return []
  const begin = Math.min(...failed.map(({ first }) => first))
  const gone = new Set(failed.map(({ registered }) => registered))

  // A name of people that happens to fit was asked before the generator began, or by hosts that have none.
  const like = (await answersTo(store, span, hosts)).filter(
    ({ registered, others, last }) =>
      others === 0 && last >= begin - 60e6 && !gone.has(registered) && isLike(pattern, registered),
  )
  const after = await afterFailures(store, span, {
    hosts,
    registered: like.map(({ registered }) => registered),
  })

  const own = bestOf(
    like.map((each) => ({
      ...each,
      after: after.get(each.registered) ?? 0,
      fit: pattern.fitOf(nameOf(each.registered).label),
    })),
  ).slice(0, most)

  const ports = await portsOf(
    store,
    span,
    own.map(({ address }) => address),
  )

  return own.map(({ registered, query, address, hosts: asked, after: soon, first, fit }) => ({
    registered,
    endpoint: { address, ...(ports.get(address) ?? { port: 0, protocol: '' }), name: query },
    hosts: asked,
    after: soon,
    first,
    fit: Math.round(100 * fit) / 100,
  }))
}

/** From a failed name to the one that answered after it. */
const soon = 120e6

/** Of each domain, how many of the hosts had asked for a name that failed shortly before they first asked for it. */
async function afterFailures(
  store: Store,
  { from, to }: Span,
  { hosts, registered }: { hosts: readonly string[]; registered: readonly string[] },
): Promise<Map<string, number>> {
  if (registered.length === 0) return new Map()
  const asked = sql`start >= ${from} AND start < ${to} AND client IN (${addresses(hosts)})`
  const rows = await store.rows<{ registered: string; n: number }>(sql`
    SELECT registered, toFloat64(countIf(failedAt > 0 AND start - failedAt <= ${soon})) AS n
    FROM (
      SELECT client, registered, min(start) AS start
      FROM (SELECT * FROM dns WHERE ${asked} AND notEmpty(answers)) AS told
      INNER JOIN (SELECT query, registered FROM queried WHERE registered IN ${texts(registered)}) AS known USING (query)
      GROUP BY client, registered) AS led
    ASOF LEFT JOIN (
      SELECT client, start AS failedAt FROM (SELECT * FROM dns WHERE ${asked} AND responseCode = 'NXDOMAIN') AS gone
      LEFT SEMI JOIN (SELECT query FROM queried WHERE kind = 'public') AS known USING (query)
    ) AS failed ON led.client = failed.client AND led.start >= failed.failedAt
    GROUP BY registered`)

  return new Map(rows.map(({ registered: name, n }) => [name, n]))
}

function failedBy(store: Store, { from, to }: Span, hosts: readonly string[]) {
  return store.rows<{ registered: string; first: number }>(sql`
    SELECT registered, toFloat64(min(start)) AS first
    FROM (SELECT * FROM dns WHERE start >= ${from} AND start < ${to} AND client IN (${addresses(hosts)})) AS asked
    LEFT SEMI JOIN (SELECT query, registered FROM queried WHERE kind = 'public') AS known USING (query)
    WHERE queryType IN ('A', 'AAAA', '', 'NB')
    GROUP BY registered HAVING max(responseCode = 'NXDOMAIN' OR queryType = 'NB') AND NOT max(notEmpty(answers))
    ORDER BY first, registered LIMIT ${mostNames}`)
}

interface Answer {
  readonly registered: string
  readonly query: string
  readonly address: string
  readonly hosts: number
  /** Internal hosts outside the cluster that it answered. */
  readonly others: number
  readonly first: number
  readonly last: number
}

/** Domains that answered with an address that is no black hole. */
function answersTo(store: Store, { from, to }: Span, hosts: readonly string[]) {
  const own = sql`client IN (${addresses(hosts)})`
  return store.rows<Answer>(sql`
    SELECT registered, argMinIf(each.query, (each.start, each.query), ${own}) AS query,
      argMinIf(each.addresses[1], (each.start, each.query, each.addresses[1]), ${own}) AS address,
      toFloat64(uniqExactIf(client, ${own})) AS hosts, toFloat64(uniqExactIf(client, NOT ${own})) AS others,
      toFloat64(minIf(start, ${own})) AS first, toFloat64(maxIf(start, ${own})) AS last
    FROM (
      SELECT start, client, query, registered,
        arrayFilter(x -> isIPv4String(x) AND NOT match(x, '^(127|10|0|192[.]168|169[.]254)[.]'), answers) AS addresses
      FROM (SELECT * FROM dns WHERE start >= ${from} AND start < ${to} AND queryType IN ('A', '')
        AND notEmpty(answers)) AS asked
      LEFT SEMI JOIN (SELECT query, registered FROM queried WHERE kind = 'public') AS known USING (query)) AS each
    WHERE notEmpty(addresses) GROUP BY registered HAVING hosts > 0 ORDER BY first, registered LIMIT ${mostNames}`)
}

/** The port of each address that internal hosts called most. */
async function portsOf(
  store: Store,
  { from, to }: Span,
  wanted: readonly string[],
): Promise<Map<string, { port: number; protocol: string }>> {
  if (wanted.length === 0) return new Map()
  const rows = await store.rows<{ address: string; port: number; protocol: string }>(sql`
    SELECT ${addressText('server')} AS address, toUInt32(argMax(serverPort, (n, serverPort, proto))) AS port,
      argMax(proto, (n, serverPort, proto)) AS protocol FROM (
      SELECT server, serverPort, toString(proto) AS proto, count() AS n FROM flow
      WHERE start >= ${from} AND start < ${to}
        AND server IN (SELECT toIPv6(concat('::ffff:', arrayJoin(${texts(wanted)}))))
      GROUP BY server, serverPort, proto) GROUP BY server`)
  return new Map(rows.map(({ address, port, protocol }) => [address, { port, protocol }]))
}
