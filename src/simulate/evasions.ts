/**
 * What herders do so that their bots are not seen: transformations of what a bot's processes yield.
 *
 * Each is tried with a strength from 0, nothing, to 1. They are those that the papers name: Gu et al., BotMiner 2008,
 * section 4.4 (random packets and bytes, mimicry, allowed sites, slow or single tasks, delay, differing servers);
 * Tegeler et al., BotFinder 2012, section 6 (random intervals, padding, changing servers). What "1" means is a choice of
 * ours and stands with each. An evasion knows the bot, never a detector.
 */
import { UserError } from '../errors.ts'
import type { Random } from '../math/random.ts'
import { poll } from './behaviours/clockwork.ts'
import type { DnsNote, Episode, Exchange } from './exchange.ts'
import type { Bot } from './family.ts'
import { day } from './schedules.ts'
import { counts } from './wire.ts'

/** What an evasion is given: one process of one bot. */
interface Hidden {
  readonly bot: Bot
  /** address:port/proto of those who give orders. */
  readonly cnc: readonly string[]
  /** Whether the process carries out orders; else it talks to those who give them. */
  readonly deed: boolean
  readonly process: string
  /** Over 0, to 1. */
  readonly strength: number
  /** The bot's own stream of chance. */
  readonly random: Random
  /** The same for all bots of the botnet. */
  readonly shared: Random
}

export interface Evasion {
  readonly name: string
  readonly doc: string
  /** Episodes in any order; the caller sorts them. */
  apply(episodes: readonly Episode[], hidden: Hidden): Episode[]
  /** C&C servers of which the truth must tell, beside the botnet's own. */
  servers?(given: Pick<Hidden, 'bot' | 'cnc' | 'strength' | 'shared'>): string[]
}

const segment = 1448

const began = (episode: Episode): number =>
  episode.reduce((least, { start }) => Math.min(least, start), Infinity)

const secondsOf = (bot: Bot, episode: Episode): number => (began(episode) - bot.network.from) / 1e6

const later = (episode: Episode, seconds: number): Episode => {
  const shift = Math.round(seconds * 1e6)
  return episode.map((each) => ({ ...each, start: each.start + shift, end: each.end + shift }))
}

/** An episode that fits: its host runs when it begins, and what outlasts the scenario is cut. */
function fitting(bot: Bot, episode: Episode): Episode[] {
  const at = secondsOf(bot, episode)
  const last = bot.network.from + bot.network.length * 1e6 - 1
  if (!bot.host.on.some(({ from, to }) => from <= at && at < to)) return []
  const kept = episode.filter(({ start }) => start <= last)
  return kept.length === 0 ? [] : [kept.map((each) => ({ ...each, end: Math.min(each.end, last) }))]
}

const answered = ({ clientPayload, serverPackets, service }: Exchange): boolean =>
  serverPackets > 0 && (clientPayload ?? 0) > 0 && service !== 'dns'

interface Growth {
  /** Payload added each way, in bytes. */
  readonly bytes?: number
  /** Packets added each way. */
  readonly packets?: number
}

/** More payload or more packets; headers stay as large as they were, HTTP bodies grow with the payload. */
function grown(each: Exchange, up: Growth, down: Growth): Exchange {
  const side = (
    payload: number,
    packets: number,
    ipBytes: number,
    { bytes = 0, packets: more = 0 }: Growth,
  ) => {
    const header = Math.ceil((ipBytes - payload) / packets)
    const all = payload + Math.round(bytes)
    const count = packets + Math.round(more) + Math.ceil(all / segment) - Math.ceil(payload / segment)
    return { payload: all, packets: count, ipBytes: all + header * count }
  }
  const client = side(each.clientPayload ?? 0, each.clientPackets, each.clientIpBytes, up)
  const server = side(each.serverPayload ?? 0, each.serverPackets, each.serverIpBytes, down)
  const http = each.http?.map((note, i) =>
    i === 0
      ? {
          ...note,
          requestBody: note.requestBody + Math.round(up.bytes ?? 0),
          responseBody: note.responseBody + Math.round(down.bytes ?? 0),
        }
      : note,
  )
  return {
    ...each,
    ...counts(client, server),
    ...(http ? { http } : {}),
  }
}

