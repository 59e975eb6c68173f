import type { Endpoint, EvidenceBase } from './endpoint.ts'
import type { Micros } from './units.ts'

/** What passed inside names and answers between one host and one domain. */
export interface TunnelEvidence extends EvidenceBase {
  readonly kind: 'tunnel'
  readonly host: string
  readonly domain: string
  /** Distinct names asked, and how often any was. */
  readonly names: number
  readonly queries: number
  /** Characters before the registered domain in a name, in the middle, and bits a character. */
  readonly payload: number
  readonly entropy: number
  /** Characters sent in distinct names, bytes of answers. */
  readonly up: number
  readonly down: number
  /** Distinct answers. */
  readonly answers: number
  /** The type asked most. */
  readonly type: string
}

/** Pings that carry data: what is answered is not what was sent, or sizes change. RFC 792. */
export interface PingEvidence extends EvidenceBase {
  readonly kind: 'pings'
  readonly endpoint: Endpoint
  readonly requests: number
  readonly answers: number
  /** IP bytes a packet, each way. */
  readonly sent: number
  readonly received: number
  /** Standard deviation, over the flows, of the bytes per packet. */
  readonly spread: number
  /** Bytes both ways without headers. */
  readonly carried: number
}

/** Mail or files that a host hands to a server outside. */
export interface HandedEvidence extends EvidenceBase {
  readonly kind: 'handed'
  readonly endpoint: Endpoint
  readonly times: number
  /** Bytes each way. */
  readonly sent: number
  readonly received: number
  /** Internal hosts that use the service. */
  readonly callers: number
  /** From the host's question for its own public address to the first time; null for none within an hour. */
  readonly checked: Micros | null
}

/** The addresses of one name, or of its name servers. Holz et al., NDSS 2008. */
export interface SpreadEvidence extends EvidenceBase {
  readonly kind: 'spread'
  /** Whose addresses: the name, or its name servers. */
  readonly of: 'name' | 'name servers'
  readonly name: string
  readonly addresses: number
  /** /16s of IPv4, /32s of IPv6. */
  readonly networks: number
  /** Owners, by the user's database or the packaged table; a network counts for an owner that is not known. */
  readonly owners: number
  /** Autonomous systems and countries; null without a database. */
  readonly systems: number | null
  readonly countries: number | null
  readonly lookups: number
  /** Seconds, in the middle; null of name servers. */
  readonly ttl: number | null
  /** Addresses first seen after half of the look-ups; null of name servers. */
  readonly late: number | null
  /** Holz et al.'s score, with owners in place of autonomous systems, and its line. */
  readonly score: number
  readonly threshold: number
}

/** Labels under one domain, each asked by one client. */
export interface LabelsEvidence extends EvidenceBase {
  readonly kind: 'labels'
  readonly domain: string
  readonly names: number
  readonly queries: number
  readonly clients: number
  readonly answerSets: number
}

/** Names of the generator that answered. Antonakakis et al., Pleiades 2012. */
export interface AnsweredEvidence extends EvidenceBase {
  readonly kind: 'answered'
  /** The first to answer first, at most 10. */
  readonly names: readonly string[]
  readonly first: Micros
  /** Hosts of the group that the first one answered. */
  readonly hosts: number
}
