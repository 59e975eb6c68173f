/**
 * Single hosts: which activities are by themselves reason enough to accuse a host.
 *
 * Lines are multiples of the rules' own, so that being over a rule's line makes a host evidence for others
 * (correlation) long before it makes it an accused. Downloads never accuse alone. See
 * docs/method/activities.md for what the lines were set on.
 */
import type { Activity, ActivityType } from '../model/activity.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Severity } from '../model/finding.ts'
import { worstFirst } from '../model/rank.ts'
import { clampRatio, type Ratio } from '../model/units.ts'
import { sayShare } from '../model/words/say.ts'
import { type Line, lines } from './accusing-thresholds.ts'
import { generatedShare } from './generated-names.ts'
import { weighedPorts } from './ports.ts'
import { phraseOf } from './rules.ts'
import { isNetwork, isPort, remarks } from './traits.ts'

export interface ActivityVerdict {
  readonly host: string
  readonly type: ActivityType
  readonly severity: Severity
  readonly confidence: Ratio
  /** One sentence that could be wrong, the host its subject. */
  readonly claim: string
  readonly doubts: readonly [string, ...string[]]
  /** Detectors that are reason enough, strongest first; their rows are the evidence. */
  readonly detectors: readonly [string, ...string[]]
  /** Where it may report to, by one datagram to each of many addresses; empty for other activities. */
  readonly reportsTo: readonly Endpoint[]
}

/** The hosts among which the accused are. */
export interface Population {
  /** Internal hosts seen in the epoch. */
  readonly population: number
}

/** Failed names that do not look generated accuse only at this score. */
const plainNamesScore = 6
/** Share of names with the marks of a generator from which a set of 30 looks generated: ordinary names have 9%. */
const generatedFrom = 0.3

/** Where this many hosts do the same, the site itself is likelier than this many bots. */
const habitHosts = 5
const habitShare = 0.3

/** How much less sure a habit of the site, and a survey of it, make us. */
const doubtful = 0.5

/** Accused hosts, worst first; at most one verdict for a host and a type. */
export function activityVerdicts(
  activities: readonly Activity[],
  { population }: Population,
): readonly ActivityVerdict[] {
  const counted = hostsByDetector(activities)
  const grouped = Map.groupBy(activities.flatMap(over), ({ activity }) => `${activity.type} ${activity.host}`)
  return [...grouped.values()]
    .filter((strong) => !strong.every(({ activity }) => isDoubtful(activity, population, counted)))
    .map(verdict)
    .toSorted((a, b) => worstFirst(a, b) || (a.host < b.host ? -1 : a.host > b.host ? 1 : 0))
}

type Counted = ReadonlyMap<string, ReadonlySet<string>>

function hostsByDetector(activities: readonly Activity[]): Counted {
  const counted = new Map<string, Set<string>>()
  for (const { detector, host } of activities)
    counted.set(detector, (counted.get(detector) ?? new Set()).add(host))
  return counted
}

/** Whether it is likelier the site itself: this many hosts do the same, or one surveys the others. */
function isDoubtful(activity: Activity, population: number, counted: Counted): boolean {
  const doing = counted.get(activity.detector)?.size ?? 1
  const sweeps = ['icmp-sweep', 'subnet-sweep'].some((each) => counted.get(each)?.has(activity.host))
  return (doing >= habitHosts && doing >= habitShare * population) || isSurvey(activity, sweeps)
}

/** A host's strongest sign of one type, also where it is no reason to accuse. */
export interface ActivityIndicator {
  readonly activity: Activity
  /** 0.5 on the line that accuses, in proportion to the score under it; over it that of the verdict. */
  readonly strength: number
  readonly doubts: readonly string[]
}

/** Indicators of activities that are under the line that accuses, one for a host and a type. */
export function weakActivities(
  activities: readonly Activity[],
  within: Population,
): readonly ActivityIndicator[] {
  const counted = hostsByDetector(activities)
  const accused = new Set(activityVerdicts(activities, within).map(({ host, type }) => `${type} ${host}`))
  const indicators = activities.flatMap((activity) => {
    const line = lines[activity.detector]
    if (!line || isDuty(activity) || accused.has(`${activity.type} ${activity.host}`)) return []
    const sure = (line.sureness ?? 0.5) * Math.min(1, activity.score / neededScore(activity, line))
    const weak = isDoubtful(activity, within.population, counted)
    return [{ activity, strength: weak ? doubtful * sure : sure, doubts: line.doubts }]
  })
  return [...Map.groupBy(indicators, ({ activity: { type, host } }) => `${type} ${host}`).values()].map(
    (same) => same.toSorted((a, b) => b.strength - a.strength)[0]!,
  )
}

