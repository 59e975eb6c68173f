/**
 * Why a bot was missed and why a clean host was accused: which stage lost it, with the numbers that it lost it by.
 *
 * A bot can be found in two ways: in a group (C-plane, A-plane, their correlation) and alone (its traces, its
 * activities). So a miss has a reason for each.
 */
import type { Answer } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import type { StageName } from '../model/stage.ts'
import type { Truth } from '../model/truth.ts'
import { addresses, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { FalseAlarm, Miss } from './evaluate.ts'

export interface Reason {
  readonly stage: StageName
  /** One sentence with numbers. */
  readonly text: string
}

export interface ExplainedMiss extends Miss {
  readonly group: Reason
  readonly alone: Reason
}

export interface ExplainedAlarm extends FalseAlarm {
  readonly reasons: readonly Reason[]
}

/** The most suspicious of a host's contacts, whether it was accused or not. */
interface BestContact {
  readonly score: number
  /** name-or-address:port/proto. */
  readonly endpoint: string
  readonly calls: number
}

/** The most suspicious contact of each host, as `gannet rank` lists it. */
export function bestContacts({ contacts }: Pick<Answer, 'contacts'>): ReadonlyMap<string, BestContact> {
  const best = new Map<string, BestContact>()

  for (const { host, score, address, port, protocol, name, calls } of contacts)
    if ((best.get(host)?.score ?? -1) < score)
      best.set(host, { score, endpoint: `${name ?? address}:${port}/${protocol}`, calls })

  return best
}

/** What an analysis weighed and did not tell in its answer. */
export interface Weighed {
  /** Cross-plane score of hosts that have one, the highest over the epochs. */
  readonly crossPlane: ReadonlyMap<string, number>
  readonly crossPlaneLine: number
  readonly contacts: ReadonlyMap<string, BestContact>
  readonly contactThreshold: number
}

interface Counts {
  readonly host: string
  readonly flows: number
  readonly established: number
  readonly toCnc: number
  readonly cncEstablished: number
}

const perHost = async (
  store: Store,
  hosts: readonly string[],
  truth: Truth,
): Promise<Map<string, Counts>> => {
  const servers = cncOf(truth)
  const rows = await store.rows<Counts>(sql`
    SELECT ${addressText('client')} AS host, toFloat64(count()) AS flows,
      toFloat64(countIf(outcome = 'established')) AS established,
      toFloat64(countIf(server IN ${addresses(servers)})) AS toCnc,
      toFloat64(countIf(server IN ${addresses(servers)} AND outcome = 'established')) AS cncEstablished
    FROM flow WHERE client IN ${addresses(hosts)} GROUP BY client`)
  return new Map(rows.map((row) => [row.host, row]))
}

/** Explains every miss and every false alarm of an evaluation of the newest analysis in `store`. */
export async function explained(
  store: Store,
  {
    answer,
    truth,
    misses,
    falseAlarms,
    weighed,
  }: {
    answer: Answer
    truth: Truth
    misses: readonly Miss[]
    falseAlarms: readonly FalseAlarm[]
    weighed: Weighed
  },
): Promise<{ misses: ExplainedMiss[]; falseAlarms: ExplainedAlarm[] }> {
  const alarms = falseAlarms.map((alarm) => ({ ...alarm, reasons: reasonsOf(answer, alarm.host) }))
  if (misses.length === 0) return { misses: [], falseAlarms: alarms }
  const hosts = misses.map(({ host }) => host)
  const counts = await perHost(store, hosts, truth)
  const { id } = answer.analysis
  const activities = await store.rows<{ who: string; types: string; most: number }>(sql`
    SELECT ${addressText('host')} AS who,
      arrayStringConcat(arraySort(groupUniqArray(concat(type, ' (', detector, ')'))), ', ') AS types,
      max(score) AS most
    FROM activity WHERE analysis = ${id} AND host IN ${addresses(hosts)} GROUP BY host`)

  const cflows = await store.rows<{ host: string; cflows: number; fellows: number }>(sql`
    SELECT ${addressText('c.client')} AS host, toFloat64(uniqExact(c.server, c.serverPort)) AS cflows,
      toFloat64(max(n.hosts)) AS fellows
    FROM ccluster AS c INNER JOIN (
      SELECT fine, uniqExact(client) AS hosts FROM ccluster WHERE analysis = ${id}
        GROUP BY fine) AS n ON n.fine = c.fine
    WHERE c.analysis = ${id} AND c.client IN ${addresses(hosts)}
      AND (c.server IN ${addresses(cncOf(truth))} OR ${cncOf(truth).length === 0})
    GROUP BY c.client`)

  const activityOf = new Map(activities.map((row) => [row.who, row]))
  const cflowOf = new Map(cflows.map((row) => [row.host, row]))
  const grouped = new Map(
    answer.botnets.flatMap((botnet) => botnet.hosts.map((host) => [host, botnet.id] as const)),
  )

  return {
    misses: misses.map((miss) => {
      const own = counts.get(miss.host)
      return {
        ...miss,
        group: groupReason(own, {
          activities: activityOf.get(miss.host),
          cflows: cflowOf.get(miss.host),
          score: weighed.crossPlane.get(miss.host) ?? 0,
          line: weighed.crossPlaneLine,
          grouped: grouped.get(miss.host),
          minFlows: Number(answer.analysis.options['minFlows'] ?? 1),
        }),
        alone: aloneReason(own, weighed.contacts.get(miss.host), weighed.contactThreshold),
      }
    }),
    falseAlarms: alarms,
  }
}

const cncOf = (truth: Truth): string[] => [
  ...new Set(
    truth.botnets.flatMap(({ cnc }) => cnc.map((each) => each.replace(/\/\w+$/, '').replace(/:\d+$/, ''))),
  ),
]

const round = (value: number) => Number(value.toPrecision(3))

interface GroupFacts {
  readonly activities: { readonly types: string; readonly most: number } | undefined
  readonly cflows: { readonly cflows: number; readonly fellows: number } | undefined
  readonly score: number
  readonly line: number
  readonly grouped: string | undefined
  readonly minFlows: number
}

/** The first stage on the way to a botnet that has nothing of the host any more. */
export function groupReason(own: Counts | undefined, facts: GroupFacts): Reason {
  const { activities, cflows, score, line, grouped, minFlows } = facts
  if (!own || own.flows === 0) return { stage: 'capture', text: 'No flow in the records has it as client.' }
  const { flows, established, toCnc, cncEstablished } = own

  if (established === 0)
    return {
      stage: 'cflows',
      text: `None of its ${flows} flows was established: filter F2 leaves all of them out.`,
    }

  if (toCnc > 0 && cncEstablished === 0)
    return {
      stage: 'cflows',
      text: `None of its ${toCnc} flows to its C&C was established: filter F2 leaves them out.`,
    }

  if (!cflows)
    return toCnc > 0
      ? {
          stage: 'cflows',
          text:
            `No C-flow to its C&C: ${cncEstablished} established flows, ` +
            `none to one service as often as ${minFlows} times in an epoch.`,
        }
      : { stage: 'cflows', text: `No C-flow to its C&C: none of its ${flows} flows goes there.` }

  if (!activities)
    return {
      stage: 'activities',
      text: `No activity was seen: its ${cflows.cflows} C-flows to the C&C meet nothing in the A-plane.`,
    }

  if (cflows.fellows < 2 && score <= line)
    return {
      stage: 'clusters',
      text:
        'Its C-flows to the C&C are in clusters of their own; its ' +
        `activities (${activities.types}) meet no other host there.`,
    }

  if (score <= line)
    return {
      stage: 'correlations',
      text:
        `Cross-plane score ${round(score)}, threshold ${line}; activities: ` +
        `${activities.types}; up to ${cflows.fellows} hosts in a C-cluster of its C&C.`,
    }

  if (grouped === undefined)
    return {
      stage: 'correlations',
      text: `Cross-plane score ${round(score)} is above the threshold ${line}, but no group of two came of it.`,
    }

  return { stage: 'findings', text: `It is in the answered botnet ${grouped} and yet not accused.` }
}

/** Why its contacts did not accuse it by themselves. */
export function aloneReason(
  own: Counts | undefined,
  best: BestContact | undefined,
  threshold: number,
): Reason {
  if (!own || own.flows === 0) return { stage: 'capture', text: 'No flow in the records has it as client.' }

  if (!best)
    return {
      stage: 'traces',
      text: `None of its contacts is in the ranked list; it has ${own.flows} flows.`,
    }

  const calls = `${best.calls} ${best.calls === 1 ? 'call' : 'calls'} to ${best.endpoint}`
  if (best.score < threshold)
    return {
      stage: 'traces',
      text:
        `Its most suspicious contact, ${calls}, scores ` +
        `${round(best.score)}, ${round(threshold - best.score)} below the threshold ${round(threshold)}.`,
    }

  return {
    stage: 'findings',
    text:
      `Its contact, ${calls}, scores ${round(best.score)}, ` +
      `above the threshold ${round(threshold)}, but the host is not accused.`,
  }
}

const stageOfKind: Readonly<Record<string, StageName>> = {
  botnet: 'correlations',
  beacon: 'traces',
  family: 'traces',
  scan: 'activities',
  spam: 'activities',
  download: 'activities',
  exploit: 'activities',
  dga: 'activities',
}

/** One reason a finding that accuses the host, with the number that it was over the line by. */
export function reasonsOf(answer: Answer, host: string): Reason[] {
  const accused = answer.hosts.find((each) => each.host === host)
  return (accused?.findings ?? []).flatMap((id) => {
    const found = answer.findings.find((each) => each.id === id)
    if (!found) return []
    return [
      {
        stage: stageOfKind[found.kind] ?? 'findings',
        text: `${marginOf(found, host)} It would be benign if ${found.doubts[0]}.`,
      },
    ]
  })
}

function marginOf({ kind, evidence, hosts, confidence }: Finding, host: string): string {
  for (const each of evidence) {
    if (each.kind === 'weighing')
      return (
        `Beacon: ${round(each.confidence)} against a line of ` +
        `${round(each.threshold)}, over it by ${round(each.confidence - each.threshold)}.`
      )
    if (each.kind === 'cross-plane')
      return (
        `Group of ${hosts.length}: cross-plane score ` +
        `${round(each.scores[hosts.indexOf(host)] ?? 0)} against ${round(each.threshold)}.`
      )
    if (each.kind === 'family')
      return `Family ${each.family}: ${round(each.score)} against ${round(each.threshold)}.`
    if (each.kind === 'activity') return `${kind} by ${each.detector}: it ${each.did}.`
  }

  return `${kind}, confidence ${round(confidence)}.`
}
