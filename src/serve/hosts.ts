/** Every host that an analyst may want to look at, as rows; and the filter of the list. */
import { BlockList, isIP } from 'node:net'
import { UserError } from '../errors.ts'
import type { AccusedHost, Answer, Figures, HostVerdict } from '../model/answer.ts'
import { techniquesOf } from '../model/attack.ts'
import { type Finding, findingKinds, type Severity, severities } from '../model/finding.ts'
import { badness } from '../model/rank.ts'
import type { Comparison } from '../model/review/comparison.ts'
import { sayEndpoint } from '../model/words/say.ts'
import { type Facet, type HostRow, type HostState, type HostsView, hostStates } from './views.ts'

/** Rows of an answer judged with decisions, worst first; `raw` is the answer without them. */
export function hostRows(
  answer: Answer,
  raw: Answer,
  { comparison, figures }: { readonly comparison: Comparison; readonly figures: Figures },
): HostRow[] {
  const { hosts: changed, before } = comparison
  // Of a first analysis everything is new, which says nothing.
  const changes = new Map(before === null ? [] : changed.map(({ host, change }) => [host, change]))
  const confirmed = new Set((answer.decided?.confirmed ?? []).map(({ host }) => host))
  const tagged = new Map((answer.decided?.tagged ?? []).map(({ host, tags }) => [host, tags]))
  const allowed = new Set(answer.decided?.allowedHosts)
  const byId = new Map(answer.findings.map((each) => [each.id, each]))
  const rawById =
    raw === answer || allowed.size === 0 ? byId : new Map(raw.findings.map((each) => [each.id, each]))
  const weakOf = Map.groupBy(figures.weakIndicators ?? [], ({ host }) => host)

  const rows: HostRow[] = []
  const add = (bare: Bare) =>
    rows.push({
      ...bare,
      rank: rows.length + 1,
      change: changes.get(bare.host) ?? null,
      confirmed: confirmed.has(bare.host),
      tags: tagged.get(bare.host) ?? none,
    })

  for (const each of answer.hosts) add(accusedRow(each, byId, 'accused'))
  for (const each of answer.suspects)
    if (!allowed.has(each.host)) add(suspectRow(each, weakOf.get(each.host) ?? []))
  if (allowed.size > 0)
    for (const each of raw.hosts) if (allowed.has(each.host)) add(accusedRow(each, rawById, 'allowed'))
  return rows
}

const none: readonly string[] = []

type Bare = Omit<HostRow, 'rank' | 'change' | 'confirmed' | 'tags'>

function accusedRow(accused: AccusedHost, byId: ReadonlyMap<string, Finding>, state: HostState): Bare {
  const about = accused.findings.flatMap((id) => byId.get(id) ?? [])
  const found = about.flatMap((finding) => techniquesOf(finding, accused.host))

  return {
    host: accused.host,
    state,
    severity: accused.severity,
    confidence: accused.confidence,
    kinds: accused.kinds,
    // Those of one finding are in order.
    techniques:
      about.length === 1 ? found.map(({ id }) => id) : [...new Set(found.map(({ id }) => id))].toSorted(),
    botnet: accused.botnet,
    places: accused.cnc.slice(0, 3).map(sayEndpoint),
    why: whyOf(accused) || (about[0]?.claim ?? ''),
    ...spanOf(about),
  }
}

/** From the first to the last of what was seen; null where nothing has a time. */
const spanOf = (seen: readonly { readonly from: number; readonly to: number }[]) => ({
  from: seen.length > 0 ? Math.min(...seen.map(({ from }) => from)) : null,
  to: seen.length > 0 ? Math.max(...seen.map(({ to }) => to)) : null,
})

const whyOf = ({ parts }: HostVerdict): string => parts[0]?.description ?? ''

const suspectRow = (suspect: HostVerdict, weak: Parameters<typeof spanOf>[0]): Bare => ({
  host: suspect.host,
  state: 'suspect',
  severity: null,
  confidence: suspect.confidence,
  kinds: suspect.parts.map(({ kind }) => kind),
  techniques: [],
  botnet: null,
  places: [],
  why: whyOf(suspect),
  ...spanOf(weak),
})

export const sorts = ['rank', 'host', 'confidence', 'severity', 'last'] as const
export type Sort = (typeof sorts)[number]

interface HostFilter {
  /** In the address, the botnet, the places or the reason; no case. */
  readonly text: string
  readonly within: ((host: string) => boolean) | null
  readonly kind: string | null
  readonly severity: Severity | null
  readonly technique: string | null
  readonly tag: string | null
  readonly state: HostState | null
  /** Least confidence. */
  readonly least: number
  readonly fresh: boolean
  readonly botnet: string | null
  /** Instants that an indicator of the host must touch, in microseconds; null: no bound. */
  readonly from: number | null
  readonly to: number | null
  readonly sort: Sort
  readonly descending: boolean
  readonly offset: number
  readonly limit: number
}

const mostRows = 1000

const invalid = (name: string, hint: string) =>
  new UserError('option-invalid', `${name} cannot be read`, hint)

