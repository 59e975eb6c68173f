/**
 * The way of the data, in order. This file is the table of contents of `src/`, and it is what runs.
 *
 * Each stage reads tables that earlier stages wrote and writes its own; stages do not import each other.
 * `test/architecture.test.ts` holds the import graph to this list.
 */
import {
  activityVerdicts,
  clusterActivities,
  deedsOf,
  excuse,
  exploitClasses,
  exploitNotices,
  findActivities,
  phraseOf,
  sketchesOf,
  spellsOf,
  weakActivities,
} from './activities/index.ts'
import { type Cplane, dropCplane, makeCplane } from './cflows/index.ts'
import { type Cclusters, makeCclusters, servicesOf } from './clusters/index.ts'
import type { AnalysisOptions } from './config.ts'
import { type Correlation, correlate } from './correlations/index.ts'
import {
  type AnsweredName,
  answeredLike,
  fillQueried,
  fluxesIn,
  openPlaces,
  questionsByKind,
  type RallyFacts,
  rallyOf,
  resolverOf,
  tunnelsIn,
  wildcardsIn,
} from './dns/index.ts'
import { UserError } from './errors.ts'
import {
  type At,
  activityFinding,
  activityHint,
  aliasesIn,
  assembleAnswer,
  type BotnetFinding,
  beaconFinding,
  botnetFigures,
  botnetFinding,
  botnetsOf,
  cncOf,
  type DoneActivity,
  familyFinding,
  fluxFinding,
  type GroupFacts,
  type Hint,
  identify,
  peerFinding,
  relayFinding,
  storedHints,
  threatFindings,
  tunnelFinding,
  wildcardFinding,
  withAliases,
  withAnswered,
  withRally,
} from './findings/index.ts'
import type { Allowlist } from './model/allowlist.ts'
import type { Answer, Dendrogram, EpochReport, Figures, InputReport } from './model/answer.ts'
import type { Planes } from './model/correlation.ts'
import type { Finding } from './model/finding.ts'
import type { Scope } from './model/networks.ts'
import { sayCount, sayList, sayMany } from './model/say.ts'
import { micros } from './model/units.ts'
import { readAllowlist } from './store/allowlist.ts'
import { forgetStages, keepActivities, keepAnswer } from './store/analyses.ts'
import { cplaneTable } from './store/cplane.ts'
import { epochsIn, recordsIn } from './store/epochs.ts'
import { type Internal, internalHosts, internalNetworks } from './store/internal.ts'
import { parseNetworks } from './store/networks.ts'
import { sql } from './store/sql.ts'
import type { Store } from './store/store.ts'
import {
  activitySigns,
  allowedBy,
  findPeers,
  findRelays,
  hashesOf,
  inboundSigns,
  isSharedName,
  lifeCyclesOf,
  matchThreats,
  type PeerHost,
  peerLine,
  type Relay,
  rallySigns,
  structureOf,
  type Threats,
} from './structures/index.ts'
import { beaconFactsOf, claimOf, doubtsOf, evidenceOf, figureOf } from './traces/beacons/evidence.ts'
import { type Beacon, findBeacons } from './traces/beacons/find.ts'
import { fitted } from './traces/beacons/verdict.ts'
import { type FamilyHit, familyFactsOf, findFamilies } from './traces/families/families.ts'
import { lineIn, type ModelFolder, readModels, staleNote } from './traces/families/model-files.ts'

export const stages = [
  { name: 'capture', makes: 'records of every input, in the tables of model/records.ts' },
  {
    name: 'names',
    makes:
      'queried: every name that was asked for, taken apart; then tunnels, flux, wildcards, and how bots rally',
  },
  {
    name: 'cflows',
    makes: 'cflow: all flows of one client to one service in one epoch, as four distributions',
  },
  {
    name: 'activities',
    makes: 'activity: hosts that scan, spam, fetch programs, attack, ask for made-up names (the A-plane)',
  },
  { name: 'clusters', makes: 'ccluster: C-flows that look alike (the C-plane)' },
  { name: 'correlations', makes: 'groups: hosts that talk alike and act alike' },
  {
    name: 'structures',
    makes: 'how groups are organised; relays and peers of an overlay; what threat lists name',
  },
  {
    name: 'traces',
    makes: 'beacons and families: single hosts that call by the clock, or like a known family',
  },
  { name: 'findings', makes: 'findings: a claim, its evidence, its doubts; the ranked hosts and botnets' },
] as const

