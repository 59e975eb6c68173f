/**
 * BotMiner's Table 4 again: the eight botnets of its Table 1, each laid over random hosts of a network that keep their
 * own traffic, one at a time as there, and then all at once; on a simulated campus of a thousand hosts (a reporting
 * seed) and on the real background. In both modes, the paper's own column beside. Writes the measured part of
 * docs/method/table-4.md.
 *
 * `npm run bench -- table-4 [--ground campus]`; it is long, and can be made in several sittings (`pieces.ts`).
 * `node bench/detection/table-4.ts REQUEST` is the child that does one case.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults, paper } from '../../src/config.ts'
import type { Answer } from '../../src/model/answer.ts'
import type { Truth } from '../../src/model/truth.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { build } from '../../src/simulate/build.ts'
import { networkOf, type Overlaid, overlaidOn, simulate, writeRecords } from '../../src/simulate/index.ts'
import type { Host, Network } from '../../src/simulate/network.ts'
import { campusDay } from '../../src/simulate/scenarios/campus-day.ts'
import { scaled } from '../../src/simulate/scenarios/scaled.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { inside, parseNetworks } from '../../src/store/networks.ts'
import { sql } from '../../src/store/sql.ts'
import type { Store } from '../../src/store/store.ts'
import { sharedData } from '../../test/shared-data.ts'
import { fillPage, markdownTable, type Row } from '../row.ts'
import type { Mode } from '../samples/analysed.ts'
import { piece } from '../samples/pieces.ts'
import { reportingSeeds } from '../seeds.ts'
import { few, isSmallest, shortDay } from '../smallest.ts'

interface Published {
  readonly id: string
  readonly name: string
  readonly size: number
  /** Table 4 of the paper. */
  readonly clustered: number
  readonly falseHosts: number
}

const published: readonly Published[] = [
  { id: 'rbot', name: 'IRC-rbot', size: 4, clustered: 4, falseHosts: 2 },
  { id: 'sdbot', name: 'IRC-sdbot', size: 4, clustered: 4, falseHosts: 2 },
  { id: 'spybot', name: 'IRC-spybot', size: 4, clustered: 3, falseHosts: 2 },
  { id: 'irc-n', name: 'IRC-N', size: 259, clustered: 258, falseHosts: 0 },
  { id: 'http-1', name: 'HTTP-1', size: 4, clustered: 4, falseHosts: 2 },
  { id: 'http-2', name: 'HTTP-2', size: 4, clustered: 4, falseHosts: 2 },
  { id: 'storm', name: 'Storm', size: 13, clustered: 13, falseHosts: 0 },
  { id: 'nugache', name: 'Nugache', size: 82, clustered: 82, falseHosts: 0 },
]

/** Botnets that came after the paper, six bots of each, for the default mode alone. */
const later = ['rally', 'generated-names', 'fluxed', 'relayed', 'mutual', 'fronted', 'doh', 'staged'] as const
const laterSize = 6

const [seed = 11] = reportingSeeds
const campus = scaled(campusDay, isSmallest ? shortDay : { hosts: 1000 })
const background = 'background/ctu13-s6-half.binetflow.gz'

interface GroundKind {
  readonly name: string
  readonly format: 'zeek' | 'argus'
  readonly internal: readonly string[]
  /** Most bots that a botnet may have here, alone and beside others. */
  readonly most: { readonly alone: number; readonly together: number }
}

const grounds = {
  campus: {
    name: 'simulated campus, 1,000 hosts, a day',
    format: 'zeek',
    internal: ['10.20.0.0/16'],
    most: { alone: 259, together: 259 },
  },
  real: {
    name: 'real background, 156 hosts, 2 h 9 min',
    format: 'argus',
    internal: ['147.32.0.0/16'],
    most: { alone: 39, together: 16 },
  },
} as const satisfies Record<string, GroundKind>
type GroundName = keyof typeof grounds

interface Request {
  readonly ground: GroundName
  /** Folder of the ground's database. */
  readonly database: string
  /** Botnets to lay over it; none makes the ground itself. */
  readonly overlaid: readonly Overlaid[]
  readonly modes?: readonly Mode[]
}

