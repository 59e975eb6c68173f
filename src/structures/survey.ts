/** Which epochs have flows enough for peers or relays at all: asked once for all epochs. */
import type { Scope } from '../model/networks.ts'
import { epochOf } from '../store/epochs.ts'
import { sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { gate, toPeer } from './peers.ts'
import { inboundCalls, relayDefaults } from './relays.ts'

export interface MayHold {
  readonly peers: boolean
  readonly relays: boolean
}

/** By the beginning of the epoch; an epoch that is absent holds neither. The epochs follow each other. */
export async function structuresMayHold(
  store: Store,
  epochs: readonly Scope[],
): Promise<ReadonlyMap<number, MayHold>> {
  const whole = { ...epochs[0]!, to: epochs.at(-1)!.to }
  const rows = await store.rows<{ epoch: number; outward: number; inward: number }>(sql`
    SELECT toFloat64(${epochOf(epochs)}) AS epoch, toFloat64(countIf(${toPeer(whole)})) AS outward,
           toFloat64(countIf(${inboundCalls(whole)})) AS inward
    FROM flow WHERE start >= ${whole.from} AND start < ${whole.to} GROUP BY epoch`)
  return new Map(
    rows.map(({ epoch, outward, inward }) => [
      epoch,
      { peers: outward >= gate.peers, relays: inward >= relayDefaults.calls },
    ]),
  )
}
