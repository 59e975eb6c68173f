/**
 * Drawn implants, transplanted C&C and honest software, each laid over real clean hosts and over the clean office,
 * judged as contacts: what the weights of contacts are fitted and measured on beside the captures themselves.
 *
 * One at a time is laid over a network of few hosts; over a larger one a few at once, each on a host of its own.
 */
import { type Random, seeded } from '../../../src/math/random.ts'
import type { Scope } from '../../../src/model/networks.ts'
import { forget } from '../../../src/store/ledger.ts'
import { inside } from '../../../src/store/networks.ts'
import { addressText, sql } from '../../../src/store/sql.ts'
import type { Store } from '../../../src/store/store.ts'
import { type Contact, findContacts } from '../../../src/traces/contacts/find.ts'
import { addRecords } from '../../../test/fixtures/records.ts'
import {
  type ContactGround,
  type ContactSample,
  importedScope,
  kept,
  type SeenContact,
  seenOf,
  withFeatures,
} from '../contact-samples.ts'
import { withStore } from '../own-store.ts'
import { drawnRecords, type Place, type Records } from './draw.ts'
import { familyProfiles } from './families.ts'
import { frameworkProfiles } from './frameworks.ts'
import { honestProfiles } from './honest.ts'
import { loaderProfiles } from './loaders.ts'
import type { Profile } from './profile.ts'
import { planted, type Transplant, transplantOf } from './transplants.ts'

/** One program over one network. */
export interface OverlaySample<Sample = ContactSample> {
  /** The capture below. */
  readonly base: string
  readonly baseFamily: string
  /** Hosts with contacts outside. */
  readonly hosts: number
  readonly kind: 'implant' | 'transplant' | 'honest'
  readonly family: string
  /** Its own contacts, best first; empty where none of them was judged. */
  readonly own: readonly Sample[]
  /** Other contacts of the same host, most suspicious first. */
  readonly others: readonly Sample[]
}

/** How many of each kind are laid over a network of few hosts; three times as many over a large one. */
const draws = { implant: 10, transplant: 4, honest: 6 } as const
/** Contacts beside its own that are kept of a host. */
const othersKept = 5
const mostOfHost = 40
/** Hosts from which several are laid at once. */
const large = 20

/** C&C contacts of the infected captures, at most three of each. */
const transplants = (grounds: readonly ContactGround[]): Promise<Transplant[]> =>
  kept('transplants', async () => {
    const found: Transplant[] = []
    for (const ground of grounds.filter(({ kind, cnc }) => kind === 'real' && cnc.length > 0))
      found.push(
        ...(await withStore(async (store) => {
          const scope = await importedScope(store, ground)
          const contacts = await findContacts(store, scope, { analysis: 'bench', mostOfHost: 60, telling: 0 })
          const cnc = contacts.filter((each) => seenOf(each, ground).cnc && each.trace.by !== 'moves')
          const made: (Transplant | null)[] = []
          for (const each of cnc.slice(0, 3)) made.push(await transplantOf(store, each, ground.family))
          return made.filter((each) => each !== null)
        })),
      )
    return found
  })

/** What comes of laying programs over clean grounds; what was seen is kept until it is asked for fresh. */
export async function overlaySamples(
  grounds: readonly ContactGround[],
  fresh = false,
): Promise<readonly OverlaySample[]> {
  const given = await transplants(grounds)
  const found: OverlaySample[] = []
  for (const ground of grounds.filter(isBase)) {
    const look = () =>
      withStore(async (store) => {
        const scope = await importedScope(store, ground)
        const places = await placesIn(store, scope)
        return places.length === 0 ? [] : overlaidOn({ store, scope, ground, places }, given)
      })
    const seen = await kept(`overlays-${ground.name}`, look, fresh)
    found.push(
      ...seen.map((each) => ({
        ...each,
        own: each.own.map(withFeatures),
        others: each.others.map(withFeatures),
      })),
    )
  }
  return found
}

/** Clean captures, and the office without any case. */
const isBase = ({ name, kind, bots }: ContactGround): boolean =>
  bots.length === 0 && (kind === 'real' || name === 'office-background')

/** Hosts on which a program may run: those that meet something outside in ten minutes at least. */
async function placesIn(store: Store, scope: Omit<Scope, 'epoch'>): Promise<Place[]> {
  const [has] = await store.rows<{ dns: number; tls: number; http: number; told: number }>(sql`
    SELECT (SELECT toFloat64(count()) FROM dns) AS dns, (SELECT toFloat64(count()) FROM tls) AS tls,
      (SELECT toFloat64(count()) FROM http) AS http,
      (SELECT toFloat64(countIf(service != '')) FROM flow) AS told`)
  const [resolver] = await store.rows<{ at: string }>(
    sql`SELECT ${addressText('server')} AS at FROM dns GROUP BY server ORDER BY count() DESC LIMIT 1`,
  )
  const rows = await store.rows<{ client: string; minutes: number[] }>(sql`
    SELECT ${addressText('own')} AS client, minutes FROM (
      SELECT client AS own,
        arrayMap(m -> toFloat64(m), arraySort(groupUniqArray(20000)(intDiv(start, 60000000)))) AS minutes
      FROM flow WHERE ${inside('client', scope.internal)} AND NOT ${inside('server', scope.internal)}
      GROUP BY own HAVING length(minutes) >= 10)
    ORDER BY client`)

  return rows
    .filter(({ client }) => !client.includes(':'))
    .map(({ client, minutes }) => ({
      client,
      minutes,
      resolver: resolver?.at ?? '192.0.2.53',
      has: {
        dns: (has?.dns ?? 0) > 0,
        tls: (has?.tls ?? 0) > 0,
        http: (has?.http ?? 0) > 0,
        told: (has?.told ?? 0) > 0,
      },
      near: client.slice(0, client.lastIndexOf('.') + 1),
    }))
}