/** Talk changed connection by connection; deeds are left alone. */
const inTalk =
  (change: (each: Exchange, hidden: Hidden) => Exchange): Evasion['apply'] =>
  (episodes, hidden) =>
    hidden.deed
      ? [...episodes]
      : episodes.map((episode) => episode.map((each) => (answered(each) ? change(each, hidden) : each)))

const packets: Evasion = {
  name: 'packets',
  doc: 'Packets a flow at random: to a connection of n packets up to 4n more each way, without payload.',
  apply: inTalk((each, { random, strength }) =>
    grown(
      each,
      { packets: random.next() * 4 * strength * each.clientPackets },
      { packets: random.next() * 4 * strength * each.serverPackets },
    ),
  ),
}

const bytes: Evasion = {
  name: 'bytes',
  doc: 'Bytes a packet at random: payload is added up to what the packets that carry some can hold.',
  apply: inTalk((each, { random, strength }) => {
    const room = (payload: number | null) => {
      const held = payload ?? 0
      return Math.max(1, Math.ceil(held / segment)) * segment - held
    }
    return grown(
      each,
      { bytes: Math.floor(random.next() * strength * room(each.clientPayload)) },
      { bytes: Math.floor(random.next() * strength * room(each.serverPayload)) },
    )
  }),
}

const padding: Evasion = {
  name: 'padding',
  doc: 'Padding: up to 30,000 bytes of nothing each way, another number each time.',
  apply: inTalk((each, { random, strength }) =>
    grown(each, { bytes: random.next() * strength * 30_000 }, { bytes: random.next() * strength * 30_000 }),
  ),
}

const intervals: Evasion = {
  name: 'intervals',
  doc: 'Intervals at random: each is mixed with an exponential draw of the same mean; at 1 the calls are a Poisson process.',
  apply(episodes, { bot, deed, random, strength }) {
    if (deed) return [...episodes]
    let drift = 0
    let before = Number.NaN
    return episodes.flatMap((episode) => {
      const at = secondsOf(bot, episode)
      const gap = at - before
      before = at
      // Over two hours of silence the host slept; its clock begins anew.
      if (gap > 7200) drift = 0
      else if (gap > 0) drift += strength * gap * (random.exponential(1) - 1)
      return fitting(bot, later(episode, drift))
    })
  },
}

/** A deed thinned to a thousandth at 1 and spread over all the time that the bot has. */
const slowly =
  (process: string): Evasion['apply'] =>
  (episodes, { bot, process: own, random, strength }) => {
    if (own !== process) return [...episodes]
    const spans = bot.host.on
      .filter(({ to }) => to > bot.since)
      .map(({ from, to }) => ({ from: Math.max(from, bot.since), to }))
    const whole = spans.reduce((sum, { from, to }) => sum + to - from, 0)
    return episodes
      .filter(() => random.next() < 10 ** (-3 * strength))
      .flatMap((episode) => {
        let rest = random.next() * whole
        const span = spans.find(({ from, to }) => {
          rest -= to - from
          return rest < 0
        })
        return span ? fitting(bot, later(episode, span.to + rest - secondsOf(bot, episode))) : []
      })
  }

const slowScan: Evasion = {
  name: 'slow-scan',
  doc: 'Scans slowed: one in ten connections is left at a third, one in a thousand at 1, over all the bot’s time.',
  apply: slowly('scan'),
}

const slowSpam: Evasion = {
  name: 'slow-spam',
  doc: 'Mail slowed: one in ten deliveries is left at a third, one in a thousand at 1, over all the bot’s time.',
  apply: slowly('spam'),
}

const otherDoors = [22, 23, 80, 1433, 3389, 5900, 8080, 6379]

