/**
 * The stages of an infection as records show them. Gu et al., BotHunter, USENIX Security 2007, and the botnet life
 * cycle.
 */
import type { WeighedFeature } from './evidence.ts'
import type { Micros, Ratio } from './units.ts'

/**
 * In order: BotHunter's E1 (inbound scan), E2 (inbound exploit), E3 (program fetched), E4 (C&C), E5 (outbound attack);
 * and programs fetched once it was under control.
 */
export const lifeStages = [
  'inbound-scan',
  'inbound-exploit',
  'download',
  'rally',
  'activity',
  'upkeep',
] as const
export type LifeStage = (typeof lifeStages)[number]

/** One sign of one stage at one host. */
export interface StageIndicator {
  readonly stage: LifeStage
  readonly first: Micros
  readonly last: Micros
  readonly times: number
  /** How telling by its own detector, 0 to 1. */
  readonly strength: Ratio
  /** Which detector or record says so. */
  readonly source: string
  /** Read after the host. */
  readonly what: string
  /** Whether it is in the window that the score is of. */
  readonly counted: boolean
}

/** BotHunter's two conditions: infected from outside and an indicator outward, or two distinct indicators outward. */
export type DeclarationRule = 'infected-and-outbound' | 'two-outbound-indicators'

export interface LifeCycle {
  readonly host: string
  /** Of the best window of stages, as a probability; what it was fitted on is in docs/method/structures.md. */
  readonly score: Ratio
  readonly declared: boolean
  readonly rule: DeclarationRule | null
  /** In time. Never empty. */
  readonly stages: readonly StageIndicator[]
  readonly reasons: readonly WeighedFeature[]
}
