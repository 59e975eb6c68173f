/** The answer of one analysis: what `--json` prints. Its schema is docs/reference/answer.schema.json. */
import type { ActivityType } from './activity.ts'
import type { Endpoint } from './endpoint.ts'
import type { Evidence } from './evidence.ts'
import type { Finding, FindingKind, Rally, Severity } from './finding.ts'
import type { LifeCycle } from './life-cycle.ts'
import type { Decided } from './review/decision.ts'
import type { Micros, Ratio } from './units.ts'

export interface InputReport {
  readonly name: string
  readonly format: string
  readonly sha256: string
  /** Records taken, by table. */
  readonly records: Readonly<Record<string, number>>
  /** Flows left out since another input had them already. */
  readonly duplicates: number
  /** Records left out, by reason. */
  readonly rejects: Readonly<Record<string, number>>
  readonly rejectSamples: readonly {
    readonly reason: string
    readonly position: number
    readonly sample: string
  }[]
  /** True where the same content had been imported before, so that nothing was done. */
  readonly known: boolean
}

/** One C-plane filter: what went in, what it left out. BotMiner 2008, section 3.3. */
export interface FilterReport {
  readonly name: string
  /** What it leaves out, as a noun phrase: "flows that stay inside". */
  readonly doc: string
  /** Flows that came in. */
  readonly in: number
  /** Flows that passed on. */
  readonly out: number
}

export interface EpochReport {
  readonly number: number
  readonly from: Micros
  readonly to: Micros
  readonly flows: number
  readonly clients: number
  readonly filters: readonly FilterReport[]
  readonly cflows: { readonly tcp: number; readonly udp: number; readonly tooFew: number }
  readonly cclusters: { readonly coarse: number; readonly fine: number }
  readonly activities: Readonly<Record<string, number>>
  readonly aclusters: number
}

export interface AnalysisReport {
  /** Same options and inputs, same id. */
  readonly id: string
  readonly mode: 'default' | 'paper'
  readonly from: Micros | null
  readonly to: Micros | null
  readonly internal: readonly string[]
  /** True where the internal networks were told from the traffic, not by the user or by private ranges. */
  readonly internalGuessed: boolean
  readonly options: Readonly<Record<string, unknown>>
  readonly epochs: readonly EpochReport[]
  /** Questions to the DNS by what kind of name they asked for; see `queried.kind`. */
  readonly names: Readonly<Record<string, number>>
  /** What these inputs cannot show, in sentences. */
  readonly blindSpots: readonly string[]
  readonly hosts: number
}

/** What one detector saw of a host, and what that weighs. */
export interface VerdictPart {
  readonly kind: FindingKind
  /** The detector's own confidence; its line is 0.5. */
  readonly strength: Ratio
  /** Its share in the log odds of the verdict; never under 0. */
  readonly logOdds: number
  /** To be read after the host: "calls 203.0.113.9:443 at regular intervals". */
  readonly description: string
}

/** All indicators of one host weighed together. */
export interface HostVerdict {
  readonly host: string
  /** Share of such hosts that were bots where the weights were fitted. */
  readonly confidence: Ratio
  /** Log odds before any indicator. */
  readonly prior: number
  /** At most one of a kind, heaviest first. */
  readonly parts: readonly VerdictPart[]
  /** What would change the verdict, as sentences. */
  readonly wouldChange: readonly string[]
}

export interface AccusedHost extends HostVerdict {
  readonly severity: Severity
  readonly kinds: readonly FindingKind[]
  /** Id of the botnet it belongs to, or null. */
  readonly botnet: string | null
  readonly cnc: readonly Endpoint[]
  /** Ids of the findings that accuse it, strongest first. Never empty. */
  readonly findings: readonly string[]
}

/** How many members of a botnet show one kind of indicator. */
export interface SharedIndicator {
  readonly kind: FindingKind
  readonly members: number
}

export interface Botnet {
  readonly id: string
  readonly hosts: readonly string[]
  readonly cnc: readonly Endpoint[]
  readonly activities: readonly ActivityType[]
  /** How the members find their C&C; null where the records do not tell. */
  readonly rally: Rally | null
  /** star, multi-server, hierarchical, p2p, or undecided. */
  readonly topology: string
  /** The mean of its members' verdicts. */
  readonly confidence: Ratio
  /** Indicators of its members, commonest first. */
  readonly indicators: readonly SharedIndicator[]
}

/** What speaks for or against a contact being command and control. */
export interface ContactReason {
  readonly feature: string
  /** In words: "called at regular intervals, every 60 s, 363 times". */
  readonly description: string
  /** How far the feature is there, 0 to 1. */
  readonly value: number
  /** Its share in the log odds: over 0 accuses, under 0 clears. */
  readonly logOdds: number
}

