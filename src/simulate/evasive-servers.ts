import { poll } from './behaviours/clockwork.ts'
import { answered, began, type Evasion, fitting, type Hidden, later, secondsOf } from './evasion.ts'
import type { Exchange } from './exchange.ts'

const siteOf = ({ bot, shared }: Pick<Hidden, 'bot' | 'shared'>) =>
  bot.network.outside.sites[shared.split('site').integer(10)]!

export const allowlisted: Evasion = {
  name: 'allowlisted',
  doc: 'Orders through one of the ten most visited sites, over TLS, for this share of the calls.',
  apply(episodes, hidden) {
    const { isTask, random, strength } = hidden
    if (isTask) return [...episodes]
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

export const churn: Evasion = {
  name: 'churn',
  doc: 'Servers one after the other, 60 of them at 1, each with a name of its own.',
  apply(episodes, hidden) {
    const { bot, cnc, isTask, strength } = hidden
    const count = stages(strength)
    if (isTask || count === 1) return [...episodes]
    const own = new Set(cnc.map((each) => each.slice(0, each.lastIndexOf(':'))))

    return episodes.map((episode) => {
      const stage = Math.floor((secondsOf(bot, episode) / bot.network.length) * count)
      const next = (address: string) => (stage === 0 ? null : stageServer(hidden, address, stage))
      return episode.map((each): Exchange => {
        const ownAnswer = each.dns?.answers.find((answer) => own.has(answer))
        if (each.dns && ownAnswer) {
          const server = next(ownAnswer)
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

export const mimicry: Evasion = {
  name: 'mimicry',
  doc:
    'With this chance a call is made when the telemetry of the same host would ' +
    'call, with its sizes, packets and duration; telemetry is what most hosts have.',
  apply(episodes, { bot, isTask, random, strength }) {
    if (isTask) return [...episodes]

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
