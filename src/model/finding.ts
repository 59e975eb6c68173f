import type { ActivityType } from './activity.ts'
import type { Micros, Ratio } from './units.ts'

export const severities = ['note', 'low', 'medium', 'high'] as const
export type Severity = (typeof severities)[number]

/** What a finding says. `botnet` is a group; all others are about one host; `together` is of signs that are too weak alone. */
export const findingKinds = [
  'botnet',
  'beacon',
  'family',
  'scan',
  'spam',
  'download',
  'exploit',
  'dga',
  'relay',
  'p2p',
  'threat-list',
  'tunnel',
  'flux',
  'wildcard',
  'exfiltration',
  'together',
] as const
export type FindingKind = (typeof findingKinds)[number]

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

/**
 * How the bots find their C&C. Damballa, "Botnet communication topologies", 2009; a tunnel is told as a way
 * of its own, and so is the list of peers that a bot of an overlay keeps.
 */
export const rallyMethods = [
  'address',
  'addresses',
  'peers',
  'name',
  'ip-flux',
  'double-flux',
  'wildcard',
  'generated-names',
  'tunnel',
] as const
export type RallyMethod = (typeof rallyMethods)[number]

export interface Rally {
  readonly method: RallyMethod
  /** Names by which they find it; at most 5, none for addresses and peers. */
  readonly names: readonly string[]
}

/** A statement in the engine's dialect that shows the evidence again: `gannet sql --db … "…"`. */
export interface Shown {
  readonly sql: string
  readonly params: Readonly<Record<string, unknown>>
}

interface EvidenceBase {
  /** Ids of some of the flows it rests on; at most 10. */
  readonly flows: readonly string[]
  readonly query: Shown
}

/** Calls at regular intervals. Tegeler et al., BotFinder 2012; Hu et al., BAYWATCH 2016. */
export interface Rhythm extends EvidenceBase {
  readonly kind: 'rhythm'
  readonly endpoint: Endpoint
  readonly period: Micros
  /** Share of intervals (after missed beats are allowed for) that keep to the period. */
  readonly strength: Ratio
  readonly calls: number
  readonly span: Micros
  /** Spectral peak divided by the permutation threshold; over 1 passes the gate. */
  readonly peakOverThreshold: number
  /** Median absolute deviation of the intervals. */
  readonly jitter: Micros
}

/** Sizes that do not change from call to call. */
export interface Sameness extends EvidenceBase {
  readonly kind: 'sameness'
  readonly endpoint: Endpoint
  /** Median bytes per call, each way; null where the input does not say. */
  readonly sent: number | null
  readonly received: number | null
  /** 1 when every call has the same size, to 0. */
  readonly consistency: Ratio
}

/** How few others talk to the same place. */
export interface Rarity extends EvidenceBase {
  readonly kind: 'rarity'
  readonly endpoint: Endpoint
  readonly hosts: number
  readonly ofHosts: number
}

/** Traffic like that of other hosts in the group: a C-cluster. BotMiner 2008, section 3.3. */
export interface Likeness extends EvidenceBase {
  readonly kind: 'likeness'
  readonly peers: readonly string[]
  /** Hosts in the whole C-cluster, of all hosts with C-flows. */
  readonly clusterHosts: number
  readonly ofHosts: number
  readonly endpoints: readonly Endpoint[]
  /** Medians over the members' C-flows in the cluster. */
  readonly flowsPerHour: number
  readonly packetsPerFlow: number
  readonly bytesPerPacket: number
  readonly bytesPerSecond: number
}

/** Something that bots are made to do. BotMiner 2008, section 3.4. */
export interface ActivityEvidence extends EvidenceBase {
  readonly kind: 'activity'
  readonly activity: ActivityType
  readonly detector: string
  /** Verb phrase read after the host: "tried 412 servers on port 445, 98% without answer". */
  readonly did: string
  readonly hosts: readonly string[]
  readonly times: number
  readonly first: Micros
  readonly last: Micros
}

/** The cross-plane score against its threshold. BotMiner 2008, section 3.5, equation 1. */
export interface CrossPlane extends EvidenceBase {
  readonly kind: 'cross-plane'
  /** Score of each member, in the order of the finding's hosts. */
  readonly scores: readonly number[]
  readonly threshold: number
}

/** A family model that the trace matches. Tegeler et al., BotFinder 2012, section on model matching. */
export interface FamilyMatch extends EvidenceBase {
  readonly kind: 'family'
  readonly endpoint: Endpoint
  readonly family: string
  readonly score: number
  readonly threshold: number
  /** Names of the features that fell in a cluster of the model. */
  readonly hits: readonly string[]
}

/** One clue of a verdict without a model, and what it weighs. */
export interface WeighedClue {
  readonly clue: string
  readonly doc: string
  /** 0 to 1. */
  readonly value: number
  /** Its share in the log odds: over 0 accuses, under 0 clears. */
  readonly logOdds: number
}

/** RITA 5's score of the same calls: timestamps, sizes, histogram and duration a quarter each, all 0 to 1. */
export interface Baseline {
  readonly ts: number
  readonly ds: number
  readonly hist: number
  readonly dur: number
  readonly beacon: number
}

/** How the verdict without a model was reached, what would have changed it, and what the baseline says. */
export interface Weighing extends EvidenceBase {
  readonly kind: 'weighing'
  readonly endpoint: Endpoint
  readonly confidence: Ratio
  /** The line that confidence passes to be accused. */
  readonly threshold: Ratio
  /** Log odds before any clue. */
  readonly bias: number
  /** Heaviest first. */
  readonly reasons: readonly WeighedClue[]
  /** Changes by which it would not have been accused, as sentences; empty where no small change would do. */
  readonly otherwise: readonly string[]
  /** null where RITA leaves the pair out: fewer than 4 calls, or a name with several addresses. */
  readonly baseline: Baseline | null
}

