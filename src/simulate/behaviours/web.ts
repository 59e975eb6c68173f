/** People on the web. */
import { arrivals, behaviour, bouts, daysOf } from '../behaviour.ts'
import type { Episode, Exchange } from '../exchange.ts'
import type { Actor } from '../network.ts'
import type { Site } from '../outside.ts'
import { ask, failedTry, lookups, plain, type Remembered, request, secure } from '../talks.ts'
import { tcp } from '../wire.ts'

interface Browser {
  readonly actor: Actor
  readonly own: readonly Site[]
  readonly remembered: Remembered
  /** Connections that are still open and will be used again, by site. */
  readonly open: Map<string, number>
  readonly proxy: string | null
}

/** Half of the pages are of a few dozen sites that this person likes. */
function choose({ actor, own }: Browser): Site {
  const { outside } = actor.network
  return actor.random.next() < 0.55
    ? own[outside.rank(actor.random, own.length, 0.8)]!
    : outside.sites[outside.rank(actor.random, outside.sites.length)]!
}

function connect(browser: Browser, site: Site, at: number, size: number): Exchange[] {
  const { actor, remembered, open, proxy } = browser
  const { random } = actor

  if (proxy !== null) {
    const duration = 0.3 + Math.min(300, random.logNormal(Math.log(6), 1.4))
    return [
      tcp(actor, {
        at,
        server: proxy,
        port: 3128,
        duration,
        up: 900 + random.exponential(2000),
        down: size,
        turns: 3,
        service: 'http',
      }),
    ]
  }

  if ((open.get(site.name) ?? -1) > at) return []
  const asked = lookups(actor, at, site, remembered)
  const start = at + (asked.length > 0 ? 0.02 : 0) + random.next() * 0.01

  if (random.next() < 0.008)
    return [...asked, failedTry(actor, start, random.pick(site.addresses), site.secure ? 443 : 80)]

  const stays = Math.min(900, random.logNormal(Math.log(22), 1.1))
  const duration = 6 * site.latency + size / 2.5e6 + stays
  open.set(site.name, start + duration)

  if (site.secure) {
    const up = Math.min(3e6, random.logNormal(Math.log(1500), 0.9))
    return [
      ...asked,
      secure(actor, { to: site, at: start, duration, up, down: size, turns: 1 + random.poisson(3) }),
    ]
  }

  const requests = Array.from({ length: 1 + random.poisson(1.5) }, (_, i) =>
    request({
      after: 2 * site.latency + i * 0.12,
      host: site.name,
      uri:
        i === 0
          ? `/${random.pick(['', 'news', 'article', 'index.html', 'page'])}`
          : `/static/${random.integer(500)}.${random.pick(['js', 'css', 'png', 'jpg'])}`,
      responseBody: Math.round(i === 0 ? size * 0.5 : random.logNormal(Math.log(9000), 1.2)),
      mime:
        i === 0
          ? 'text/html'
          : random.pick(['image/jpeg', 'image/png', 'text/plain', 'application/javascript']),
      status: random.next() < 0.9 ? 200 : random.pick([304, 404, 302]),
    }),
  )

  return [...asked, plain(actor, { to: site, at: start, duration, requests })]
}

function page(browser: Browser, at: number): Exchange[] {
  const { actor } = browser
  const { random, network } = actor
  const site = choose(browser)
  const size = Math.min(6e7, random.logNormal(Math.log(38_000), 1.5))
  const all = connect(browser, site, at, size)
  const parties = random.poisson(site.parties)
  for (let i = 0; i < parties; i++) {
    const party = network.outside.parties[network.outside.rank(random, network.outside.parties.length)]!
    const small = Math.min(5e6, random.logNormal(Math.log(9000), 1.4))
    all.push(...connect(browser, party, at + 0.15 + random.exponential(0.5), small))
  }
  return all
}

