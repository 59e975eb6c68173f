/** The nodes of a cluster: their addresses, and which shard each of them has. */
import { UserError } from '../../errors.ts'
import { openServer } from '../server.ts'
import { sql } from '../sql.ts'
import type { Store } from '../store.ts'

export interface ClusterNode {
  /** HTTP address with user, password and database. */
  readonly url: string
  /** Numbers from 1, as the servers count them. */
  readonly shard: number
  readonly replica: number
  /** Whether tables on it can be replicated. */
  readonly keeper: boolean
}

interface Member {
  readonly shard: number
  readonly replica: number
  readonly host: string
  readonly own: number
}

/**
 * The nodes in the order of their shards, the one that `url` names first leading.
 * @throws UserError option-invalid; server-unreachable when a shard has no node that answers.
 */
export async function nodesOf(url: string, cluster: string): Promise<ClusterNode[]> {
  const given = url.split(',').map((each) => withDatabase(each.trim()))
  const first = given[0]!
  const members = await membersOf(first, cluster)
  const urls = given.length > 1 || members.length === 1 ? given : members.map(({ host }) => at(first, host))
  const found = await Promise.allSettled(urls.map((each) => nodeAt(each, cluster)))
  const nodes = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = found.find((each) => each.status === 'rejected')
  const missing = new Set(members.map(({ shard }) => shard)).difference(
    new Set(nodes.map(({ shard }) => shard)),
  )

  if (missing.size > 0) {
    if (failed) throw failed.reason
    throw new UserError(
      'option-invalid',
      `--url names no node of shard ${[...missing].join(', ')} of the cluster ${cluster}`,
      'Give the HTTP address of every node, comma-separated.',
    )
  }

  if (members.some(({ replica }) => replica > 1) && !nodes.every(({ keeper }) => keeper)) {
    throw new UserError(
      'option-invalid',
      `the cluster ${cluster} has replicas, but no keeper that would keep them alike`,
      'Configure ClickHouse Keeper, or a cluster of one node a shard.',
    )
  }

  return nodes
}

/** An address whose path names the database. */
function withDatabase(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  if (url.pathname === '/') url.pathname = '/gannet'
  return url.href
}

function at(url: string, host: string): string {
  const address = new URL(url)
  address.hostname = host.includes(':') ? `[${host}]` : host
  return address.href
}

async function membersOf(url: string, cluster: string): Promise<Member[]> {
  return withServer(url, async (store) => {
    const members = await store.rows<Member>(sql`
      SELECT shard_num AS shard, replica_num AS replica, host_name AS host, is_local AS own
      FROM system.clusters WHERE cluster = ${cluster} ORDER BY shard, replica`)
    if (members.length > 0) return members
    const known = await store.rows<{ cluster: string }>('SELECT DISTINCT cluster FROM system.clusters')
    throw new UserError(
      'option-invalid',
      `${store.where} knows no cluster ${cluster}`,
      `Give --cluster one of: ${known.map((each) => each.cluster).join(', ') || 'none is configured'}.`,
    )
  })
}

async function nodeAt(url: string, cluster: string): Promise<ClusterNode> {
  const members = await membersOf(url, cluster)
  const own = members.find((each) => each.own === 1)

  if (!own) {
    throw new UserError(
      'option-invalid',
      `${new URL(url).host} is no node of the cluster ${cluster}`,
      'Give --url the addresses of its nodes.',
    )
  }

  return { url, shard: own.shard, replica: own.replica, keeper: await withServer(url, hasKeeper) }
}

const hasKeeper = async (store: Store): Promise<boolean> => {
  const rows = await store.rows(
    "SELECT name FROM system.tables WHERE database = 'system' AND name = 'zookeeper'",
  )
  return rows.length > 0
}

async function withServer<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openServer(url)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
