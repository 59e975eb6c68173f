/**
 * From what is known of slow visits to a score: one additive model with weights set by hand, since no real records with
 * a truth reach over weeks. docs/method/slow-callers.md has what they come to. They are strict: a clock alone, as every
 * weekly update has one, does not accuse.
 */
import type { Owner, Popularity, Rented, Service } from '../../knowledge/index.ts'
import { sigmoid } from '../../math/sigmoid.ts'
import type { ContactReason } from '../../model/answer.ts'
import { micros, seconds } from '../../model/units.ts'
import { sayBytes, sayInstant, sayMany, saySpan } from '../../model/words/say.ts'
import type { ContactHistory } from '../contacts/history.ts'
import type { Timing } from './timing.ts'
import { isOfHours } from './visits.ts'

export interface SlowFigures {
  readonly timing: Timing
  /** Hosts that called it over all the time kept, of those that were seen. */
  readonly callers: number
  readonly ofHosts: number
  /** Whether the records would have shown a name, and none was looked up before the visits. */
  readonly nameless: boolean
  readonly popularity: Popularity | null
  readonly service: Service | null
  readonly owner: Owner | null
  readonly rented: Rented | null
  /** Whether the port is one that most programs call. */
  readonly commonPort: boolean
  /** IP bytes of a visit, the mean; of these, what the host sent. */
  readonly bytes: number
  readonly sent: number
  /** Whether most flows of it were answered. */
  readonly answered: boolean
  /** Absent where the host was seen on too few days. */
  readonly history?: ContactHistory
}

export interface SlowVerdict {
  readonly score: number
  /** Log odds before any feature. */
  readonly prior: number
  /** Heaviest first. */
  readonly reasons: readonly ContactReason[]
}

/** Visits under which a clock is a coincidence of a few: it is listed and does not accuse. */
const fewest = { days: 6, hours: 12 } as const

export const leastAccusing = (timing: Pick<Timing, 'period'>): number =>
  isOfHours(timing) ? fewest.hours : fewest.days

/** Hosts over which a service is one of many. */
const mostCallers = 3

/** Hosts that must have been seen for a service to be rare. */
const leastHosts = 10

/** Days before the first visit after which it is new to the host. */
const newAfter = 7

/** Log odds over which a contact does not come that must not accuse: a score of 0.45. */
const under = -0.2

const prior = -3.5

/** Clocks from these decades on count, and over those no more. */
const clocks = { least: 2, most: 8 } as const

/** What a clock of hours counts, of one of days: most software that checks in does so every few hours. */
const ofHours = 0.8

/** Bytes from which a visit carries what updates and backups do. */
const much = 1e6

interface Feature {
  readonly feature: string
  readonly weight: number
  readonly value: (figures: SlowFigures) => number
  readonly description: (figures: SlowFigures) => string
}

const is = (yes: boolean): number => (yes ? 1 : 0)

const sayWhole = (span: number): string => saySpan(seconds(Math.round(span)))

const sayWaited = (waited: number): string =>
  waited === 0 ? '' : `, ${waited} of them when the machine came on`

const sayNew = ({ first, daysBefore }: ContactHistory): string =>
  `new to the host on ${sayInstant(micros(first)).slice(0, 10)}, after ${sayMany(daysBefore, 'day')} without it`

const features: readonly Feature[] = [
  {
    feature: 'slow-clock',
    weight: 3,
    value: ({ timing }) =>
      Math.min(1, Math.max(0, (timing.decades - clocks.least) / (clocks.most - clocks.least))) *
      (isOfHours(timing) ? ofHours : 1),
    description: ({ timing: { period, jitter, visits, waited } }) =>
      `called every ${sayWhole(period)} ± ${sayWhole(jitter)}, ${sayMany(visits, 'time')}${sayWaited(waited)}`,
  },
  {
    feature: 'nameless',
    weight: 1,
    value: ({ nameless }) => is(nameless),
    description: () => 'called by address, without a look-up before it',
  },
  {
    feature: 'rented',
    weight: 0.8,
    value: ({ rented }) => is(rented !== null),
    description: ({ rented }) => `${rented?.title ?? ''} can be rented by anyone`,
  },
  {
    feature: 'odd-port',
    weight: 0.7,
    value: ({ commonPort }) => is(!commonPort),
    description: () => 'a port that few programs call',
  },
  {
    feature: 'lone',
    weight: 0.5,
    value: ({ callers, ofHosts }) => is(callers <= 1 && ofHosts >= leastHosts),
    description: ({ ofHosts }) => `no other of ${sayMany(ofHosts, 'host')} called it in all the time kept`,
  },
  {
    feature: 'new',
    weight: 0.9,
    value: ({ history }) => is(history !== undefined && history.daysBefore >= newAfter),
    description: ({ history }) => (history ? sayNew(history) : ''),
  },
  {
    feature: 'small',
    weight: 0.3,
    value: ({ bytes }) => is(bytes > 0 && bytes < 100_000),
    description: ({ bytes }) => `a visit carries ${sayBytes(Math.round(bytes))}`,
  },
  {
    feature: 'old',
    weight: -0.5,
    value: ({ history }) => is(history?.daysBefore === 0),
    description: () => 'called since the first day kept',
  },
  {
    feature: 'many',
    weight: -1.5,
    value: ({ callers }) => is(callers > mostCallers),
    description: ({ callers }) => `${sayMany(callers, 'host')} call it`,
  },
  {
    feature: 'bulk',
    weight: -1.5,
    value: ({ bytes }) => is(bytes >= much),
    description: ({ bytes }) => `a visit carries ${sayBytes(Math.round(bytes))}, as updates and backups do`,
  },
  {
    feature: 'vendor',
    weight: -2,
    value: ({ owner }) => is(owner?.kind === 'vendor' || owner?.kind === 'dns'),
    description: ({ owner }) => `the address is of ${owner?.owner ?? ''}`,
  },
  {
    feature: 'popular',
    weight: -3,
    value: ({ popularity }) => is(popularity !== null && popularity.rank !== null),
    description: ({ popularity }) => `${popularity?.domain ?? ''} is popular`,
  },
  {
    feature: 'service',
    weight: -4,
    value: ({ service }) => is(service !== null && service.basis !== 'port'),
    description: ({ service }) => `it looks like ${service?.title ?? ''}`,
  },
]

/** What holds a contact under the line, whatever else speaks. */
const isExcused = ({ timing, callers, ofHosts, popularity, service, answered }: SlowFigures): boolean =>
  timing.visits < leastAccusing(timing) ||
  callers > mostCallers ||
  ofHosts < leastHosts ||
  popularity?.rank != null ||
  (service !== null && service.basis !== 'port') ||
  !answered

export function judgeSlow(figures: SlowFigures): SlowVerdict {
  const reasons = features
    .map(({ feature, weight, value, description }) => {
      const own = value(figures)
      return {
        feature,
        description: own > 0 ? description(figures) : '',
        value: round(own),
        logOdds: round(weight * own),
      }
    })
    .filter(({ logOdds }) => logOdds !== 0)
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds) || a.feature.localeCompare(b.feature))
  const sum = reasons.reduce((total, { logOdds }) => total + logOdds, prior)

  return { score: sigmoid(isExcused(figures) ? Math.min(sum, under) : sum), prior, reasons }
}

const round = (value: number): number => Math.round(value * 1e3) / 1e3
