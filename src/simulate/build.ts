/** A scenario and a seed to a network, its sources of traffic, and the truth about it. */
import { UserError } from '../errors.ts'
import { type Random, seeded } from '../math/random.ts'
import type { TrueBotnet, Truth } from '../model/truth.ts'
import { behaviours } from './behaviours/index.ts'
import type { Episode } from './exchange.ts'
import { families } from './families/index.ts'
import type { Bot, Family, Plan } from './family.ts'
import { actorOf, type Host, type Network, type Role } from './network.ts'
import { buildOutside } from './outside.ts'
import type { Habit, Infection, Scenario } from './scenario.ts'
import { scheduleOf } from './schedules.ts'

export interface Built {
  readonly network: Network
  /** Sources of innocent traffic. */
  readonly innocent: readonly (() => Iterable<Episode>)[]
  /** Sources of the bots' traffic. */
  readonly guilty: readonly (() => Iterable<Episode>)[]
  readonly truth: Truth
}

export function buildNetwork(scenario: Scenario, random: Random): Network {
  const length = scenario.hours * 3600
  const own = random.split('hosts')
  let number = 0
  const hosts = scenario.populations.flatMap((population) =>
    Array.from({ length: population.count }, (): Host => {
      const stream = own.split(number)
      const third = Math.floor(number / 200) + 1
      const address = `${scenario.prefix}.${third}.${10 + (number++ % 200)}`
      return {
        address,
        role: population.role,
        system: stream.pick(population.systems),
        ...scheduleOf(population.role, stream.split('schedule'), length),
      }
    }),
  )
  const byRole = new Map<Role, Host[]>()
  for (const host of hosts) byRole.set(host.role, [...(byRole.get(host.role) ?? []), host])
  return {
    from: Date.parse(scenario.begins) * 1000,
    length,
    internal: [`${scenario.prefix}.0.0/16`],
    domain: scenario.domain,
    hosts,
    outside: buildOutside(random.split('outside')),
    hostsOf: (role) => byRole.get(role) ?? [],
  }
}

export function build(scenario: Scenario, seed: number): Built {
  const random = seeded(`${scenario.name} ${seed}`)
  const network = buildNetwork(scenario, random)
  const innocent = [
    ...network.hosts.flatMap((host) =>
      sourcesOf(network, host, habitsOf(scenario, host), random.split(`habits ${host.address}`)),
    ),
    ...sourcesOf(
      network,
      { address: '', role: 'outside', system: 'linux', on: [{ from: 0, to: network.length }], used: [] },
      scenario.surroundings,
      random.split('surroundings'),
    ),
  ]
  const infected = infect(scenario, network, random.split('infections'))
  return {
    network,
    innocent,
    guilty: infected.flatMap(({ sources }) => sources),
    truth: {
      about: `simulated: ${scenario.name}, seed ${seed}`,
      internal: network.internal,
      botnets: infected.map(({ botnet }) => botnet),
      benign: null,
      from: network.from,
      to: network.from + network.length * 1e6,
    },
  }
}

const habitsOf = (scenario: Scenario, host: Host) =>
  scenario.populations.find((population) => population.role === host.role)?.habits ?? []

function sourcesOf(
  network: Network,
  host: Host,
  habits: readonly Habit[],
  random: Random,
): (() => Iterable<Episode>)[] {
  return habits.flatMap((habit, i) => {
    const own = random.split(`${habit.behaviour} ${i}`)
    if (own.next() >= (habit.share ?? 1)) return []
    const behaviour = behaviours.find(({ name }) => name === habit.behaviour)
    if (!behaviour) {
      const known = behaviours.map(({ name }) => name).join(', ')
      throw new UserError(
        'scenario-invalid',
        `no behaviour is called ${habit.behaviour}`,
        `Use one of: ${known}.`,
      )
    }
    // Split again at each run, so that a second reading starts where the first did.
    return [() => behaviour.run(actorOf(network, host, own.split('run')), habit.options ?? {})]
  })
}

interface Infected {
  readonly botnet: TrueBotnet
  readonly sources: readonly (() => Iterable<Episode>)[]
}

/** Chooses hosts that run for at least four hours; no host is in two botnets. */
function infect(scenario: Scenario, network: Network, random: Random): Infected[] {
  const taken = new Set<string>()
  return scenario.botnets.map((infection) => {
    const own = random.split(infection.id)
    const family = families.find(({ name }) => name === infection.family)
    if (!family) {
      const known = families.map(({ name }) => name).join(', ')
      throw new UserError(
        'scenario-invalid',
        `no family is called ${infection.family}`,
        `Use one of: ${known}.`,
      )
    }
    const hosts = choose(network, infection, own, taken)
    for (const host of hosts) taken.add(host.address)
    const plan = family.plan(network, own.split('plan'))
    return {
      botnet: {
        id: infection.id,
        family: family.name,
        topology: family.topology,
        hosts: hosts.map(({ address }) => address),
        cnc: plan.cnc,
        activities: family.activities,
      },
      sources: hosts.flatMap((host, index) =>
        processesOf(network, host, { family, plan, infection, index, random: own }),
      ),
    }
  })
}

function choose(network: Network, infection: Infection, random: Random, taken: ReadonlySet<string>): Host[] {
  const running = ({ on }: Host) => on.reduce((sum, { from, to }) => sum + to - from, 0)
  const open = infection.among
    .flatMap((role) => network.hostsOf(role))
    .filter((host) => !taken.has(host.address) && running(host) > Math.min(4 * 3600, network.length / 2))
  if (open.length < infection.size) {
    throw new UserError(
      'scenario-invalid',
      `${infection.id} wants ${infection.size} hosts, ${open.length} are left`,
      'Make the botnet smaller or the network larger.',
    )
  }
  return random.shuffle(open).slice(0, infection.size)
}

interface Process {
  readonly family: Family
  readonly plan: Plan
  readonly infection: Infection
  readonly index: number
  readonly random: Random
}

/** Most bots were there before the day began; one in seven is infected in the course of its first half. */
function processesOf(network: Network, host: Host, { family, plan, infection, index, random }: Process) {
  const own = random.split(`bot ${index}`)
  const first = host.on[0]?.from ?? 0
  const since = own.next() < 0.14 ? first + own.next() * 0.25 * network.length : 0
  return Object.entries(family.processes).map(([name, run]) => () => {
    const bot: Bot = { ...actorOf(network, host, own.split(name), infection.id), index, since }
    return run(bot, plan)
  })
}
