/**
 * The stages of an infection at each host, joined in windows by BotHunter's two rules.
 *
 * Gu et al., "BotHunter: detecting malware infection through IDS-driven dialog correlation", USENIX Security 2007:
 * a host is declared where (1) it was attacked from outside and shows a sign of coordination or attack outward, or
 * (2) shows two distinct indicators outward, all within a window that slides and is pruned. The window is BotFlex's, 12
 * hours. Its weights are not published; ours are fitted (`node bench/fit/fit-life-cycle.ts --write`).
 */
import type { WeighedFeature } from '../model/evidence.ts'
import type { DeclarationRule, LifeCycle, LifeStage, StageIndicator } from '../model/life-cycle.ts'
import { lifeStages } from '../model/life-cycle.ts'
import { clampRatio } from '../model/units.ts'
import fittedStages from './life-cycle.json' with { type: 'json' }
import { type Feature, type Head, weigh } from './weights.ts'

/** Indicators further apart than this are of different stories. */
export const window = 12 * 3600e6

interface LifeParameters extends Head {
  /** Score from which a host is declared, where a rule holds too. */
  readonly threshold: number
}
const fittedLife: LifeParameters = fittedStages

export const stageFeatures: readonly Feature[] = [
  { name: 'inbound-scan', doc: 'External hosts tried its ports.', sign: 1 },
  { name: 'inbound-exploit', doc: 'It was attacked, or a scanner got through to it.', sign: 1 },
  { name: 'download', doc: 'It fetched a program.', sign: 1 },
  { name: 'rally', doc: 'It calls what looks like command and control.', sign: 1 },
  { name: 'activity', doc: 'It scans, spams or attacks.', sign: 1 },
  { name: 'upkeep', doc: 'It fetched a program once it was under control.', sign: 1 },
]

/** An indicator as a detector gives it. */
export type Indicator = Omit<StageIndicator, 'counted'> & { readonly host: string }

const outward: readonly LifeStage[] = ['download', 'rally', 'activity']

/** Life cycles of all hosts with an outward indicator, worst first. */
export function lifeCyclesOf(
  indicators: readonly Indicator[],
  parameters: LifeParameters = fittedLife,
): LifeCycle[] {
  return [...Map.groupBy(indicators, ({ host }) => host)]
    .filter(([, own]) => own.some(({ stage }) => outward.includes(stage)))
    .map(([host, own]) => lifeCycleOf(host, own, parameters))
    .toSorted(
      (a, b) => Number(b.declared) - Number(a.declared) || b.score - a.score || (a.host < b.host ? -1 : 1),
    )
}

/** Most indicators of one host that are told; the strongest stay. */
const mostIndicators = 40

function lifeCycleOf(host: string, given: readonly Indicator[], parameters: LifeParameters): LifeCycle {
  const indicators = withUpkeep(
    given
      .toSorted((a, b) => b.strength - a.strength)
      .slice(0, mostIndicators)
      .toSorted((a, b) => a.first - b.first || (a.stage < b.stage ? -1 : 1)),
  )

  const judged = indicators.map(({ first }) => windowFrom(indicators, first, parameters))
  const best = judged.reduce(better)

  return {
    host,
    score: clampRatio(Math.round(1e3 * best.score) / 1e3),
    declared: best.rule !== null && best.score >= parameters.threshold,
    rule: best.rule,
    stages: indicators.map(({ host: _host, ...indicator }) => ({
      ...indicator,
      counted: best.indicators.has(`${indicator.first} ${indicator.source}`),
    })),
    reasons: best.reasons,
  }
}

interface Judged {
  readonly indicators: ReadonlySet<string>
  readonly rule: DeclarationRule | null
  readonly score: number
  readonly reasons: readonly WeighedFeature[]
}

const better = (a: Judged, b: Judged): Judged => {
  if ((a.rule === null) !== (b.rule === null)) return a.rule === null ? b : a
  return b.score > a.score ? b : a
}

/** The indicators that overlap the window that begins at `from`, by the rules and the weights. */
function windowFrom(indicators: readonly Indicator[], from: number, parameters: LifeParameters): Judged {
  const within = indicators.filter(({ first, last }) => first < from + window && last >= from)
  const { score, reasons } = weigh(parameters, stageFeatures, strengthsOf(within))
  return {
    indicators: new Set(within.map(({ first, source }) => `${first} ${source}`)),
    rule: ruleOf(within),
    score,
    reasons,
  }
}

/** The strongest sign of each stage. */
export function strengthsOf(
  indicators: readonly Pick<StageIndicator, 'stage' | 'strength'>[],
): Record<string, number> {
  return Object.fromEntries(
    lifeStages.map((stage) => [
      stage,
      indicators.reduce((most, each) => (each.stage === stage ? Math.max(most, each.strength) : most), 0),
    ]),
  )
}

/** BotHunter's conditions. */
export function ruleOf(indicators: readonly Pick<StageIndicator, 'stage'>[]): DeclarationRule | null {
  // A program fetched late is as much of an indicator as one fetched first.
  const seen: ReadonlySet<LifeStage> = new Set(
    indicators.map(({ stage }) => (stage === 'upkeep' ? 'download' : stage)),
  )
  const distinct = outward.filter((stage) => seen.has(stage)).length
  if (distinct >= 2) return 'two-outbound-indicators'
  return seen.has('inbound-exploit') && distinct >= 1 ? 'infected-and-outbound' : null
}

/** A program that is fetched after the host first rallied or acted is upkeep. */
function withUpkeep(indicators: readonly Indicator[]): Indicator[] {
  const controlled = indicators.find(({ stage }) => stage === 'rally' || stage === 'activity')
  return indicators.map((indicator) =>
    indicator.stage === 'download' && controlled && indicator.first > controlled.first + 60e6
      ? { ...indicator, stage: 'upkeep' }
      : indicator,
  )
}
