/**
 * C-flows to C-clusters, in two steps: X-means on eight columns, then X-means on the binned distributions inside
 * each coarse cluster. Gu et al., BotMiner 2008, section 3.3. TCP and UDP apart, as its table 2 counts them.
 *
 * `paper` clusters raw means, variances and counts; the default takes logarithms, robust z-scores and shares, since
 * the variance of bytes a second spans ten orders of magnitude and would decide alone (pitfalls 5, 6).
 */
import { type Points, takeRows } from '../math/points.ts'
import { robustScaled } from '../math/scale.ts'
import { xmeans } from '../math/xmeans.ts'
import { type Variable, variables } from '../model/cflow.ts'
import type { CCluster } from '../model/correlation.ts'
import type { Query } from '../model/query.ts'
import { cplaneTable, service } from '../store/cplane.ts'
import { addressText, raw, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type CflowColumns, coarseVectors, countVectors, shareVectors } from './vectors.ts'

interface ClusterOptions {
  readonly analysis: string
  readonly epoch: number
  readonly mode: 'default' | 'paper'
  readonly seed: number
  /**
   * Traffic that is the activity itself (the mail of a spammer, the probes of a scanner): it is no sign of C&C, and a
   * cluster made of it would count the A-plane twice. Empty in the paper.
   */
  readonly activityTraffic: readonly ActivityTraffic[]
}

/** A port that a host used for an activity. */
export interface ActivityTraffic {
  readonly host: string
  readonly proto: string
  readonly port: number
}

export interface Cclusters {
  readonly coarse: number
  readonly fine: number
  /** Fine clusters of at least two hosts. */
  readonly shapes: readonly CCluster[]
}

interface Cflows extends CflowColumns {
  readonly client: readonly string[]
  /** Clients that have a C-flow with the service of this one. */
  readonly callers: Float64Array
  readonly server: readonly string[]
  readonly port: Float64Array
}

const transports = ['tcp', 'udp'] as const

/** Clusters the C-flows of one epoch; writes table `ccluster`. Same rows and seed, same clusters. */
export async function makeCclusters(store: Store, options: ClusterOptions): Promise<Cclusters> {
  const shapes: CCluster[] = []
  let coarse = 0
  let fine = 0
  for (const proto of transports) {
    const cflows = await readCflows(store, options, proto)
    if (cflows.count === 0) continue
    const labels = twoStep(cflows, options)
    coarse += labels.coarseCount
    fine += labels.fineCount
    await writeLabels(store, { ...options, proto }, { cflows, labels })
    const most = options.mode === 'paper' ? Number.POSITIVE_INFINITY : popularFrom(cflows)
    shapes.push(...shapesOf(proto, cflows, { labels, most }))
  }
  return { coarse, fine, shapes }
}

async function readCflows(
  store: Store,
  { analysis, epoch, activityTraffic }: ClusterOptions,
  proto: string,
): Promise<Cflows> {
  const moments = variables.flatMap((each) => [`${each}Mean`, `${each}Variance`, `${each}Bins`]).join(', ')

  const columns = await store.columns(sql`
    SELECT ${addressText('client')} AS client_, ${addressText('server')} AS server_, toUInt32(serverPort) AS port,
           toFloat64(flows) AS flows_, toFloat64(count() OVER (PARTITION BY server, serverPort)) AS callers,
             ${raw(moments)}
    FROM cflow WHERE analysis = ${analysis} AND epoch = ${epoch} AND proto = ${proto}
      AND ${noActivityTraffic(activityTraffic)}
    ORDER BY client, server, serverPort`)

  const column = <T>(key: string) => columns[key] as T
  const each = <T>(suffix: string) =>
    Object.fromEntries(variables.map((variable) => [variable, column<T>(`${variable}${suffix}`)])) as Record<
      Variable,
      T
    >
  const flows = column<Float64Array>('flows_')

  return {
    count: flows.length,
    client: column('client_'),
    server: column('server_'),
    port: column('port'),
    callers: column('callers'),
    flows,
    means: each('Mean'),
    variances: each('Variance'),
    bins: each('Bins'),
  }
}

/** True for C-flows that are no deed. */
const noActivityTraffic = (activityTraffic: readonly ActivityTraffic[]): Query =>
  activityTraffic.length === 0
    ? raw('true')
    : sql`concat(${addressText('client')}, ' ', toString(serverPort), '/', proto) NOT IN (${texts(
        activityTraffic.map(({ host, port, proto }) => `${host} ${port}/${proto}`),
      )})`

interface Labels {
  readonly coarse: Int32Array
  /** Number of the fine cluster within the coarse one. */
  readonly fine: Int32Array
  readonly coarseCount: number
  readonly fineCount: number
}

