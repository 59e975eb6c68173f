/** When machines run and when people sit at them, in seconds of the day. */
import type { Random } from '../math/random.ts'
import type { Role, Span } from './network.ts'

const hour = 3600

const clipped = (spans: readonly Span[], length: number): Span[] =>
  spans
    .map(({ from, to }) => ({ from: Math.max(0, from), to: Math.min(length, to) }))
    .filter(({ from, to }) => to - from > 60)

interface Schedule {
  readonly on: readonly Span[]
  readonly used: readonly Span[]
}

/** A working day with a lunch break; one in three machines is left on over night, one in twelve people is away. */
function staff(random: Random, length: number): Schedule {
  const arrive = random.normal(8.7 * hour, 0.8 * hour)
  const leave = Math.max(arrive + 3 * hour, random.normal(17.3 * hour, 1.1 * hour))
  const lunch = random.normal(12.2 * hour, 0.4 * hour)
  const back = lunch + Math.max(0.3 * hour, random.normal(0.75 * hour, 0.2 * hour))
  const leftOn = random.next() < 0.35
  const away = random.next() < 0.08
  if (away) return { on: leftOn ? [{ from: 0, to: length }] : [], used: [] }
  return {
    on: leftOn ? [{ from: 0, to: length }] : clipped([{ from: arrive - 90, to: leave + 200 }], length),
    used: clipped(
      [
        { from: arrive, to: Math.min(lunch, leave) },
        { from: back, to: leave },
      ],
      length,
    ),
  }
}

/** Two to four stays between late morning and long after midnight; the night before runs into the day. */
function student(random: Random, length: number): Schedule {
  const used: Span[] = []
  if (random.next() < 0.3) used.push({ from: 0, to: random.exponential(1.2 * hour) })
  let from = random.normal(10.5 * hour, 1.8 * hour)
  while (from < 23.5 * hour) {
    const to = from + Math.max(0.4 * hour, random.exponential(2.6 * hour))
    used.push({ from, to })
    from = to + 0.3 * hour + random.exponential(1.1 * hour)
  }
  const leftOn = random.next() < 0.3
  const on = leftOn
    ? [{ from: 0, to: length }]
    : used.map((span) => ({ from: span.from - 60, to: span.to + 240 }))
  return { on: clipped(merged(on), length), used: clipped(used, length) }
}

function merged(spans: readonly Span[]): Span[] {
  const out: Span[] = []
  for (const span of spans) {
    const last = out.at(-1)
    if (last && span.from <= last.to)
      out[out.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else out.push(span)
  }
  return out
}

/** Booked by one person after another while the building is open. */
function lab(random: Random, length: number): Schedule {
  const used: Span[] = []
  let from = 8 * hour + random.exponential(1.5 * hour)
  while (from < 20 * hour) {
    const to = Math.min(20 * hour, from + 0.3 * hour + random.exponential(1.2 * hour))
    used.push({ from, to })
    from = to + random.exponential(0.8 * hour) + 300
  }
  return { on: clipped([{ from: 7.5 * hour, to: 20.3 * hour }], length), used: clipped(used, length) }
}

/** Short looks all day long. */
function phone(random: Random, length: number): Schedule {
  const used: Span[] = []
  const asleep = random.normal(23.4 * hour, 0.8 * hour)
  let from = random.normal(7.4 * hour, 0.7 * hour)
  while (from < asleep) {
    const to = from + 90 + random.exponential(420)
    used.push({ from, to })
    from = to + random.pareto(1.2, 420)
  }
  // A phone that leaves the campus leaves its network.
  const here = random.next() < 0.4
  return {
    on: here
      ? [{ from: 0, to: length }]
      : clipped([{ from: used[0]?.from ?? 0, to: Math.min(asleep, 19 * hour) }], length),
    used: clipped(here ? used : used.filter((span) => span.to < 19 * hour), length),
  }
}

/** Scenarios longer than a day repeat the kind of day with fresh chance. */
export function scheduleOf(role: Role, random: Random, length: number): Schedule {
  const kinds: Partial<Record<Role, (random: Random, length: number) => Schedule>> = {
    staff,
    student,
    lab,
    phone,
  }
  const kind = kinds[role]
  if (!kind) return { on: [{ from: 0, to: length }], used: [] }
  const days = Array.from({ length: Math.ceil(length / (24 * hour)) }, (_, day) => {
    const shifted = ({ from, to }: Span): Span => ({ from: from + day * 24 * hour, to: to + day * 24 * hour })
    const one = kind(random.split(`day ${day}`), Math.min(24 * hour, length - day * 24 * hour))
    return { on: one.on.map(shifted), used: one.used.map(shifted) }
  })
  return { on: merged(days.flatMap((day) => day.on)), used: merged(days.flatMap((day) => day.used)) }
}

/** How busy the outside's visitors are at this second of the day: 1 on average, least at 5 in the morning. */
export const tide = (at: number): number => 1 - 0.55 * Math.cos(((at - 5 * hour) / (24 * hour)) * 2 * Math.PI)
