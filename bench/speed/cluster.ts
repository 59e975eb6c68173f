/**
 * One server beside three shards, on one machine: time of an import and of an analysis, and the bytes that cross from
 * node to node. `node bench/speed/cluster.ts [HOSTS]` simulates a campus day of that many machines.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCluster, type TestCluster } from '../../test/clickhouse-server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Runs Gannet; gives its seconds. */
function gannet(...args: string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(join(root, 'gannet'), args, { maxBuffer: 256e6, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return (performance.now() - start) / 1000
}

async function asked(cluster: TestCluster, node: number, query: string): Promise<number> {
  const answer = await fetch(cluster.nodes[node]!.url, {
    method: 'POST',
    body: query,
    headers: { connection: 'close' },
  })
  return Number(await answer.text())
}

const ofEvent = (event: string) => `SELECT sum(value) FROM system.events WHERE event = '${event}'`

/** Bytes that nodes but the first have sent and taken: they answer other nodes, and Gannet with little. */
async function crossed(cluster: TestCluster): Promise<number> {
  let sum = 0
  for (let node = 1; node < cluster.nodes.length; node++)
    for (const event of ['NetworkSendBytes', 'NetworkReceiveBytes'])
      sum += await asked(cluster, node, ofEvent(event))
  return sum
}

/** Processor seconds of a node so far. */
const used = (cluster: TestCluster, node: number) =>
  asked(
    cluster,
    node,
    "SELECT sum(value) / 1e6 FROM system.events WHERE event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')",
  )

async function measure(shards: number, logs: readonly string[]): Promise<void> {
  const cluster = await startCluster({ shards })
  const place = ['--url', cluster.urls('speed'), ...(shards > 1 ? ['--cluster', 'both'] : [])]
  try {
    const flows = () => asked(cluster, 0, 'SELECT count() FROM speed.flow')
    for (const [step, args] of [
      ['import', ['import', ...logs]],
      ['analyze', ['analyze', '--json']],
      ['analyze', ['analyze', '--json']],
    ] as const) {
      const before = await crossed(cluster)
      const processor = await Promise.all(cluster.nodes.map((_, i) => used(cluster, i)))
      const seconds = gannet(...args, ...place)
      const bytes = (await crossed(cluster)) - before
      const shares = await Promise.all(cluster.nodes.map((_, i) => used(cluster, i)))
      const each = shares.map((share, i) => (share - processor[i]!).toFixed(1)).join(', ')
      const all = `${shards} shards, ${await flows()} flows: ${step} ${seconds.toFixed(1)} s`
      process.stdout.write(
        `${all}, ${(bytes / 1e6).toFixed(1)} MB crossed, processor seconds of the nodes ${each}\n`,
      )
    }
  } finally {
    await cluster.stop()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'gannet-speed-'))
try {
  gannet('simulate', '--hosts', process.argv[2] ?? '200', '--out', folder)
  const logs = readdirSync(folder).flatMap((file) => (file.endsWith('.log') ? [join(folder, file)] : []))
  for (const shards of [1, 3]) await measure(shards, logs)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