/** Two addresses of one machine: what one asked the DNS for, the other called at once. */
export interface SameMachine extends EvidenceBase {
  readonly kind: 'same-machine'
  readonly host: string
  readonly alias: string
  /** Servers whose address the alias was told and that the host then called. */
  readonly servers: number
  /** Of so many servers the alias was told of and anyone called in time. */
  readonly ofServers: number
}

/** How a botnet is organised, as the lines that were fitted on simulated botnets have it. */
export interface Structure extends EvidenceBase {
  readonly kind: 'structure'
  readonly topology: Topology
  /** Of the kind that fits best, whether or not it suffices to decide. */
  readonly confidence: Ratio
  /** The kind that fits best. */
  readonly likeliest: DecidedTopology
  readonly members: number
  /** What was measured of the contact graph, in its own words. */
  readonly facts: readonly StructureFact[]
  /** What would remain if a server vanished, worst loss first; at most 10. */
  readonly losses: readonly Loss[]
  /** Members that others call and that call an upper tier in turn. */
  readonly relays: readonly string[]
}

export const decidedTopologies = ['star', 'multi-server', 'hierarchical', 'p2p'] as const
export type DecidedTopology = (typeof decidedTopologies)[number]
export type Topology = DecidedTopology | 'undecided'

export interface StructureFact {
  readonly fact: string
  /** A noun phrase: "share of members that call the busiest server". */
  readonly doc: string
  readonly value: number
  /** What it adds to the log odds of the likeliest kind over the runner-up. */
  readonly logOdds: number
}

/** Members that still reach another C&C server when this one is gone. */
export interface Loss {
  readonly endpoint: Endpoint
  readonly remaining: Ratio
}

/** Calls of others that the host passed on: pairs of an inbound and an outbound flow alike in time and bytes. */
export interface Relayed extends EvidenceBase {
  readonly kind: 'relayed'
  readonly port: number
  readonly protocol: string
  /** Strangers that called that port. */
  readonly clients: number
  /** Their calls, and how many of them an outbound flow answers to. */
  readonly calls: number
  readonly pairs: number
  /** Pairs that the same flows give when they are shifted in time: the mean over the shifts. */
  readonly expected: number
  /** Share of shifts, the true one among them, with as many pairs. */
  readonly chance: Ratio
  /** From the inbound flow to the outbound one, the middle case. */
  readonly lag: Micros
  /** Where the calls were passed on to, most first; at most 5. */
  readonly to: readonly Endpoint[]
  /** All of them. */
  readonly destinations: number
}

/** Talk with many strangers on ports that belong to no service. */
export interface PeerTalk extends EvidenceBase {
  readonly kind: 'peers'
  readonly protocol: string
  readonly peers: number
  /** Distinct /16 (IPv6: /32) of the peers. */
  readonly networks: number
  readonly failed: Ratio
  /** Share of its flows from its commonest port, and that port. */
  readonly localPort: number
  readonly localPortShare: Ratio
  /** Bytes of an answered flow, the middle case; null where the input does not say. */
  readonly bytes: number | null
  /** Strangers that called it. */
  readonly callers: number
  /** Peers that other hosts with such talk share, and how many hosts. */
  readonly mutual: number
  readonly mutualHosts: readonly string[]
  readonly reasons: readonly WeighedClue[]
}

/** An indicator of a threat list that the records hold. */
export interface ListMatch extends EvidenceBase {
  readonly kind: 'indicator'
  readonly list: string
  /** As the list has it, and as what: address, network, name, port or hash. */
  readonly indicator: string
  readonly type: string
  /** What the list says of it; empty where nothing. */
  readonly said: string
  /** When it was listed or last seen; null where the list does not say. */
  readonly listed: Micros | null
  /** What of the records matched. */
  readonly matched: string
  readonly times: number
  readonly first: Micros
  readonly last: Micros
  /** Internal hosts that met it. */
  readonly hosts: number
}

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

export type Evidence =
  | Structure
  | Relayed
  | PeerTalk
  | ListMatch
  | Rhythm
  | Sameness
  | Rarity
  | Likeness
  | ActivityEvidence
  | CrossPlane
  | FamilyMatch
  | SameMachine
  | Weighing
  | TunnelEvidence
  | PingEvidence
  | HandedEvidence
  | SpreadEvidence
  | LabelsEvidence
  | AnsweredEvidence

/**
 * One claim about the network, with what it rests on.
 *
 * A finding must be checkable without this program: every piece of evidence carries the numbers it used, some
 * of the flows it saw, and the query that shows them again.
 */
export interface Finding {
  /** Hash of kind, hosts, endpoints and epoch: the same input gives the same id, so reports can be compared. */
  readonly id: string
  readonly kind: FindingKind
  /** Accused hosts, worst first. Never empty. */
  readonly hosts: readonly string[]
  readonly from: Micros
  readonly to: Micros
  /** How bad, if true. */
  readonly severity: Severity
  /** How sure. Kept apart from severity on purpose. */
  readonly confidence: Ratio
  /** One sentence that could be wrong. */
  readonly claim: string
  readonly cnc: readonly Endpoint[]
  /** How the accused find their C&C; null where the records do not tell. */
  readonly rally: Rally | null
  readonly evidence: readonly Evidence[]
  /** Innocent causes that would look the same. Never empty. */
  readonly doubts: readonly [string, ...string[]]
}
