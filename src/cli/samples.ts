/** Records of samples to traces: what train and the cross-validation share. */
import { isIPv6 } from 'node:net'
import { readSubject } from '../decisions/index.ts'
import { UserError } from '../errors.ts'
import type { InputReport } from '../model/answer.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { sayList } from '../model/words/say.ts'
import { readAllowlist } from '../store/allowlist.ts'
import { internalNetworks } from '../store/internal.ts'
import { inside } from '../store/networks.ts'
import { addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { distinctTraces } from '../traces/families/distinct.ts'
import { withoutNoise } from '../traces/families/train.ts'
import type { Trace } from '../traces/trace.ts'
import { importAll } from './commands/run.ts'
import { withTemporaryDatabase } from './database.ts'
import type { ImportFlags } from './flags.ts'

export interface SampleFlags extends ImportFlags {
  readonly internal?: readonly string[]
  readonly allow?: readonly string[]
  /** C&C that is known, as address or address:port: only traces to it are taken. */
  readonly cnc?: readonly string[]
  readonly minCalls: number
}

export interface Samples {
  readonly traces: readonly Trace[]
  /** Before allowlists, benign servers and known C&C. */
  readonly given: number
  readonly inputs: readonly InputReport[]
}

/** The scope that is the whole database. */
export async function wholeOf(store: Store, internal: readonly string[] = []): Promise<Scope> {
  const { networks } = await internalNetworks(store, internal)
  return { epoch: 0, from: 0, to: 4e15, internal: networks }
}

/** Imports into a database of its own and gathers the traces that may be the bot's. */
export async function samplesOf(
  paths: readonly string[],
  flags: SampleFlags,
  benign: ReadonlySet<string> = new Set(),
): Promise<Samples> {
  const known = flags.cnc ? knownPlaces(flags.cnc) : null
  const { names, networks } = await readAllowlist(flags.allow ?? [])
  return withTemporaryDatabase(async (store) => {
    const { inputs } = await importAll(store, paths, flags)
    const scope = await wholeOf(store, flags.internal)
    const all = await distinctTraces(store, scope, { minCalls: flags.minCalls })
    const allowed = await serversWhere(store, inside('server', networks))
    const noise = { servers: new Set([...benign, ...allowed]), names: new Set(names) }
    const own = withoutNoise(all, noise)

    const traces = known === null ? own : own.filter((trace) => isOf(trace, known))
    if (traces.length === 0 && own.length > 0) throw notMet(flags.cnc ?? [])
    return { traces, given: all.length, inputs }
  })
}

const notMet = (cnc: readonly string[]): UserError =>
  new UserError(
    'nothing-to-analyse',
    `the samples have no trace to ${sayList(cnc, 3)}`,
    'Give --cnc an address that they call, alone or with its port, such as 192.0.2.7:443.',
  )

/** Addresses, alone, with a port, or with port and protocol, in one form. @throws UserError option-invalid. */
const knownPlaces = (cnc: readonly string[]): ReadonlySet<string> => new Set(cnc.map(knownPlace))

function knownPlace(text: string): string {
  const found = subjectOf(text)
  if (found?.kind === 'host' || found?.kind === 'service') return found.value
  throw new UserError(
    'option-invalid',
    `--cnc ${text.slice(0, 80)} is no address`,
    'Give an address, alone or with its port: 192.0.2.7, 192.0.2.7:443, [2001:db8::7]:443.',
  )
}

/** Null for what names nothing. */
function subjectOf(text: string): ReturnType<typeof readSubject> | null {
  try {
    return readSubject(text)
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

const isOf = ({ servers, serverPort, proto }: Trace, known: ReadonlySet<string>): boolean =>
  servers.some((each) => {
    const service = `${isIPv6(each) ? `[${each}]` : each}:${serverPort}`
    return known.has(each) || known.has(service) || known.has(`${service}/${proto}`)
  })

/** Servers that the hosts of benign records met. */
export async function benignServers(
  paths: readonly string[],
  flags: ImportFlags,
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set()
  return withTemporaryDatabase(async (store) => {
    await importAll(store, paths, flags)
    return new Set(await serversWhere(store, sql`true`))
  })
}

async function serversWhere(store: Store, where: Query): Promise<string[]> {
  const rows = await store.rows<{ address: string }>(
    sql`SELECT DISTINCT ${addressText('server')} AS address FROM flow WHERE ${where}`,
  )
  return rows.map(({ address }) => address)
}