interface Base {
  readonly store: Store
  readonly scope: Omit<Scope, 'epoch'>
  readonly ground: ContactGround
  readonly places: readonly Place[]
}

interface Overlaid {
  readonly kind: OverlaySample['kind']
  readonly family: string
  readonly place: Place
  readonly records: Records
}

async function overlaidOn(base: Base, given: readonly Transplant[]): Promise<OverlaySample<SeenContact>[]> {
  const { ground, places } = base
  const random = seeded(`overlays ${ground.name}`)
  const times = places.length >= large ? 3 : 1
  const all = random
    .split('order')
    .shuffle(
      (Object.keys(draws) as OverlaySample['kind'][]).flatMap((kind) =>
        Array.from({ length: draws[kind] * times }, (_, i) => ({ kind, i })),
      ),
    )
  const pick = { ...deck(random) }

  const found: OverlaySample<SeenContact>[] = []
  let waiting: Overlaid[] = []
  for (const { kind, i } of all) {
    const taken = new Set(waiting.map(({ place }) => place.client))
    const place = random.pick(places.filter(({ client }) => !taken.has(client)))
    const one = drawn(kind, { place, random: random.split(`${kind} ${i}`), given, pick })
    if (!one) continue
    waiting.push(one)
    if (waiting.length < Math.max(1, Math.floor(places.length / 5))) continue
    found.push(...(await judged(base, waiting)))
    waiting = []
  }
  if (waiting.length > 0) found.push(...(await judged(base, waiting)))
  return found
}

/** Profiles one after the other in a shuffled order, so that each comes as often. */
function deck(random: Random) {
  const from = <T>(list: readonly T[], label: string) => {
    const shuffled = random.split(label).shuffle([...list])
    let at = 0
    return () => shuffled[at++ % shuffled.length]!
  }
  return {
    implant: from([...frameworkProfiles, ...familyProfiles, ...loaderProfiles], 'implants'),
    honest: from(honestProfiles, 'honest'),
  }
}

function drawn(
  kind: OverlaySample['kind'],
  {
    place,
    random,
    given,
    pick,
  }: {
    readonly place: Place
    readonly random: Random
    readonly given: readonly Transplant[]
    readonly pick: ReturnType<typeof deck>
  },
): Overlaid | null {
  if (kind === 'transplant') {
    const families = [...Map.groupBy(given, ({ family }) => family).values()]
    if (families.length === 0) return null
    const one = random.pick(random.pick(families))
    const records = planted(one, place, random)
    return records && { kind, family: one.family, place, records }
  }
  const profile = pick[kind]()
  const records = drawnRecords(profile.draw(random), place, random)
  return records && { kind, family: profile.family, place, records }
}

/** Lays the records over, judges, and takes them away again. */
async function judged(
  { store, scope, ground }: Base,
  overlaid: readonly Overlaid[],
): Promise<OverlaySample<SeenContact>[]> {
  const loads: string[] = []
  for (const { records } of overlaid) loads.push(await addRecords(store, records))
  const contacts = await findContacts(store, scope, { analysis: 'bench', mostOfHost, telling: 0 })
  for (const load of loads) await forget(store, load)
  const byHost = Map.groupBy(contacts, ({ trace }) => trace.client)

  return overlaid.map(({ kind, family, place, records }) => {
    const servers = new Set((records.flow ?? []).map(({ server }) => server as string))
    const isOwn = ({ trace }: Contact) => trace.servers.some((server) => servers.has(server))
    const sample = (contact: Contact) => ({ ...seenOf(contact, ground), bot: kind !== 'honest' })
    const all = byHost.get(place.client) ?? []
    return {
      base: ground.name,
      baseFamily: ground.family,
      hosts: contacts[0]?.network.hosts ?? 0,
      kind,
      family,
      own: all
        .filter(isOwn)
        .slice(0, 3)
        .map((each) => ({ ...sample(each), cnc: kind !== 'honest' })),
      others: all
        .filter((each) => !isOwn(each))
        .slice(0, othersKept)
        .map(sample),
    }
  })
}

/**
 * Programs of other profiles over one ground, each drawn `times` times; nothing is kept. What the records of a place
 * cannot show is left out.
 */
export function laidOver(
  ground: ContactGround,
  profiles: { readonly implant: readonly Profile[]; readonly honest: readonly Profile[] },
  times: number,
): Promise<OverlaySample[]> {
  const random = seeded(`fresh over ${ground.name}`)
  return withStore(async (store) => {
    const scope = await importedScope(store, ground)
    const places = await placesIn(store, scope)
    const free = random.split('places').shuffle([...places])
    const all = (['implant', 'honest'] as const).flatMap((kind) =>
      profiles[kind].flatMap((profile) =>
        Array.from({ length: times }, (_, i): Overlaid | null => {
          const place = free.shift()
          if (!place) throw new RangeError('more programs than places')
          free.push(place)
          const own = random.split(`${profile.family} ${i}`)
          const records = drawnRecords(profile.draw(own), place, own)
          return records && { kind, family: profile.family, place, records }
        }),
      ),
    )

    const found: OverlaySample<SeenContact>[] = []
    const shown = all.filter((each) => each !== null)
    const together = Math.max(1, Math.floor(places.length / 5))
    for (let i = 0; i < shown.length; i += together)
      found.push(...(await judged({ store, scope, ground, places }, shown.slice(i, i + together))))
    return found.map((each) => ({
      ...each,
      own: each.own.map(withFeatures),
      others: each.others.map(withFeatures),
    }))
  })
}
