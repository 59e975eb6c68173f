/** What is around a contact, and the figures that its features, evidence and doubts rest on. */
import { namedThreatOf, ownerOf, popularityOf, rentedOf, serviceOf } from '../../knowledge/index.ts'
import { mostGain } from '../beacons/clock.ts'
import { type Rhythm, rhythmOf } from '../beacons/rhythm.ts'
import { samenessOf } from '../features.ts'
import { alikeCallers, companyOf, fewnessOf, isFleet, type SharedServices } from './company.ts'
import { type HostFacts, type NetworkFacts, type SharedUse, serviceKey } from './facts.ts'
import type { ContactTrace } from './gather.ts'
import { busiestSession, heldOf, presenceOf } from './presence.ts'
import { logScale, unit } from './scales.ts'
import type { WireFacts } from './wire-facts.ts'

/** What is around a contact. */
export interface Situation {
  readonly network: NetworkFacts
  readonly host: HostFacts
  readonly wire: WireFacts
  /** Hosts that call the same service, itself among them. */
  readonly sharedUse: SharedUse
  readonly services: SharedServices
  readonly slotSeconds: number
  /** Whether the server is an internal host that meets services outside, as machines and devices of a site do. */
  readonly serverIsHost: boolean
  /** Share of the services of the host that have a name and stand at the owner of this one's address. */
  readonly related: number
  readonly before: Before
  /** Share of the services of several hosts that some of them call alike. */
  readonly usuallyAlike: number
}

/** What a host did that often comes before a first call home, in microseconds, ascending. */
export interface Before {
  /** Fetched a program from a server that is not popular. */
  readonly programs: readonly number[]
  /** Asked a service which address it has. */
  readonly checks: readonly number[]
}

/** Numbers that evidence and doubts say again. */
export interface ContactFigures {
  readonly rhythm: Rhythm | null
  readonly hosts: number
  readonly alike: number
  /** How far those alike say nothing against C&C, 0 to 1: victims would be a few, and machines of no one maker. */
  readonly fewness: number
  /** How far they count as fellow victims. */
  readonly company: number
  /** Whether it and those alike are devices of one maker. */
  readonly fleet: boolean
  readonly service: ReturnType<typeof serviceOf>
  readonly rented: ReturnType<typeof rentedOf>
  readonly threat: ReturnType<typeof namedThreatOf>
  readonly owner: string | null
  readonly rank: number | null
  readonly domain: string | null
  /** Suffix of which the name is a tenant. */
  readonly tenantOf: string | null
  /** Share of the host's time that it covers, and of the longest connection. */
  readonly presence: number
  readonly held: number
}

/** Beats under which nothing is said of a rhythm. */
const leastBeats = 4

export function figuresOf(
  contact: ContactTrace,
  situation: Situation,
  ideal: ContactFigures = idealFiguresOf(contact, situation),
): ContactFigures {
  const { host, slotSeconds, network } = situation
  const { alike, fewness } = ideal
  const { start } = contact.calls
  const rhythm =
    start.length < leastBeats ? null : rhythmOf(busiestSession(start, host, slotSeconds), leastBeats)

  return {
    ...ideal,
    rhythm,
    company: companyOf(contact, { alike, fewness, rhythm, hosts: network.hosts }),
    presence: presenceOf(contact, host, { slotSeconds, period: rhythm?.period ?? 0 }),
  }
}

/**
 * The figures with, in the place of the rhythm and what rests on it, what would speak most for C&C: calls of which each
 * proves a clock, a second apart and neither strict nor at random, for as long as the host is on.
 */
export function idealFiguresOf(
  contact: ContactTrace,
  { sharedUse, services, host, network, usuallyAlike }: Situation,
): ContactFigures {
  const { name, servers, serverPort, proto } = contact
  const address = contact.via === 'proxy' ? null : (servers[0] ?? null)
  const owner = address === null ? null : (ownerOf(address)?.owner ?? null)
  const popularity = name === null ? null : popularityOf(name)
  const alike = alikeCallers(contact, sharedUse.callers)
  const self = { client: contact.client, key: serviceKey(contact), contacts: host.contacts }
  const fleet = isFleet(self, alike, services)
  const fewness = fleet ? 0 : fewnessOf(contact, alike.length, { network, usuallyAlike })
  const rhythm = contact.calls.start.length < leastBeats ? null : idealRhythm(contact.calls.start.length)

  return {
    rhythm,
    hosts: sharedUse.hosts,
    alike: alike.length,
    fewness,
    company: companyOf(contact, { alike: alike.length, fewness, rhythm, hosts: network.hosts }),
    fleet,
    service: serviceOf({ name, address, port: serverPort, proto, owner }),
    rented: name === null ? null : rentedOf(name),
    threat: namedThreatOf({ name, address, port: serverPort, proto }),
    owner,
    rank: popularity?.rank ?? null,
    domain: popularity?.domain ?? null,
    tenantOf: popularity?.tenantOf ?? null,
    presence: 1,
    held: heldOf(contact, host),
  }
}

const idealRhythm = (calls: number): Rhythm => ({
  scale: 0.1,
  beats: calls,
  span: calls - 1,
  longest: 1,
  period: 1,
  modes: [1],
  kept: 1,
  jitter: 0.2,
  covered: 1,
  gain: mostGain,
  evidence: mostGain * (calls - 1),
})

/** Interfaces by which a program can take its orders from a service that others use in a browser. */
const programmed = new Set(['chat', 'documents', 'paste', 'code', 'file-sharing', 'doh', 'webhook', 'social'])

/** Hosts that use a service, under which there is no usual way of using it. */
const fewUsers = 3

/**
 * How far a program, and no person, uses a service that others use too: by the clock, in sizes alike, and 3 to 30
 * times as often as others here. Where at most one other uses it, of interfaces of rented services alone, and only for
 * what ordinary programs do not do to them: calls a minute apart and less, all the time that the host is on.
 */
export function abnormalityOf(
  contact: ContactTrace,
  { hosts, usual }: SharedUse,
  figures: ContactFigures,
): number {
  const { rhythm, alike, presence } = figures
  if (alike > 0 || rhythm === null) return 0
  const steady = () => unit((samenessOf(contact.calls.sent) - 0.6) / 0.3)

  if (hosts < fewUsers) {
    if (!isByProgram(figures)) return 0
    return (
      unit((rhythm.evidence - 100) / 200) *
      unit((120 - rhythm.period) / 60) *
      steady() *
      unit((presence - 0.5) / 0.3)
    )
  }

  if (contact.name === null) return 0
  const clocked = unit((rhythm.evidence - 20) / 60)
  if (clocked === 0) return 0

  return clocked * Math.max(0.5, steady()) * logScale(contact.connections / Math.max(1, usual), 3, 30)
}

/**
 * Whether a program can take its orders there, though it belongs to somebody well known. Programs of tenants stand
 * below suffixes of their own mostly, and some behind a name that all tenants share (script.google.com).
 */
export const isByProgram = ({ rented, rank }: Pick<ContactFigures, 'rented' | 'rank'>): boolean =>
  rented !== null && (programmed.has(rented.kind) || (rented.kind === 'serverless' && rank !== null))
