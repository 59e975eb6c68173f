import type { Cplane } from '../cflows/index.ts'
import type { IcmpChannel, Stealer } from '../channels/index.ts'
import type { AnalysisOptions } from '../config.ts'
import type { Correlation } from '../correlations/index.ts'
import type { AnsweredName, CheckIn, Places, RallyFacts, ZoneRotation } from '../dns/index.ts'
import type { BotnetFinding, DatedIndicator, DoneActivity } from '../findings/index.ts'
import type { Allowlist } from '../model/allowlist.ts'
import type { Answer, EpochReport, Figures, InputReport } from '../model/answer.ts'
import type { Planes } from '../model/correlation.ts'
import type { Finding } from '../model/finding.ts'
import type { Scope } from '../model/networks.ts'
import type { StageName } from '../model/stage.ts'
import type { Internal } from '../store/internal.ts'
import type { Store } from '../store/store.ts'
import type { Threats } from '../threats/index.ts'
import type { Contact } from '../traces/contacts/find.ts'
import type { FamilyHit } from '../traces/families/families.ts'
import type { ModelFolder } from '../traces/families/model-files.ts'
import type { SlowContact } from '../traces/slow/find.ts'
import type { Mover } from './machines.ts'

export interface Context {
  readonly version: string
  /** What was imported, as the report tells it. */
  readonly inputs: readonly InputReport[]
  /** Called when a stage begins, with the share of the analysis done before it. */
  readonly progress: (stage: StageName, share: number) => void
  /** Called with the planes of each epoch before they are joined; benchmarks look at scores under the threshold. */
  readonly planes?: (planes: Planes) => void
  /** No import writes to the database while it is analysed: a command has it for itself. */
  readonly isAlone?: boolean
  /** No two stages at the same time: whoever measures what each takes. */
  readonly inTurn?: boolean
}

export interface Analysed {
  readonly answer: Answer
  readonly figures: Figures
}

export interface Work {
  readonly store: Store
  readonly options: AnalysisOptions
  readonly id: string
  readonly allow: Allowlist
  /** Owners and countries of addresses, by the user's databases before the package. */
  readonly places: Places
  readonly context: Context
}

export type Whole = Pick<Scope, 'from' | 'to' | 'internal'>

/** All of the scopes together. */
export const wholeOf = (scopes: readonly Scope[]): Whole => ({
  from: scopes[0]!.from,
  to: scopes.at(-1)!.to,
  internal: scopes[0]!.internal,
})

export interface EpochResult {
  readonly scope: Scope
  readonly report: EpochReport
  readonly blind: readonly string[]
  /** Records by kind, where the epoch has no flow; else empty. */
  readonly flowless: Readonly<Record<string, number>>
  readonly botnets: readonly BotnetFinding[]
  readonly findings: readonly Finding[]
  readonly weakIndicators: readonly DatedIndicator[]
  readonly tree: Correlation['tree']
  readonly scores: Correlation['scores']
  readonly cplane: Cplane
  /** Hosts that ask for names of the same generator, each alone at least. */
  readonly generators: readonly (readonly string[])[]
  readonly activities: readonly DoneActivity[]
}

export interface StageResults {
  readonly results: readonly EpochResult[]
  /** Contacts of every host, most suspicious first. */
  readonly contacts: readonly Contact[]
  /** Contacts whose calls lie hours to weeks apart, most suspicious first. */
  readonly slow: readonly SlowContact[]
  readonly families: readonly FamilyHit[]
  readonly threats: Threats
  readonly models: ModelFolder | null
  readonly internal: Internal
  readonly context: Context
  readonly whole: Whole
  readonly names: Named
  readonly channels: Channels
  /** Machines that changed their address. */
  readonly movers: readonly Mover[]
}

/** Channels that are no service of their own. */
export interface Channels {
  readonly pings: readonly IcmpChannel[]
  readonly stealers: readonly Stealer[]
}

/** What the names stage says of all epochs together. */
export interface Named extends RallyFacts {
  /** Names that answered the hosts of each generator. */
  readonly led: readonly { readonly hosts: readonly string[]; readonly answered: readonly AnsweredName[] }[]
  readonly kinds: Readonly<Record<string, number>>
  /** Names asked at regular intervals that nobody contacts. */
  readonly checkIns: readonly CheckIn[]
  /** Channels over several domains. */
  readonly rotations: readonly ZoneRotation[]
}

export interface LifeCycleFacts {
  readonly results: readonly EpochResult[]
  readonly findings: readonly Finding[]
  readonly whole: Pick<Scope, 'from' | 'to' | 'internal'>
}

export const noNames: Named = {
  tunnels: [],
  checkIns: [],
  rotations: [],
  fluxes: [],
  wildcards: [],
  answered: [],
  led: [],
  kinds: {},
}
