/** What the pages of a host, of contacts and of traces show. */
import type { HostVerdict } from '../../model/answer.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { HostSummary } from '../../model/host-summary.ts'
import type { LifeCycle } from '../../model/life-cycle.ts'
import type { AllowedFinding, Decision } from '../../model/review/decision.ts'
import type { PrintedFinding } from '../../reports/json.ts'
import type { BotnetRow, DrawnPicture, HostRow, Rows } from '../views.ts'

/** One contact of a host with the outside, ranked by how much it looks like command and control. */
export interface RankedRow extends Endpoint {
  readonly rank: number
  readonly host: string
  readonly score: number
  readonly reasons: readonly string[]
  /** The finding that it is part of, or null. */
  readonly finding: string | null
}

export interface ContactRow extends RankedRow {
  /** Whose address it is, by the packaged lists of networks and autonomous systems; null where none has it. */
  readonly owner: string | null
  /** The name's place in lists of popular domains, in classes (within the first 1000, 10,000 …); null: in none. */
  readonly popularity: number | null
  /** When anybody called the service first, in all records; null where they were not asked. */
  readonly firstSeen: number | null
  /** Hosts that call the service; null where the records were not asked. */
  readonly callers: number | null
}

export interface ContactsView extends Rows<ContactRow> {
  /** ranked: every contact of the analysis. indicators: only those that a detector saw something in. */
  readonly source: 'ranked' | 'indicators'
}

export interface FlowRow {
  readonly id: string
  readonly start: number
  readonly duration: number
  readonly clientPort: number
  readonly sent: number | null
  readonly received: number | null
  readonly packets: number | null
  readonly outcome: string
  readonly state: string
  readonly uid: string
  /** The input that it was read from; empty if that is no longer kept. */
  readonly input: string
  /** Line or record number in the input, from 1. */
  readonly position: number
}

export interface TraceView {
  readonly host: string
  readonly endpoint: Endpoint
  readonly score: number | null
  readonly finding: PrintedFinding | null
  /** Flows between the two, first ones first; `flows.total` is all of them. */
  readonly flows: Rows<FlowRow>
  /** Other hosts that call the same service. */
  readonly callers: number
  /** RITA's score of the same flows; null where it gives none. */
  readonly baseline: Baseline | null
  readonly pictures: readonly DrawnPicture[]
}

/** The four parts of RITA's score and their mean, each 0 to 1. */
interface Baseline {
  readonly beacon: number
  readonly ts: number
  readonly ds: number
  readonly hist: number
  readonly dur: number
}

export interface HostView {
  readonly host: string
  readonly row: HostRow | null
  readonly verdict: HostVerdict | null
  readonly botnet: BotnetRow | null
  readonly findings: readonly PrintedFinding[]
  readonly allowed: readonly AllowedFinding[]
  readonly decisions: readonly Decision[]
  readonly contacts: readonly ContactRow[]
  /** Names that it asked the DNS for, those that failed most and were asked most first; at most 20. */
  readonly names: readonly AskedName[]
  /** Its services that others called and it answered, those with most callers first; at most 20. */
  readonly served: readonly ServedPort[]
  readonly lifeCycle: LifeCycle | null
  /** What the records say of it; null where they were not asked. */
  readonly summary: HostSummary | null
  /** Where the host is given as command and control: ids of findings. */
  readonly servesAs: readonly string[]
  readonly pictures: readonly DrawnPicture[]
  readonly blindSpots: readonly string[]
}

interface AskedName {
  readonly name: string
  readonly times: number
  /** Without such a name (NXDOMAIN). */
  readonly failed: number
}

interface ServedPort {
  readonly port: number
  readonly protocol: string
  readonly callers: number
  readonly flows: number
}