/** The two steps on vectors. */
export function twoStep(cflows: CflowColumns, { mode, seed }: Pick<ClusterOptions, 'mode' | 'seed'>): Labels {
  const wide = coarseVectors(cflows)
  const first = xmeans(mode === 'paper' ? wide : robustScaled(wide), { seed })
  const vectors = mode === 'paper' ? countVectors(cflows) : shareVectors(cflows)
  const fine = new Int32Array(cflows.count)
  let fineCount = 0
  for (const members of membersOf(first.labels, first.sizes)) {
    const second = refine(takeRows(vectors, members), seed)
    fineCount += second.count
    members.forEach((row, i) => {
      fine[row] = second.labels[i]!
    })
  }
  return { coarse: first.labels, fine, coarseCount: first.sizes.length, fineCount }
}

function refine(points: Points, seed: number): { labels: Int32Array; count: number } {
  const { labels, sizes } = xmeans(points, {
    seed,
    kMax: Math.max(1, Math.ceil(Math.sqrt(points.values.length / points.width))),
  })
  return { labels, count: sizes.length }
}

function membersOf(labels: Int32Array, sizes: Int32Array): Int32Array[] {
  const members = Array.from(sizes, (size) => new Int32Array(size))
  const filled = new Int32Array(sizes.length)
  labels.forEach((label, row) => {
    members[label]![filled[label]!++] = row
  })
  return members
}

/**
 * Callers from which a service is popular, and C-flows with it make no shape in the default: hosts that talk alike
 * to what everybody talks to run the same software. The paper has an allowlist for these (filter F3). A botnet as
 * large is still seen by its service.
 */
const popularFrom = ({ client }: Cflows): number =>
  Math.max(popularHosts, popularShare * new Set(client).size)
const popularHosts = 10
const popularShare = 0.05

function shapesOf(
  proto: string,
  { client, callers }: Cflows,
  { labels: { coarse, fine }, most }: { labels: Labels; most: number },
): CCluster[] {
  const hosts = new Map<string, Set<string>>()
  client.forEach((host, i) => {
    if (callers[i]! > most) return
    const id = `${proto}-${coarse[i]}-${fine[i]}`
    const set = hosts.get(id)
    if (set) set.add(host)
    else hosts.set(id, new Set([host]))
  })

  return [...hosts]
    .filter(([, set]) => set.size >= 2)
    .map(([id, set]) => ({ id, kind: 'shape' as const, hosts: [...set].sort() }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function writeLabels(
  store: Store,
  { analysis, epoch, proto }: ClusterOptions & { proto: string },
  { cflows, labels }: { cflows: Cflows; labels: Labels },
): Promise<void> {
  const names = ['analysis', 'epoch', 'client', 'server', 'serverPort', 'proto', 'coarse', 'fine']
  const asAddress = (text: string) => (text.includes(':') ? text : `::ffff:${text}`)

  await store.insert(
    'ccluster',
    names,
    rowsInChunks(cflows.count, (i) => {
      const coarse = `${proto}-${labels.coarse[i]}`
      return [
        analysis,
        epoch,
        asAddress(cflows.client[i]!),
        asAddress(cflows.server[i]!),
        cflows.port[i],
        proto,
        coarse,
        `${coarse}-${labels.fine[i]}`,
      ].join('\t')
    }),
  )
}

async function* rowsInChunks(count: number, row: (i: number) => string): AsyncIterable<Buffer> {
  const most = 65_536
  for (let from = 0; from < count; from += most) {
    let text = ''
    for (let i = from; i < Math.min(count, from + most); i++) text += `${row(i)}\n`
    yield Buffer.from(text)
  }
}

/** A client keeps a service up that it calls in this many of the 24 parts of the recording, or holds for as long. */
const keptParts = 3

/**
 * Hosts that call the same service, as sets: beyond the paper, whose clusters know no servers. One flow is enough,
 * since a bot that holds one connection all day calls no more often. A service that a large part of the network calls
 * says nothing, and the correlation's test of chance leaves it out. C&C is kept up (Gu et al., BotSniffer, NDSS 2008,
 * section 2: bots stay in touch for as long as they are bots); most services that two hosts share are sites that
 * they visited.
 */
export async function servicesOf(
  store: Store,
  { analysis, activityTraffic }: Pick<ClusterOptions, 'analysis' | 'activityTraffic'>,
): Promise<CCluster[]> {
  const table = cplaneTable(analysis)
  const rows = await store.rows<{ id: string; hosts: string[]; kept: number }>(sql`
    WITH (SELECT min(start) FROM ${table}) AS begin,
         (SELECT greatest(1, intDiv(max(start + duration) - min(start), 24)) FROM ${table}) AS part
    SELECT id, arraySort(groupArray(host)) AS hosts, toUInt8(countIf(keeps) >= greatest(2, count() / 2)) AS kept
    FROM (
      SELECT ${service} AS id, ${addressText('client')} AS host,
             uniqExact(intDiv(start - begin, part)) >= ${keptParts} OR sum(duration) >= ${keptParts} * part AS keeps
      FROM ${table} WHERE ${noActivityTraffic(activityTraffic)}
      GROUP BY client, server, serverPort, proto
    )
    GROUP BY id
    HAVING count() BETWEEN 2 AND 1000
    ORDER BY id`)

  return rows.map(({ id, hosts, kept }) => ({ id, kind: 'service', hosts, kept: Number(kept) === 1 }))
}