/** One service outside that a host meets, judged by itself. */
export interface RankedContact extends Endpoint {
  readonly host: string
  /** Share of such contacts that were command and control where the weights were fitted. */
  readonly score: Ratio
  /** 1 for the host's most suspicious contact. */
  readonly rank: number
  /** Whether it accuses the host. */
  readonly accused: boolean
  /** Servers that stand behind it. */
  readonly servers: number
  /** Connections to it; questions, for a domain that is reached by the DNS alone. */
  readonly calls: number
  readonly from: Micros
  readonly to: Micros
  /** Heaviest first. */
  readonly reasons: readonly ContactReason[]
}

export interface Answer {
  readonly tool: 'gannet'
  readonly version: string
  readonly analysis: AnalysisReport
  readonly inputs: readonly InputReport[]
  readonly hosts: readonly AccusedHost[]
  /** Hosts under the line of which something was seen, most suspect first; at most 1000. */
  readonly suspects: readonly HostVerdict[]
  /** Contacts of every host, most suspicious first: at most 20 of one host, above 50 hosts fewer, and 1000 in all. */
  readonly contacts: readonly RankedContact[]
  readonly botnets: readonly Botnet[]
  readonly findings: readonly Finding[]
  /** Stages of an infection by host, accused or not; declared ones first. */
  readonly lifeCycles: readonly LifeCycle[]
  /** What analysts decided, and what resulted; absent where nobody asked. */
  readonly decided?: Decided
}

/** Numbers behind the pictures of the HTML report; kept with the analysis, left out of `--json`. */
export interface Figures {
  readonly dendrograms: readonly Dendrogram[]
  readonly contacts: readonly Contacts[]
  readonly distributions: readonly Distribution[]
  readonly timelines: readonly Timeline[]
  readonly beacons: readonly BeaconFigure[]
  /** Cross-plane scores over 0, also those under the line, highest first; absent in answers of older versions. */
  readonly scores?: readonly HostCrossPlane[]
  /** Indicators under the thresholds of their detectors, to judge again with; absent in answers of older versions. */
  readonly weakIndicators?: readonly WeakIndicator[]
}

/** An indicator under its detector's threshold. */
export interface WeakIndicator {
  readonly host: string
  readonly kind: FindingKind
  readonly strength: number
  /** Read after the host. */
  readonly description: string
  readonly from: Micros
  readonly to: Micros
  readonly cnc: readonly Endpoint[]
  readonly doubts: readonly string[]
  /** Kept for hosts that such indicators accuse by themselves, should all else be allowed. */
  readonly evidence?: readonly Evidence[]
}

/** What a host scored in an epoch. BotMiner 2008, equation 1. */
interface HostCrossPlane {
  readonly epoch: number
  readonly host: string
  readonly score: number
}

/** Hosts joined by likeness; SciPy's linkage rows. */
export interface Dendrogram {
  readonly epoch: number
  readonly hosts: readonly string[]
  readonly merges: readonly {
    readonly a: number
    readonly b: number
    readonly height: number
    readonly size: number
  }[]
  /** Height of the cut; joins above it were not made. */
  readonly cut: number
  readonly botnetOf: readonly (string | null)[]
}

/** Who talks to whom: a botnet's members and the servers that its C-clusters share. */
export interface Contacts {
  readonly botnet: string
  readonly links: readonly {
    readonly host: string
    readonly server: string
    readonly flows: number
    readonly cnc: boolean
  }[]
}

/** One feature of a C-cluster against all other C-flows: 13 shares each, in the pooled-quantile bins. */
export interface Distribution {
  readonly botnet: string
  readonly feature: string
  readonly unit: string
  /** 12 cut points. */
  readonly cuts: readonly number[]
  readonly cluster: readonly number[]
  readonly rest: readonly number[]
}

/** Activity of one botnet or host over time, in equal bins. */
export interface Timeline {
  readonly subject: string
  readonly from: Micros
  readonly step: Micros
  readonly series: readonly { readonly name: string; readonly counts: readonly number[] }[]
}

/** One beacon: its calls, its intervals, its spectrum. Intervals and periods are in seconds. */
export interface BeaconFigure {
  readonly finding: string
  readonly starts: readonly Micros[]
  readonly intervals: readonly { readonly from: number; readonly to: number; readonly count: number }[]
  readonly spectrum: readonly { readonly period: number; readonly power: number }[]
  readonly threshold: number
}
