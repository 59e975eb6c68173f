/**
 * Slow callers in simulated months that were not used to set a weight: implants by period and jitter, one a host, each by
 * address; honest software with as slow a clock beside them; and whom the rest of the network makes suspect.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import { seeded } from '../../src/math/random.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import type { Store } from '../../src/store/store.ts'
import { findSlow, type SlowContact } from '../../src/traces/slow/find.ts'
import { connFields } from '../../test/fixtures/written-logs.ts'
import { fillPage, markdownTable, type Row } from '../row.ts'

const days = Number(process.env['GANNET_BENCH_DAYS'] ?? 31)
const hosts = Number(process.env['GANNET_BENCH_HOSTS'] ?? 60)
const seeds = (process.env['GANNET_BENCH_SEEDS'] ?? '111,112').split(',').map(Number)

const hour = 3600
const day = 24 * hour

const periods = [3 * hour, 6 * hour, 12 * hour, 20 * hour, day, 36 * hour, 2 * day, 3 * day, 5 * day, 7 * day]
const jitters = [60, 600, hour]

/** What is planted on one host. */
interface Planted {
  /** Honest software is there all along, or installed on the eighth day. */
  readonly kind: 'implant' | 'honest' | 'installed'
  readonly client: string
  readonly server: string
  readonly name: string | null
  readonly period: number
  readonly jitter: number
}

export async function run(): Promise<Row[]> {
  const all: { readonly planted: readonly Planted[]; readonly found: readonly SlowContact[] }[] = []
  for (const seed of seeds) all.push(await month(seed))

  const scoreOf = (found: readonly SlowContact[], { client, server }: Planted) =>
    found.find(({ trace }) => trace.client === client && trace.servers.includes(server))?.verdict.score ?? 0
  const each = all.flatMap(({ planted, found }) =>
    planted.map((one) => ({ ...one, score: scoreOf(found, one) })),
  )
  const own = (found: readonly SlowContact[], planted: readonly Planted[]) =>
    found.filter(
      ({ trace, verdict }) =>
        verdict.score >= 0.5 &&
        !planted.some(({ client, server }) => client === trace.client && trace.servers.includes(server)),
    )
  const falseAlarms = all.reduce((sum, { found, planted }) => sum + own(found, planted).length, 0)
  const implants = each.filter(({ kind }) => kind === 'implant')
  const honest = each.filter(({ kind }) => kind === 'honest')
  const installed = each.filter(({ kind }) => kind === 'installed')
  const accused = (of: typeof each) => of.filter(({ score }) => score >= 0.5).length
  const listed = (of: typeof each) => of.filter(({ score }) => score > 0).length

  const at = (period: number, jitter: number) => {
    const ones = implants.filter((one) => one.period === period && one.jitter === jitter)
    return `${accused(ones)} accused, ${listed(ones)} listed of ${ones.length}`
  }
  fillPage(
    'slow-callers.md',
    [
      `${seeds.length} simulated months of ${hosts} machines (seeds ${seeds.join(', ')}; \`npm run bench -- slow-callers\`), none of them`,
      'used to set a weight. Implants call by address on port 443, from the eighth day on; by period and jitter:',
      '',
      markdownTable(
        ['Period', ...jitters.map((jitter) => `± ${jitter / 60} min`)],
        periods.map((period) => [`${period / hour} h`, ...jitters.map((jitter) => at(period, jitter))]),
      ),
      '',
      `Honest: of ${honest.length} planted schedules with a name of their own (every 4 and 8 hours, daily and weekly, ± 1 min, one host each, all along), ${accused(honest)} were accused; ` +
        `of ${installed.length} that were installed on the eighth day, ${accused(installed)}. ` +
        `Of the rest of the network, ${falseAlarms} contacts in ${seeds.length * hosts * days} host-days were.`,
    ].join('\n'),
  )

  const asserted = `${implants.length} implants and ${honest.length + installed.length} honest schedules in ${seeds.length} months`
  return [
    { name: 'slow callers accused', figure: accused(implants) / implants.length, unit: 'share', asserted },
    { name: 'slow callers listed', figure: listed(implants) / implants.length, unit: 'share', asserted },
    {
      name: 'honest schedules accused',
      figure: accused(honest),
      unit: `of ${honest.length}`,
      better: 'less',
      asserted,
    },
    {
      name: 'newly installed honest schedules accused',
      figure: accused(installed),
      unit: `of ${installed.length}`,
      better: 'less',
      asserted,
    },
    { name: 'others accused', figure: falseAlarms, unit: 'contacts', better: 'less', asserted },
  ]
}