interface Strong {
  readonly activity: Activity
  readonly line: Line
  /** Score over the accusing line; 1 at least. */
  readonly times: number
}

/** The activity, if it is over its accusing line. */
function over(activity: Activity): Strong[] {
  const line = lines[activity.detector]
  if (!line || isDuty(activity)) return []
  const needed = neededScore(activity, line)
  return activity.score >= needed ? [{ activity, line, times: activity.score / needed }] : []
}

/** A list of services is tried on everybody by inventory tools and vulnerability scanners; worms try one or two. */
const serviceList = 8

/**
 * What some machine of every site is there to do: ping the site or try a list of services on it, inside only;
 * send newsletters and do hardly anything else. It stays evidence for groups.
 */
function isDuty({ type, detector, traits }: Activity): boolean {
  if (type === 'spam') return traits.includes(remarks.mailOnly)
  if (!traits.includes(remarks.insideOnly) || detector === 'vertical-scan') return false
  return detector === 'icmp-sweep' || traits.filter(isPort).length >= serviceList
}

/** Services on the ports of one survey of the neighbours, and machines whose every port is tried. */
const surveyServices = 4
const surveyedMachines = 10

/**
 * A survey of the site, inside only: antivirus programs try some services on every neighbour once a day
 * (Avast's network inspector: 22, 23, 80, 443, 445 …), vulnerability scanners all ports of the machines that
 * there are. An intruder sweeps the addresses first, for there are no machines at most of them. What is left
 * stays an indicator, and accuses with another.
 */
function isSurvey({ type, detector, traits }: Activity, sweeps: boolean): boolean {
  if (type !== 'scan' || !traits.includes(remarks.insideOnly)) return false
  return detector === 'vertical-scan'
    ? !sweeps && traits.filter(isNetwork).length >= surveyedMachines
    : traits.filter(isPort).length >= surveyServices
}

function neededScore(activity: Activity, line: Line): number {
  if (activity.detector === 'nxdomain-count') return looksGenerated(activity) ? line.score : plainNamesScore
  const ports = activity.traits.filter(isPort)
  return line.scoreOnRarePorts !== undefined && ports.length > 0 && ports.every((port) => rarePorts.has(port))
    ? line.scoreOnRarePorts
    : line.score
}

const rarePorts: ReadonlySet<string> = new Set(
  weighedPorts.filter(({ weight }) => weight === 1).map(({ proto, port }) => `${proto}/${port}`),
)

const looksGenerated = ({ detector, traits }: Activity): boolean =>
  detector === 'dga-score' || generatedShare(traits) >= generatedFrom

function verdict(found: readonly Strong[]): ActivityVerdict {
  const strong = found.toSorted((a, b) => b.times - a.times)
  const { activity, line, times } = strong[0]!
  const { host, type, targets } = activity
  const sureness = line.sureness ?? 0.5
  const confidence = sureness + (0.95 - sureness) * (1 - 1 / times)
  return {
    host,
    type,
    severity: line.highTargets !== undefined && targets >= line.highTargets ? 'high' : line.severity,
    confidence: clampRatio(confidence),
    claim: `${host} ${says[type](activity)}: it ${phraseOf(activity)}.`,
    doubts: line.doubts,
    detectors: strong.map((each) => each.activity.detector) as [string, ...string[]],
    reportsTo: reportsTo(activity),
  }
}

/**
 * Some of the addresses of a spray: one UDP port that belongs to no service and that nobody attacks, tried outside.
 * Cerber tells its server so that it runs, by a datagram to each address of a few networks; a scan looks for something
 * to answer.
 */
function reportsTo({ type, traits, sample }: Activity): Endpoint[] {
  const [only, ...more] = traits.filter(isPort)
  if (type !== 'scan' || !only?.startsWith('udp/') || more.length > 0) return []
  if (traits.includes(remarks.insideOnly) || listedPorts.has(only)) return []

  const port = Number(only.slice('udp/'.length))
  return sample.map((address) => ({ address, port, protocol: 'udp', name: null }))
}

const listedPorts: ReadonlySet<string> = new Set(weighedPorts.map(({ proto, port }) => `${proto}/${port}`))

const says: Readonly<Record<ActivityType, (activity: Activity) => string>> = {
  scan: ({ detector }) => (detector === 'flood' ? 'attacks' : 'scans'),
  spam: () => 'sends mail in bulk',
  download: () => 'downloads programs',
  exploit: ({ detector }) =>
    detector === 'password-guessing' ? 'guesses passwords' : 'attacks others or is infected',
  dga: (activity) =>
    activity.detector === 'dga-score'
      ? 'looks up generated domains'
      : looksGenerated(activity)
        ? `looks up generated domains (${sayShare(generatedShare(activity.traits))} of them look generated)`
        : 'looks up many domains that do not exist',
}
