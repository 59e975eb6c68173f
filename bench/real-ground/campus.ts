/**
 * The described behaviours over another network: a simulated campus of some 290 hosts. Each host of the office that a
 * case speaks of becomes a host of the campus that is on in the same hours and speaks about as much; times move to the
 * campus' day. Judged in this process: the campus is imported once, and each case laid over it and taken away again.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { forget, ledger } from '../../src/store/ledger.ts'
import type { Store } from '../../src/store/store.ts'
import type { GroundAnswer } from './answer.ts'
import type { GroundCase } from './cases.ts'
import { isKept, kept, portable, shortened } from './run.ts'

/** The campus: one of the networks that nothing is set on, with a reporting seed. */
const campus = { scenario: 'campus', seed: 12, hosts: 300, bots: false } as const

/** Midnight at which the office's day begins, and the campus', in seconds. */
const midnight = { office: 1_738_623_600, campus: Date.parse('2025-10-07T00:00:00-05:00') / 1000 } as const
const prefix = { office: '10.41.', campus: '10.42.' } as const

/** What an internal host does: connections to the outside in each hour of the day. */
type Hours = Float64Array

const text = (path: string): string =>
  (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('utf8')

/** The hours of every internal host that a conn.log shows, and the resolver that most of them ask. */
function hostsIn(conn: string, inside: string, from: number) {
  const hours = new Map<string, Hours>()
  const asked = new Map<string, number>()
  for (const line of text(conn).split('\n')) {
    const [at, , client = '', , server = '', port] = line.split('\t')
    if (!client.startsWith(inside)) continue
    if (port === '53' && server.startsWith(inside)) asked.set(server, (asked.get(server) ?? 0) + 1)
    if (server.startsWith(inside)) continue
    const own = hours.get(client) ?? new Float64Array(24)
    const hour = Math.floor((Number(at) - from) / 3600)
    if (hour >= 0 && hour < 24) own[hour]! += 1
    hours.set(client, own)
  }
  const [resolver] = [...asked].sort((a, b) => b[1] - a[1])
  return { hours, resolver: resolver?.[0] ?? null }
}

/** How unlike two hosts are: in the hours in which they are on, then in how much they speak. */
function unlikeness(a: Hours, b: Hours): number {
  let differ = 0
  for (let hour = 0; hour < 24; hour++) if (a[hour]! > 0 !== b[hour]! > 0) differ++
  const sum = (hours: Hours) => hours.reduce((total, each) => total + each, 0)
  return differ + Math.abs(Math.log((1 + sum(a)) / (1 + sum(b))))
}

interface Places {
  /** Address at the campus of an address of the office. */
  readonly of: (office: string) => string
}

function placesOf(office: ReturnType<typeof hostsIn>, college: ReturnType<typeof hostsIn>): Places {
  const free = new Map([...college.hours].filter(([host]) => host !== college.resolver))
  const given = new Map<string, string>()
  if (office.resolver !== null && college.resolver !== null) given.set(office.resolver, college.resolver)

  for (const [host, own] of [...office.hours].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (given.has(host)) continue
    const [nearest] = [...free].toSorted((a, b) => unlikeness(own, a[1]) - unlikeness(own, b[1]))
    if (!nearest) break
    given.set(host, nearest[0])
    free.delete(nearest[0])
  }
  // What the office has no traffic of is a new machine at the campus as well.
  return {
    of: (host) => given.get(host) ?? host.replace(/^10\.41\.\d+\./, `${prefix.campus}250.`),
  }
}

/** The records of a case at the campus. */
function moved(path: string, { of }: Places): string {
  const shift = midnight.campus - midnight.office
  return text(path)
    .split('\n')
    .map((line) => {
      if (line === '' || line.startsWith('#')) return line
      const [at, ...rest] = line.split('\t')
      const elsewhere = rest.map((field) => field.replace(/\b10\.41\.\d+\.\d+\b/g, of))
      return [(Number(at) + shift).toFixed(6), ...elsewhere].join('\t')
    })
    .join('\n')
}

/** A case at the campus: with the victims that it has there, and what the analysis answers. */
interface AtCampus {
  readonly of: GroundCase
  readonly answer: GroundAnswer
}

const about = (of: GroundCase, sources: string) => ['campus', campus, sources, portable(of)]

/** Whether the same sources have answered this case over the campus before. */
export const isAnswered = (of: GroundCase, sources: string): boolean => isKept(about(of, sources))

/** The cases over the campus; from the folder of answers where the same sources have answered them before. */
export async function* overCampus(cases: readonly GroundCase[], sources: string): AsyncGenerator<AtCampus> {
  const work = cases.every((each) => isAnswered(each, sources)) ? null : await openCampus(cases[0]!)
  try {
    for (const each of cases)
      yield await kept(about(each, sources), () => {
        if (!work) throw new RangeError(`${each.name} was kept, and is gone`)
        return answered(work, each)
      })
  } finally {
    await work?.close()
  }
}

interface Campus {
  readonly store: Store
  readonly folder: string
  readonly places: Places
  readonly inputs: Awaited<ReturnType<typeof importInputs>>['inputs']
  /** Loads of the campus itself. */
  readonly known: ReadonlySet<string>
  close(): Promise<void>
}

/** The campus in a store of its own; `anyCase` says where the office is. */
async function openCampus(anyCase: GroundCase): Promise<Campus> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const store = await openEmbedded(join(folder, 'db'))
  const { files } = await simulate({ ...campus, out: join(folder, 'campus') })
  const logs = files.filter((file) => file.endsWith('.log'))
  const office = readdirSync(anyCase.paths[0]!).map((name) => join(anyCase.paths[0]!, name))
  const conn = (paths: readonly string[]) => paths.find((path) => basename(path).startsWith('conn.log'))!

  const { inputs } = await importInputs(store, logs, { acceptRejects: true })
  return {
    store,
    folder,
    inputs,
    places: placesOf(
      hostsIn(conn(office), prefix.office, midnight.office),
      hostsIn(conn(logs), prefix.campus, midnight.campus),
    ),
    known: new Set((await ledger(store)).map(({ load }) => load)),
    async close() {
      await store.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Lays the case over, asks, and takes it away again. */
async function answered({ store, folder, places, inputs, known }: Campus, of: GroundCase): Promise<AtCampus> {
  const began = performance.now()
  const [, own = ''] = of.paths
  const written = readdirSync(own)
    .filter((name) => /\.log(\.gz)?$/.test(name))
    .map((name) => {
      const path = join(folder, `${of.name}-${name.replace(/\.gz$/, '')}`)
      writeFileSync(path, moved(join(own, name), places))
      return path
    })
  await importInputs(store, written, { acceptRejects: true })
  const { answer } = await analyse(store, defaults, { version: 'bench', inputs, progress: () => {} })
  for (const { load } of await ledger(store)) if (!known.has(load)) await forget(store, load)

  const victims = of.victims.map(places.of)
  const seconds = (performance.now() - began) / 1000
  return { of: { ...of, victims }, answer: { ...shortened(answer, victims), seconds, failed: null } }
}
