/**
 * The C-plane as a map: the C-clusters of one epoch in two dimensions, and which of them hold hosts of the A-plane.
 *
 * A cluster stands where the mean of its C-flows lies: the eight columns of the first clustering step (mean and
 * variance of the four variables of BotMiner 2008, section 3.3), as logarithms and robust z-scores, on their two
 * principal axes. No seed: the same clusters make the same map.
 */
import { isIP } from 'node:net'
import { UserError } from '../errors.ts'
import { principalAxes, projected } from '../math/pca.ts'
import type { Points } from '../math/points.ts'
import { robustScaled } from '../math/scale.ts'
import type { ActivityType } from '../model/activity.ts'
import { type Variable, variableDocs, variables } from '../model/cflow.ts'
import { address, addresses, addressText, join, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type Query, unknown } from './page-parts.ts'
import type { Session } from './session.ts'
import type { ClusterRow, CplaneView } from './views.ts'

/** Clusters that one map has: those with activities, then the largest. */
const mostClusters = 3000
const listed = 100

const columns = variables.flatMap((each) => [
  { key: `${each}Mean`, name: `mean ${variableDocs[each].name}` },
  { key: `${each}Variance`, name: `variance of ${variableDocs[each].name}` },
])

export async function cplanePage(session: Session, query: Query): Promise<CplaneView> {
  const { answer } = await session.shown()
  const { epochs } = answer.analysis
  const epoch = epochOf(query['epoch'], epochs.length)
  const host = hostOf(query['host'])
  const chosen = query['cluster']?.slice(0, 40) || null
  const about: About = {
    analysis: answer.analysis.id,
    epoch,
    host,
    bots: answer.botnets.flatMap(({ hosts }) => hosts),
  }
  const [all, population] = await Promise.all([
    clustersIn(session.store, about),
    populationOf(session.store, about),
  ])
  const { rows, axes } = placed(all)
  const own = chosen === null ? null : (rows.find(({ id }) => id === chosen) ?? null)
  if (chosen !== null && own === null) throw unknown(`C-cluster ${chosen}`)

  return {
    epoch,
    epochs: epochs.map(({ from, to }) => ({ from, to })),
    host,
    ...population,
    axes,
    total: all.length,
    clusters: rows,
    chosen: own === null ? null : { ...own, ...(await insideOf(session.store, about, own.id)) },
  }
}

function epochOf(text: string | undefined, count: number): number {
  if (text === undefined || text === '') return Math.max(0, count - 1)
  const epoch = Number(text)
  if (Number.isInteger(epoch) && epoch >= 0 && epoch < count) return epoch
  throw new UserError('option-invalid', 'there is no such epoch', `Give a number from 0 to ${count - 1}.`)
}

function hostOf(text: string | undefined): string | null {
  if (text === undefined || text === '') return null
  if (isIP(text) > 0) return text
  throw new UserError('option-invalid', 'this is not an address', 'Give an IP address.')
}

interface About {
  readonly analysis: string
  readonly epoch: number
  readonly host: string | null
  /** Hosts of the botnets that were found. */
  readonly bots: readonly string[]
}

const doing = ({ analysis, epoch }: About) =>
  sql`(SELECT host FROM activity WHERE analysis = ${analysis} AND epoch = ${epoch})`

async function populationOf(store: Store, about: About): Promise<Pick<CplaneView, 'hosts' | 'active'>> {
  const [row] = await store.rows<{ hosts: number; active: number }>(sql`
    SELECT toFloat64(uniqExact(client)) AS hosts,
           toFloat64(uniqExactIf(client, client IN ${doing(about)})) AS active
    FROM ccluster WHERE analysis = ${about.analysis} AND epoch = ${about.epoch}`)
  return row ?? { hosts: 0, active: 0 }
}

type Found = Omit<ClusterRow, 'x' | 'y'> & { readonly features: readonly number[] }

