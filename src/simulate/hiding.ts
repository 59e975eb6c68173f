import type { Random } from '../math/random.ts'
import { inTime } from './evasion.ts'
import { evasionNamed } from './evasions.ts'
import type { Episode } from './exchange.ts'
import type { Bot, Plan } from './family.ts'
import { actorOf, type Network } from './network.ts'
import type { Infection } from './scenario.ts'

interface Hiding {
  readonly bot: Bot
  readonly process: string
  readonly isTask: boolean
  readonly cnc: readonly string[]
  readonly infection: Infection
  readonly shared: Random
}

/** What is left to see of a process: as it is where nothing is hidden, else one evasion after the other. */
export function hidden(
  episodes: Iterable<Episode>,
  { infection, shared, ...given }: Hiding,
): Iterable<Episode> {
  const tried = hidingsOf(infection)
  if (tried.length === 0) return episodes

  return tried.reduce<Episode[]>(
    (seen, { name, evasion, strength }) =>
      inTime(
        evasion.apply(seen, {
          ...given,
          strength,
          random: given.bot.random.split(`evasion ${name} ${given.process}`),
          shared: shared.split(`evasion ${name}`),
        }),
      ),
    [...episodes],
  )
}

const hidingsOf = ({ evasions = [] }: Infection) =>
  evasions
    .map(({ evasion, strength }) => ({ name: evasion, evasion: evasionNamed(evasion, strength), strength }))
    .filter(({ strength }) => strength > 0)

/** Servers that bots of this botnet call beside those of its plan. */
export function hiddenServers(
  network: Network,
  infection: Infection,
  { plan, random }: { plan: Plan; random: Random },
): string[] {
  const host = network.hosts[0]!
  return hidingsOf(infection).flatMap(({ name, evasion, strength }) => {
    const shared = random.split(`evasion ${name}`)
    const bot: Bot = { ...actorOf(network, host, shared, infection.id), index: 0, since: 0 }
    return evasion.servers?.({ bot, cnc: plan.cnc, strength, shared }) ?? []
  })
}
