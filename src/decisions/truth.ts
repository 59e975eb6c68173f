/** Decisions as labels: what `gannet evaluate` takes for the truth. */
import type { Answer } from '../model/answer.ts'
import type { Decision } from '../model/review/decision.ts'
import type { TrueBotnet, Truth } from '../model/truth.ts'
import { inForce } from './apply.ts'
import { matcherOf } from './subject.ts'

/**
 * Hosts that are confirmed are bots, hosts that are allowed are clean, the others are not judged. Confirmed hosts of
 * one botnet of the answer are one group; places that are confirmed are its C&C.
 */
export function truthFromDecisions(
  decisions: readonly Decision[],
  answer: Answer,
  about: string,
  now = new Date(),
): Truth {
  const current = decisions.filter((each) => inForce(each, now))
  const known = [...answer.hosts.map(({ host }) => host), ...answer.suspects.map(({ host }) => host)]

  const hostsOf = (verb: Decision['verb']) => {
    const own = current.filter((each) => each.verb === verb)
    const named = own.flatMap(({ subject }) => (subject.kind === 'host' ? [subject.value] : []))
    const covered = known.filter((host) => own.some((each) => matcherOf(each).coversHost(host)))
    return [...new Set([...named, ...covered])]
  }

  const bots = hostsOf('confirm')
  const places = current.filter(({ verb, subject }) => verb === 'confirm' && subject.kind === 'service')
  const groups = Map.groupBy(
    bots,
    (host) => answer.botnets.find(({ hosts }) => hosts.includes(host))?.id ?? host,
  )

  return {
    about,
    internal: answer.analysis.internal,
    botnets: [...groups].map(
      ([id, hosts]): TrueBotnet => ({
        id,
        family: 'confirmed',
        topology: 'undecided',
        hosts,
        cnc: places.map(({ subject }) => subject.value),
        activities: [],
      }),
    ),
    benign: hostsOf('allow').filter((host) => !bots.includes(host)),
    from: answer.analysis.from ?? 0,
    to: answer.analysis.to ?? 0,
  }
}
