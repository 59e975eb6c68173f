/** When machines run and when people sit at them, in seconds of the day. */
import type { Random } from '../math/random.ts'
import type { Role, Span } from './network.ts'

const hour = 3600
export const day = 24 * hour

/**
 * Whether the day that holds this second is none of the weekend, for a scenario that begins on `weekday` (0
 * Sunday).
 */
export const isWorkday = (weekday: number, at: number): boolean =>
  ![0, 6].includes((weekday + Math.floor(at / day)) % 7)

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

/** People at home: before work, and from late afternoon to midnight; machines sleep when they do. */
function resident(random: Random, length: number): Schedule {
  const used: Span[] = []
  if (random.next() < 0.4) used.push({ from: 6.6 * hour, to: 6.6 * hour + random.exponential(0.7 * hour) })
  let from = random.normal(17.5 * hour, 1.5 * hour)
  while (from < 23.3 * hour) {
    const to = from + Math.max(0.3 * hour, random.exponential(1.4 * hour))
    used.push({ from, to })
    from = to + 0.2 * hour + random.exponential(0.8 * hour)
  }
  const leftOn = random.next() < 0.25
  const on = leftOn
    ? [{ from: 0, to: length }]
    : used.map((span) => ({ from: span.from - 40, to: span.to + 300 }))
  return { on: clipped(merged(on), length), used: clipped(used, length) }
}

/** At home on a free day, from the morning on. */
function freeDay(random: Random, length: number): Schedule {
  const used: Span[] = []
  let from = random.normal(9.5 * hour, 1.2 * hour)
  while (from < 23.5 * hour) {
    const to = from + Math.max(0.3 * hour, random.exponential(1.5 * hour))
    used.push({ from, to })
    from = to + 0.3 * hour + random.exponential(1.5 * hour)
  }
  return {
    on: clipped(merged(used.map((span) => ({ from: span.from - 40, to: span.to + 300 }))), length),
    used: clipped(used, length),
  }
}

/** A weekend at the desk: one in twelve comes in for some hours, machines that are left on run. */
function staffWeekend(random: Random, length: number): Schedule {
  if (random.next() < 0.08) {
    const from = random.normal(11 * hour, 1.5 * hour)
    const to = from + Math.max(hour, random.exponential(3 * hour))
    return { on: clipped([{ from: from - 90, to: to + 200 }], length), used: clipped([{ from, to }], length) }
  }
  return { on: random.next() < 0.35 ? [{ from: 0, to: length }] : [], used: [] }
}

/** A set in the living room: on for two or three hours in the evening, in stand-by else, and stand-by talks too. */
function television(random: Random, length: number): Schedule {
  const from = random.normal(18.5 * hour, 1.3 * hour)
  return {
    on: [{ from: 0, to: length }],
    used: clipped([{ from, to: from + Math.max(0.5 * hour, random.normal(2.6 * hour, hour)) }], length),
  }
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

const closed = (): Schedule => ({ on: [], used: [] })

type Kind = (random: Random, length: number) => Schedule

const kinds: Partial<Record<Role, { readonly workday: Kind; readonly weekend: Kind }>> = {
  staff: { workday: staff, weekend: staffWeekend },
  student: { workday: student, weekend: student },
  lab: { workday: lab, weekend: closed },
  phone: { workday: phone, weekend: phone },
  resident: { workday: resident, weekend: freeDay },
  television: { workday: television, weekend: television },
}

/**
 * Scenarios longer than a day repeat the kind of day with fresh chance; Saturdays and Sundays are days of their
 * own.
 */
export function scheduleOf(role: Role, random: Random, length: number, weekday = 1): Schedule {
  const kindsOfDay = kinds[role]
  if (!kindsOfDay) return { on: [{ from: 0, to: length }], used: [] }
  const days = Array.from({ length: Math.ceil(length / day) }, (_, number) => {
    const shifted = ({ from, to }: Span): Span => ({ from: from + number * day, to: to + number * day })
    const kind = isWorkday(weekday, number * day) ? kindsOfDay.workday : kindsOfDay.weekend
    const one = kind(random.split(`day ${number}`), Math.min(day, length - number * day))
    return { on: one.on.map(shifted), used: one.used.map(shifted) }
  })
  return { on: merged(days.flatMap((day) => day.on)), used: merged(days.flatMap((day) => day.used)) }
}

/** How busy the outside's visitors are at this second of the day: 1 on average, least at 5 in the morning. */
export const tide = (at: number): number => 1 - 0.55 * Math.cos(((at - 5 * hour) / (24 * hour)) * 2 * Math.PI)