/** Everything that a deed touches outside is another for this bot, and so are its names. */
function aimedElsewhere(episode: Episode, { bot, process, random }: Hidden): Episode {
  const { outside, internal } = bot.network
  const prefix = internal[0]!.split('.').slice(0, 2).join('.')
  const mine = random.split('aim')
  const door = mine.split('door').pick(otherDoors)
  const block = outside.address(mine.split('block')).split('.').slice(0, 2).join('.')
  const address = (given: string) => {
    if (given.startsWith(`${prefix}.`) || !/^[0-9.]+$/.test(given)) return given
    if (process === 'scan') return `${block}.${given.split('.').slice(2).join('.')}`
    return outside.address(mine.split(given))
  }
  const tag = mine.split('tag').integer(10_000)
  const named = (name: string) => (name === '' ? '' : name.replace(/(\w+)\.(\w+)$/, `$1${tag}.$2`))
  const asked = (note: DnsNote): DnsNote => ({
    ...note,
    query: named(note.query),
    answers: note.answers.map((each) => (/^[0-9.]+$/.test(each) ? address(each) : named(each))),
  })
  return episode.map((each) => ({
    ...each,
    server: address(each.server),
    serverPort: process === 'scan' ? door : each.serverPort,
    ...(each.dns ? { dns: asked(each.dns) } : {}),
    ...(each.http
      ? {
          http: each.http.map((note) => ({
            ...note,
            host: named(note.host),
            content: `${note.content} ${tag}`,
          })),
        }
      : {}),
  }))
}

const tasking: Evasion = {
  name: 'tasking',
  doc: 'A task for each: with this chance a bot does its deeds at another hour, to other targets on another port, with another program.',
  apply(episodes, hidden) {
    const { bot, deed, random, strength } = hidden
    if (!deed || random.split('alone').next() >= strength) return [...episodes]
    const shift = random.split('hour').next() * bot.network.length
    return episodes.flatMap((episode) => {
      const at = secondsOf(bot, episode)
      return fitting(bot, later(aimedElsewhere(episode, hidden), ((at + shift) % bot.network.length) - at))
    })
  },
}

const delay: Evasion = {
  name: 'delay',
  doc: 'Deeds later by a day at 1, and with this chance no call to the server on the last day: orders and deeds meet in no epoch.',
  apply(episodes, { bot, deed, random, strength }) {
    const { length } = bot.network
    const last = Math.max(0, length - day)
    if (!deed)
      return episodes.filter((episode) => secondsOf(bot, episode) < last || random.next() >= strength)
    return episodes.flatMap((episode) => {
      const at = secondsOf(bot, episode)
      const then = at + strength * day
      const to = then < length ? then : last + (then % Math.min(day, length))
      return fitting(bot, later(episode, to - at))
    })
  },
}

const siteOf = ({ bot, shared }: Pick<Hidden, 'bot' | 'shared'>) =>
  bot.network.outside.sites[shared.split('site').integer(10)]!

const allowlisted: Evasion = {
  name: 'allowlisted',
  doc: 'Orders through one of the ten most visited sites, over TLS, for this share of the calls.',
  apply(episodes, hidden) {
    const { deed, random, strength } = hidden
    if (deed) return [...episodes]
    const site = siteOf(hidden)
    return episodes.map((episode) => {
      if (random.next() >= strength) return episode
      return episode.map((each): Exchange => {
        if (each.dns)
          return {
            ...each,
            dns: {
              ...each.dns,
              query: site.name,
              answers: each.dns.type === 'A' ? site.addresses : [],
              ttls: each.dns.type === 'A' ? site.addresses.map(() => site.ttl) : [],
            },
          }
        const { http: _http, ...rest } = each
        return {
          ...rest,
          server: site.addresses[0]!,
          serverPort: 443,
          ...(each.proto === 'tcp' && answered(each)
            ? {
                service: 'ssl',
                tls: { name: site.name, version: 'TLSv13', resumed: false, stack: 'browser-b' },
              }
            : {}),
        }
      })
    })
  },
  servers: (given) => siteOf(given).addresses.map((address) => `${address}:443/tcp`),
}

/** 1 to 60 servers after each other. */
const stages = (strength: number): number => Math.max(1, Math.round(60 ** strength))

const stageServer = ({ bot }: Pick<Hidden, 'bot'>, address: string, stage: number) =>
  bot.network.outside.service(`next-${bot.origin}-${address}-${stage}`, 1)