export type StageName = (typeof stages)[number]['name']

export interface Context {
  readonly version: string
  /** What was imported, as the report tells it. */
  readonly inputs: readonly InputReport[]
  /** Called when a stage begins, with the share of the analysis done before it. */
  readonly progress: (stage: StageName, share: number) => void
  /** Called with the planes of each epoch before they are joined; benchmarks look at scores under the threshold. */
  readonly planes?: (planes: Planes) => void
}

export interface Analysed {
  readonly answer: Answer
  readonly figures: Figures
}

/**
 * Analyses everything in the database and keeps the answer there.
 * @throws UserError nothing-to-analyse when it holds no record; option-invalid; list-invalid.
 */
export async function analyse(store: Store, options: AnalysisOptions, context: Context): Promise<Analysed> {
  const epochs = await epochsIn(store, options.epochHours)
  if (epochs.length === 0) {
    throw new UserError(
      'nothing-to-analyse',
      `there are no records in ${store.where}`,
      'Import some first: gannet import FILE --db FOLDER.',
    )
  }
  const internal = await internalNetworks(store, options.internal)
  const models = options.models === null ? null : await readModels(options.models)
  const inputs = context.inputs.map(({ sha256 }) => sha256).toSorted()
  const lists = await hashesOf(options.threats)
  const id = identify('a', [inputs, options, models?.hashes, ...(lists.length > 0 ? [lists] : [])])
  const allow = await readAllowlist(options.allow)
  await forgetStages(store, id)
  const work: Work = { store, options, id, allow, context }
  context.progress('names', 0)
  await fillQueried(store)
  const results: EpochResult[] = []
  for (const [number, { from, to }] of epochs.entries()) {
    const scope: Scope = { epoch: number, from, to, internal: internal.networks }
    results.push(
      await analyseEpoch(work, scope, (stage, share) =>
        context.progress(stage, (0.9 * (number + share)) / epochs.length),
      ),
    )
  }
  await dropCplane(store, id)
  context.progress('traces', 0.9)
  const scopes = results.map(({ scope }) => scope)
  const considered = options.beacons ? await findBeacons(store, scopes, { minScore: weakestBeacon }) : []
  const beacons = considered.filter(({ score }) => score >= fitted.threshold)
  const families = models ? await findFamilies(store, scopes, models.models, lineIn(models, options)) : []
  const weak = considered.filter(({ score }) => score < fitted.threshold)
  context.progress('structures', 0.95)
  const threats = await threatsIn(work, scopes)
  const whole = wholeOf(scopes)
  const names = options.names ? await namesOf(work, whole, results) : noNames
  const told = { results, beacons, weak, families, threats, models, internal, context, whole, names }
  const analysed = await answerOf(work, told)
  await keepAnswer(store, analysed.answer, analysed.figures)
  return analysed
}

/**
 * The newest answer with the findings of other threat lists: the records are matched again, nothing else is done again.
 * The new answer is kept.
 * @throws UserError list-invalid.
 */
export async function matchAgain(
  store: Store,
  last: Analysed,
  { threats, allow }: Pick<AnalysisOptions, 'threats' | 'allow'>,
): Promise<Analysed> {
  const { answer, figures } = last
  const { analysis, inputs, findings, version } = answer
  const met = await matchThreats(store, {
    key: identify('a', [analysis.id, await hashesOf(threats)]),
    paths: threats,
    scope: {
      from: analysis.from ?? 0,
      to: analysis.to ?? 0,
      internal: parseNetworks(analysis.internal),
    },
    isSharedName,
    isAllowed: allowedBy(await readAllowlist(allow)),
  })
  const kept = findings.filter(({ kind }) => kind !== 'threat-list')
  const blindSpots = [
    ...analysis.blindSpots.filter((each) => !each.startsWith('Threat list')),
    ...met.warnings,
  ]
  const read = inputs.filter(({ format }) => !format.startsWith('threat list'))
  const again = assembleAnswer(
    { version, analysis: { ...analysis, blindSpots }, inputs: [...read, ...met.reports] },
    [...kept, ...threatFindings(met.matches)],
    { botnets: answer.botnets, hints: storedHints(answer), lifeCycles: answer.lifeCycles },
  )
  await keepAnswer(store, again, figures)
  return { answer: again, figures }
}

