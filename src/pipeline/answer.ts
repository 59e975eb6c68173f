/** The results of all stages as one ranked answer, with the figures of the report. */
import { exploitClasses, exploitNotices } from '../activities/index.ts'
import type { AnalysisOptions } from '../config.ts'
import {
  aliasesIn,
  allowingBy,
  assembleAnswer,
  beaconFinding,
  botnetFigures,
  botnetsOf,
  type DatedIndicator,
  familyFinding,
  isAccusing,
  threatFindings,
  weakIndicatorsIn,
  weakIndicatorsOf,
  withAliases,
  withDistinctIds,
} from '../findings/index.ts'
import type { AnalysisReport, Dendrogram, Figures } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import { micros } from '../model/units.ts'
import { recordedIn } from '../store/epochs.ts'
import { busiestClient, internalHosts } from '../store/internal.ts'
import { activityIndicators, inboundIndicators, lifeCyclesOf, rallyIndicators } from '../structures/index.ts'
import { figureOf } from '../traces/beacons/evidence.ts'
import { contactFacts, type Line } from '../traces/contacts/evidence.ts'
import type { Contact } from '../traces/contacts/find.ts'
import { familyFactsOf } from '../traces/families/families.ts'
import type { SlowContact } from '../traces/slow/find.ts'
import { blindSpotsOf, unjudgedNote } from './blind-spots.ts'
import { channelFindings } from './channels.ts'
import {
  accusingOf,
  contactIndicators,
  extentOf,
  rankedContacts,
  sharedContacts,
  thresholdOf,
} from './contacts.ts'
import type { Analysed, EpochResult, LifeCycleFacts, StageResults, Work } from './context.ts'
import { nameFindings, withRendezvous } from './dns.ts'
import { joining, pastIndicators } from './past.ts'
import { callingIndicators, slowFindings, slowOnly } from './slow.ts'

export async function answerOf(work: Work, stages: StageResults): Promise<Analysed> {
  const { results, contacts: contactsFound, threats, context, whole, names } = stages
  const { store, options, id } = work
  const rally = async (finding: Finding) =>
    options.names ? withRendezvous(store, whole, names, finding) : finding
  const allowing = allowingBy(work.allow)
  const unlessAllowed = (all: readonly Finding[]) => all.flatMap((each) => allowing.finding(each) ?? [])
  const groups = await Promise.all(
    results.flatMap(({ botnets }) =>
      botnets.map(async (each) => ({ ...each, finding: await rally(each.finding) })),
    ),
  )
  const line = { threshold: thresholdOf(options), extent: extentOf(contactsFound) }
  const accusing = accusingOf(contactsFound, line.threshold)
  const found = [...groups, ...sharedContacts(accusing, line)].filter(
    ({ finding }) => allowing.finding(finding) !== null,
  )
  const { botnets, contacts, idOf } = botnetsOf(found)

  const figures = await Promise.all(
    results.flatMap(({ scope, botnets: own, cplane: { cuts } }) =>
      own.map(({ finding }) =>
        botnetFigures({ store, analysis: id, scope }, { botnet: idOf.get(finding.id)!, finding, cuts }),
      ),
    ),
  )

  const slow = slowOnly(stages.slow, accusing)
  const calling = withDistinctIds(accusing.map((contact) => beaconFinding(contactFacts(contact, line))))
  const calls = accusing.map((contact, i) => ({ contact, finding: calling[i]! }))
  const singles = await Promise.all(singleFindings(stages, options, calling).map(rally))
  const slowOnes = await Promise.all(slowFindings(slow, line.threshold).map(rally))
  const inChannels = [...(await nameFindings(store, whole, names)), ...channelFindings(stages.channels)]
  const byChannel = unlessAllowed(inChannels)
  const findings = [
    ...found.map(({ finding }) => finding),
    ...byChannel.filter(isAccusing),
    ...unlessAllowed([...singles, ...slowOnes]),
  ]
  const aliases = findings.length > 0 ? await aliasesIn(store, whole) : []
  const others = aliases.filter(({ host }) => !allowing.host(host))
  const analysis = await analysisOf(work, stages)
  const below = indicatorsBelow(work, stages, { byChannel, line, slow })
  const shown = [...findings.flatMap(weakIndicatorsIn), ...below]
  const past = joining(await pastIndicators(work, whole.from), shown)
  const weakIndicators = [...below, ...past].filter((indicator) => !allowing.indicator(indicator))

  return {
    answer: assembleAnswer(
      { version: context.version, analysis, inputs: [...context.inputs, ...threats.reports] },
      withDistinctIds(withAliases(findings, others)),
      {
        botnets,
        weakIndicators,
        lifeCycles: await lifeCyclesIn(work, { results, findings, whole }),
        contacts: rankedContacts(contactsFound, {
          channels: findings,
          slow,
          threshold: line.threshold,
          allowing,
        }),
      },
    ),
    figures: {
      ...figuresOf(results, { idOf, calls }),
      ...distributed(figures),
      contacts,
      weakIndicators: weakIndicatorsOf(weakIndicators),
    },
  }
}

