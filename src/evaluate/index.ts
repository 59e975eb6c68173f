export { adjustedRand } from './adjusted-rand.ts'
export { type Curves, curvesOf, type Interval, type ScoredHost } from './curves.ts'
export {
  type BotnetScore,
  type Evaluation,
  evaluate,
  type FalseAlarm,
  type HostScore,
  type Miss,
  type Shares,
} from './evaluate.ts'
export { type Frame, frameSeconds, type TimeWeighted, timeWeighted } from './garcia.ts'
export { truthFromLabels } from './labels.ts'
export { evaluationPage, type WholeEvaluation } from './page.ts'
export { readTruth, readTruths } from './read-truth.ts'
export { readTruthTable } from './read-truth-table.ts'
export { evaluationText } from './text.ts'
export { evaluateWhole, type Lookup, linesOf } from './whole.ts'
export { explained, type Reason, reasonsOf, type Weighed } from './why.ts'
export { type Accusation, type Peer, timed } from './windows.ts'