/** What the user's threat lists name, over all epochs. */
async function threatsIn({ store, options, id, allow }: Work, scopes: readonly Scope[]): Promise<Threats> {
  const [first, last] = [scopes[0]!, scopes.at(-1)!]
  if (options.threats.length === 0) return { matches: [], reports: [], warnings: [] }
  return matchThreats(store, {
    key: id,
    paths: options.threats,
    scope: { from: first.from, to: last.to, internal: first.internal },
    isSharedName,
    isAllowed: allowedBy(allow),
  })
}

/** Score from which a beacon under the line counts with other signs. */
const weakestBeacon = 0.1

interface Work {
  readonly store: Store
  readonly options: AnalysisOptions
  readonly id: string
  readonly allow: Allowlist
  readonly context: Context
}

/** Epochs since 1970: names an epoch in ids, the same when more records come in and the epochs are cut anew. */
const epochKeyOf = ({ from }: Scope, { epochHours }: AnalysisOptions): number =>
  Math.floor(from / Math.round(epochHours * 3.6e9))

interface EpochResult {
  readonly scope: Scope
  readonly report: EpochReport
  readonly blind: readonly string[]
  /** Records by kind, where the epoch has no flow; else empty. */
  readonly flowless: Readonly<Record<string, number>>
  readonly botnets: readonly BotnetFinding[]
  readonly findings: readonly Finding[]
  readonly hints: readonly Hint[]
  readonly tree: Correlation['tree']
  readonly scores: Correlation['scores']
  readonly cplane: Cplane
  /** Hosts that ask for names of the same generator, each alone at least. */
  readonly generators: readonly (readonly string[])[]
  readonly activities: readonly DoneActivity[]
}

async function analyseEpoch(work: Work, scope: Scope, progress: Context['progress']): Promise<EpochResult> {
  const { store, options, id: analysis, allow } = work
  progress('cflows', 0)
  const cplane = await makeCplane(store, scope, { ...options, analysis, allow })
  progress('activities', 0.3)
  const { activities: seen, blind } = await findActivities(store, scope, options.rules)
  const activities = excuse(seen, options)
  await keepActivities(store, analysis, activities)
  progress('clusters', 0.5)
  const deeds = options.mode === 'paper' ? [] : deedsOf(activities)
  const clusterOptions = { analysis, epoch: scope.epoch, mode: options.mode, seed: options.seed, deeds }
  const talked = cplane.flows > 0
  const cclusters = talked ? await makeCclusters(store, clusterOptions) : { coarse: 0, fine: 0, shapes: [] }
  const services = talked && options.mode !== 'paper' ? await servicesOf(store, clusterOptions) : []
  progress('correlations', 0.8)
  const paper = options.mode === 'paper'
  const spells = paper ? new Map() : await spellsOf(store, scope, activities)
  const sketches = paper ? new Map() : await sketchesOf(store, scope, activities)
  const { clusters: aclusters, singles } = clusterActivities(activities, { paper, spells, sketches })
  const population = talked ? await talkers(work) : 0
  const planes = { activities: aclusters, communications: [...cclusters.shapes, ...services], population }
  work.context.planes?.(planes)
  const { groups, tree, scores } = correlate(planes, { ...options, similarity: 'together' })
  const done = activities.map((each) => ({ ...each, did: phraseOf(each) }))
  const at = { store, analysis, scope }
  const epochKey = epochKeyOf(scope, options)
  progress('structures', 0.92)
  const structures = talked ? await structuresIn(work, scope) : noStructures
  const facts = { epochKey, threshold: options.threshold, population, activities: done }
  const botnets = await Promise.all(groups.map((group) => botnetIn(at, { ...facts, group, structures })))
  const verdicts = activityVerdicts(activities, { population })
  const findings = verdicts.map((verdict) => {
    const rests = done.filter(
      ({ host, detector }) => host === verdict.host && verdict.detectors.includes(detector),
    )
    return activityFinding({ ...verdict, rests: rests.toSorted((a, b) => b.score - a.score) }, epochKey)
  })
  const hints = weakActivities(done, { population }).map(({ activity, ...rest }) =>
    activityHint({ ...rest, activity: { ...activity, did: phraseOf(activity) } }),
  )
  const report = reportOf(scope, { cplane, cclusters, activities, aclusters: aclusters.length })
  const generators = [...aclusters, ...singles].filter(({ type }) => type === 'dga').map(({ hosts }) => hosts)
  return {
    scope,
    report,
    blind,
    flowless: talked ? {} : await recordsIn(store, scope),
    botnets,
    findings: [...findings, ...lonelyFindings(structures, epochKey)],
    hints,
    tree,
    scores,
    cplane,
    activities: done,
    generators,
  }
}

