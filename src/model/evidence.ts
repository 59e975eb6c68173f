/** What a finding rests on: one interface per kind of evidence. */
import type { ActivityType } from './activity.ts'
import type {
  AnsweredEvidence,
  HandedEvidence,
  LabelsEvidence,
  PingEvidence,
  SpreadEvidence,
  TunnelEvidence,
} from './dns-evidence.ts'
import type { Endpoint, EvidenceBase } from './endpoint.ts'
import type { Micros, Ratio } from './units.ts'

/** Evidence whose sentence names no host. */
interface OfOneHost extends EvidenceBase {
  /** In a finding of several hosts, the one that it is about; absent where it is about all of them. */
  readonly host?: string
}

/** Calls at regular intervals. Tegeler et al., BotFinder 2012; Hu et al., BAYWATCH 2016. */
export interface Rhythm extends OfOneHost {
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
export interface Sameness extends OfOneHost {
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

/** Since when, and on how many days, a host has called a place, over all the time that aggregates are kept. */
export interface HistoryEvidence extends EvidenceBase {
  readonly kind: 'history'
  readonly endpoint: Endpoint
  readonly first: Micros
  /** Days with a call, and days on which the host was seen: 7 at least. */
  readonly days: number
  readonly ofDays: number
  /** Days before the first call on which the host was seen. From 7 on the place is new to it. */
  readonly daysBefore: number
}

/** Visits days or weeks apart, from the hourly aggregates. */
export interface SlowRhythm extends EvidenceBase {
  readonly kind: 'slow-rhythm'
  readonly endpoint: Endpoint
  readonly period: Micros
  readonly jitter: Micros
  readonly visits: number
  readonly span: Micros
  /** Visits, of those that the period would have made. */
  readonly coverage: Ratio
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

/** One feature of a verdict without a model, and what it weighs. */
export interface WeighedFeature {
  readonly feature: string
  /** In an analyst’s words, with the figures of the case; absent where a feature has none. */
  readonly description?: string
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
export interface Weighing extends OfOneHost {
  readonly kind: 'weighing'
  readonly endpoint: Endpoint
  readonly confidence: Ratio
  /** The line that confidence passes to be accused. */
  readonly threshold: Ratio
  /** Log odds before any feature. */
  readonly bias: number
  /** Heaviest first. */
  readonly reasons: readonly WeighedFeature[]
  /** Changes by which it would not have been accused, as sentences; empty where no small change would do. */
  readonly wouldChange: readonly string[]
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
  /** Of this many servers the alias was told of and anyone called in time. */
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
  readonly reasons: readonly WeighedFeature[]
}

/** An indicator of a threat list that the records hold. */
export interface ListMatch extends EvidenceBase {
  readonly kind: 'indicator'
  readonly list: string
  /** As the list has it, and as what: address, network, name, port or hash. */
  readonly indicator: string
  readonly type: string
  /** What the list says of it; empty where nothing. */
  readonly description: string
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

export type Evidence =
  | Structure
  | Relayed
  | PeerTalk
  | ListMatch
  | Rhythm
  | Sameness
  | Rarity
  | HistoryEvidence
  | SlowRhythm
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

/** Whether the evidence is of a kind that may say which host of a finding it is about. */
export const isOfOneHost = (evidence: Evidence): evidence is Rhythm | Sameness | Weighing =>
  evidence.kind === 'rhythm' || evidence.kind === 'sameness' || evidence.kind === 'weighing'
