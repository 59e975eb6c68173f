/** What each page shows, and what its address with `.json` gives: the types that server, pages and OpenAPI share. */
import type { ActivityType } from '../model/activity.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { FindingKind, Severity } from '../model/finding.ts'
import type { ChangeKind, Comparison, HostChange } from '../model/review/comparison.ts'
import type { Decided } from '../model/review/decision.ts'
import type { PrintedFinding } from '../reports/json.ts'

/** Part of a list: `rows` from `offset` on, of `total` that the filter lets pass. */
export interface Rows<Row> {
  readonly total: number
  readonly offset: number
  readonly rows: readonly Row[]
}

export const hostStates = ['accused', 'suspect', 'allowed'] as const
/**
 * accused: a finding names it. suspect: indicators under the threshold. allowed: accused, were it not for
 * decisions.
 */
export type HostState = (typeof hostStates)[number]

export interface HostRow {
  /** Place in the whole list, from 1. */
  readonly rank: number
  readonly host: string
  readonly state: HostState
  /** How bad, if true; null of a suspect. */
  readonly severity: Severity | null
  /** How sure, 0 to 1: of all indicators together. */
  readonly confidence: number
  readonly kinds: readonly FindingKind[]
  readonly techniques: readonly string[]
  readonly botnet: string | null
  /** Where it calls, at most 3. */
  readonly places: readonly string[]
  readonly why: string
  readonly change: ChangeKind | null
  readonly confirmed: boolean
  /** What analysts gave it. */
  readonly tags: readonly string[]
  readonly from: number | null
  readonly to: number | null
}

/** Counts of a column's values over the rows that the other filters let pass. */
export type Facet = Readonly<Record<string, number>>

export interface HostsView extends Rows<HostRow> {
  readonly facets: {
    readonly kind: Facet
    readonly severity: Facet
    readonly technique: Facet
    readonly state: Facet
    readonly tag: Facet
  }
}

export interface BotnetRow {
  readonly id: string
  readonly members: number
  readonly severity: Severity
  readonly confidence: number
  readonly topology: string
  readonly activities: readonly string[]
  readonly cnc: readonly Endpoint[]
  readonly rally: string | null
}

/** A picture, drawn: its SVG holds no script and no style of its own. */
export interface DrawnPicture {
  readonly title: string
  /** What to see, in one sentence. */
  readonly see: string
  readonly svg: string
}

export interface OverviewView {
  readonly version: string
  readonly database: string
  readonly read: string
  readonly accused: string
  readonly decided: readonly string[]
  readonly hosts: {
    readonly accused: number
    readonly suspect: number
    readonly allowed: number
    readonly all: number
  }
  readonly kinds: Facet
  readonly severities: Facet
  readonly techniques: readonly { readonly id: string; readonly name: string; readonly hosts: number }[]
  readonly botnets: readonly BotnetRow[]
  readonly worst: readonly HostRow[]
  readonly changes: {
    readonly before: string | null
    readonly counts: Facet
    readonly hosts: readonly HostChange[]
  }
  readonly blindSpots: readonly string[]
  readonly rejects: Facet
  readonly pictures: readonly DrawnPicture[]
}

interface IndicatorRow {
  readonly type: 'address' | 'name'
  readonly value: string
  readonly ports: readonly string[]
  readonly confidence: number
  readonly hosts: number
}

export interface BotnetView {
  readonly botnet: BotnetRow
  readonly members: readonly HostRow[]
  readonly findings: readonly PrintedFinding[]
  readonly indicators: readonly { readonly kind: string; readonly members: number }[]
  readonly block: readonly IndicatorRow[]
  readonly leftOut: readonly { readonly value: string; readonly why: string }[]
  readonly pictures: readonly DrawnPicture[]
}

/** One C-cluster on the map. */
export interface ClusterRow {
  readonly id: string
  readonly transport: string
  /** Place on the two axes. */
  readonly x: number
  readonly y: number
  readonly cflows: number
  readonly hosts: number
  /** Hosts that did something of the A-plane in the epoch. */
  readonly active: number
  /** Hosts of a botnet that was found. */
  readonly bots: number
  /** Whether the host that is asked for has a C-flow in it. */
  readonly holds: boolean
}

export interface CplaneView {
  readonly epoch: number
  readonly epochs: readonly { readonly from: number; readonly to: number }[]
  readonly host: string | null
  /** Hosts with C-flows in the epoch, and how many of them have activities. */
  readonly hosts: number
  readonly active: number
  /** Two, or none where there is no cluster: how much of the variance each shows, and what it is made of most. */
  readonly axes: readonly {
    readonly share: number
    readonly made: readonly { readonly of: string; readonly weight: number }[]
  }[]
  /** Clusters of the epoch; `clusters` may be fewer. */
  readonly total: number
  readonly clusters: readonly ClusterRow[]
  /** The cluster that is asked for. */
  readonly chosen:
    | (ClusterRow & {
        /** At most 100, those with activities first. */
        readonly members: readonly {
          readonly host: string
          readonly cflows: number
          readonly activities: readonly ActivityType[]
        }[]
        /** At most 100, those that most members call first. */
        readonly services: readonly {
          readonly address: string
          readonly port: number
          readonly protocol: string
          readonly callers: number
          readonly calls: number
        }[]
        readonly medians: readonly { readonly name: string; readonly unit: string; readonly value: number }[]
      })
    | null
}

export interface NameView {
  readonly name: string
  readonly questions: number
  readonly failed: number
  readonly askers: readonly {
    readonly host: string
    readonly times: number
    readonly first: number
    readonly last: number
  }[]
  readonly answers: readonly {
    readonly answer: string
    readonly times: number
    readonly first: number
    readonly last: number
  }[]
  readonly findings: readonly PrintedFinding[]
  readonly pictures: readonly DrawnPicture[]
}

export interface FindingView {
  readonly finding: PrintedFinding
  readonly members: readonly HostRow[]
  readonly pictures: readonly DrawnPicture[]
}

export interface ChangesView {
  readonly comparison: Comparison
  readonly analyses: readonly { readonly analysis: string; readonly made: number; readonly version: string }[]
}

export interface DecisionsView {
  readonly file: string | null
  readonly decided: Decided
}
