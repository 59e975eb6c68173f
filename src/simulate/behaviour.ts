import type { Episode } from './exchange.ts'
import type { Actor, Span } from './network.ts'
import { day, isWorkday } from './schedules.ts'

export type Options = Readonly<Record<string, number | string>>

/**
 * Something that a host does all day: a function of its actor (and so of a seed) and options; it never looks at
 * others.
 */
export interface Behaviour<O extends Options = Options> {
  readonly name: string
  readonly doc: string
  readonly defaults: O
  run(actor: Actor, options: O): Iterable<Episode>
}

/** A behaviour with its option types checked here and forgotten in the list. */
export const behaviour = <O extends Options>(given: Behaviour<O>): Behaviour => ({
  ...given,
  run: (actor, options) => given.run(actor, { ...given.defaults, ...options } as O),
})

/**
 * Instants about every `period` seconds while the machine is on.
 *
 * With `jitter` (share of the period, uniform both ways) drawn afresh for each beat; `drift` true counts from the
 * last beat, as a program that sleeps does, false from the clock, as a scheduler does.
 */
export function* beats(
  actor: Actor,
  period: number,
  { jitter = 0.01, drift = true }: { jitter?: number; drift?: boolean } = {},
): Generator<number> {
  for (const span of actor.host.on) {
    let clock = span.from + actor.random.next() * period
    while (clock < span.to) {
      const offset = (actor.random.next() * 2 - 1) * jitter * period
      const at = clock + offset
      if (at >= span.from && at < span.to) yield at
      clock = (drift ? at : clock) + period
    }
  }
}

/** Beginnings of the days, in seconds, those of the weekend left out where only workdays are asked for. */
export function daysOf({ network }: Actor, { workdays = false }: { workdays?: boolean } = {}): number[] {
  return Array.from({ length: Math.ceil(network.length / day) }, (_, i) => i * day).filter(
    (from) => !workdays || isWorkday(network.weekday, from),
  )
}

/**
 * A Poisson process over some spans, `usual` events an hour for a host of usual activity, and no more than `most`
 * times that for one of more.
 */
export function* arrivals(
  actor: Actor,
  spans: readonly Span[],
  usual: number,
  most = Number.POSITIVE_INFINITY,
): Generator<number> {
  const perHour = usual * Math.min(most, actor.host.activityScale ?? 1)
  if (perHour <= 0) return
  for (const span of spans) {
    let at = span.from + actor.random.exponential(3600 / perHour)
    while (at < span.to) {
      yield at
      at += actor.random.exponential(3600 / perHour)
    }
  }
}

/**
 * Bouts of use inside the spans: lognormal lengths with a median of `minutes`, Pareto pauses. ON/OFF sources with
 * heavy tails make traffic bursty at all scales: Crovella and Bestavros, SIGMETRICS 1996.
 */
export function* bouts(
  actor: Actor,
  { minutes = 14, pause = 5 }: { minutes?: number; pause?: number } = {},
): Generator<Span> {
  for (const span of actor.host.used) {
    let from = span.from + actor.random.exponential(120)
    while (from < span.to) {
      const to = Math.min(span.to, from + 60 * Math.min(150, actor.random.logNormal(Math.log(minutes), 0.8)))
      yield { from, to }
      from = to + 60 * Math.min(180, actor.random.pareto(1.3, pause))
    }
  }
}