export const browse = behaviour({
  name: 'browse',
  doc:
    'Pages in bouts, read for a heavy-tailed while; third ' +
    'parties beside each; connections kept open and used again.',
  defaults: { think: 150, proxy: 0 },
  *run(actor, { think, proxy }) {
    const { random, network } = actor

    const browser: Browser = {
      actor,
      own: Array.from(
        { length: 25 + random.integer(30) },
        () => network.outside.sites[network.outside.rank(random, 4000, 0.7)]!,
      ),
      remembered: new Map(),
      open: new Map(),
      proxy: proxy === 0 ? null : network.hostsOf('proxy')[0]!.address,
    }

    const eagerness = random.logNormal(0, 0.6) * Math.min(8, actor.host.activityScale ?? 1)

    for (const bout of bouts(actor)) {
      let at = bout.from
      while (at < bout.to) {
        const made = page(browser, at)
        if (made.length > 0) yield made
        at += Math.min(900, 2 + random.logNormal(Math.log(think / eagerness), 1.1))
      }
    }
  },
})

export const fetchForOthers = behaviour({
  name: 'fetch-for-others',
  doc: 'The proxy: pages from everywhere, for the machines that may not go out themselves.',
  defaults: { perHour: 170 },
  *run(actor, { perHour }) {
    const browser: Browser = {
      actor,
      own: actor.network.outside.sites.slice(0, 40),
      remembered: new Map(),
      open: new Map(),
      proxy: null,
    }
    const open = daysOf(actor, { workdays: true }).map((from) => ({
      from: from + 8 * 3600,
      to: Math.min(from + 20 * 3600, actor.network.length),
    }))
    for (const at of arrivals(actor, open, perHour)) {
      const made = page(browser, at)
      if (made.length > 0) yield made
    }
  },
})

export const mistype = behaviour({
  name: 'mistype',
  doc: 'Names that do not exist: slips of the finger, names with the search suffix added, dead links, discovery.',
  defaults: { perHour: 5 },
  *run(actor, { perHour }) {
    const { random, network } = actor
    // A machine that moves ten times the bytes of others has no person with ten times the fingers.
    for (const at of arrivals(actor, actor.host.used, perHour, 2)) {
      const name = random.pick(network.outside.sites).name
      const wrong =
        random.next() < 0.4
          ? `${name}.${network.domain}`
          : random.next() < 0.5
            ? name.replace(/[aeiou]/, '')
            : `wpad.${network.domain}`
      const code = random.next() < 0.93 ? 'NXDOMAIN' : random.next() < 0.7 ? 'SERVFAIL' : null
      const one = (type: string, when: number) =>
        ask(actor, when, { query: wrong, type, code, answers: [], ttls: [] })
      yield random.next() < 0.5 ? [one('A', at), one('AAAA', at + 0.001)] : [one('A', at)]
    }
  },
})

export const downloadProgram = behaviour({
  name: 'download-program',
  doc:
    'Once or twice a day somebody fetches an installer from a little-known site; some take the ' +
    'same one as others do. BotMiner’s false positives were mostly these (2008, section 4.3).',
  defaults: { perHour: 0.25, shared: 0.35 },
  *run(actor, { perHour, shared }) {
    const { random, network } = actor
    const remembered: Remembered = new Map()

    for (const at of arrivals(actor, actor.host.used, perHour)) {
      const title = random.next() < shared ? `tool-${random.integer(6)}` : `tool-${random.integer(1e6)}`
      const site = network.outside.service(`downloads-${random.next() < 0.5 ? title : random.integer(80)}`, 1)
      const size = Math.round(Math.min(3e8, random.logNormal(Math.log(4e6), 1.4)))
      const asked = lookups(actor, at, site, remembered)
      const file = request({
        host: site.name,
        uri: `/files/${title}-setup.exe`,
        responseBody: size,
        mime: 'application/x-dosexec',
        content: title,
      })
      const start = at + 0.05
      yield [
        ...asked,
        plain(actor, {
          to: site,
          at: start,
          duration: 0.4 + size / random.logNormal(Math.log(2.5e6), 0.6),
          requests: [file],
        }),
      ] satisfies Episode
    }
  },
})
