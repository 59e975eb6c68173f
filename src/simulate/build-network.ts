/** Hosts of a scenario, with their addresses and leases. */
import { UserError } from '../errors.ts'
import type { Random } from '../math/random.ts'
import type { Host, Network, Role } from './network.ts'
import { buildOutside } from './outside.ts'
import type { Scenario } from './scenario.ts'
import { day, scheduleOf } from './schedules.ts'

export function buildNetwork(scenario: Scenario, random: Random): Network {
  const length = scenario.hours * 3600
  const weekday = new Date(`${scenario.begins.slice(0, 10)}T00:00:00Z`).getUTCDay()
  const own = random.split('hosts')
  const hosts: Host[] = []
  let number = 0
  let addresses = 0

  for (const population of scenario.populations) {
    const { role, count, behind = 1, spread = 0 } = population
    for (let i = 0; i < count; i++) {
      const stream = own.split(number++)
      if (i % behind === 0) addresses++
      hosts.push({
        address: addressOf(scenario.prefix, addresses - 1),
        role,
        system: stream.pick(population.systems),
        ...(spread > 0 ? { activityScale: Math.min(30, stream.split('vigour').logNormal(0, spread)) } : {}),
        ...scheduleOf(role, stream.split('schedule'), length, weekday),
      })
    }
  }

  const moved = lease(scenario, hosts, { random: random.split('leases'), addresses })
  const byRole = Map.groupBy(moved, ({ role }) => role)

  return {
    from: Date.parse(scenario.begins) * 1000,
    length,
    weekday,
    internal: [`${scenario.prefix}.0.0/16`],
    domain: scenario.domain,
    hosts: moved,
    outside: buildOutside(random.split('outside')),
    hostsOf: (role: Role) => byRole.get(role) ?? [],
  }
}

/** 200 addresses of each /24 of the /16 are given out. */
function addressOf(prefix: string, number: number): string {
  const third = Math.floor(number / 200) + 1
  if (third > 255)
    throw new UserError('scenario-invalid', `${number} addresses do not fit in a /16`, 'Use fewer hosts.')
  return `${prefix}.${third}.${10 + (number % 200)}`
}

/** Some hosts of a population that moves get another address every night: the one that was given up the longest ago. */
function lease(
  { populations, prefix }: Scenario,
  hosts: readonly Host[],
  { random, addresses }: { random: Random; addresses: number },
): Host[] {
  const sharing = populations.flatMap(({ count, moves = 0 }) => Array.from({ length: count }, () => moves))
  const movers = hosts.filter((_, i) => sharing[i]! > 0)
  if (movers.length === 0) return [...hosts]
  const free = Array.from({ length: Math.ceil(movers.length / 4) }, (_, i) =>
    addressOf(prefix, addresses + i),
  )
  const leases = new Map(movers.map((host) => [host, [{ from: 0, address: host.address }]]))
  const nights = Math.max(...movers.map(({ on }) => on.at(-1)?.to ?? 0)) / day

  for (let night = 1; night < nights; night++)
    for (const [i, host] of hosts.entries()) {
      if (random.next() >= sharing[i]!) continue
      const own = leases.get(host)!
      free.push(own.at(-1)!.address)
      own.push({ from: (night + 0.17) * day, address: free.shift()! })
    }

  return hosts.map((host) =>
    (leases.get(host)?.length ?? 0) > 1 ? { ...host, leases: leases.get(host)! } : host,
  )
}
