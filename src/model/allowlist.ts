import type { Networks } from './networks.ts'

/** What a person trusts, as data: a name allows itself and everything under it. */
export interface Allowlist {
  readonly names: readonly string[]
  readonly networks: Networks
  /** One port of a name, an address or a network. */
  readonly services?: readonly AllowedService[]
}

export interface AllowedService {
  /** Lower case; null where `networks` says where. */
  readonly name: string | null
  readonly networks: Networks
  readonly port: number
}

const nowhere: Networks = { cidrs: [], ranges: [] }
export const allowNothing: Allowlist = { names: [], networks: nowhere }
