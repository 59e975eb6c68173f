/**
 * Bots of one capture laid over the records of another network.
 *
 * The background is not touched: what is written are the bots' records alone, with addresses and times of the
 * background, to be imported beside it; so every host keeps its own traffic, and a bot has its own and that of the
 * host whose address it is given, as in Gu et al., BotMiner 2008, section 4.2. What such mixing does to records
 * that never met is in the report: Aviv and Haeberlen, "Challenges in experimenting with botnet detection systems",
 * CSET 2011.
 */
import { UserError } from '../errors.ts'
import { seeded } from '../math/random.ts'
import type { Networks } from '../model/networks.ts'
import type { Truth } from '../model/truth.ts'
import { inside } from '../store/networks.ts'
import { addresses, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type BotRecords, type Resolution, resolutionOf } from './bot-records.ts'
import type { Exchange } from './exchange.ts'

/** A background's hosts and habits, as far as the overlay needs them. */
export interface Ground {
  readonly internal: Networks
  readonly hosts: readonly { readonly host: string; readonly flows: number }[]
  readonly resolver: string | null
  readonly from: number
  readonly to: number
  readonly resolution: Resolution
  /** Which of the bots' servers the background's hosts call as well. */
  readonly known: ReadonlySet<string>
}

/** Traces of the mixing that a detector could hold on to, or that make the ground easier or harder than a real one. */
export interface Artefacts {
  readonly clock: {
    readonly shiftSeconds: number
    readonly timeOfDayKept: boolean
    /** Flows that would fall outside the background's time and are not written. */
    readonly cut: number
    readonly resolutions: { readonly bots: Resolution; readonly background: Resolution }
  }
  readonly addresses: {
    /** From the bots' addresses to those that they are given. */
    readonly given: Readonly<Record<string, string>>
    /** Servers of the bots that hosts of the background call too. */
    readonly shared: readonly string[]
    /** Servers that lay in the background's own networks and were given an address outside. */
    readonly moved: readonly string[]
    readonly leftOut: number
  }
  /** Flows of each given host before and after, and its place among all hosts by flows, from 0 to 1. */
  readonly load: readonly {
    readonly host: string
    readonly before: number
    readonly added: number
    readonly rankBefore: number
    readonly rankAfter: number
  }[]
  readonly timeToLive: string
  readonly halved: number
  /** What of this should be looked at before a result is believed. */
  readonly warnings: readonly string[]
}

export interface Overlay {
  readonly exchanges: readonly Exchange[]
  readonly truth: Truth
  readonly artefacts: Artefacts
}

/** Least flows of a host that a bot may be given: one that hardly speaks would be the bot alone. */
const leastFlows = 10

/** What the overlay needs to know of a background in a database, before bots that call `servers` are laid over it. */
export async function groundIn(
  store: Store,
  internal: Networks,
  servers: readonly string[],
): Promise<Ground> {
  const hosts = await store.rows<{ host: string; flows: number }>(sql`
    SELECT ${addressText('client')} AS host, toFloat64(count()) AS flows FROM flow
    WHERE ${inside('client', internal)} GROUP BY client ORDER BY flows, host`)
  const [resolver] = await store.rows<{ host: string }>(sql`
    SELECT ${addressText('server')} AS host FROM flow WHERE serverPort = 53 AND ${inside('client', internal)}
    GROUP BY server ORDER BY count() DESC, host LIMIT 1`)
  const [extent] = await store.rows<{ from: number; to: number }>(sql`
    SELECT toFloat64(min(start)) AS from, toFloat64(max(start + duration)) AS to FROM flow`)
  const known = await store.rows<{ text: string }>(sql`
    SELECT DISTINCT ${addressText('server')} AS text FROM flow WHERE server IN ${addresses(servers)}`)

  return {
    internal,
    hosts,
    resolver: resolver?.host ?? null,
    from: extent?.from ?? 0,
    to: extent?.to ?? 0,
    resolution: await resolutionOf(store),
    known: new Set(known.map(({ text }) => text)),
  }
}

interface OverlayOptions {
  readonly seed: number
  /**
   * Addresses that the bots are given, in their order; drawn among hosts with ten flows or more where none are
   * named.
   */
  readonly onto: readonly string[]
  /** Whether an address lies in the background's own networks. */
  readonly isInternal: (address: string) => boolean
}

const day = 86_400e6

/**
 * The bots' records with addresses and times of the background.
 *
 * Where the background is a day or longer, times of day stay; else bots begin at a random moment that leaves room for
 * all they do, or with the background where there is no room.
 *
 * @throws UserError `overlay-impossible` where the background has too few hosts.
 */
