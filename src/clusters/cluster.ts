/**
 * C-flows to C-clusters, in two steps: X-means on eight columns, then X-means on the binned distributions inside
 * each coarse cluster. Gu et al., BotMiner 2008, section 3.3. TCP and UDP apart, as its table 2 counts them.
 *
 * `paper` clusters raw means, variances and counts; the default takes logarithms, robust z-scores and shares, since
 * the variance of bytes a second spans ten orders of magnitude and would decide alone (pitfalls 5, 6).
 */
import type { CCluster } from '../model/correlation.ts'
import type { Query } from '../model/query.ts'
import { cplaneTable, service } from '../store/cplane.ts'
import { addressText, raw, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type Cflows, readCflows, sizeOf } from './read.ts'
import { type Labels, twoStep } from './two-step.ts'

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
  /** C-flows of one transport that are clustered together; `mostFitted` where absent. */
  readonly exactUpTo?: number
}

/**
 * C-flows of one epoch and transport over which the clustering is fitted on a sample of about that many, drawn by a
 * hash of their keys, and the others are given to the nearest clusters, some at a time. Bounds this process's memory.
 */
const mostFitted = 100_000

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

const transports = ['tcp', 'udp'] as const

/** Clusters the C-flows of one epoch; writes table `ccluster`. Same rows and seed, same clusters. */
export async function makeCclusters(store: Store, options: ClusterOptions): Promise<Cclusters> {
  const shapes: CCluster[] = []
  let coarse = 0
  let fine = 0

  for (const proto of transports) {
    const read = { ...options, proto, condition: noActivityTraffic(options.activityTraffic) }
    const { cflows, clients } = await sizeOf(store, read)
    if (cflows === 0) continue

    const parts = Math.ceil(cflows / (options.exactUpTo ?? mostFitted))
    const most = options.mode === 'paper' ? Number.POSITIVE_INFINITY : popularFrom(clients)
    const found = createShapes(proto, most)
    const sample = await readCflows(store, read, { parts, part: 0 })
    const fitted = twoStep(sample, options)
    coarse += fitted.coarseCount
    fine += fitted.fineCount
    await writeLabels(store, { ...options, proto }, { cflows: sample, labels: fitted })
    found.add(sample, fitted)

    for (let part = 1; part < parts; part++) {
      const others = await readCflows(store, read, { parts, part })
      if (others.count === 0) continue
      const labels = fitted.assign(others)
      await writeLabels(store, { ...options, proto }, { cflows: others, labels })
      found.add(others, labels)
    }
    shapes.push(...found.all())
  }

  return { coarse, fine, shapes }
}

/** True for C-flows that are no activity. */
const noActivityTraffic = (activityTraffic: readonly ActivityTraffic[]): Query =>
  activityTraffic.length === 0
    ? raw('true')
    : sql`concat(${addressText('client')}, ' ', toString(serverPort), '/', proto) NOT IN (${texts(
        activityTraffic.map(({ host, port, proto }) => `${host} ${port}/${proto}`),
      )})`

/**
 * Callers from which a service is popular, and C-flows with it make no shape in the default: hosts that talk alike
 * to what everybody talks to run the same software. The paper has an allowlist for these (filter F3). A botnet as
 * large is still seen by its service.
 */
const popularFrom = (clients: number): number => Math.max(popularHosts, popularShare * clients)
const popularHosts = 10
const popularShare = 0.05

/** Collects the hosts of each fine cluster from C-flows that come in parts. */
function createShapes(proto: string, most: number) {
  const hosts = new Map<string, Set<string>>()

  return {
    add({ client, callers }: Cflows, { coarse, fine }: Labels): void {
      client.forEach((host, i) => {
        if (callers[i]! > most) return
        const id = `${proto}-${coarse[i]}-${fine[i]}`
        const set = hosts.get(id)
        if (set) set.add(host)
        else hosts.set(id, new Set([host]))
      })
    },
    all: (): CCluster[] =>
      [...hosts]
        .filter(([, set]) => set.size >= 2)
        .map(([id, set]) => ({ id, kind: 'shape' as const, hosts: [...set].sort() }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
  }
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
