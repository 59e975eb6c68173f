/** Where callers are laid, and how both scores see them there. */
import { importInputs } from '../../src/capture/import/import.ts'
import type { Scope } from '../../src/model/networks.ts'
import { internalNetworks } from '../../src/store/internal.ts'
import { inside } from '../../src/store/networks.ts'
import { addressText, sql } from '../../src/store/sql.ts'
import type { Store } from '../../src/store/store.ts'
import { ritaOfDay } from '../../src/traces/beacons/rita.ts'
import { findContacts } from '../../src/traces/contacts/find.ts'
import { sharedData } from '../../test/shared-data.ts'
import { ritaPairs } from '../real-ground/baselines.ts'
import { onSide, type RealCapture, realCaptures, withCapture } from '../samples/beacon-captures.ts'
import { withStore } from '../samples/own-store.ts'
import { type Caller, callersOf, withCallers } from './callers.ts'
import { fits, type Kind } from './kinds.ts'

export interface RegularityGround {
  readonly name: string
  readonly side: 'tuning' | 'reporting'
  /** Callers of each kind. */
  readonly callers: number
  readonly open: <T>(use: (store: Store, scope: Scope) => Promise<T>) => Promise<T>
  /** Whether a client's contacts count here. */
  readonly counts: (client: string) => boolean
}

/** Both scores of one contact. */
export interface Scored {
  readonly ours: number
  readonly rita: number
}

export interface GroundScores {
  /** Benign contacts by our score, benign pairs by RITA's, each from the highest. */
  readonly ours: readonly number[]
  readonly rita: readonly number[]
  readonly hosts: number
  readonly kinds: readonly { readonly kind: Kind; readonly callers: readonly Scored[] }[]
}

const captureNamed = (name: string): RealCapture => {
  const found = realCaptures.find((each) => each.name === name)
  if (!found) throw new RangeError(`no capture ${name}`)
  return found
}

const ofCapture = (capture: RealCapture, callers: number): RegularityGround => ({
  name: capture.name,
  side: capture.side,
  callers,
  open: (use) => withCapture(capture, ({ store, scope }) => use(store, scope)),
  counts: (client) => onSide(capture, client),
})

const simulatedOffice: RealCapture = {
  name: 'simulated office 11',
  paths: [],
  side: 'reporting',
  internal: [],
  cnc: [],
  others: 'benign',
  simulated: { scenario: 'office', seed: 11 },
}

export const regularityGrounds: readonly RegularityGround[] = [
  {
    name: 'office of the cases',
    side: 'tuning',
    callers: 36,
    open: (use) =>
      withStore(async (store) => {
        await importInputs(store, [sharedData('../cases/office/background/office')], { acceptRejects: true })
        const { networks } = await internalNetworks(store, [])
        return use(store, { epoch: 0, from: 0, to: 4e15, internal: networks })
      }),
    counts: () => true,
  },
  ofCapture(simulatedOffice, 36),
  ofCapture(captureNamed('desktop 010'), 12),
]

/** Contacts of one host that are kept. */
const mostOfHost = 60

/** All kinds that fit, laid over a ground one after the other. */
export const scoresOn = (
  { open, counts, callers }: RegularityGround,
  asked: readonly Kind[],
): Promise<GroundScores> =>
  open(async (store, scope) => {
    const extent = await extentOf(store, scope)
    const hosts = (await clientsOf(store, scope)).filter((each) => counts(each) && !each.includes(':'))
    const contactsNow = async () =>
      (await findContacts(store, scope, { analysis: 'bench', mostOfHost, telling: 0 })).filter(({ trace }) =>
        counts(trace.client),
      )

    const benign = await contactsNow()
    const named = (benign[0]?.network.namedShare ?? 0) > 0
    const pairs = (await ritaPairs(store, scope.internal)).filter(({ host }) => counts(host))

    const scored: { kind: Kind; callers: Scored[] }[] = []
    for (const [i, kind] of asked.entries()) {
      if (!fits(kind, (extent.last - extent.first) / 1e6)) continue
      const found: Scored[] = []
      for (const [j, group] of groupsOf(hosts, callers).entries()) {
        const overlaid = callersOf(kind, i * 16 + j, { hosts: group, ...extent, named: named })
        const ours = await withCallers(store, overlaid, async () => {
          const all = await contactsNow()
          return bestOf(
            all.map(({ trace, verdict }) => [`${trace.client} ${trace.servers[0]}`, verdict.score]),
          )
        })
        found.push(...overlaid.map((each) => bothOf(each, ours, extent)))
      }
      scored.push({ kind, callers: found })
    }

    const down = (values: readonly number[]) => values.toSorted((a, b) => b - a)
    return {
      ours: down(benign.map(({ verdict }) => verdict.score)),
      rita: down(pairs.map(({ score }) => score)),
      hosts: hosts.length,
      kinds: scored,
    }
  })

/** A server may stand in several contacts: by itself, and first in a list that its client takes in turn. */
function bestOf(scores: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>()
  for (const [key, score] of scores) best.set(key, Math.max(score, best.get(key) ?? 0))
  return best
}

const bothOf = (
  { client, server, starts, sizes }: Caller,
  ours: ReadonlyMap<string, number>,
  extent: { readonly first: number; readonly last: number },
): Scored => ({
  ours: ours.get(`${client} ${server}`) ?? 0,
  rita: ritaOfDay(starts, sizes, extent)?.beacon ?? 0,
})

/** Callers that one host has at once, where a ground has few hosts. */
const atOnce = 6

/** One caller a host, on as many hosts as are asked for, evenly taken; where there are few hosts, several on each. */
function groupsOf(hosts: readonly string[], callers: number): string[][] {
  if (hosts.length >= callers)
    return [Array.from({ length: callers }, (_, i) => hosts[Math.floor((i * hosts.length) / callers)]!)]

  const group = Array.from({ length: atOnce }, () => hosts).flat()
  return Array.from({ length: Math.ceil(callers / group.length) }, () => group)
}

async function clientsOf(store: Store, { internal }: Scope): Promise<string[]> {
  const rows = await store.rows<{ host: string }>(sql`
    SELECT ${addressText('client')} AS host FROM flow
    WHERE ${inside('client', internal)} AND NOT ${inside('server', internal)} GROUP BY client
    HAVING count() >= 20 ORDER BY client`)
  return rows.map(({ host }) => host)
}

async function extentOf(store: Store, { internal }: Scope): Promise<{ first: number; last: number }> {
  const [extent] = await store.rows<{ first: number; last: number }>(sql`
    SELECT toFloat64(min(start)) AS first, toFloat64(max(start)) AS last FROM flow
    WHERE ${inside('client', internal)} AND NOT ${inside('server', internal)}`)
  return extent!
}
