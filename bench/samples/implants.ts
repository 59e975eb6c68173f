/** Simulated command and control, as traces of a real capture's own hosts to servers that it never met. */
import { type Random, seeded } from '../../src/math/random.ts'
import { micros } from '../../src/model/units.ts'
import type { Trace } from '../../src/traces/trace.ts'

interface ImplantPlan {
  readonly seed: number
  readonly count: number
  readonly hosts: readonly string[]
  /** Microseconds that the capture covers. */
  readonly first: number
  readonly last: number
  /** Whether records name servers: then every second implant's is named. */
  readonly named: boolean
}

/**
 * Callers by the clock (period 5 s to 2 h, jitter 0 to 50 %, missed beats 0 to 30 %, half of them for the whole of the
 * capture, as machines that were infected before it, others for a tenth of it and more; one in seven to a dead server,
 * three in ten with padded sizes) and, one in three, a connection held open with keep-alives, mostly to the end.
 */
export function implants({ seed, count, hosts, first, last, named }: ImplantPlan): Trace[] {
  const root = seeded(`implants ${seed}`)
  const span = (last - first) / 1e6
  return Array.from({ length: count }, (_, i) => {
    const random = root.split(i)
    const made = (random.next() < 1 / 3 ? held : calls)(random, span)
    const name = named && random.next() < 0.5 ? `c${seed}-${i}.example` : null
    return traceOf(made, { client: random.pick(hosts), port: portOf(random), first, name, number: i })
  })
}

export interface Call {
  /** Seconds from the capture's first. */
  readonly at: number
  readonly duration: number
  readonly sent: number
  readonly received: number
  readonly answered: boolean
}

/** A trace from its calls, in order. */
export function traceOf(
  made: readonly Call[],
  {
    client,
    port,
    first,
    name,
    number,
  }: { client: string; port: number; first: number; name: string | null; number: number },
): Trace {
  const column = (of: (call: Call) => number) => Float64Array.from(made, of)
  const start = column(({ at }) => Math.round(first + at * 1e6))
  return {
    client,
    servers: [`45.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`],
    serverPort: port,
    proto: 'tcp',
    name,
    by: 'address',
    connections: made.length,
    stitched: 0,
    failed: made.filter(({ answered }) => !answered).length,
    midstream: 0,
    firstStart: micros(start[0] ?? first),
    lastEnd: micros(start[start.length - 1] ?? first),
    calls: {
      start,
      duration: column(({ duration }) => duration),
      sent: column(({ sent }) => sent),
      received: column(({ received }) => received),
      bytes: column(({ sent, received }) => sent + received),
      packets: column(
        ({ sent, received, answered }) => (answered ? 9 : 3) + Math.ceil(sent / 150 + received / 150),
      ),
    },
    flows: [],
  }
}

function portOf(random: Random): number {
  const draw = random.next()
  if (draw < 0.4) return 443
  if (draw < 0.55) return 80
  if (draw < 0.65) return random.pick([8080, 8443, 4444, 1177, 5552, 7707])
  return 1024 + random.integer(50000)
}

function calls(random: Random, span: number): Call[] {
  const active = span * (random.next() < 0.5 ? 1 : 0.1 + 0.9 * random.next())
  const period = Math.exp(Math.log(5) + random.next() * Math.log(Math.max(2, Math.min(7200, active / 6) / 5)))
  return clockwork(random, {
    from: random.next() * (span - active),
    active,
    period,
    jitter: random.next() < 0.3 ? 0.02 : 0.5 * random.next(),
    missed: random.next() < 0.5 ? 0 : 0.3 * random.next(),
    answered: random.next() > 1 / 7,
    padding: random.next() < 0.3 ? 2 * random.next() : 0,
  })
}

interface Clockwork {
  readonly from: number
  readonly active: number
  readonly period: number
  /** Each interval is off by up to this share. */
  readonly jitter: number
  readonly missed: number
  readonly answered: boolean
  /** Each size grows by up to this share, at random. */
  readonly padding?: number
}

/** Calls by the clock with sizes of their own, some of them with a task to carry. */
export function clockwork(
  random: Random,
  { from, active, period, jitter, missed, answered, padding = 0 }: Clockwork,
): Call[] {
  const base = { sent: 150 + random.integer(1500), received: 100 + random.integer(4000) }
  const task = 0.15 * random.next()
  const padded = () => (padding === 0 ? 1 : 1 + padding * random.next())
  const made: Call[] = []
  for (
    let at = from;
    at < from + active && made.length < 5000;
    at += period * (1 + jitter * (2 * random.next() - 1))
  ) {
    const tasked = random.next() < task
    if (random.next() < missed) continue
    made.push({
      at,
      duration: answered ? 0.1 + random.exponential(0.8) : 0,
      sent: answered ? Math.round(base.sent * (tasked ? 1 + random.exponential(3) : 1) * padded()) : 180,
      received: answered
        ? Math.round(base.received * (tasked ? 1 + random.exponential(5) : 1) * padded())
        : 0,
      answered,
    })
  }
  return made
}

function held(random: Random, span: number): Call[] {
  const duration = Math.min(
    span * 0.98,
    Math.exp(Math.log(40) + random.next() * Math.log(Math.max(2, span / 40))),
  )
  const rate = 3 + random.exponential(40)
  const upload = 0.25 + 0.6 * random.next()
  const bytes = 800 + rate * duration
  return [
    {
      at: (random.next() < 0.7 ? 1 : random.next()) * (span - duration),
      duration,
      sent: Math.round(bytes * upload),
      received: Math.round(bytes * (1 - upload)),
      answered: true,
    },
  ]
}
