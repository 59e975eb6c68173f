/** The results of all stages as one ranked answer, with the figures of the report. */
import { exploitClasses, exploitNotices } from '../activities/index.ts'
import {
  aliasesIn,
  assembleAnswer,
  beaconFinding,
  botnetFigures,
  botnetsOf,
  familyFinding,
  type Hint,
  keptHints,
  threatFindings,
  withAliases,
} from '../findings/index.ts'
import type { Dendrogram } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import { internalHosts } from '../store/internal.ts'
import { activitySigns, inboundSigns, lifeCyclesOf, rallySigns } from '../structures/index.ts'
import { beaconFactsOf, claimOf, doubtsOf, evidenceOf, figureOf } from '../traces/beacons/evidence.ts'
import type { Beacon } from '../traces/beacons/find.ts'
import { familyFactsOf } from '../traces/families/families.ts'
import { blindSpotsOf } from './blind-spots.ts'
import type { Analysed, EpochResult, Lived, Told, Work } from './context.ts'
import { nameFindings, rallied } from './dns.ts'

export async function answerOf(work: Work, told: Told): Promise<Analysed> {
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
      hints: keptHints(hints),
    },
  }
}

/** Cross-plane scores kept with an analysis, for `evaluate` to say by how much a host was under the line. */
const scoresKept = 10_000

const scoresOf = ({ scope, scores }: EpochResult) =>
  [...scores].filter(([, score]) => score > 0).map(([host, score]) => ({ epoch: scope.epoch, host, score }))

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