/** The finding of one group, with its C&C and how it is organised. */
async function botnetIn(
  at: At,
  { structures, ...facts }: Omit<GroupFacts, 'endpoints' | 'structure'> & { readonly structures: Structures },
): Promise<BotnetFinding> {
  const endpoints = await cncOf(at, facts.group, facts.activities)
  const structure = await structureOf(at.store, at.scope, {
    members: facts.group.hosts,
    services: endpoints.all,
    relays: structures.relays.map(({ host }) => host),
    talkers: structures.talkers,
  })
  return botnetFinding(at, { ...facts, endpoints, structure })
}

const lonelyFindings = ({ relays, peers }: Structures, epochKey: number): Finding[] => [
  ...relays.map((relay) => relayFinding(relay, epochKey)),
  ...peers.map(({ facts, ...peer }) => peerFinding({ ...peer, from: facts.first, to: facts.last }, epochKey)),
]

interface Structures {
  /** Hosts that pass on what strangers send; one of each host, the surest. */
  readonly relays: readonly Relay[]
  /** Hosts of an overlay of bots. */
  readonly peers: readonly PeerHost[]
  /** Every host with peer-to-peer talk, whatever for. */
  readonly talkers: readonly string[]
}

const noStructures: Structures = { relays: [], peers: [], talkers: [] }

/** BotMiner's paper has none of it; its mode leaves it out. */
async function structuresIn({ store, options }: Work, scope: Scope): Promise<Structures> {
  if (options.mode === 'paper') return noStructures
  const talk = await findPeers(store, scope)
  const relays = await findRelays(store, scope)
  const first = <T extends { readonly host: string }>(all: readonly T[]): T[] => [
    ...new Map(all.toReversed().map((each) => [each.host, each])).values(),
  ]
  return {
    relays: first(relays.filter(({ accused }) => accused)),
    peers: first(talk.filter(({ score }) => score >= peerLine.threshold)),
    talkers: [...new Set(talk.map(({ host }) => host))],
  }
}

