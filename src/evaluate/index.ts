export { adjustedRand } from './adjusted-rand.ts'
export {
  type BotnetScore,
  type Evaluation,
  evaluate,
  type FalseAlarm,
  type HostScore,
  type Miss,
  type Shares,
} from './evaluate.ts'
export { readTruth, readTruths } from './read-truth.ts'
export { evaluationText } from './text.ts'
