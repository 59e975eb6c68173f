import type { Options } from './behaviour.ts'
import type { Role } from './network.ts'

/** A behaviour that a population has, and how much of the population. */
export interface Habit {
  readonly behaviour: string
  /** Share of the hosts that have it; all of them where absent. */
  readonly share?: number
  /** Its option `perHour` is for a network as the scenario has it, and grows with the network. */
  readonly grows?: true
  readonly options?: Options
}

export interface Population {
  readonly role: Role
  readonly count: number
  /** Operating systems, each as likely; the port range and the headers follow from it. */
  readonly systems: readonly ('windows' | 'linux' | 'phone' | 'device')[]
  readonly habits: readonly Habit[]
  /** Servers and the like: as many whatever the size of the network; the default is that they grow with it. */
  readonly fixed?: true
  /** Devices behind one address (NAT): the sensor sees only that address. */
  readonly behind?: number
  /**
   * Share of the hosts whose address changes from one day to the next (DHCP); given-up addresses are given out
   * again.
   */
  readonly moves?: number
  /**
   * Spread (sigma) of the logarithm of what hosts do, beside what the behaviours vary themselves: few giants, many
   * quiet ones.
   */
  readonly spread?: number
}

export interface Infection {
  /** Unique in the scenario; findings of `evaluate` name it. */
  readonly id: string
  readonly family: string
  readonly size: number
  /** Roles whose hosts it takes. */
  readonly among: readonly Role[]
  /**
   * Hours between which its bots are infected, each at a time of its own; where absent most are before the records
   * begin.
   */
  readonly arrives?: readonly [from: number, to: number]
  /**
   * Its web calls (ports 80 and 443) go through the network's proxy, as those of machines that may not go out
   * themselves.
   */
  readonly proxied?: true
  /** How the herder hides it, in the order of application. */
  readonly evasions?: readonly Hiding[]
}

/** An evasion by name (`evasions.ts`) and how hard it is tried, from 0, not at all, to 1. */
export interface Hiding {
  readonly evasion: string
  readonly strength: number
}

/** A network, what its hosts do, and the botnets in it: nothing but data. */
export interface Scenario {
  readonly name: string
  readonly doc: string
  /** Midnight of the first day at regular intervalss of the place, ISO 8601 with its offset from UTC. */
  readonly begins: string
  readonly hours: number
  /** First two numbers of the internal addresses, which are a /16. */
  readonly prefix: string
  readonly domain: string
  readonly populations: readonly Population[]
  /** What comes in from outside without any host's doing. */
  readonly surroundings: readonly Habit[]
  readonly botnets: readonly Infection[]
  /**
   * Share of the network that the sensor sees, in blocks of 16 addresses; all where absent. What two hosts that it
   * does not see do is in no record, and the truth names no bot that it does not see.
   */
  readonly seen?: number
  /** The sensor writes name servers and their addresses where an answer has them, as Zeek does with `auth-addl`. */
  readonly authorities?: true
}
