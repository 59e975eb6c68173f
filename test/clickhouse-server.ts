/**
 * A real ClickHouse server for tests, from the library that the embedded engine is made of.
 *
 * `chdb_query_cmdline` runs `clickhouse local`, which can open its own ports; it wants a process's main thread,
 * so Python's ctypes calls it in a child. Loopback only, no authentication, killed with the test. On Linux only.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TestServer {
  readonly url: string
  readonly httpPort: number
  readonly tcpPort: number
  readonly pid: number
  /** The stack of the engine where it ended by a fault of its own. */
  faults(): string
  stop(): Promise<void>
}

interface ServerOptions {
  /** TCP ports of the replicas of each shard of a cluster named `both`; this server is one of them. */
  readonly shards?: readonly (readonly number[])[]
  readonly tcpPort?: number
  /** Users file in the engine's XML, for wrong-password tests. */
  readonly users?: string
  /** A folder to use and keep; else a temporary one. */
  readonly folder?: string
  readonly httpPort?: number
}

const library = (): string | null => {
  try {
    const require = createRequire(import.meta.resolve('chdb'))
    return require.resolve('@chdb/lib-linux-x64-gnu/libchdb.so')
  } catch {
    return null
  }
}

/** Why no server can be started here; null where one can. With GANNET_REQUIRE_SERVER set that is an error. */
export function whyNoServer(): string | null {
  const why = !library()
    ? 'no engine library for this platform'
    : spawnSync('python3', ['-c', 'import ctypes']).status === 0
      ? null
      : 'no python3 with ctypes'
  if (why && process.env['GANNET_REQUIRE_SERVER']) throw new Error(`a server is required: ${why}`)
  return why
}

const program = `
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]): sys.exit(1)
engine = ctypes.CDLL(sys.argv[2])
words = [b'clickhouse-local'] + [os.fsencode(word) for word in sys.argv[3:]]
engine.chdb_query_cmdline.restype = ctypes.c_void_p
engine.chdb_result_error.restype = ctypes.c_char_p
engine.chdb_result_error.argtypes = [ctypes.c_void_p]
result = engine.chdb_query_cmdline(len(words), (ctypes.c_char_p * len(words))(*words))
sys.stderr.write(str(engine.chdb_result_error(result)))
`

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

/** Starts a server and waits until it answers. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'gannet-server-'))
  const httpPort = options.httpPort ?? (await freePort())
  const tcpPort = options.tcpPort ?? (await freePort())
  const config = join(folder, 'config.xml')
  const faultLog = join(folder, 'faults.log')
  writeFileSync(config, configOf(faultLog, options))
  const statement =
    'SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; ' +
    'SELECT sleepEachRow(1) FROM numbers(3600) SETTINGS max_block_size = 1, max_rows_to_read = 0 FORMAT Null'
  const words = [
    `--path=${folder}`,
    '--listen_host=127.0.0.1',
    `--tcp_port=${tcpPort}`,
    `--http_port=${httpPort}`,
    `--config-file=${config}`,
    `--query=${statement}`,
  ]
  const child = spawn('python3', ['-c', program, String(process.pid), realpathSync(library()!), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
  })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-4000)
  })
  const url = `http://127.0.0.1:${httpPort}`
  const faults = () => (existsSync(faultLog) ? readFileSync(faultLog, 'utf8').slice(0, 20_000) : output)
  const stop = async () => {
    await ended(child)
    if (!options.folder) rmSync(folder, { recursive: true, force: true })
  }
  for (let i = 0; i < 300; i++) {
    if (child.exitCode !== null) break
    const alive = await fetch(`${url}/ping`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (alive) return { url, httpPort, tcpPort, pid: child.pid!, faults, stop }
    await sleep(100)
  }
  await stop()
  throw new Error(`the test server did not start: ${output}`)
}

export interface TestCluster {
  /** Addresses of all nodes with the database, as `--url` takes them; that of `first` leads. */
  urls(database: string, first?: number): string
  readonly nodes: readonly TestServer[]
  /** Kills a node at once, as a failure of its machine would. */
  kill(node: number): Promise<void>
  /** Starts a killed node again on its old folder and ports. */
  restart(node: number): Promise<void>
  /** Starts the nodes again that the engine itself ended, by a fault of its own; what they printed. */
  revive(): Promise<string[]>
  stop(): Promise<void>
}

