/** One connection as a passive sensor would record it, before any log format is chosen. */

export interface DnsNote {
  readonly query: string
  /** A, AAAA, MX, PTR, SRV … */
  readonly type: string
  /** NOERROR, NXDOMAIN or SERVFAIL; null where no answer came. */
  readonly code: string | null
  readonly answers: readonly string[]
  /** Seconds, one an answer. */
  readonly ttls: readonly number[]
  /** Name servers in the authority section and their addresses in the additional one, where the answer has them. */
  readonly authority?: { readonly names: readonly string[]; readonly addresses: readonly string[] }
}

export interface HttpNote {
  /** Seconds after the connection began. */
  readonly after: number
  readonly method: string
  readonly host: string
  readonly uri: string
  readonly userAgent: string
  readonly status: number
  readonly requestBody: number
  readonly responseBody: number
  readonly mime: string
  /** What the body is; equal names are equal bytes, and so equal hashes. */
  readonly content: string
}

export interface TlsNote {
  /** Empty where the client sent no name. */
  readonly name: string
  readonly version: string
  readonly resumed: boolean
  /** Name of the TLS stack; its hash stands for the client's fingerprint. */
  readonly stack: string
}

/**
 * Times are whole microseconds since the epoch. `state` and `history` are Zeek's. Payload is null where Zeek
 * would write `-`: a lone packet has no duration and no payload count. IP bytes count the IP header and all after it.
 */
export interface Exchange {
  readonly uid: string
  readonly start: number
  readonly end: number
  readonly proto: 'tcp' | 'udp' | 'icmp'
  readonly client: string
  readonly clientPort: number
  readonly server: string
  readonly serverPort: number
  readonly service: string
  readonly state: string
  readonly history: string
  readonly clientPayload: number | null
  readonly serverPayload: number | null
  readonly clientPackets: number
  readonly serverPackets: number
  readonly clientIpBytes: number
  readonly serverIpBytes: number
  readonly dns?: DnsNote
  readonly http?: readonly HttpNote[]
  readonly tls?: TlsNote
  /** Botnet whose doing this was; empty for benign traffic. Never written to a log. */
  readonly origin: string
}

/** Exchanges that one cause set off. A source's episodes begin in order, or at most a minute out of it. */
export type Episode = readonly Exchange[]
