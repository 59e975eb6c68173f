/**
 * Simulated botnets laid over hosts that are already there, as BotMiner was tried (Gu et al. 2008, section 4.1):
 * some hosts of a network are given a bot each, and keep their own traffic. Only the bots' records are made here;
 * whoever has those of the network adds them.
 */
import { UserError } from '../errors.ts'
import { seeded } from '../math/random.ts'
import { families } from './families/index.ts'
import type { Bot } from './family.ts'
import { actorOf, type Host, type Network } from './network.ts'
import { buildOutside } from './outside.ts'
import type { Records } from './simulated-records.ts'
import { type Order, readAnew } from './timeline.ts'

/** A network that is only known by its records: where it is, and who was seen in it. */
export interface Place {
  /** Whole microseconds since the epoch. */
  readonly from: number
  /** Seconds. */
  readonly length: number
  readonly internal: readonly string[]
  readonly hosts: readonly string[]
  readonly resolver: string
}

export function networkOf({ from, length, internal, hosts, resolver }: Place, seed: number): Network {
  const always = [{ from: 0, to: length }]

  const host = (address: string): Host => ({
    address,
    role: 'staff',
    system: 'windows',
    on: always,
    used: always,
  })

  const known = hosts.map(host)

  return {
    from,
    length,
    weekday: new Date(from / 1000).getUTCDay(),
    internal,
    domain: 'ground.example',
    hosts: known,
    outside: buildOutside(seeded(`outside of a ground ${seed}`)),
    hostsOf: (role) => (role === 'resolver' ? [host(resolver)] : role === 'staff' ? known : []),
  }
}

export interface Overlaid {
  readonly id: string
  readonly family: string
  readonly size: number
}

/**
 * The records of the botnets on random hosts of `among`, none in two botnets, and the truth.
 *
 * @throws UserError `scenario-invalid` where a family is not known or there are too few hosts.
 */
export function overlaidOn(
  network: Network,
  overlaid: readonly Overlaid[],
  { among, seed, order = 'by-end' }: { among: readonly Host[]; seed: number; order?: Order },
): Records {
  const wanted = overlaid.reduce((sum, { size }) => sum + size, 0)

  if (wanted > among.length)
    throw new UserError(
      'scenario-invalid',
      `the botnets need ${wanted} hosts, the network has ${among.length}`,
      'Make the botnets smaller or the network larger.',
    )

  const random = seeded(`overlay ${seed} ${overlaid.map(({ id, size }) => `${id} ${size}`).join(' ')}`)
  const free = random.split('hosts').shuffle([...among])

  const bots = overlaid.map(({ id, family: name, size }) => {
    const family = families.find((each) => each.name === name)
    if (!family) {
      const known = families.map((each) => each.name).join(', ')
      throw new UserError('scenario-invalid', `no family is called ${name}`, `Use one of: ${known}.`)
    }
    const own = random.split(`botnet ${id}`)
    return { id, family, own, plan: family.plan(network, own.split('plan')), hosts: free.splice(0, size) }
  })

  const sources = bots.flatMap(({ id, family, own, plan, hosts }) =>
    hosts.flatMap((host, index) =>
      Object.entries(family.processes).map(([name, run]) => () => {
        const actor = actorOf(network, host, own.split(`bot ${index} ${name}`), id)
        const bot: Bot = { ...actor, index, since: 0 }
        return run(bot, plan)
      }),
    ),
  )

  const { from, length, internal } = network
  const to = from + length * 1e6

  return {
    records: readAnew(sources, { from, to, order }),
    truth: {
      about: `laid over: ${overlaid.map(({ id }) => id).join(', ')}, seed ${seed}`,
      internal,
      botnets: bots.map(({ id, family: { name, topology, activities }, plan, hosts }) => ({
        id,
        family: name,
        topology,
        hosts: hosts.map(({ address }) => address),
        cnc: plan.cnc,
        activities,
      })),
      benign: null,
      from,
      to,
    },
  }
}