export function overlay(
  bots: BotRecords,
  ground: Ground,
  { seed, onto, isInternal }: OverlayOptions,
): Overlay {
  const random = seeded(`overlay ${seed}`)
  const all = [...new Set(bots.botnets.flatMap(({ hosts }) => hosts))]
  const open =
    onto.length > 0
      ? onto
      : random.shuffle(ground.hosts.filter(({ flows }) => flows >= leastFlows).map(({ host }) => host))

  if (open.length < all.length)
    throw new UserError(
      'overlay-impossible',
      `${all.length} bots do not fit on ${open.length} hosts`,
      `Use a background with more hosts of at least ${leastFlows} flows, or name hosts with --onto.`,
    )

  const given = new Map(all.map((bot, i) => [bot, open[i]!]))
  const moved = new Map<string, string>()

  const elsewhere = (address: string): string => {
    const known = moved.get(address)
    if (known) return known
    let other = address
    while (isInternal(other))
      other = `45.${random.integer(256)}.${random.integer(256)}.${1 + random.integer(254)}`
    moved.set(address, other)
    return other
  }

  const resolvers = new Set(bots.resolvers)

  const placed = (address: string): string => {
    const host = given.get(address)
    if (host !== undefined) return host
    if (resolvers.has(address) && ground.resolver !== null) return ground.resolver
    return isInternal(address) ? elsewhere(address) : address
  }

  const shift = shiftOf(bots, ground, random.next())

  const exchanges = bots.flows
    .filter(({ start }) => start + shift >= ground.from && start + shift < ground.to)
    .map((each, i) => ({
      ...each,
      uid: each.uid === '' ? `O${i.toString(36).padStart(8, '0')}` : `O${each.uid.slice(1)}`,
      start: each.start + shift,
      end: Math.min(each.end + shift, ground.to),
      client: placed(each.client),
      server: placed(each.server),
    }))

  const endpoint = (text: string) => {
    const at = text.lastIndexOf(':')
    return at < 0 ? placed(text) : `${placed(text.slice(0, at))}${text.slice(at)}`
  }

  return {
    exchanges,
    truth: {
      about: 'overlay of bots on a background that is taken to be clean',
      internal: ground.internal.cidrs,
      botnets: bots.botnets.map((each) => ({
        ...each,
        hosts: each.hosts.map((host) => given.get(host)!),
        cnc: each.cnc.map(endpoint),
      })),
      benign: null,
      from: ground.from,
      to: ground.to,
    },
    artefacts: artefactsOf({ bots, ground, exchanges, given, moved: [...moved.keys()], shift }),
  }
}

function shiftOf(bots: BotRecords, ground: Ground, draw: number): number {
  const room = ground.to - ground.from - (bots.to - bots.from)
  if (ground.to - ground.from >= day) {
    const whole = Math.ceil((ground.from - bots.from) / day) * day
    if (bots.from + whole < ground.to) return whole
  }
  return Math.round(ground.from - bots.from + (room > 0 ? draw * room : 0))
}

interface Mixed {
  readonly bots: BotRecords
  readonly ground: Ground
  readonly exchanges: readonly Exchange[]
  readonly given: ReadonlyMap<string, string>
  readonly moved: readonly string[]
  readonly shift: number
}

function artefactsOf({ bots, ground, exchanges, given, moved, shift }: Mixed): Artefacts {
  const added = new Map<string, number>()
  for (const { client } of exchanges) added.set(client, (added.get(client) ?? 0) + 1)
  const counts = ground.hosts.map(({ flows }) => flows)
  const rank = (flows: number) => counts.filter((each) => each < flows).length / Math.max(1, counts.length)
  const before = new Map(ground.hosts.map(({ host, flows }) => [host, flows]))
  const load = [...given.values()].map((host) => {
    const own = before.get(host) ?? 0
    const more = added.get(host) ?? 0
    return { host, before: own, added: more, rankBefore: rank(own), rankAfter: rank(own + more) }
  })
  const cut = bots.flows.length - exchanges.length
  const loudest = load.filter(({ rankBefore, rankAfter }) => rankAfter >= 0.99 && rankBefore < 0.9)
  const timeOfDayKept = shift % day === 0

  return {
    clock: {
      shiftSeconds: shift / 1e6,
      timeOfDayKept,
      cut,
      resolutions: { bots: bots.resolution, background: ground.resolution },
    },
    addresses: {
      given: Object.fromEntries(given),
      shared: [...ground.known],
      moved,
      leftOut: bots.leftOut,
    },
    load,
    timeToLive:
      'Flow records hold no IP time-to-live, so none can tell bots from ' +
      'hosts; the lives of DNS answers are those of the bots’ capture.',
    halved: bots.halved,
    warnings: [
      ...(bots.resolution === ground.resolution
        ? []
        : [
            `Start times are in ${bots.resolution} among the bots and in ${ground.resolution} in the background.`,
          ]),
      ...(cut > 0
        ? [
            `${cut} of ${bots.flows.length} flows of the bots fall outside the background’s time and are left out.`,
          ]
        : []),
      ...(timeOfDayKept ? [] : ['Bots act at another time of day than in their capture.']),
      ...(loudest.length > 0
        ? [
            `${loudest.map(({ host }) => host).join(', ')}: by the bots’ load among the ` +
              'busiest hundredth of hosts, where before it was not among the busiest tenth.',
          ]
        : []),
      ...(bots.leftOut > 0
        ? [`${bots.leftOut} flows between bots and other hosts of their own network are left out.`]
        : []),
      ...(bots.halved > 0
        ? [`${bots.halved} flows had no counts for each side and are written by halves.`]
        : []),
      ...(moved.length > 0
        ? [`${moved.length} servers lay in the background’s networks and were moved.`]
        : []),
    ],
  }
}
