/**
 * A bot from its infection on, over days: a page that exploits, a program, calls to servers that change, a scan for
 * the next victims, mail, new versions.
 *
 * The stages are those of an infection dialogue (Gu et al., "BotHunter", USENIX Security 2007, section 3: exploit,
 * egg download, C&C, outbound scan and attack). The way in, by a page that a person happens to visit, and the
 * clocks are Torpig's (Stone-Gross et al., "Your botnet is my botnet", CCS 2009: the program that loads it asks
 * every two hours, the bot reports every twenty minutes; the name that it calls changes, there by the week, here by
 * the day). That orders are days apart is what BotMiner names as its limit (section 4.4). Sizes are assumed.
 */
import type { Random } from '../../math/random.ts'
import type { Episode, Exchange } from '../exchange.ts'
import { alive, type Bot, family, type Order, obeyed, orders, type Plan } from '../family.ts'
import type { Network } from '../network.ts'
import type { Service } from '../outside.ts'
import { day } from '../schedules.ts'
import { ask, found, gone, plain, request } from '../talks.ts'
import { refused, unanswered } from '../wire.ts'
import { spam } from './spam.ts'

interface StagedPlan extends Plan {
  /** Pages that send their visitors on, as they were broken into. */
  readonly lures: readonly Service[]
  readonly exploit: Service
  readonly store: Service
  /** One for each day, called by its name; the last of the days before is still tried first. */
  readonly servers: readonly Service[]
  readonly sample: { readonly name: string; readonly bytes: number }
  readonly scans: readonly Order[]
  readonly campaigns: readonly Order[]
  readonly updates: readonly Order[]
  readonly readers: readonly Service[]
  readonly prefix: string
}

function plan({ outside, length }: Network, random: Random): StagedPlan {
  const named = (label: string) => outside.service(`${label}-${random.integer(1e9)}`, 1)
  const servers = Array.from({ length: Math.ceil(length / day) }, (_, i) => named(`staged-${i}`))
  const part = (count: number, from: number, to: number, seconds: number) =>
    orders(random, { count, from: from * length, to: to * length, seconds })

  return {
    cnc: servers.map(({ addresses }) => `${addresses[0]}:80/tcp`),
    lures: Array.from({ length: 3 }, () => outside.sites[outside.rank(random, 2000)]!),
    exploit: named('staged-kit'),
    store: named('staged-store'),
    servers,
    sample: { name: `staged sample ${random.integer(1e9)}`, bytes: 70_000 + random.integer(240_000) },
    scans: part(1, 0.3, 0.5, 700),
    campaigns: part(2, 0.55, 0.95, 1800),
    updates: part(Math.max(1, Math.ceil(length / day) - 1), 0.25, 0.95, 60),
    readers: random.shuffle([...outside.mailServers]).slice(0, 200),
    prefix: outside.address(random).split('.').slice(0, 2).join('.'),
  }
}

/** The program, from where it lies, as one connection. */
function fetched(bot: Bot, at: number, { store, sample }: StagedPlan, version: string): Exchange[] {
  const file = request({
    host: store.name,
    uri: `/l/${version}.exe`,
    responseBody: sample.bytes,
    mime: 'application/x-dosexec',
    content: `${sample.name} ${version}`,
  })
  const duration = 0.3 + sample.bytes / bot.random.logNormal(Math.log(4e5), 0.6)
  return [ask(bot, at, found(store)), plain(bot, { to: store, at: at + 0.08, duration, requests: [file] })]
}