async function talkers({ store, id }: Work): Promise<number> {
  const [row] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniqExact(client)) AS n FROM ${cplaneTable(id)}`,
  )
  return row?.n ?? 0
}

interface Counted {
  readonly cplane: Cplane
  readonly cclusters: Cclusters
  readonly activities: readonly { readonly type: string }[]
  readonly aclusters: number
}

function reportOf(
  { epoch, from, to }: Scope,
  { cplane, cclusters, activities, aclusters }: Counted,
): EpochReport {
  const byType = Map.groupBy(activities, ({ type }) => type)
  return {
    number: epoch,
    from: micros(from),
    to: micros(to),
    flows: cplane.flows,
    clients: cplane.clients,
    filters: cplane.filters,
    cflows: cplane.cflows,
    cclusters: { coarse: cclusters.coarse, fine: cclusters.fine },
    activities: Object.fromEntries([...byType].map(([type, rows]) => [type, rows.length])),
    aclusters,
  }
}

type Whole = Pick<Scope, 'from' | 'to' | 'internal'>

/** What the names stage says of all epochs together. */
interface Named extends RallyFacts {
  /** Names that answered the hosts of each generator. */
  readonly led: readonly { readonly hosts: readonly string[]; readonly answered: readonly AnsweredName[] }[]
  readonly kinds: Readonly<Record<string, number>>
}

const noNames: Named = { tunnels: [], fluxes: [], wildcards: [], answered: [], led: [], kinds: {} }

/** All of the scopes together. */
const wholeOf = (scopes: readonly Scope[]): Whole => ({
  from: scopes[0]!.from,
  to: scopes.at(-1)!.to,
  internal: scopes[0]!.internal,
})

async function namesOf(
  { store, options }: Work,
  whole: Whole,
  results: readonly EpochResult[],
): Promise<Named> {
  const places = await openPlaces(options.mmdb)
  const groups = new Map(
    results.flatMap(({ generators }) => generators.map((hosts) => [hosts.join(), hosts])),
  )
  const led: Named['led'][number][] = []
  for (const hosts of groups.values()) led.push({ hosts, answered: await answeredLike(store, whole, hosts) })
  return {
    tunnels: await tunnelsIn(store, whole),
    fluxes: await fluxesIn(store, whole, places),
    wildcards: await wildcardsIn(store, whole),
    answered: led.flatMap(({ answered }) => answered),
    led,
    kinds: await questionsByKind(store, whole),
  }
}

/** Findings of the names alone. */
async function nameFindings(store: Store, whole: Whole, names: Named): Promise<Finding[]> {
  const tunnels: Finding[] = []
  for (const tunnel of names.tunnels)
    tunnels.push(tunnelFinding({ ...tunnel, endpoint: await resolverOf(store, whole, tunnel) }))
  return [...tunnels, ...names.fluxes.map(fluxFinding), ...names.wildcards.map(wildcardFinding)]
}

/** The finding with where generated names led its hosts, or with how they find the C&C that it has. */
async function rallied(store: Store, whole: Whole, names: Named, finding: Finding): Promise<Finding> {
  if (finding.rally !== null) return finding
  const generated =
    finding.kind === 'dga' ||
    finding.evidence.some((each) => each.kind === 'activity' && each.activity === 'dga')
  if (generated) {
    const answered = names.led.filter(({ hosts }) => finding.hosts.some((host) => hosts.includes(host)))
    return withAnswered(
      finding,
      answered.flatMap((each) => each.answered),
    )
  }
  const [first, ...others] = finding.cnc
  if (!first) return finding
  const overlay = finding.evidence.some((each) => each.kind === 'structure' && each.topology === 'p2p')
  return withRally(
    finding,
    await rallyOf(store, whole, {
      hosts: finding.hosts,
      endpoints: [first, ...others],
      overlay,
      facts: names,
    }),
  )
}

interface Told {
  readonly results: readonly EpochResult[]
  readonly beacons: readonly Beacon[]
  /** Beacons under the line. */
  readonly weak: readonly Beacon[]
  readonly families: readonly FamilyHit[]
  readonly threats: Threats
  readonly models: ModelFolder | null
  readonly internal: Internal
  readonly context: Context
  readonly whole: Whole
  readonly names: Named
}

const blindSpotsOf = ({ results, threats, models, internal }: Told): string[] => [
  ...new Set([
    ...guessNote(internal),
    ...flowlessNote(results),
    ...staleNote(models),
    ...threats.warnings,
    ...blindIn(results),
  ]),
]

/**
 * What the records of the epochs leave unsaid. Of epochs with flows where there are any: an epoch without has not much
 * beside what brought it about. What only some epochs are blind to is said to be of these.
 */
function blindIn(results: readonly EpochResult[]): string[] {
  const talked = results.filter(({ report }) => report.flows > 0)
  const told = new Set((talked.length > 0 ? talked : results).flatMap(({ blind }) => blind))
  return [...told].map((each) => {
    const n = results.filter(({ blind }) => blind.includes(each)).length
    return n === results.length ? each : `${each} (${sayCount(n)} of ${sayMany(results.length, 'epoch')})`
  })
}

/** How many records lie in epochs without a flow, where other epochs have flows. */
function flowlessNote(results: readonly EpochResult[]): string[] {
  const without = results.filter(({ report }) => report.flows === 0)
  if (without.length === 0 || without.length === results.length) return []
  const counts = new Map<string, number>()
  for (const { flowless } of without)
    for (const [record, n] of Object.entries(flowless)) counts.set(record, (counts.get(record) ?? 0) + n)
  const told = sayList(
    [...counts].map(([record, n]) => sayMany(n, `${record} record`)),
    8,
  )
  return [`${told} lie outside the time of the flows and are judged without them`]
}

async function answerOf(work: Work, told: Told): Promise<Analysed> {
  const { results, beacons, weak, families, threats, models, internal, context, whole, names } = told
  const { store, options, id } = work
  const rally = async (finding: Finding) => (options.names ? rallied(store, whole, names, finding) : finding)
  const found = await Promise.all(
    results.flatMap(({ botnets }) =>
      botnets.map(async (each) => ({ ...each, finding: await rally(each.finding) })),
    ),
  )
  const { botnets, contacts, idOf } = botnetsOf(found)
  const figures = await Promise.all(
    results.flatMap(({ scope, botnets: own, cplane: { cuts } }) =>
      own.map(({ finding }) =>
        botnetFigures({ store, analysis: id, scope }, { botnet: idOf.get(finding.id)!, finding, cuts }),
      ),
    ),
  )
  const calibrated = models?.calibration != null && options.alpha === null && options.minHits === null
  const calls = beacons.map((beacon) => ({ beacon, finding: beaconFinding(beaconFactsOf(beacon)) }))
  const singles = [
    ...families.map((hit) => familyFinding(familyFactsOf(hit, models?.models ?? [], calibrated))),
    ...calls.map(({ finding }) => finding),
    ...threatFindings(threats.matches),
    ...results.flatMap((result) => result.findings),
  ]
  const findings = [
    ...found.map(({ finding }) => finding),
    ...(await nameFindings(store, whole, names)),
    ...(await Promise.all(singles.map(rally))),
  ]
  const aliases = findings.length > 0 ? await aliasesIn(store, whole) : []
  const analysis = {
    id,
    mode: options.mode,
    from: results[0]!.report.from,
    to: results.at(-1)!.report.to,
    internal: internal.networks.cidrs,
    internalGuessed: internal.guessed.length > 0,
    options: { ...options, chance: Number.isFinite(options.chance) ? options.chance : 'any' },
    epochs: results.map(({ report }) => report),
    names: names.kinds,
    blindSpots: blindSpotsOf(told),
    hosts: await internalHosts(store, internal),
  }
  // BotMiner accuses for nothing but the two planes together and for what its rules are sure of.
  const hints =
    options.mode === 'paper' ? [] : [...results.flatMap((result) => result.hints), ...weak.map(beaconHint)]
  return {
    answer: assembleAnswer(
      { version: context.version, analysis, inputs: [...context.inputs, ...threats.reports] },
      withAliases(findings, aliases),
      { botnets, hints, lifeCycles: await lifeCyclesIn(work, { results, findings, whole }) },
    ),
    figures: {
      dendrograms: results.flatMap((result) => dendrogramOf(result, idOf)),
      contacts,
      distributions: figures.flatMap(({ distributions }) => distributions),
      timelines: figures.map(({ timeline }) => timeline),
      beacons: calls.slice(0, drawn).map(({ beacon, finding }) => figureOf(beacon, finding.id)),
      scores: results
        .flatMap(scoresOf)
        .toSorted((a, b) => b.score - a.score)
        .slice(0, scoresKept),
    },
  }
}

/** Cross-plane scores kept with an analysis, for `evaluate` to say by how much a host was under the line. */
const scoresKept = 10_000

const scoresOf = ({ scope, scores }: EpochResult) =>
  [...scores].filter(([, score]) => score > 0).map(([host, score]) => ({ epoch: scope.epoch, host, score }))

interface Lived {
  readonly results: readonly EpochResult[]
  readonly findings: readonly Finding[]
  readonly whole: Pick<Scope, 'from' | 'to' | 'internal'>
}

/** Stages of every host with a sign outward. BotMiner's paper has none; its mode leaves them out. */
async function lifeCyclesIn({ store, options }: Work, { results, findings, whole }: Lived) {
  if (options.mode === 'paper') return []
  const outward = [...activitySigns(results.flatMap(({ activities }) => activities)), ...rallySigns(findings)]
  const hosts = [...new Set(outward.map(({ host }) => host))]
  const alerts = { classes: exploitClasses, notices: exploitNotices }
  return lifeCyclesOf([...outward, ...(await inboundSigns(store, whole, { hosts, alerts }))])
}

function beaconHint(beacon: Beacon): Hint {
  const { trace, score, endpoint } = beacon
  return {
    host: trace.client,
    kind: 'beacon',
    strength: score,
    said: claimOf(beacon).slice(trace.client.length + 1, -1),
    from: trace.firstStart,
    to: trace.lastEnd,
    cnc: [endpoint],
    evidence: () => evidenceOf(beacon),
    doubts: doubtsOf(beacon),
  }
}

/** Beacons with a picture; the surest come first. */
const drawn = 60

const guessNote = ({ guessed }: Internal): string[] =>
  guessed.length === 0
    ? []
    : [
        `No private addresses explain this traffic; ${guessed.join(', ')} looks internal and was taken so. Say it with --internal.`,
      ]

function dendrogramOf(
  { scope, tree, botnets }: EpochResult,
  idOf: ReadonlyMap<string, string>,
): Dendrogram[] {
  if (!tree) return []
  const botnetOf = (host: string) => botnets.find(({ finding }) => finding.hosts.includes(host))?.finding.id
  return [
    {
      epoch: scope.epoch,
      hosts: tree.hosts,
      merges: tree.merges,
      cut: tree.cut,
      botnetOf: tree.hosts.map((host) => idOf.get(botnetOf(host) ?? '') ?? null),
    },
  ]
}