interface Found {
  readonly mode: Mode
  readonly hosts: number
  readonly botnets: readonly {
    readonly id: string
    readonly size: number
    readonly clustered: number
    readonly asOne: number
    readonly accused: number
  }[]
  readonly falseClusters: number
  readonly falseHosts: number
}

const self = fileURLToPath(import.meta.url)
const execute = promisify(execFile)

async function child<T>(request: Request): Promise<T> {
  const { stdout } = await execute(process.execPath, [self, JSON.stringify(request)], { maxBuffer: 1 << 28 })
  return JSON.parse(stdout) as T
}

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-table-4-'))
  const asked = few(groundsAsked())
  try {
    const cases: Case[] = []
    for (const ground of asked) {
      const request = { ground, database: join(folder, ground), overlaid: [] }
      let made = false
      const make = async () => {
        if (!made) await child(request)
        made = true
      }
      const { alone, together } = grounds[ground].most
      const all = few(published).map((each) => laidOf(each, together))
      const wanted: [Case['how'], readonly Overlaid[]][] = [
        ['together', all],
        ...published.map((each): [Case['how'], readonly Overlaid[]] => ['alone', [laidOf(each, alone)]]),
        ...later.map((family): [Case['how'], readonly Overlaid[]] => [
          'later',
          [{ id: family, family, size: laterSize }],
        ]),
      ]
      for (const [how, overlaid] of few(wanted)) {
        const modes: Pick<Request, 'modes'> = how === 'later' || isSmallest ? { modes: ['default'] } : {}
        cases.push(await caseOf({ ...request, overlaid, ...modes }, how, make))
      }
    }
    fillPage('table-4.md', pageOf(cases, asked))
    return rowsOf(cases, asked)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The ground after `--ground`, else both. */
function groundsAsked(args: readonly string[] = process.argv): readonly GroundName[] {
  const at = args.indexOf('--ground')
  const names = Object.keys(grounds) as GroundName[]
  if (at < 0) return names
  const asked = names.filter((name) => name === args[at + 1])
  if (asked.length === 0) throw new RangeError(`no ground ${args[at + 1]}; there are ${names.join(', ')}`)
  return asked
}

const laidOf = ({ id, size }: Published, most: number): Overlaid => ({
  id,
  family: id,
  size: Math.min(size, most),
})

interface Case {
  readonly ground: GroundName
  readonly how: 'alone' | 'together' | 'later'
  readonly found: readonly Found[]
}

/** One case; `make` makes the ground first, where that is not done yet. */
async function caseOf(request: Request, how: Case['how'], make: () => Promise<void>): Promise<Case> {
  const { ground, overlaid } = request
  const found = await piece({ table: 4, ground, overlaid }, async () => {
    await make()
    return child<Found[]>(request)
  })
  for (const { mode, botnets, falseHosts } of found)
    console.error(
      `${request.ground}, ${how}, ${mode}: ${botnets.map(({ id, size, clustered }) => `${id} ${clustered}/${size}`).join(' ')}; ${falseHosts} clean`,
    )
  return { ground: request.ground, how, found }
}

/** The child: makes a ground, or lays botnets over a copy of it and analyses that in both modes. */
async function work({ ground, database, overlaid, modes }: Request): Promise<Found[]> {
  const kind = grounds[ground]
  const folder = mkdtempSync(join(tmpdir(), 'gannet-laid-'))
  const own = overlaid.length === 0 ? database : join(folder, 'db')
  if (overlaid.length > 0) cpSync(database, own, { recursive: true })
  const store = await openEmbedded(own)
  try {
    if (overlaid.length === 0) {
      await importInputs(store, await recordsOf(ground, join(folder, 'ground')), { acceptRejects: true })
      return []
    }
    const { network, among } = await networkFor(ground, store)
    const order = kind.format === 'zeek' ? ('by-end' as const) : ('by-start' as const)
    const { records, truth } = overlaidOn(network, overlaid, { among, seed, order })
    const { files } = await writeRecords(records, {
      truth,
      format: kind.format,
      out: join(folder, 'bots'),
    })
    const { inputs } = await importInputs(
      store,
      files.filter((file) => !file.endsWith('truth.json')),
      {
        acceptRejects: true,
      },
    )
    const found: Found[] = []
    for (const options of [defaults, paper].filter(({ mode }) => !modes || modes.includes(mode))) {
      // Beacons and names accuse single hosts, and groups do not rest on them.
      const given = { ...options, internal: kind.internal, beacons: false, names: false }
      const { answer } = await analyse(store, given, { version: 'bench', inputs, progress: () => {} })
      found.push(foundIn(answer, truth, await speakers(store, kind.internal)))
    }
    return found
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function recordsOf(ground: GroundName, out: string): Promise<readonly string[]> {
  if (ground === 'real') return [sharedData(background)]
  const { files } = await simulate({ scenario: campus, seed, bots: false, out })
  return files.filter((file) => !file.endsWith('truth.json'))
}

/** The network to lay botnets over, and the hosts that may get a bot: those that people use, or that were active. */
async function networkFor(
  ground: GroundName,
  store: Store,
): Promise<{ network: Network; among: readonly Host[] }> {
  if (ground === 'campus') {
    const { network } = build(campus, seed)
    const used = network.hosts.filter(
      ({ role, on }) =>
        ['staff', 'student', 'lab', 'phone'].includes(role) &&
        on.reduce((sum, { from, to }) => sum + to - from, 0) > 4 * 3600,
    )
    return { network, among: used }
  }
  const rows = await store.rows<{ host: string }>(`
    SELECT DISTINCT replaceOne(IPv6NumToString(client), '::ffff:', '') AS host FROM flow
    WHERE startsWith(IPv6NumToString(client), '::ffff:147.32.') ORDER BY host`)
  const [span] = await store.rows<{ from: number; to: number }>(
    'SELECT toFloat64(min(start)) AS from, toFloat64(max(start)) AS to FROM flow WHERE start > 0',
  )
  const { from, to } = span!
  const hosts = rows.map(({ host }) => host)
  const length = Math.floor((to - from) / 1e6)
  // The resolver that the records show most.
  const network = networkOf(
    { from, length, internal: grounds.real.internal, hosts, resolver: '147.32.1.20' },
    seed,
  )
  return { network, among: network.hosts }
}

/** Internal hosts that spoke first at least once: the clients that the paper's rate counts. */
async function speakers(store: Store, internal: readonly string[]): Promise<number> {
  const [row] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniqExact(client)) AS n FROM flow WHERE ${inside('client', parseNetworks(internal))}`,
  )
  return row?.n ?? 0
}

function foundIn(answer: Answer, truth: Truth, hosts: number): Found {
  const bots = new Set(truth.botnets.flatMap(({ hosts }) => hosts))
  const groups = answer.findings.filter(({ kind }) => kind === 'botnet').map(({ hosts }) => new Set(hosts))
  const grouped = groups.reduce((all, hosts) => all.union(hosts), new Set<string>())
  const accused = new Set(answer.hosts.map(({ host }) => host))
  return {
    mode: answer.analysis.mode,
    hosts,
    botnets: truth.botnets.map(({ id, hosts }) => ({
      id,
      size: hosts.length,
      clustered: hosts.filter((host) => grouped.has(host)).length,
      asOne: Math.max(0, ...groups.map((group) => hosts.filter((host) => group.has(host)).length)),
      accused: hosts.filter((host) => accused.has(host)).length,
    })),
    falseClusters: groups.filter((group) => [...group].some((host) => !bots.has(host))).length,
    falseHosts: [...grouped].filter((host) => !bots.has(host)).length,
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const percent2 = (share: number) => `${(100 * share).toFixed(2)} %`
const modes = ['default', 'paper'] as const
const choicesOf = (asked: readonly GroundName[]) =>
  asked.flatMap((ground) =>
    (['alone', 'together'] as const).flatMap((how) => modes.map((mode) => ({ ground, how, mode }))),
  )
type Choice = ReturnType<typeof choicesOf>[number]

function figuresOf(cases: readonly Case[], { ground, how, mode }: Choice) {
  const found = cases
    .filter((each) => each.ground === ground && each.how === how)
    .flatMap((each) => each.found.filter((one) => one.mode === mode))
  const rates = found.flatMap(({ botnets }) => botnets.map(({ clustered, size }) => clustered / size))
  const falseRates = found.map(({ falseHosts, hosts }) => falseHosts / hosts)
  return { found, rate: mean(rates), falseRate: mean(falseRates) }
}

type FoundBotnet = Found['botnets'][number]

/** `254 of 259 (56 in one group, 258 accused)`; what is the same for all is left out. */
function foundCell({ size, clustered, asOne, accused }: FoundBotnet): string {
  const parts = [
    asOne === clustered ? '' : `${asOne} in one group`,
    accused === clustered ? '' : `${accused} accused`,
  ].filter(Boolean)
  const found = `${clustered} of ${size}`
  return parts.length === 0 ? found : `${found} (${parts.join(', ')})`
}

const sayHow = ({ how, mode }: Choice) => `${mode}, ${how === 'alone' ? 'one at a time' : 'all at once'}`

function pageOf(cases: readonly Case[], asked: readonly GroundName[]): string {
  const summary = choicesOf(asked).map((choice) => {
    const { rate, falseRate, found } = figuresOf(cases, choice)
    return [
      grounds[choice.ground].name,
      choice.how,
      choice.mode,
      percent2(rate),
      percent2(falseRate),
      falseCell(found, choice),
    ]
  })
  const table = markdownTable(
    ['network', 'botnets', 'mode', 'mean detection', 'mean false rate', 'clean hosts in groups'],
    [
      ...summary,
      ['Georgia Tech, 2007', 'alone', 'the paper itself', '96.82 %', '0.19 %', '2 with each of 5'],
    ],
  )
  const parts = asked.flatMap((ground) => [groundTable(cases, ground), laterTable(cases, ground)])
  return [table, ...parts].join('\n\n')
}

/** Clean hosts in groups: of the one run, or of each that has any. */
function falseCell(found: readonly Found[], { how }: Choice): string {
  const wrong = found.filter(({ falseHosts }) => falseHosts > 0)
  if (wrong.length === 0) return '0'
  if (how === 'together') return String(wrong[0]!.falseHosts)
  const nameOf = ({ botnets: [first] }: Found) => published.find(({ id }) => id === first?.id)?.name ?? ''
  return wrong.map((each) => `${each.falseHosts} with ${nameOf(each)}`).join(', ')
}

function groundTable(cases: readonly Case[], ground: GroundName): string {
  const choices = choicesOf([ground])
  const rows = published.map(({ id, name, size, clustered }) => [
    name,
    ...choices.map((choice) => {
      const botnets = figuresOf(cases, choice).found.flatMap((one) => one.botnets)
      return botnets
        .filter((each) => each.id === id)
        .map(foundCell)
        .join(', ')
    }),
    `${clustered} of ${size}`,
  ])
  return `### ${grounds[ground].name}

${markdownTable(['botnet', ...choices.map(sayHow), 'published'], rows)}`
}

/** Botnets that the paper could not have: by their families, one at a time. */
function laterTable(cases: readonly Case[], ground: GroundName): string {
  const rows = cases
    .filter((each) => each.ground === ground && each.how === 'later')
    .flatMap(({ found }) => found)
    .flatMap(({ botnets, falseHosts, hosts }) =>
      botnets.map((each) => [each.id, foundCell(each), `${falseHosts} of ${hosts}`]),
    )
  return `Later botnets, one at a time, mode default:

${markdownTable(['family', 'bots found', 'clean hosts in groups'], rows)}`
}

const rowsOf = (cases: readonly Case[], asked: readonly GroundName[]): Row[] =>
  choicesOf(asked).flatMap((choice): Row[] => {
    const { rate, falseRate, found } = figuresOf(cases, choice)
    if (found.length === 0) return []
    const name = `${choice.ground}, ${choice.how === 'alone' ? 'one at a time' : 'all at once'}, ${choice.mode}`
    const asserted = `${found.length} runs, ${found[0]?.hosts ?? 0} hosts and more; paper 96.82 %, 0.19 %`
    return [
      { name: `${name}: mean detection`, figure: 100 * rate, unit: '%', asserted },
      { name: `${name}: mean false rate`, figure: 100 * falseRate, unit: '%', better: 'less', asserted },
    ]
  })

if (process.argv[1] === self) {
  if (process.argv[2]?.startsWith('{'))
    process.stdout.write(JSON.stringify(await work(JSON.parse(process.argv[2]) as Request)))
  else console.table(await run())
}
