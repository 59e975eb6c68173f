/** Everything that was detected, as findings; and findings as the ranked answer. */

import type { ActivityType } from '../model/activity.ts'
import type { Answer, Botnet, Contacts, RankedContact } from '../model/answer.ts'
import type { Finding, Rally } from '../model/finding.ts'
import type { LifeCycle } from '../model/life-cycle.ts'
import { clampRatio } from '../model/units.ts'
import type { BotnetFinding } from './botnets.ts'
import { combinedFinding, type DatedIndicator } from './combined-indicators.ts'
import type { RankedEndpoint } from './endpoints.ts'
import {
  accusedHosts,
  botnetVerdict,
  distinctEndpoints,
  rankedFindings,
  suspectsOf,
  verdictsOf,
} from './hosts.ts'
import { identify } from './identity.ts'
import { accusesCombined } from './verdict.ts'

/** Botnets of all epochs; those that share half of the smaller one's hosts are one. */
export function botnetsOf(found: readonly BotnetFinding[]): {
  botnets: Botnet[]
  contacts: Contacts[]
  idOf: ReadonlyMap<string, string>
} {
  const merged: BotnetFinding[][] = []

  for (const one of found) {
    const same = merged.find((others) =>
      others.some((other) => overlap(other.finding.hosts, one.finding.hosts) >= 0.5),
    )
    if (same) same.push(one)
    else merged.push([one])
  }

  const idOf = new Map<string, string>()
  const botnets = merged.map((parts) => {
    const botnet = botnetOf(parts)
    for (const { finding } of parts) idOf.set(finding.id, botnet.id)
    return botnet
  })

  const contacts = merged.map((parts, i) =>
    contactsOf(
      botnets[i]!,
      parts.flatMap(({ endpoints }) => endpoints),
    ),
  )

  return {
    botnets: botnets.toSorted((a, b) => b.confidence - a.confidence || b.hosts.length - a.hosts.length),
    contacts,
    idOf,
  }
}

function overlap(a: readonly string[], b: readonly string[]): number {
  const other = new Set(b)
  return a.filter((host) => other.has(host)).length / Math.min(a.length, b.length)
}

function botnetOf(parts: readonly BotnetFinding[]): Botnet {
  const hosts = [...new Set(parts.flatMap(({ finding }) => finding.hosts))]
  const topologies = new Set(parts.map(({ topology }) => topology).filter((each) => each !== 'undecided'))
  return {
    id: identify('b', [hosts.toSorted()]),
    hosts,
    cnc: distinctEndpoints(parts.flatMap(({ finding }) => finding.cnc)),
    activities: [...new Set(parts.flatMap(({ activities }) => activities))].toSorted() as ActivityType[],
    rally: rallyOfMost(parts.map(({ finding }) => finding.rally)),
    topology: topologies.size === 1 ? [...topologies][0]! : 'undecided',
    confidence: clampRatio(Math.max(...parts.map(({ finding }) => finding.confidence))),
    indicators: [{ kind: 'botnet', members: hosts.length }],
  }
}

/** What most parts say; null where none says anything. */
function rallyOfMost(rallies: readonly (Rally | null)[]): Rally | null {
  const known = rallies.filter((each) => each !== null)
  const [most] = [...Map.groupBy(known, ({ method }) => method).values()].sort((a, b) => b.length - a.length)
  if (!most) return null
  return { method: most[0]!.method, names: [...new Set(most.flatMap(({ names }) => names))].slice(0, 5) }
}

function contactsOf({ id, cnc }: Botnet, endpoints: readonly RankedEndpoint[]): Contacts {
  const isCnc = (each: RankedEndpoint) =>
    cnc.some(({ address, port }) => address === each.address && port === each.port)
  return {
    botnet: id,
    links: endpoints.flatMap((each) =>
      each.members.map((host) => ({
        host,
        server: `${each.name ?? each.address}:${each.port}`,
        flows: Math.round(each.flows / each.members.length),
        cnc: isCnc(each),
      })),
    ),
  }
}

/** The answer from its parts; figures stay beside it. `hints`: indicators under their detectors' lines. */
export function assembleAnswer(
  parts: Pick<Answer, 'version' | 'analysis' | 'inputs'>,
  found: readonly Finding[],
  {
    botnets,
    weakIndicators,
    lifeCycles = [],
    contacts = [],
  }: {
    readonly botnets: readonly Botnet[]
    readonly weakIndicators: readonly DatedIndicator[]
    readonly lifeCycles?: readonly LifeCycle[]
    readonly contacts?: readonly RankedContact[]
  },
): Answer {
  const verdicts = verdictsOf(found, weakIndicators)
  const accused = new Set(found.flatMap(({ hosts }) => hosts))
  const combined = [...verdicts.values()]
    .filter((verdict) => !accused.has(verdict.host) && accusesCombined(verdict))
    .map((verdict) => combinedFinding(verdict, weakIndicators))
    .filter((finding) => finding !== null)
  const findings = [...found, ...combined]
  const hosts = accusedHosts(findings, { botnets, verdicts, contacts })

  return {
    tool: 'gannet',
    ...parts,
    hosts,
    suspects: suspectsOf(verdicts, hosts),
    contacts,
    botnets: botnets
      .map((botnet) => botnetVerdict(botnet, verdicts))
      .toSorted((a, b) => b.confidence - a.confidence || b.hosts.length - a.hosts.length),
    findings: rankedFindings(findings),
    lifeCycles,
  }
}
