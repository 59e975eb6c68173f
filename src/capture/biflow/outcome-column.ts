/**
 * How a flow of exporters went, kept in the row that it leaves with: a string would cost more than all the rest of the
 * row. What the pairing knows of a flow that is open is over then, so that its columns are free.
 */
import { type Outcome, outcomes } from '../../model/flow.ts'
import type { FlowRows } from '../flows/flow-layout.ts'
import type { ConnState } from '../flows/flow-record.ts'
import { given, intWidth } from './layout.ts'
import { exportStates } from './outcome.ts'

const packing = { outcomes: 7, stateShift: 4, sampled: 1 << 16 } as const

/** States that such a flow can have, unless it is of a sample. */
const numberOf: ReadonlyMap<string, number> = new Map(exportStates.map((state, i) => [state, i]))
const outcomeNumber = new Map(outcomes.map((outcome, i) => [outcome, i]))

/** Keeps how the flow of a row went: `how` is its state, or of a sample the rate, NaN where nobody told it. */
export function keepOutcome({ ints }: FlowRows, row: number, outcome: Outcome, how: string | number): void {
  const at = row * intWidth
  const sampled = typeof how === 'number'
  const state = sampled ? 0 : (numberOf.get(how) as number)
  ints[at + given.rate] = sampled && Number.isFinite(how) ? Math.round(how) : -1
  ints[at + given.packedOutcome] =
    (outcomeNumber.get(outcome) as number) | (state << packing.stateShift) | (sampled ? packing.sampled : 0)
}

/** How the flow of a row went; of a sample, `1:N` for the state, and `1:?` where nobody told the rate. */
export function keptConnState({ ints }: FlowRows, row: number): ConnState {
  const at = row * intWidth
  const kept = ints[at + given.packedOutcome] as number
  const rate = ints[at + given.rate] as number
  const state =
    kept & packing.sampled
      ? `1:${rate < 0 ? '?' : rate}`
      : (exportStates[(kept >>> packing.stateShift) & 15] as string)
  return { outcome: outcomes[kept & packing.outcomes] as Outcome, state }
}