/** @throws UserError option-invalid. */
export function readFilter(query: Readonly<Record<string, string>>): HostFilter {
  const oneOf = <T extends string>(name: string, values: readonly T[]): T | null => {
    const given = query[name]
    if (given === undefined || given === '') return null
    const found = values.find((each) => each === given)
    if (!found) throw invalid(name, `Give one of: ${values.join(', ')}.`)
    return found
  }

  const technique = query['technique'] ?? ''

  if (technique !== '' && !/^T\d{4}(\.\d{3})?$/.test(technique))
    throw invalid('technique', 'Give an id such as T1071.001.')

  return {
    text: (query['text'] ?? '').slice(0, 200).toLowerCase(),
    within: query['cidr'] ? networkOf(query['cidr']) : null,
    kind: oneOf('kind', findingKinds),
    severity: oneOf('severity', severities),
    technique: technique || null,
    tag: query['tag']?.slice(0, 40).toLowerCase() || null,
    state: oneOf('state', hostStates),
    least: numberOf(query['confidence'], { name: 'confidence', most: 1 }) ?? 0,
    fresh: query['new'] === '1' || query['new'] === 'true',
    botnet: query['botnet']?.slice(0, 40) || null,
    from: instantOf(query, 'from'),
    to: instantOf(query, 'to'),
    sort: oneOf('sort', sorts) ?? 'rank',
    descending: query['order'] === 'desc',
    ...partOf(query),
  }
}

/** Which part of a list is asked for. @throws UserError option-invalid. */
export const partOf = (query: Readonly<Record<string, string>>, usual = 200) => ({
  offset: Math.floor(numberOf(query['offset'], { name: 'offset', most: 1e9 }) ?? 0),
  limit: Math.min(mostRows, Math.floor(numberOf(query['limit'], { name: 'limit', most: 1e9 }) ?? usual)),
})

function numberOf(text: string | undefined, { name, most }: { name: string; most: number }): number | null {
  if (text === undefined || text === '') return null
  const value = Number(text)
  if (!(value >= 0 && value <= most)) throw invalid(name, `Give a number from 0 to ${most}.`)
  return value
}

/** An instant as ISO 8601 has it, UTC where it names no zone, in microseconds. */
function instantOf(query: Readonly<Record<string, string>>, name: string): number | null {
  const text = query[name] ?? ''
  if (text === '') return null
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(zoned) * 1000 : Number.NaN
  if (Number.isNaN(at)) throw invalid(name, 'Give a time such as 2024-03-12T08:00.')
  return at
}

function networkOf(text: string): (host: string) => boolean {
  const [network = '', bits] = text.trim().split('/')
  const version = isIP(network)
  const length = bits === undefined ? (version === 4 ? 32 : 128) : Number(bits)
  if (version === 0 || !(Number.isInteger(length) && length >= 0 && length <= (version === 4 ? 32 : 128)))
    throw invalid('cidr', 'Give a network such as 10.1.0.0/16.')
  const list = new BlockList()
  list.addSubnet(network, length, version === 4 ? 'ipv4' : 'ipv6')
  return (host) => list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}

type Column = 'kind' | 'severity' | 'technique' | 'state' | 'tag'

/** Rows that pass, in order; facets count each column without its own filter. */
export function hostsView(all: readonly HostRow[], filter: HostFilter): HostsView {
  const { text, within, least, fresh, botnet, from, to } = filter
  const base = all.filter(
    (row) =>
      row.confidence >= least &&
      (!fresh || row.change === 'new' || row.change === 'back') &&
      (botnet === null || row.botnet === botnet) &&
      (from === null || (row.to !== null && row.to >= from)) &&
      (to === null || (row.from !== null && row.from <= to)) &&
      (within === null || within(row.host)) &&
      (text === '' || matches(row, text)),
  )
  const columns: Readonly<Record<Column, (row: HostRow) => readonly string[]>> = {
    kind: ({ kinds }) => kinds,
    severity: ({ severity }) => (severity === null ? [] : [severity]),
    technique: ({ techniques }) => techniques,
    state: ({ state }) => [state],
    tag: ({ tags }) => tags,
  }
  const names = Object.keys(columns) as Column[]
  const passes = (row: HostRow, but: Column | null) =>
    names.every(
      (name) => name === but || filter[name] === null || columns[name](row).includes(filter[name] as string),
    )

  const counted = (name: Column): Facet => {
    const counts = new Map<string, number>()
    for (const row of base)
      if (passes(row, name))
        for (const value of columns[name](row)) counts.set(value, (counts.get(value) ?? 0) + 1)
    return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a))
  }
  const found = sorted(
    base.filter((row) => passes(row, null)),
    filter,
  )
  return {
    total: found.length,
    offset: filter.offset,
    rows: found.slice(filter.offset, filter.offset + filter.limit),
    facets: {
      kind: counted('kind'),
      severity: counted('severity'),
      technique: counted('technique'),
      state: counted('state'),
      tag: counted('tag'),
    },
  }
}

const matches = ({ host, botnet, places, why, kinds, tags }: HostRow, text: string): boolean =>
  host.includes(text) ||
  tags.some((tag) => tag.includes(text)) ||
  why.toLowerCase().includes(text) ||
  (botnet?.includes(text) ?? false) ||
  places.some((place) => place.toLowerCase().includes(text)) ||
  kinds.some((kind) => kind.includes(text))

const orders: Readonly<Record<Sort, (a: HostRow, b: HostRow) => number>> = {
  rank: (a, b) => a.rank - b.rank,
  host: (a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0),
  confidence: (a, b) => a.confidence - b.confidence,
  severity: (a, b) => (a.severity ? badness(a.severity) : -1) - (b.severity ? badness(b.severity) : -1),
  last: (a, b) => (a.to ?? 0) - (b.to ?? 0),
}

function sorted(rows: readonly HostRow[], { sort, descending }: HostFilter): readonly HostRow[] {
  if (sort === 'rank' && !descending) return rows
  const order = orders[sort]
  return rows.toSorted((a, b) => (descending ? -1 : 1) * order(a, b) || a.rank - b.rank)
}
