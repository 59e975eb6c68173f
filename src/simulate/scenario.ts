import type { Options } from './behaviour.ts'
import type { Role } from './network.ts'

/** A behaviour that a population has, and how much of the population. */
export interface Habit {
  readonly behaviour: string
  /** Share of the hosts that have it; all of them where absent. */
  readonly share?: number
  readonly options?: Options
}

export interface Population {
  readonly role: Role
  readonly count: number
  /** Operating systems, each as likely; the port range and the headers follow from it. */
  readonly systems: readonly ('windows' | 'linux' | 'phone' | 'device')[]
  readonly habits: readonly Habit[]
}

export interface Infection {
  /** Unique in the scenario; findings of `evaluate` name it. */
  readonly id: string
  readonly family: string
  readonly size: number
  /** Roles whose hosts it takes. */
  readonly among: readonly Role[]
}

/** A network, what its hosts do, and the botnets in it: nothing but data. */
export interface Scenario {
  readonly name: string
  readonly doc: string
  /** First day, ISO 8601, UTC. */
  readonly begins: string
  readonly hours: number
  /** First two numbers of the internal addresses, which are a /16. */
  readonly prefix: string
  readonly domain: string
  readonly populations: readonly Population[]
  /** What comes in from outside without any host's doing. */
  readonly surroundings: readonly Habit[]
  readonly botnets: readonly Infection[]
}
