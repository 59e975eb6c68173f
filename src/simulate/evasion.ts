import type { Random } from '../math/random.ts'
import type { Episode, Exchange } from './exchange.ts'
import type { Bot } from './family.ts'
import { counts } from './wire.ts'

/** What an evasion is given: one process of one bot. */
export interface Hidden {
  readonly bot: Bot
  /** address:port/proto of those who give orders. */
  readonly cnc: readonly string[]
  /** Whether the process carries out orders; else it talks to those who give them. */
  readonly isTask: boolean
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

export const segment = 1448

export const began = (episode: Episode): number =>
  episode.reduce((least, { start }) => Math.min(least, start), Infinity)

export const secondsOf = (bot: Bot, episode: Episode): number => (began(episode) - bot.network.from) / 1e6

export const later = (episode: Episode, seconds: number): Episode => {
  const shift = Math.round(seconds * 1e6)
  return episode.map((each) => ({ ...each, start: each.start + shift, end: each.end + shift }))
}

/** An episode that fits: its host runs when it begins, and what outlasts the scenario is cut. */
export function fitting(bot: Bot, episode: Episode): Episode[] {
  const at = secondsOf(bot, episode)
  const last = bot.network.from + bot.network.length * 1e6 - 1
  if (!bot.host.on.some(({ from, to }) => from <= at && at < to)) return []
  const kept = episode.filter(({ start }) => start <= last)
  return kept.length === 0 ? [] : [kept.map((each) => ({ ...each, end: Math.min(each.end, last) }))]
}

export const answered = ({ clientPayload, serverPackets, service }: Exchange): boolean =>
  serverPackets > 0 && (clientPayload ?? 0) > 0 && service !== 'dns'

interface Growth {
  /** Payload added each way, in bytes. */
  readonly bytes?: number
  /** Packets added each way. */
  readonly packets?: number
}

/** More payload or more packets; headers stay as large as they were, HTTP bodies grow with the payload. */
export function grown(each: Exchange, up: Growth, down: Growth): Exchange {
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

/** Talk changed connection by connection; activities are left alone. */
export const inTalk =
  (change: (each: Exchange, hidden: Hidden) => Exchange): Evasion['apply'] =>
  (episodes, hidden) =>
    hidden.isTask
      ? [...episodes]
      : episodes.map((episode) => episode.map((each) => (answered(each) ? change(each, hidden) : each)))

/** Episodes in the order of their beginnings. */
export const inTime = (episodes: readonly Episode[]): Episode[] =>
  episodes.filter((each) => each.length > 0).toSorted((a, b) => began(a) - began(b))
