/**
 * When hosts did what they did.
 *
 * Bots act on orders: those of one botnet begin within minutes of each other and stop together, while the same kind of
 * activity by others falls when it will (Gu, Zhang and Lee, "BotSniffer", NDSS 2008, section 3: response crowds). A
 * spell is a stretch of the epoch, here in slots of five minutes; slots next to busy ones count too, so that those
 * who hear late still meet.
 */
import type { Activity, ActivityType } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import { minute } from '../model/units.ts'
import { addresses, addressText, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { activityTrafficOf } from './activity-traffic.ts'

const slotLength = 5 * minute

/** Other servers a slot must see for a host to be busy in it: a letter to the provider is no campaign. */
const busyServers = 5

/** Activities seen from first to last only say when, where they are no longer than this. */
const longest = 60 * minute

/** Slots in which each host did each type of activity. */
export type BusySlots = ReadonlyMap<string, ReadonlySet<number>>

export const slotKey = (type: ActivityType, host: string): string => `${type} ${host}`

/** Scans and spam from the flows to the ports that they used; others from their first and last instant. */
export async function busySlotsOf(
  store: Store,
  scope: Scope,
  activities: readonly Activity[],
): Promise<BusySlots> {
  const found = new Map<string, Set<number>>()

  const add = (type: ActivityType, host: string, slots: Iterable<number>) => {
    const key = slotKey(type, host)
    const own = found.get(key) ?? new Set()
    found.set(key, own)
    for (const slot of slots) for (const near of [slot - 1, slot, slot + 1]) own.add(near)
  }

  for (const type of ['scan', 'spam'] as const) {
    const own = activities.filter((each) => each.type === type)
    for (const { host, slots } of await busySlots(store, scope, own)) add(type, host, slots)
  }

  for (const { type, host, first, last } of activities) {
    if (found.has(slotKey(type, host)) && (type === 'scan' || type === 'spam')) continue
    if (last - first <= longest) add(type, host, slotsBetween(first - scope.from, last - scope.from))
  }

  return found
}

function slotsBetween(first: number, last: number): number[] {
  const from = Math.floor(first / slotLength)
  return Array.from({ length: Math.floor(last / slotLength) - from + 1 }, (_, i) => from + i)
}

async function busySlots(
  store: Store,
  { from, to }: Scope,
  activities: readonly Activity[],
): Promise<{ host: string; slots: number[] }[]> {
  const activityTraffic = activityTrafficOf(activities)
  if (activityTraffic.length === 0) return []
  const hosts = [...new Set(activityTraffic.map(({ host }) => host))]
  const rows = await store.rows<{ host: string; slots: (number | string)[] }>(sql`
    SELECT host, arraySort(groupArray(slot)) AS slots FROM (
      SELECT ${addressText('client')} AS host, intDiv(start - ${from}, ${slotLength}) AS slot
      FROM flow
      WHERE start >= ${from} AND start < ${to} AND client IN (${addresses(hosts)})
        AND concat(${addressText('client')}, ' ', toString(serverPort), '/', proto) IN (${texts(
          activityTraffic.map(({ host, port, proto }) => `${host} ${port}/${proto}`),
        )})
      GROUP BY client, slot HAVING uniqExact(server) >= ${busyServers})
    GROUP BY host ORDER BY host`)

  return rows.map(({ host, slots }) => ({ host, slots: slots.map(Number) }))
}