interface ClusterOptions {
  readonly shards: number
  readonly replicas?: number
}

/** Starts a cluster named `both`; nodes are in the order of their shards. */
export async function startCluster({ shards: count, replicas = 1 }: ClusterOptions): Promise<TestCluster> {
  const size = count * replicas
  const folders = Array.from({ length: size }, () => mkdtempSync(join(tmpdir(), 'gannet-node-')))
  const ports: { tcpPort: number; httpPort: number }[] = []
  for (let i = 0; i < size; i++) ports.push({ tcpPort: await freePort(), httpPort: await freePort() })
  const tcp = ports.map(({ tcpPort }) => tcpPort)
  const shards = Array.from({ length: count }, (_, i) => tcp.slice(i * replicas, (i + 1) * replicas))
  const start = (i: number) => startServer({ shards, folder: folders[i]!, ...ports[i]! })
  const nodes = await Promise.all(folders.map((_, i) => start(i)))
  const restart = async (i: number) => {
    rmSync(join(folders[i]!, 'status'), { force: true })
    nodes[i] = await start(i)
  }

  return {
    nodes,
    urls: (database, first = 0) =>
      nodes.map((_, i) => `${nodes[(first + i) % size]!.url}/${database}`).join(','),
    kill: (i) => nodes[i]!.stop(),
    restart,
    async revive() {
      const ended: string[] = []
      for (const [i, node] of nodes.entries()) {
        if (await works(node)) continue
        await node.stop()
        ended.push(node.faults())
        await restart(i)
      }
      return ended
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Whether a statement is answered: an engine that is dumping its stack still answers pings. */
const works = (node: TestServer): Promise<boolean> =>
  fetch(node.url, { method: 'POST', body: 'SELECT 1', signal: AbortSignal.timeout(30_000) }).then(
    (answer) => answer.ok,
    () => false,
  )

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await gone
}

function configOf(faultLog: string, { shards = [], users = '' }: ServerOptions): string {
  const replica = (port: number) => `<replica><host>127.0.0.1</host><port>${port}</port></replica>`
  const nodes = shards.map(
    (ports) =>
      `<shard><internal_replication>true</internal_replication>${ports.map(replica).join('')}</shard>`,
  )
  const cluster = shards.length > 0 ? `<remote_servers><both>${nodes.join('')}</both></remote_servers>` : ''
  const logger = `<level>none</level><errorlog>${faultLog}</errorlog><errorlog_level>fatal</errorlog_level>`
  return `<clickhouse><logger>${logger}</logger>${cluster}${users}</clickhouse>\n`
}

/** Times that work is begun again for nodes that the engine ended itself. */
const mostRevivals = 3

/**
 * Does it, and again if the engine ended a node by a fault of its own: seen in CI ("The server is shutting down due to a
 * fatal error"), and then no later test had a cluster. Any other failure is a failure. The last one has the engine's stacks.
 */
export async function surviving<T>(cluster: TestCluster, work: () => Promise<T>): Promise<T> {
  const stacks: string[] = []
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const faults = await cluster.revive()
      if (faults.length === 0) throw error
      stacks.push(...faults)
      console.warn(`the engine ended ${faults.length} of the nodes itself:\n${faults.join('\n')}`)
      if (stacks.length > mostRevivals) {
        const last = stacks.map((stack) => stack.slice(0, 4000)).join('\n\n')
        throw new Error(`the engine ended nodes ${stacks.length} times:\n${last}`, { cause: error })
      }
    }
  }
}