const churn: Evasion = {
  name: 'churn',
  doc: 'Servers one after the other, 60 of them at 1, each with a name of its own.',
  apply(episodes, hidden) {
    const { bot, cnc, deed, strength } = hidden
    const count = stages(strength)
    if (deed || count === 1) return [...episodes]
    const own = new Set(cnc.map((each) => each.slice(0, each.lastIndexOf(':'))))
    return episodes.map((episode) => {
      const stage = Math.floor((secondsOf(bot, episode) / bot.network.length) * count)
      const next = (address: string) => (stage === 0 ? null : stageServer(hidden, address, stage))
      return episode.map((each): Exchange => {
        const told = each.dns?.answers.find((answer) => own.has(answer))
        if (each.dns && told) {
          const server = next(told)
          return server
            ? { ...each, dns: { ...each.dns, query: server.name, answers: server.addresses } }
            : each
        }
        const server = own.has(each.server) ? next(each.server) : null
        if (!server) return each
        return {
          ...each,
          server: server.addresses[0]!,
          ...(each.http ? { http: each.http.map((note) => ({ ...note, host: server.name })) } : {}),
          ...(each.tls ? { tls: { ...each.tls, name: server.name } } : {}),
        }
      })
    })
  },
  servers: (given) =>
    given.cnc.flatMap((each) => {
      const at = each.lastIndexOf(':')
      return Array.from(
        { length: stages(given.strength) - 1 },
        (_, i) => `${stageServer(given, each.slice(0, at), i + 1).addresses[0]}${each.slice(at)}`,
      )
    }),
}

const mimicry: Evasion = {
  name: 'mimicry',
  doc: 'With this chance a call is made when the telemetry of the same host would call, with its sizes, packets and duration; telemetry is what most hosts have.',
  apply(episodes, { bot, deed, random, strength }) {
    if (deed) return [...episodes]
    const model = [
      ...poll.run(
        { ...bot, random: random.split('model') },
        { service: 'telemetry-a', period: 900, jitter: 0.01, up: 1400, down: 650, addresses: 4 },
      ),
    ].flatMap((episode) => episode.filter(({ tls }) => tls !== undefined))
    const taken = new Set<number>()
    return episodes.flatMap((episode) => {
      if (random.next() >= strength) return [episode]
      const start = began(episode)
      const place = model.findIndex((each) => each.start >= start)
      const like = model[place]
      if (!like || taken.has(place)) return []
      taken.add(place)
      return fitting(bot, later(episode, (like.start - start) / 1e6)).map((moved) =>
        moved.map((each) => {
          if (!answered(each)) return each
          const { http: _http, ...rest } = each
          const {
            clientPayload,
            serverPayload,
            clientPackets,
            serverPackets,
            clientIpBytes,
            serverIpBytes,
            state,
            history,
          } = like
          return {
            ...rest,
            ...{ clientPayload, serverPayload, clientPackets, serverPackets, clientIpBytes, serverIpBytes },
            ...(each.proto === 'tcp' ? { state, history, service: 'ssl' } : {}),
            end: Math.min(
              each.start + like.end - like.start,
              bot.network.from + bot.network.length * 1e6 - 1,
            ),
          }
        }),
      )
    })
  },
}

/** Every evasion, as `Infection.evasions` names it. */
export const evasions: readonly Evasion[] = [
  packets,
  bytes,
  padding,
  intervals,
  slowScan,
  slowSpam,
  tasking,
  delay,
  allowlisted,
  churn,
  mimicry,
]

/**
 * The evasion of this name.
 *
 * @throws UserError `scenario-invalid` where there is none, or the strength is not from 0 to 1.
 */
export function evasionNamed(name: string, strength: number): Evasion {
  const found = evasions.find((each) => each.name === name)
  if (!found)
    throw new UserError(
      'scenario-invalid',
      `no evasion is called ${name}`,
      `Use one of: ${evasions.map((each) => each.name).join(', ')}.`,
    )
  if (!(strength >= 0 && strength <= 1))
    throw new UserError(
      'scenario-invalid',
      `the strength ${strength} of ${name} is not from 0 to 1`,
      'Give a share.',
    )
  return found
}

/** Episodes in the order of their beginnings. */
export const inTime = (episodes: readonly Episode[]): Episode[] =>
  episodes.filter((each) => each.length > 0).toSorted((a, b) => began(a) - began(b))
