/** A scenario and a seed to a network, its sources of traffic, and the truth about it. */
import { UserError } from '../errors.ts'
import { type Random, seeded } from '../math/random.ts'
import type { TrueBotnet, TrueMachine, Truth } from '../model/truth.ts'
import { behaviours } from './behaviours/index.ts'
import { buildNetwork } from './build-network.ts'
import type { Episode, Exchange } from './exchange.ts'
import { families } from './families/index.ts'
import { type Bot, type Family, type Plan, usualTasks } from './family.ts'
import { hidden, hiddenServers } from './hiding.ts'
import { actorOf, addressAt, type Host, type Network } from './network.ts'
import type { Habit, Infection, Scenario } from './scenario.ts'

export interface Built {
  readonly network: Network
  /** Sources of benign traffic. */
  readonly benign: readonly (() => Iterable<Episode>)[]
  /** Sources of the bots' traffic. */
  readonly malicious: readonly (() => Iterable<Episode>)[]
  readonly truth: Truth
  /** What the sensor sees of it; null where it sees all. */
  readonly sees: ((address: string) => boolean) | null
}

export function build(scenario: Scenario, seed: number, { bots = true } = {}): Built {
  const random = seeded(`${scenario.name} ${seed}`)
  const network = buildNetwork(scenario, random)

  const benign = [
    ...devicesOf(network.hosts).flatMap(({ host, label }) =>
      sourcesOf(network, host, habitsOf(scenario, host), random.split(`habits ${label}`)),
    ),
    ...sourcesOf(
      network,
      { address: '', role: 'outside', system: 'linux', on: [{ from: 0, to: network.length }], used: [] },
      scenario.surroundings,
      random.split('surroundings'),
    ),
  ]

  const infected = bots ? infect(scenario, network, random.split('infections')) : []
  const sees = sightOf(scenario, random.split('sensor'))

  return {
    network,
    benign,
    malicious: infected.flatMap(({ sources }) => sources),
    truth: {
      about: `simulated: ${scenario.name}, seed ${seed}`,
      internal: network.internal,
      botnets: infected
        .map(({ botnet }) => (sees ? seenOf(botnet, sees) : botnet))
        .filter(({ hosts }) => hosts.length > 0),
      benign: null,
      from: network.from,
      to: network.from + network.length * 1e6,
    },
    sees,
  }
}

/** What of a botnet the sensor sees. */
function seenOf(botnet: TrueBotnet, sees: (address: string) => boolean): TrueBotnet {
  const machines = botnet.machines?.filter(({ addresses }) => addresses.some((each) => sees(each.address)))
  return { ...botnet, hosts: botnet.hosts.filter(sees), ...(machines ? { machines } : {}) }
}

/**
 * Whether a side of a connection is a host of the part that the sensor sees; each block of 16 addresses is drawn by
 * itself.
 */
function sightOf({ seen, prefix }: Scenario, random: Random): Built['sees'] {
  if (seen === undefined) return null
  const blocks = new Map<string, boolean>()
  return (address) => {
    if (!address.startsWith(`${prefix}.`)) return false
    const [, , third, last] = address.split('.')
    const block = `${third} ${Number(last) >> 4}`
    const known = blocks.get(block) ?? random.split(block).next() < seen
    blocks.set(block, known)
    return known
  }
}

/** Hosts with a label each; devices that share an address are distinguished. */
function devicesOf(hosts: readonly Host[]): { host: Host; label: string }[] {
  const counts = new Map<string, number>()
  return hosts.map((host) => {
    const before = counts.get(host.address) ?? 0
    counts.set(host.address, before + 1)
    return { host, label: before === 0 ? host.address : `${host.address} ${before}` }
  })
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
    for (const address of hosts.flatMap(addressesOf)) taken.add(address)
    const plan = family.plan(network, own.split('plan'))
    return {
      botnet: {
        id: infection.id,
        family: family.name,
        topology: family.topology,
        hosts: [...new Set(hosts.flatMap(addressesOf))],
        cnc: [...new Set([...plan.cnc, ...hiddenServers(network, infection, { plan, random: own })])],
        activities: family.activities,
        ...machinesOf(network, hosts, { infection, random: own }),
      },
      sources: hosts.flatMap((host, index) =>
        processesOf(network, host, { family, plan, infection, index, random: own }),
      ),
    }
  })
}

