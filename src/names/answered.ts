/**
 * Generated names that answered: where the bots found their C&C.
 *
 * A host's failed names are the statistical cluster (Antonakakis et al., Pleiades, USENIX Security 2012). Of the names
 * that answered the same hosts, those of the same suffixes and lengths whose letters follow each other as in the failed
 * ones rather than as in names that people use are of the cluster too; the first of them is the candidate.
 */
import type { Endpoint } from '../model/finding.ts'
import { addresses, addressText, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { classifierOf, fitted } from './classifier.ts'
import { lettersFrom, letterTable } from './letters.ts'
import { nameOf } from './name.ts'
import type { Span } from './parts.ts'

/** A name of the cluster that answered. */
export interface AnsweredName {
  readonly registered: string
  /** Where it leads; the port is that which was called most, 0 where no call was seen. */
  readonly endpoint: Endpoint
  /** Hosts of the cluster that it answered. */
  readonly hosts: number
  readonly first: number
  /** Mean bits a letter by which the cluster explains it better than names that people use. */
  readonly fit: number
}

/** What the failed names of some hosts have in common. */
export interface Pattern {
  readonly suffixes: ReadonlySet<string>
  readonly shortest: number
  readonly longest: number
  /** Bits a letter by which this pattern explains a label better than names that people use. */
  fitOf(label: string): number
  /** A label is like the pattern from this fit on. */
  readonly leastFit: number
}

/** Failed names that a pattern needs. */
export const leastOfPattern = 8

const usual = lettersFrom(fitted.letters)

/** The pattern of failed registered domains; null of too few. */
export function patternOf(failed: readonly string[]): Pattern | null {
  const names = failed.map(nameOf).filter(({ kind }) => kind === 'public')
  if (names.length < leastOfPattern) return null
  const labels = names.map(({ label }) => label)
  const own = lettersFrom(letterTable(labels, Number.POSITIVE_INFINITY))
  const lengths = labels.map(({ length }) => length).sort((a, b) => a - b)
  const spare = Math.max(1, Math.round((lengths.at(-1)! - lengths[0]!) / names.length))
  const fitOf = (label: string) => meanOf(own.fitsOf(label)) - meanOf(usual.fitsOf(label))
  const fits = labels.map(fitOf).sort((a, b) => a - b)
  return {
    suffixes: new Set(names.map(({ suffix }) => suffix)),
    shortest: lengths[0]! - spare,
    longest: lengths.at(-1)! + spare,
    fitOf,
    // The failed names fit better than any other: the pattern was counted from them.
    leastFit: Math.max(0, 0.4 * fits[fits.length >> 2]!),
  }
}

const meanOf = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0) / values.length

/** A name that the classifier is this sure people use is none of the generator's, whatever its letters. */
const ordinary = -2
const classify = classifierOf(fitted)

/** Failed and answered domains of some hosts at a time. */
const mostNames = 5000
/** Names told. */
const most = 10

/** Names that answered `hosts` and are like those that failed them: what most of them asked first, then by time. */
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
  const like = (await answersTo(store, span, hosts)).filter(({ registered }) => {
    const { label, suffix } = nameOf(registered)
    const shaped = label.length >= pattern.shortest && label.length <= pattern.longest
    return (
      shaped &&
      pattern.suffixes.has(suffix) &&
      !gone.has(registered) &&
      pattern.fitOf(label) > pattern.leastFit
    )
  })
  // A name of people that happens to fit was asked before the generator began, or by hosts that have none.
  const own = like
    .filter(({ others, last }) => others === 0 && last >= begin - 60e6)
    .filter((name) => classify(nameOf(name.registered)) > ordinary)
    .sort((a, b) => b.hosts - a.hosts || a.first - b.first)
    .slice(0, most)
  const ports = await portsOf(
    store,
    span,
    own.map(({ address }) => address),
  )
  return own.map(({ registered, query, address, hosts: asked, first }) => ({
    registered,
    endpoint: { address, ...(ports.get(address) ?? { port: 0, protocol: '' }), name: query },
    hosts: asked,
    first,
    fit: Math.round(100 * pattern.fitOf(nameOf(registered).label)) / 100,
  }))
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
    SELECT registered, argMinIf(query, start, ${own}) AS query, argMinIf(addresses[1], start, ${own}) AS address,
      toFloat64(uniqExactIf(client, ${own})) AS hosts, toFloat64(uniqExactIf(client, NOT ${own})) AS others,
      toFloat64(minIf(start, ${own})) AS first, toFloat64(maxIf(start, ${own})) AS last
    FROM (
      SELECT start, client, query, registered,
        arrayFilter(x -> isIPv4String(x) AND NOT match(x, '^(127|10|0|192[.]168|169[.]254)[.]'), answers) AS addresses
      FROM (SELECT * FROM dns WHERE start >= ${from} AND start < ${to} AND queryType IN ('A', '') AND notEmpty(answers)) AS asked
      LEFT SEMI JOIN (SELECT query, registered FROM queried WHERE kind = 'public') AS known USING (query))
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
    SELECT ${addressText('server')} AS address, toUInt32(argMax(serverPort, n)) AS port, argMax(proto, n) AS protocol FROM (
      SELECT server, serverPort, toString(proto) AS proto, count() AS n FROM flow
      WHERE start >= ${from} AND start < ${to} AND server IN (SELECT toIPv6(concat('::ffff:', arrayJoin(${texts(wanted)}))))
      GROUP BY server, serverPort, proto) GROUP BY server`)
  return new Map(rows.map(({ address, port, protocol }) => [address, { port, protocol }]))
}