/** What the detectors of single hosts accuse by themselves. */
function singleFindings(
  { families, models, threats, results }: StageResults,
  { alpha, minHits }: Pick<AnalysisOptions, 'alpha' | 'minHits'>,
  calling: readonly Finding[],
): Finding[] {
  const calibrated = models?.calibration != null && alpha === null && minHits === null
  return [
    ...families.map((hit) => familyFinding(familyFactsOf(hit, models?.models ?? [], calibrated))),
    ...calling,
    ...threatFindings(threats.matches),
    ...results.flatMap((result) => result.findings),
  ]
}

async function analysisOf({ store, options, id }: Work, stages: StageResults): Promise<AnalysisReport> {
  const { results, internal, names, whole } = stages
  const within = options.last === undefined ? {} : { from: whole.from }
  const borders = { from: results[0]!.report.from, to: results.at(-1)!.report.to }
  // Several epochs begin and end with days, one with its records.
  const { from, to } = results.length === 1 ? borders : await recordedIn(store, borders)
  const hosts = await internalHosts(store, internal, within)
  const unjudged = hosts === 0 ? unjudgedNote(await busiestClient(store, within)) : []

  return {
    id,
    mode: options.mode,
    from: micros(from),
    to: micros(to),
    internal: internal.networks.cidrs,
    internalGuessed: internal.guessed.length > 0,
    options: { ...options, chance: Number.isFinite(options.chance) ? options.chance : 'any' },
    epochs: results.map(({ report }) => report),
    names: names.kinds,
    blindSpots: [...unjudged, ...blindSpotsOf(stages)],
    hosts,
  }
}

/** Indicators below their detectors' thresholds. BotMiner's paper has none; its mode leaves them out. */
function indicatorsBelow(
  { options }: Work,
  { results, contacts }: StageResults,
  {
    byChannel,
    line,
    slow,
  }: { readonly byChannel: readonly Finding[]; readonly line: Line; readonly slow: readonly SlowContact[] },
): DatedIndicator[] {
  if (options.mode === 'paper') return []
  return [
    ...results.flatMap((result) => result.weakIndicators),
    ...callingIndicators(contactIndicators(contacts, line), slow, line.threshold),
    ...byChannel.filter((each) => !isAccusing(each)).flatMap(weakIndicatorsIn),
  ]
}

type Drawn = readonly { readonly contact: Contact; readonly finding: Finding }[]

/** Pictures of the epochs and of the contacts that accuse. */
const figuresOf = (
  results: readonly EpochResult[],
  { idOf, calls }: { readonly idOf: ReadonlyMap<string, string>; readonly calls: Drawn },
): Pick<Figures, 'dendrograms' | 'beacons' | 'scores'> => ({
  dendrograms: results.flatMap((result) => dendrogramOf(result, idOf)),
  beacons: calls
    .slice(0, drawn)
    .map(({ contact: { trace, figures }, finding }) =>
      figureOf({ trace, rhythm: figures.rhythm }, finding.id),
    ),
  scores: results
    .flatMap(scoresOf)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, scoresKept),
})

/** Pictures of the botnets. */
const distributed = (
  figures: readonly Awaited<ReturnType<typeof botnetFigures>>[],
): Pick<Figures, 'distributions' | 'timelines'> => ({
  distributions: figures.flatMap(({ distributions }) => distributions),
  timelines: figures.map(({ timeline }) => timeline),
})

/** Cross-plane scores kept with an analysis, for `evaluate` to say by how much a host was under the line. */
const scoresKept = 10_000

const scoresOf = ({ scope, scores }: EpochResult) =>
  [...scores].filter(([, score]) => score > 0).map(([host, score]) => ({ epoch: scope.epoch, host, score }))

/** Stages of every host with an indicator outward. BotMiner's paper has none; its mode leaves them out. */
async function lifeCyclesIn({ store, options }: Work, { results, findings, whole }: LifeCycleFacts) {
  if (options.mode === 'paper') return []
  const outward = [
    ...activityIndicators(results.flatMap(({ activities }) => activities)),
    ...rallyIndicators(findings),
  ]
  const hosts = [...new Set(outward.map(({ host }) => host))]
  const alerts = { classes: exploitClasses, notices: exploitNotices }
  return lifeCyclesOf([...outward, ...(await inboundIndicators(store, whole, { hosts, alerts }))])
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
