/** Simulated callers as records beside those of a ground, for as long as they are looked at. */
import { ownerOf } from '../../src/knowledge/index.ts'
import { type Random, seeded } from '../../src/math/random.ts'
import { publish } from '../../src/store/ledger.ts'
import { beginLoad } from '../../src/store/load.ts'
import { sql } from '../../src/store/sql.ts'
import type { Store } from '../../src/store/store.ts'
import type { Kind } from './kinds.ts'

export interface Caller {
  readonly client: string
  readonly server: string
  readonly port: number
  readonly name: string | null
  /** Microseconds. */
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
  readonly rows: readonly object[]
}

interface Plan {
  readonly hosts: readonly string[]
  /** Microseconds that the records cover. */
  readonly first: number
  readonly last: number
  /** Whether the records name servers: then every second caller's is named. */
  readonly named: boolean
}

/** One caller a host, each with a server of its own. Equal sizes but for tasks, as in `bench/samples/implants.ts`. */
export const callersOf = (kind: Kind, number: number, { hosts, first, last, named }: Plan): Caller[] =>
  hosts.map((client, i) => {
    const random = seeded(`regularity ${number}`).split(i)
    const server = serverOf(number, i)
    const port = random.pick([443, 443, 80, 8080, 4444])
    const name = named && i % 2 === 0 ? `c${number}-${i}.example` : null
    return callerOf(random, { kind, client, server, port, name, first, last, uid: `R${number}-${i}` })
  })

/** An address that no list gives an owner. */
function serverOf(number: number, i: number): string {
  for (let first = 45; ; first++) {
    const server = `${first}.${number >> 4}.${number & 15}.${i}`
    if (first === 200 || ownerOf(server) === null) return server
  }
}

function callerOf(
  random: Random,
  {
    kind,
    first,
    last,
    uid,
    ...to
  }: Pick<Caller, 'client' | 'server' | 'port' | 'name'> & {
    readonly kind: Kind
    readonly first: number
    readonly last: number
    readonly uid: string
  },
): Caller {
  const starts = startsOf(random, kind, (last - first) / 1e6).map((at) => Math.round(first + at * 1e6))
  const base = { sent: 150 + random.integer(1500), received: 100 + random.integer(4000) }
  const tasks = 0.15 * random.next()

  const calls = starts.map(() => {
    const isTask = random.next() < tasks
    return {
      seconds: 0.1 + random.exponential(0.8),
      sent: Math.round(base.sent * (isTask ? 1 + random.exponential(3) : 1)),
      received: Math.round(base.received * (isTask ? 1 + random.exponential(5) : 1)),
    }
  })

  const rows = calls.map(({ seconds, sent, received }, i) => ({
    start: starts[i],
    duration: Math.round(seconds * 1e6),
    proto: 'tcp',
    client: to.client,
    clientPort: 20_000 + ((i * 7) % 40_000),
    server: to.server,
    serverPort: to.port,
    clientPackets: 5 + Math.ceil(sent / 150),
    clientBytes: sent,
    serverPackets: 4 + Math.ceil(received / 150),
    serverBytes: received,
    packets: 9 + Math.ceil(sent / 150) + Math.ceil(received / 150),
    bytes: sent + received,
    outcome: 'established',
    state: 'SF',
    service: '',
    uid: `${uid}-${i}`,
    label: '',
    tunnel: '',
  }))
  return { ...to, starts, sizes: calls.map(({ sent }) => sent), rows }
}

/** Seconds from the first record: somewhere in the stretch where calls are counted, else over the whole of it. */
function startsOf(random: Random, { period, jitter, skew, calls }: Kind, span: number): number[] {
  const low = skew === 'longer' ? 0 : -jitter
  const high = skew === 'shorter' ? 0 : jitter
  const most = calls ?? Number.POSITIVE_INFINITY
  const free =
    calls === null ? Math.min(period, span / 10) : Math.max(0, span - period * (1 + jitter) * calls)
  const starts: number[] = []

  for (let at = random.next() * free; at < span && starts.length < most; ) {
    starts.push(at)
    at += period * (1 + low + (high - low) * random.next())
  }
  return starts
}

/** Lays callers over the records in a store, lets `use` look, and takes them out again. */
export async function withCallers<T>(
  store: Store,
  callers: readonly Caller[],
  use: () => Promise<T>,
): Promise<T> {
  const load = beginLoad(store)
  let position = 0
  for (const { rows, name, server, port, client, starts } of callers) {
    await load.write(
      'flow',
      rows.map((row) => ({ position: ++position, ...row })),
    )
    if (name !== null)
      await load.write(
        'tls',
        (rows as readonly { readonly uid: string }[]).map(({ uid }, i) => ({
          position: ++position,
          start: starts[i],
          client,
          server,
          serverPort: port,
          uid,
          serverName: name,
          version: '',
          fingerprint: '',
          subject: '',
          issuer: '',
        })),
      )
  }
  await load.flush()
  const entry = { name: 'callers', sha256: '', bytes: 0, format: 'bench', rejects: {}, rejectSamples: [] }
  await publish(store, { load: load.load, ...entry })

  try {
    return await use()
  } finally {
    await store.run(
      sql`ALTER TABLE ledger DELETE WHERE toString(load) = ${load.load} SETTINGS mutations_sync = 1`,
    )
  }
}
