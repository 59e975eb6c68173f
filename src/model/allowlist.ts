import type { Networks } from './networks.ts'

/** Destinations that a person trusts, as data: a name allows itself and everything under it. */
export interface Allowlist {
  readonly names: readonly string[]
  readonly networks: Networks
}

export const allowNothing: Allowlist = { names: [], networks: { cidrs: [], ranges: [] } }
