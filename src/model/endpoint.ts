/** Where bots take their orders, as seen in the records. */
export interface Endpoint {
  /** IP address; the domain itself for a DNS tunnel behind a resolver, where no record shows who answers for it. */
  readonly address: string
  readonly port: number
  /** tcp or udp. */
  readonly protocol: string
  /** Name by which the clients knew it (DNS, TLS SNI, HTTP Host); null where no record says. */
  readonly name: string | null
}

/** A statement in the engine's dialect that shows the evidence again: `gannet sql --db … "…"`. */
export interface Shown {
  readonly sql: string
  readonly params: Readonly<Record<string, unknown>>
}

export interface EvidenceBase {
  /** Ids of some of the flows it rests on; at most 10. */
  readonly flows: readonly string[]
  readonly query: Shown
}
