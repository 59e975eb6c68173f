/**
 * What herders do so that their bots are not seen: transformations of what a bot's processes yield.
 *
 * Each is tried with a strength from 0, nothing, to 1. They are those that the papers name: Gu et al., BotMiner 2008,
 * section 4.4 (random packets and bytes, mimicry, allowed sites, slow or single tasks, delay, differing servers);
 * Tegeler et al., BotFinder 2012, section 6 (random intervals, padding, changing servers). What "1" means is our
 * choice and stands with each. An evasion knows the bot, never a detector.
 */
import { UserError } from '../errors.ts'
import { type Evasion, fitting, grown, type Hidden, inTalk, later, secondsOf, segment } from './evasion.ts'
import { allowlisted, churn, mimicry } from './evasive-servers.ts'
import type { DnsNote, Episode } from './exchange.ts'
import { day } from './schedules.ts'

export const packets: Evasion = {
  name: 'packets',
  doc: 'Random packets per flow: to a connection of n packets up to 4n more each way, without payload.',
  apply: inTalk((each, { random, strength }) =>
    grown(
      each,
      { packets: random.next() * 4 * strength * each.clientPackets },
      { packets: random.next() * 4 * strength * each.serverPackets },
    ),
  ),
}

export const bytes: Evasion = {
  name: 'bytes',
  doc: 'Random bytes per packet: payload is added up to what the packets that carry some can hold.',
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
  doc:
    'Intervals at random: each is mixed with an exponential ' +
    'draw of the same mean; at 1 the calls are a Poisson process.',
  apply(episodes, { bot, isTask, random, strength }) {
    if (isTask) return [...episodes]
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

/** An activity thinned to a thousandth at 1 and spread over all the time that the bot has. */
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

/** Everything that an activity touches outside is another for this bot, and so are its names. */
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
  doc:
    'A task for each: with this chance a bot does its activities at ' +
    'another hour, to other targets on another port, with another program.',
  apply(episodes, hidden) {
    const { bot, isTask, random, strength } = hidden
    if (!isTask || random.split('alone').next() >= strength) return [...episodes]
    const shift = random.split('hour').next() * bot.network.length
    return episodes.flatMap((episode) => {
      const at = secondsOf(bot, episode)
      return fitting(bot, later(aimedElsewhere(episode, hidden), ((at + shift) % bot.network.length) - at))
    })
  },
}

const delay: Evasion = {
  name: 'delay',
  doc:
    'Activities later by a day at 1, and with this chance no call to ' +
    'the server on the last day: orders and activities meet in no epoch.',
  apply(episodes, { bot, isTask, random, strength }) {
    const { length } = bot.network
    const last = Math.max(0, length - day)
    if (!isTask)
      return episodes.filter((episode) => secondsOf(bot, episode) < last || random.next() >= strength)
    return episodes.flatMap((episode) => {
      const at = secondsOf(bot, episode)
      const then = at + strength * day
      const to = then < length ? then : last + (then % Math.min(day, length))
      return fitting(bot, later(episode, to - at))
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
      `the strength ${strength} of ${name} is not between 0 and 1`,
      'Give a number from 0 to 1.',
    )
  return found
}