async function month(seed: number) {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const logs = join(folder, 'logs')
    await simulate({ scenario: 'campus-day', hosts, days, seed, out: logs, bots: false })
    const store = await openEmbedded(join(folder, 'db'))
    try {
      await importInputs(store, [logs])
      const [range] = await store.rows<{ first: number; last: number; clients: string[] }>(`
        SELECT toFloat64(min(hour)) / 1e6 AS first, toFloat64(max(hour)) / 1e6 + 3600 AS last,
          arrayMap(c -> replaceOne(toString(c), '::ffff:', ''), arraySort(groupUniqArrayIf(client, startsWith(toString(client), '::ffff:10.')))) AS clients
        FROM service_hour`)
      const planted = plantedOn(range!.clients, seed)
      writeFileSync(join(folder, 'conn.log'), connOf(planted, range!, seed))
      writeFileSync(join(folder, 'dns.log'), dnsOf(planted, range!, seed))
      await importInputs(store, [join(folder, 'conn.log'), join(folder, 'dns.log')])
      return { planted, found: await found(store, range!.last * 1e6) }
    } finally {
      await store.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const found = (store: Store, to: number) =>
  findSlow(store, { internal: parseNetworks(['10.0.0.0/8']), from: to - day * 1e6, to })

function plantedOn(clients: readonly string[], seed: number): Planted[] {
  const wanted = [
    ...periods.flatMap((period) => jitters.map((jitter) => ({ kind: 'implant' as const, period, jitter }))),
    ...[4 * hour, 8 * hour, day, 7 * day].flatMap((period) =>
      (['honest', 'honest', 'installed'] as const).map((kind) => ({ kind, period, jitter: 60 })),
    ),
  ]
  return wanted.map((one, i) => ({
    ...one,
    client: clients[(i * 3 + seed) % clients.length]!,
    server: `192.88.${seed % 256}.${i + 1}`,
    name: one.kind !== 'implant' ? `check.softwaremaker${seed}x${i}.example` : null,
  }))
}

/** Calls of a planted program, in seconds; the same for both logs. */
function callsOf({ kind, client, server, period, jitter }: Planted, { first, last }: Range, seed: number) {
  const random = seeded(`${seed} ${client} ${server}`)
  const begin = kind === 'honest' ? first : first + 8 * day
  const calls: number[] = []
  for (let at = begin + random.next() * period; at < last; at += period)
    calls.push(at + (random.next() * 2 - 1) * jitter)
  return calls.sort((a, b) => a - b)
}

interface Range {
  readonly first: number
  readonly last: number
}

const logOf = (path: string, fields: readonly string[], lines: readonly (readonly [number, string])[]) =>
  [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    `#path\t${path}`,
    `#fields\t${fields.join('\t')}`,
    ...[...lines].sort(([a], [b]) => a - b).map(([, line]) => line),
    '',
  ].join('\n')

const connOf = (planted: readonly Planted[], range: Range, seed: number): string =>
  logOf(
    'conn',
    connFields,
    planted.flatMap((one, i) =>
      callsOf(one, range, seed).map((at, n) => [
        at,
        `${at.toFixed(6)}\tCs${i}x${n}\t${one.client}\t${40000 + n}\t${one.server}\t443\ttcp\tssl\t1.5\t700\t2400\tSF\t8\t1100\t9\t2900`,
      ]),
    ),
  )

const dnsOf = (planted: readonly Planted[], range: Range, seed: number): string =>
  logOf(
    'dns',
    [...connFields.slice(0, 7), 'query', 'qtype_name', 'rcode_name', 'answers', 'TTLs'],
    planted.flatMap((one, i) =>
      one.name === null
        ? []
        : callsOf(one, range, seed).map((at, n) => [
            at - 0.1,
            `${(at - 0.1).toFixed(6)}\tCd${i}x${n}\t${one.client}\t${50000 + n}\t10.20.0.53\t53\tudp\t${one.name}\tA\tNOERROR\t${one.server}\t300`,
          ]),
    ),
  )
