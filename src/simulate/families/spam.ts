import { deliver } from '../behaviours/mail.ts'
import type { Episode } from '../exchange.ts'
import { type Bot, carriedOut, type Order } from '../family.ts'
import type { Service } from '../outside.ts'

interface Campaign {
  /** Mail servers of the recipients of the whole botnet; each bot is given its own part, parts overlap. */
  readonly readers: readonly Service[]
  readonly perMinute: number
}

/**
 * Spam as a bot sends it: straight to the recipients' mail servers, in clusters, a good part turned away because
 * the sender is on a list (Ramachandran and Feamster, "Understanding the network-level behavior of spammers",
 * SIGCOMM 2006).
 */
export function* spam(
  bot: Bot,
  campaigns: readonly Order[],
  { readers, perMinute }: Campaign,
): Generator<Episode> {
  const { random } = bot

  for (const { span } of carriedOut(bot, campaigns, { obedience: 0.85, latency: 150 })) {
    const part = random
      .shuffle([...readers])
      .slice(0, Math.ceil(readers.length * (0.3 + 0.5 * random.next())))
    const bytes = 1800 + random.integer(5000)
    const rate = perMinute * random.logNormal(0, 0.4)
    for (let at = span.from; at < span.to; at += random.exponential(60 / rate)) {
      yield deliver(bot, at, random.pick(part), {
        bytes: bytes + random.integer(400),
        turnedAway: 0.3,
        gone: 0.12,
      })
    }
  }
}