/** A page, what it was made to load, and the program; only of bots that were clean when the records began. */
function* infect(bot: Bot, botnet: StagedPlan): Generator<Episode> {
  const first = bot.since > 0 ? alive(bot)[0] : undefined
  if (!first) return
  const { random } = bot

  const visit = (to: Service, at: number, responseBody: number, mime: string) => {
    const page = request({
      host: to.name,
      uri: '/',
      responseBody,
      mime,
      content: `${to.name} ${responseBody}`,
    })
    return [
      ask(bot, at, found(to)),
      plain(bot, { to, at: at + 0.06, duration: 0.5 + random.next(), requests: [page] }),
    ]
  }

  const at = first.from

  yield [
    ...visit(random.pick(botnet.lures), at, 30_000 + random.integer(40_000), 'text/html'),
    ...visit(botnet.exploit, at + 1.5, 18_000 + random.integer(9000), 'application/pdf'),
    ...fetched(bot, at + 5 + random.exponential(4), botnet, 'a'),
  ]
}

/** Every twenty minutes a report; the name of yesterday is tried first in one of ten, and is gone. */
function* call(bot: Bot, { servers }: StagedPlan): Generator<Episode> {
  const { random } = bot

  for (const { from, to } of alive(bot))
    for (let at = from + 30; at < to; at += Math.max(60, random.normal(1200, 25))) {
      const today = Math.min(servers.length - 1, Math.floor(at / day))
      const server = servers[today]!
      if (today > 0 && random.next() < 0.1) yield [ask(bot, at - 2, gone(servers[today - 1]!.name))]
      if (random.next() < 0.03) {
        yield [
          ask(bot, at, found(server)),
          unanswered(bot, { at: at + 0.05, server: server.addresses[0]!, port: 80 }),
        ]
        continue
      }
      const report = request({
        host: server.name,
        uri: `/${bot.index}/r`,
        method: 'POST',
        requestBody: 200 + Math.round(random.exponential(900)),
        responseBody: random.next() < 0.06 ? 4000 + random.integer(9000) : 24 + random.integer(40),
        mime: 'text/plain',
        content: `${bot.index} ${at}`,
      })
      yield [
        ask(bot, at, found(server)),
        plain(bot, {
          to: server,
          at: at + 0.06,
          duration: 0.3 + random.exponential(0.3),
          requests: [report],
        }),
      ]
    }
}

/** What was loaded first looks for something newer every two hours. */
function* load(bot: Bot, { store }: StagedPlan): Generator<Episode> {
  const { random } = bot
  for (const { from, to } of alive(bot))
    for (let at = from + 200; at < to; at += random.normal(7200, 120)) {
      const news = request({
        host: store.name,
        uri: '/l/v',
        responseBody: 12,
        mime: 'text/plain',
        content: `${at}`,
      })
      yield [
        ask(bot, at, found(store)),
        plain(bot, { to: store, at: at + 0.06, duration: 0.4, requests: [news] }),
      ]
    }
}

function* scan(bot: Bot, { scans, prefix }: StagedPlan): Generator<Episode> {
  const { random } = bot
  for (const each of scans) {
    const span = obeyed(bot, each)
    if (!span) continue
    for (let at = span.from; at < span.to; at += random.exponential(0.6)) {
      const to = { at, server: `${prefix}.${random.integer(256)}.${1 + random.integer(254)}`, port: 445 }
      yield [random.next() < 0.9 ? unanswered(bot, to, 2) : refused(bot, to, 0.14)]
    }
  }
}

function* upgrade(bot: Bot, botnet: StagedPlan): Generator<Episode> {
  for (const [i, each] of botnet.updates.entries()) {
    const span = obeyed(bot, each, { obedience: 0.85, latency: 300 })
    if (span) yield fetched(bot, span.from, botnet, `b${i}`)
  }
}

export const staged = family<StagedPlan>({
  name: 'staged',
  doc:
    'A life over days: infected by a page, reports at regular ' +
    'intervals to the server of the day, then a scan, mail, new versions.',
  topology: 'star',
  activities: ['download', 'scan', 'spam'],
  plan,
  processes: {
    infect,
    call,
    load,
    scan,
    spam: (bot, { campaigns, readers }) => spam(bot, campaigns, { readers, perMinute: 12 }),
    upgrade,
  },
})
