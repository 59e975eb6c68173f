/** What is so, for `evaluate`: written by the simulator, or by whoever labelled a capture. */
export interface Truth {
  /** The folder or file the truth is about, and how it was made. */
  readonly about: string
  /** Networks whose hosts are judged, as CIDR. */
  readonly internal: readonly string[]
  readonly botnets: readonly TrueBotnet[]
  /** Hosts known to be clean. Null: every other internal host is. */
  readonly benign: readonly string[] | null
  /** Whole microseconds since the epoch. */
  readonly from: number
  readonly to: number
}

export interface TrueBotnet {
  readonly id: string
  readonly family: string
  /** star, multi-server, hierarchical, p2p. */
  readonly topology: string
  readonly hosts: readonly string[]
  /** address:port/proto of the servers that give orders; for P2P the peers that others were told first. */
  readonly cnc: readonly string[]
  readonly activities: readonly string[]
  /** Its bots one by one, where their addresses change or they were infected at different times; else absent. */
  readonly machines?: readonly TrueMachine[]
}

/** One bot. Times are whole microseconds since the epoch. */
export interface TrueMachine {
  /** When it was infected; when the records begin, where that was before. */
  readonly since: number
  /** Its addresses one after the other, the whole time that it had each. */
  readonly addresses: readonly { readonly address: string; readonly from: number; readonly to: number }[]
}
