/** Every option of an analysis: its default, what it means, where the default comes from. */
import type { ActivityType } from './model/activity.ts'
import type { Micros } from './model/units.ts'

export interface AnalysisOptions {
  /** `default` mends what pitfalls of the method are known; `paper` does the paper's arithmetic. */
  readonly mode: 'default' | 'paper'
  /** Networks whose hosts are judged, as CIDR; empty: private ranges, or what the traffic shows. */
  readonly internal: readonly string[]
  /** Hours in an epoch. BotMiner takes a day. */
  readonly epochHours: number
  /** Analyse only records that began within this time before the newest; absent for all. */
  readonly last?: Micros
  /** Flows that a C-flow must have to be clustered (pitfall 9); 1 in the paper. */
  readonly minFlows: number
  readonly f1: boolean
  readonly f2: boolean
  readonly f3: boolean
  /** Files of what accuses nobody: names, addresses, networks, services (HOST:PORT), or MISP warning lists. */
  readonly allow: readonly string[]
  /** Threat lists: plain, CSV, MISP, STIX 2.1. */
  readonly threats: readonly string[]
  /** Hosts whose work is to send mail or to scan, where the records do not show it. */
  readonly mailServers: readonly string[]
  readonly scanners: readonly string[]
  /** θ of BotMiner's equation 1; 0 in the paper. What it rests on: docs/method/thresholds.md. */
  readonly threshold: number
  /** Most overlaps by chance a term of the score may be expected to have; Infinity in the paper. */
  readonly chance: number
  /** Activities that make no bot by themselves (see src/correlations). */
  readonly weak: readonly ActivityType[]
  /** w of each activity in equation 1. The paper’s experiments use 1 for all. */
  readonly weights: Readonly<Record<ActivityType, number>>
  /** Settings of the A-plane rules, as `rule.option`: number. */
  readonly rules: Readonly<Record<string, number>>
  /** Look for single hosts that call out by themselves. BotMiner does not. */
  readonly beacons: boolean
  /** How sure a contact must be to accuse a host. What each costs: docs/method/contacts.md. */
  readonly sensitivity: 'low' | 'normal' | 'high'
  /** Folder of family models that every trace is set against; null for none. BotFinder, CoNEXT 2012. */
  readonly models: string | null
  /** α: a match scores over it; null for that of the folder's calibration, or the paper's 1.75 without one. */
  readonly alpha: number | null
  /** h: features that a match must hit; null for that of the calibration, or the paper's 3. */
  readonly minHits: number | null
  /** MaxMind databases of autonomous systems and countries: who owns an address, and names that flux. */
  readonly mmdb: readonly string[]
  /** A list of popular domains in place of the packaged one; null for the package's. */
  readonly popularity: string | null
  /** Look for tunnels, flux and wildcards in the DNS. */
  readonly names: boolean
  readonly seed: number
}

const weights = { scan: 1, spam: 1, download: 1, exploit: 1, dga: 1 } as const

export const defaults: AnalysisOptions = {
  mode: 'default',
  internal: [],
  epochHours: 24,
  minFlows: 3,
  f1: true,
  f2: true,
  f3: true,
  allow: [],
  threats: [],
  mailServers: [],
  scanners: [],
  threshold: 0.1,
  chance: 0.05,
  weak: ['download'],
  weights,
  rules: {},
  beacons: true,
  sensitivity: 'normal',
  models: null,
  alpha: null,
  minHits: null,
  mmdb: [],
  popularity: null,
  names: true,
  seed: 1,
}

/** What the paper does, where it says so; see docs/method/botminer.md. */
export const paper: AnalysisOptions = {
  ...defaults,
  mode: 'paper',
  minFlows: 1,
  threshold: 0,
  chance: Number.POSITIVE_INFINITY,
  weak: [],
  beacons: false,
  names: false,
}
