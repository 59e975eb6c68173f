/**
 * Other callers of one service: whether they call alike, and how far that makes them victims of one server. Devices of
 * one maker call one service alike and have their other services in common as well.
 */
import type { Rhythm } from '../beacons/rhythm.ts'
import type { Caller, NetworkFacts, SharedUse } from './facts.ts'
import type { ContactTrace } from './gather.ts'
import { logScale, unit } from './scales.ts'

/** Calls under which a pace cannot be compared. */
const enoughCalls = 4

const near = (a: number, b: number, factor: number): boolean =>
  Number.isNaN(a) || Number.isNaN(b) || ((a + 20) / (b + 20) < factor && (b + 20) / (a + 20) < factor)

const isAlike = (a: Caller, b: Caller): boolean =>
  a.calls >= enoughCalls &&
  b.calls >= enoughCalls &&
  near(a.sent, b.sent, 1.25) &&
  near(a.received, b.received, 1.25) &&
  near(a.interval, b.interval, 2)

/** Other hosts whose calls to the service are like this one's in size and pace. */
export function alikeCallers({ client }: Pick<ContactTrace, 'client'>, callers: readonly Caller[]): string[] {
  const self = callers.find((each) => each.client === client)
  return self ? callers.filter((each) => each !== self && isAlike(each, self)).map((each) => each.client) : []
}

/**
 * Of the services that several hosts call often enough to compare, the share that some two call alike; 0 where there
 * are fewer than three such services.
 */
export function usualAlikeness(sharedUse: ReadonlyMap<string, SharedUse>): number {
  const compared = [...sharedUse.values()]
    .map(({ callers }) => callers.filter(({ calls }) => calls >= enoughCalls))
    .filter((callers) => callers.length > 1)
  const alike = compared.filter((callers) =>
    callers.some((a, i) => callers.some((b, j) => j > i && isAlike(a, b))),
  )
  return compared.length < 3 ? 0 : alike.length / compared.length
}

/** Callers alike that may be victims of one server all of them, and from how many on it is a program of the network. */
const victims = { all: 6, none: 16 } as const
/** Where no record names servers: share of services called alike up to which that is remarkable, and from which not. */
const remarkable = { from: 0.1, to: 0.4 } as const

/**
 * How far callers that are alike say nothing against C&C: 1 for a few, 0 for so many that it is a program of the
 * network. Where nothing names the server, it may be anybody's: then alike calls must be rare in the network too.
 */
export function fewnessOf(
  { name }: Pick<ContactTrace, 'name'>,
  alike: number,
  {
    network,
    usuallyAlike,
  }: { readonly network: Pick<NetworkFacts, 'namedShare'>; readonly usuallyAlike: number },
): number {
  const unnamed = name === null && network.namedShare < 0.2
  const usual = unnamed ? unit((usuallyAlike - remarkable.from) / (remarkable.to - remarkable.from)) : 0
  return (1 - logScale(alike + 1, victims.all, victims.none)) * (1 - usual)
}

/**
 * How far the callers alike count for each other as victims: a fifth of the hosts at most. Pairs with a strict clock to
 * a named server are everywhere: two cameras, two agents.
 */
export function companyOf(
  { name }: Pick<ContactTrace, 'name'>,
  {
    alike,
    fewness,
    rhythm,
    hosts,
  }: {
    readonly alike: number
    readonly fewness: number
    readonly rhythm: Pick<Rhythm, 'jitter' | 'period'> | null
    readonly hosts: number
  },
): number {
  const strict = name !== null && rhythm !== null && rhythm.jitter < 0.03 * rhythm.period
  return alike > 0 && alike + 1 <= Math.max(3, hosts / 5) && !strict ? fewness : 0
}

/** Of each host the services that a few other hosts call too, by their key, with how many hosts do. */
export type SharedServices = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Services of a device, most. */
export const fewContacts = 12

/** Whoever asks for names or the time does what every machine does. */
const everybodys = / (53|123)\/(udp|tcp)$/

export function sharedServicesOf(sharedUse: ReadonlyMap<string, SharedUse>): SharedServices {
  const services = new Map<string, Map<string, number>>()

  for (const [key, { callers, hosts }] of sharedUse) {
    if (everybodys.test(key)) continue
    for (const { client } of callers) {
      const own = services.get(client)
      if (own) own.set(key, hosts)
      else services.set(client, new Map([[key, hosts]]))
    }
  }
  return services
}

/**
 * Whether a host and the hosts that call `key` as it does are devices of one kind: it has few services, and at least
 * one other that half of them call too and few others do. Victims of one server are machines of different people.
 *
 * @param contacts Services that the host met in all.
 */
export function isFleet(
  { client, key, contacts }: { readonly client: string; readonly key: string; readonly contacts: number },
  alike: readonly string[],
  services: SharedServices,
): boolean {
  if (alike.length === 0 || contacts > fewContacts) return false
  const others = alike.map((each) => services.get(each))
  const most = 2 * (alike.length + 1)

  return [...(services.get(client) ?? [])].some(
    ([each, hosts]) =>
      each !== key && hosts <= most && 2 * others.filter((own) => own?.has(each)).length >= alike.length,
  )
}