/** Clusters, those with activities first, then by hosts. */
async function clustersIn(store: Store, about: About): Promise<Found[]> {
  const { analysis, epoch, host, bots } = about
  const features = join(
    columns.map(({ key }) => raw(`exp(avg(log1p(${key}))) - 1`)),
    ', ',
  )
  const holds = host === null ? raw('0') : sql`countIf(client = ${address(host)})`

  const rows = await store.rows<Omit<Found, 'holds'> & { holds: number }>(sql`
    SELECT fine AS id, any(proto) AS transport, toFloat64(count()) AS cflows,
           toFloat64(uniqExact(client)) AS hosts, toFloat64(uniqExactIf(client, client IN ${doing(about)})) AS active,
           toFloat64(uniqExactIf(client, client IN ${addresses(bots)})) AS bots, toFloat64(${holds}) AS holds,
           [${features}] AS features
    FROM cflow JOIN ccluster USING (analysis, epoch, client, server, serverPort, proto)
    WHERE analysis = ${analysis} AND epoch = ${epoch}
    GROUP BY fine ORDER BY active > 0 DESC, hosts DESC, cflows DESC, id`)
  return rows.map((row) => ({ ...row, holds: row.holds > 0 }))
}

/** The clusters on their principal axes, each weighing as many C-flows as it has. */
function placed(all: readonly Found[]): Pick<CplaneView, 'axes'> & { readonly rows: ClusterRow[] } {
  if (all.length === 0) return { axes: [], rows: [] }
  const raised: Points = {
    values: Float64Array.from(all.flatMap(({ features }) => features).map((each) => Math.max(0, each))),
    width: columns.length,
  }
  const points = robustScaled(raised)
  const found = principalAxes(
    points,
    all.map(({ cflows }) => cflows),
  )

  return {
    axes: found.axes.map(({ direction, share }) => ({
      share,
      made: Array.from(direction, (weight, i) => ({ of: columns[i]!.name, weight }))
        .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
        .slice(0, 3),
    })),
    rows: all.slice(0, mostClusters).map(({ features: _, ...rest }, i) => {
      const [x = 0, y = 0] = projected(points, i, found)
      return { ...rest, x, y }
    }),
  }
}

type Inside = Omit<NonNullable<CplaneView['chosen']>, keyof ClusterRow>

async function insideOf(store: Store, { analysis, epoch }: About, id: string): Promise<Inside> {
  const own = sql`FROM cflow JOIN ccluster USING (analysis, epoch, client, server, serverPort, proto)
    WHERE analysis = ${analysis} AND epoch = ${epoch} AND fine = ${id}`

  const members = await store.rows<Omit<Inside['members'][number], 'activities'>>(sql`
    SELECT ${addressText('client')} AS host, toFloat64(count()) AS cflows
    ${own} GROUP BY client ORDER BY cflows DESC, host LIMIT ${listed}`)
  const done = await store.rows<{ host: string; types: ActivityType[] }>(sql`
    SELECT ${addressText('host')} AS host, arraySort(groupUniqArray(type)) AS types
    FROM activity WHERE analysis = ${analysis} AND epoch = ${epoch} GROUP BY host`)
  const activitiesOf = new Map(done.map(({ host, types }) => [host, types]))
  const services = await store.rows<Inside['services'][number]>(sql`
    SELECT ${addressText('server')} AS address, toFloat64(serverPort) AS port, any(proto) AS protocol,
           toFloat64(uniqExact(client)) AS callers, toFloat64(sum(flows)) AS calls
    ${own} GROUP BY server, serverPort ORDER BY callers DESC, calls DESC, address LIMIT ${listed}`)
  const means = await store.rows<Record<Variable, number>>(sql`
    SELECT ${join(
      variables.map((each) => raw(`median(${each}Mean) AS ${each}`)),
      ', ',
    )} ${own}`)

  return {
    members: members
      .map((each) => ({ ...each, activities: activitiesOf.get(each.host) ?? [] }))
      .toSorted((a, b) => b.activities.length - a.activities.length),
    services,
    medians: variables.map((each) => ({ ...variableDocs[each], value: means[0]?.[each] ?? 0 })),
  }
}
