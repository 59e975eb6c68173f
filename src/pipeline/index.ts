/** The analysis, as commands and benchmarks call it. */
export { analyse } from './analyse.ts'
export type { Analysed, Context } from './context.ts'
export { stages } from './stages.ts'
export { matchAgain } from './threats.ts'
