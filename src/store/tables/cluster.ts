/**
 * A ClickHouse cluster as one store.
 *
 * Every node has two databases. `NAME_here` holds the rows: a spread table has on each shard the rows of its own
 * clients; any other has all rows on the first shard. `NAME`, in which statements run, shows the rows of all shards
 * under the same names. So a statement about one client, or about each of them, may run on every shard in `NAME_here`
 * as it stands. Answers do not depend on the node that is asked.
 */
import { openServer } from '../server.ts'
import { name, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { type ClusterNode, nodesOf } from './nodes.ts'
import type { Tables } from './plain.ts'
import { storageOf, type TableShape, viewing } from './shape.ts'

/** Engine settings under which statements over all shards mean what they mean on one engine. */
const settings = {
  // What stands in IN and JOIN is of all shards, and is found once.
  distributed_product_mode: 'global',
  // An insert is done when every shard has its rows.
  distributed_foreground_insert: '1',
  parallel_distributed_insert_select: '0',
  // Groups of one client are finished where its rows are, and a question about one client asks its shard alone.
  optimize_distributed_group_by_sharding_key: '1',
  optimize_skip_unused_shards: '1',
  // Which shard a query of a query asks is for that query to find.
  optimize_skip_unused_shards_nesting: '0',
  connect_timeout_with_failover_ms: '5000',
}

/**
 * `IN (SELECT …)` as `GLOBAL IN (SELECT …)`: rows of all shards, found once. The engine can be told to take every such
 * condition so, but fails on those whose SELECT reads two tables. Texts in quotes stay as they are.
 */
const rewritten = (statement: string): string =>
  statement.replace(conditions, (found) => (/^['G]/.test(found) ? found : `GLOBAL ${found}`))

const conditions =
  /'(?:[^'\\]|\\.)*'|\b(?:GLOBAL\s+)?(?:NOT\s+)?IN(?=\s*\(\s*\(?(?:SELECT|WITH)\b|\s+[a-z]\w*\b)/g

interface Opened extends ClusterNode {
  readonly whole: Store
  readonly own: Store
}

/**
 * Connects to the cluster that the servers call `cluster`.
 * @param url An address of each node, comma-separated; or of one, where all nodes have the same HTTP port.
 * @throws UserError option-invalid; server-unreachable when a shard has no node that answers.
 */
export async function openCluster(url: string, cluster: string): Promise<Store> {
  const nodes = await nodesOf(url, cluster)
  const opened = await Promise.all(nodes.map(open))
  const shards = [...Map.groupBy(opened, ({ shard }) => shard).values()].map(([first]) => first as Opened)
  const entry = opened[0]!

  return {
    ...entry.whole,
    ...clusterTables(cluster, opened, shards),
    where: `${entry.whole.where} (cluster ${cluster}, ${shards.length} shards)`,
    shards: shards.length,
    async close() {
      await Promise.all(opened.flatMap(({ whole, own }) => [whole.close(), own.close()]))
    },
  }
}

async function open(node: ClusterNode): Promise<Opened> {
  const [whole, own] = await Promise.all([
    openServer(node.url, { settings, rewritten }),
    openServer(here(node.url), { settings, rewritten }),
  ])
  return { ...node, whole, own }
}

/** The database of a node's own rows. */
function here(url: string): string {
  const address = new URL(url)
  address.pathname = `${address.pathname}_here`
  return address.href
}

function clusterTables(cluster: string, nodes: readonly Opened[], shards: readonly Opened[]): Tables {
  const database = new URL(nodes[0]!.url).pathname.slice(1)
  const own = `${database}_here`
  const everywhere = (work: (node: Opened) => Promise<unknown>) => Promise.all(nodes.map(work))
  let machinesMove = false

  const distributed = (table: string, key: string) =>
    `ENGINE = Distributed(${[cluster, own, table].map(quoted).join(', ')}${key && `, ${key}`})`

  const spread = async (shape: TableShape, key: string, node: Opened) => {
    await node.own.run(`CREATE TABLE IF NOT EXISTS ${shape.name} (${shape.columns}) ${storage(shape, node)}`)
    await node.whole.run(
      `CREATE TABLE IF NOT EXISTS ${shape.name} AS \`${own}\`.${shape.name}
       ${distributed(shape.name, `cityHash64(${key})`)}`,
    )
  }

  const together = async (shape: TableShape, node: Opened) => {
    const rows = rowsOf(shape.name)
    const columns = `${shape.columns}, ${home} UInt8 MATERIALIZED 0`
    await node.own.run(`CREATE TABLE IF NOT EXISTS ${rows} (${columns}) ${storage(shape, node)}`)
    await node.whole.run(`CREATE TABLE IF NOT EXISTS ${shape.name} (${columns}) ${distributed(rows, home)}`)
    await node.own.run(
      `CREATE VIEW IF NOT EXISTS ${shape.name} AS SELECT * FROM \`${database}\`.${shape.name} WHERE ${home} = 0`,
    )
  }

  const storage = (shape: TableShape, { shard, replica, keeper }: ClusterNode) =>
    storageOf(
      shape,
      keeper
        ? `${quoted(`/gannet/${cluster}/${own}/${shape.name}/${shard}`)}, ${quoted(String(replica))}`
        : '',
    )

  return {
    create: async (shape) => {
      await everywhere((node) =>
        shape.shardBy === undefined ? together(shape, node) : spread(shape, shape.shardBy, node),
      )
    },
    drop: async (table) => {
      await everywhere(async (node) => {
        await node.whole.run(sql`DROP TABLE IF EXISTS ${name(table)} SYNC`)
        await node.own.run(sql`DROP TABLE IF EXISTS ${name(table)} SYNC`)
        await node.own.run(sql`DROP TABLE IF EXISTS ${name(rowsOf(table))} SYNC`)
      })
    },
    view: async (shape) => {
      if (shape.shardBy === undefined) machinesMove = true
      else machinesMove = false
      await everywhere((node) => node.own.run(viewing(shape)))
      await everywhere((node) =>
        node.whole.run(
          `CREATE OR REPLACE TABLE ${shape.name} AS \`${own}\`.${shape.name}
           ${distributed(shape.name, shape.shardBy === undefined ? '' : `cityHash64(${shape.shardBy})`)}`,
        ),
      )
    },
    alter: async (table, change) => {
      await Promise.all(
        shards.map(async (node) => {
          const [found] = await node.own.rows<{ n: number }>(
            sql`SELECT toFloat64(count()) AS n FROM system.tables
                WHERE database = ${own} AND name = ${rowsOf(table)}`,
          )
          await node.own.run(sql`ALTER TABLE ${name(found?.n ? rowsOf(table) : table)} ${change}`)
        }),
      )
    },
    byShard: (work, { machines = false } = {}) =>
      Promise.all(machines && machinesMove ? [work(nodes[0]!.whole)] : shards.map((node) => work(node.own))),
  }
}

/** Text of ours, or the name of a cluster, as a literal. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** Where the rows of a table lie that is not spread. */
const rowsOf = (table: string): string => `${table}_home`

/** A column that is 0 in every row, and so names the first shard. */
const home = 'home'