/** The bots one by one, where their number of addresses or the time of their infection says more than a list. */
function machinesOf(
  network: Network,
  hosts: readonly Host[],
  { infection, random }: Pick<Process, 'infection' | 'random'>,
): Pick<TrueBotnet, 'machines'> {
  const { from, length } = network
  if (!infection.arrives && hosts.every(({ leases }) => leases === undefined)) return {}
  const instant = (seconds: number) => from + Math.round(seconds * 1e6)

  return {
    machines: hosts.map((host, index): TrueMachine => {
      const leases = host.leases ?? [{ from: 0, address: host.address }]
      return {
        since: instant(infectedAt(network, host, { infection, own: random.split(`bot ${index}`) })),
        addresses: leases.map((lease, i) => ({
          address: lease.address,
          from: instant(lease.from),
          to: instant(leases[i + 1]?.from ?? length),
        })),
      }
    }),
  }
}

const addressesOf = ({ address, leases }: Host) => leases?.map((each) => each.address) ?? [address]

function choose(network: Network, infection: Infection, random: Random, taken: ReadonlySet<string>): Host[] {
  const running = ({ on }: Host) => on.reduce((sum, { from, to }) => sum + to - from, 0)

  const open = infection.among
    .flatMap((role) => network.hostsOf(role))
    .filter(
      (host) =>
        !addressesOf(host).some((each) => taken.has(each)) &&
        running(host) > Math.min(4 * 3600, network.length / 2),
    )

  if (open.length < infection.size) {
    throw new UserError(
      'scenario-invalid',
      `${infection.id} needs ${infection.size} hosts, ${open.length} are left`,
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

/**
 * Second at which a bot is infected. Most were before the records began, one in seven is in the course of their first
 * half; where the botnet says when its bots arrive, each at a time of its own.
 */
function infectedAt(
  network: Network,
  host: Host,
  { infection, own }: { readonly infection: Infection; readonly own: Random },
): number {
  const first = host.on[0]?.from ?? 0
  const before = own.next() >= 0.14
  const { arrives } = infection
  if (arrives) return 3600 * (arrives[0] + own.split('arrival').next() * (arrives[1] - arrives[0]))
  return before ? 0 : first + own.next() * 0.25 * network.length
}

function processesOf(network: Network, host: Host, { family, plan, infection, index, random }: Process) {
  const own = random.split(`bot ${index}`)
  const since = infectedAt(network, host, { infection, own })
  return Object.entries(family.processes).map(([name, run]) => () => {
    const bot: Bot = { ...actorOf(network, host, own.split(name), infection.id), index, since }
    const isTask = (family.tasks ?? usualTasks).includes(name)
    const way = infection.proxied ? throughProxy(bot, run(bot, plan)) : run(bot, plan)
    return hidden(way, { bot, process: name, isTask, cnc: plan.cnc, infection, shared: random })
  })
}

/**
 * What a machine that may not go out by itself does on the web, as two connections: to the proxy, and the proxy's
 * own.
 */
function* throughProxy(bot: Bot, episodes: Iterable<Episode>): Generator<Episode> {
  const [host] = bot.network.hostsOf('proxy')

  if (!host)
    throw new UserError(
      'scenario-invalid',
      'a botnet uses a proxy, but the network has none',
      'Add a population of role proxy, or leave `proxied` out.',
    )

  const proxy = actorOf(bot.network, host, bot.random.split('proxy'), bot.origin)
  const isWeb = ({ proto, serverPort, client, start }: Exchange) =>
    proto === 'tcp' &&
    (serverPort === 80 || serverPort === 443) &&
    client === addressAt(bot.host, (start - bot.network.from) / 1e6)

  for (const episode of episodes) {
    const web = episode.some(isWeb)
    yield episode.flatMap((each): Exchange[] => {
      if (isWeb(each)) {
        const { tls: _, ...inside } = each
        return [
          { ...inside, server: host.address, serverPort: 3128, service: 'http' },
          { ...each, uid: proxy.uid(), client: host.address, clientPort: proxy.port() },
        ]
      }
      // It is the proxy that asks for the names.
      return [web && each.dns ? { ...each, client: host.address, clientPort: proxy.port() } : each]
    })
  }
}
