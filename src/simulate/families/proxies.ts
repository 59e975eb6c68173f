/**
 * Blind proxies: infected machines that pass on what strangers send, to hide who answers.
 *
 * A front end of a fast-flux network takes HTTP requests and fetches each from the mothership (Honeynet Project,
 * "Know your enemy: fast-flux service networks", 2007; Holz et al., NDSS 2008); a SOCKS proxy that is rented out
 * calls whatever its users name (Mi et al., "Resident evil: understanding residential IP proxy as a dark service",
 * S&P 2019). The proxy adds or takes off a header, answers some requests itself, and waits for the other side as
 * the network has it.
 */
import type { Random } from '../../math/random.ts'
import type { Episode } from '../exchange.ts'
import { alive, type Bot } from '../family.ts'
import type { Network } from '../network.ts'
import { tcp } from '../wire.ts'

interface ProxyPlan {
  readonly port: number
  /** Where requests go: one mothership, or a new place for most. */
  readonly mothership: string | null
  readonly perHour: number
  /** Median seconds to the outbound call. */
  readonly lag: number
  /** Most bytes that the proxy adds to a request. */
  readonly header: number
  /** Share that it answers itself. */
  readonly cached: number
}

export const proxyPlan = (network: Network, random: Random): ProxyPlan => ({
  port: random.pick([80, 8080, 1080, 3128, 1024 + random.integer(60_000)]),
  mothership: random.next() < 0.6 ? network.outside.address(random) : null,
  perHour: 8 + random.exponential(80),
  lag: 0.01 + random.exponential(0.3),
  header: random.pick([0, 30, 90, 250]),
  cached: 0.3 * random.next(),
})

export function* passOn(bot: Bot, plan: ProxyPlan): Generator<Episode> {
  const { random, network } = bot
  const callers = Array.from({ length: 20 + random.integer(300) }, () => network.outside.address(random))

  for (const { from, to } of alive(bot))
    for (let at = from + 10; at < to; at += random.exponential(3600 / plan.perHour)) {
      const up = 200 + random.integer(900)
      const down = Math.round(Math.min(5e6, random.pareto(0.9, 900)))
      const lag = plan.lag * (0.5 + random.exponential(0.7))
      const inner = 0.1 + random.exponential(1.5) + down / 2e5
      const call = tcp(bot, {
        at,
        client: random.pick(callers),
        clientPort: 1024 + random.integer(60_000),
        server: bot.host.address,
        port: plan.port,
        duration: inner + lag + random.exponential(0.3),
        up,
        down,
      })
      if (random.next() < plan.cached) yield [call]
      else
        yield [
          call,
          tcp(bot, {
            at: at + lag,
            server: plan.mothership ?? network.outside.address(random),
            port: plan.mothership ? plan.port : random.pick([80, 443, 443, 25, 8080]),
            duration: inner,
            up: up + random.integer(plan.header + 1),
            down,
          }),
        ]
    }
}
