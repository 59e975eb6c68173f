/** The C-plane: filters, stitching, C-flows. */
export { type Cplane, dropCplane, makeCplane } from './cplane.ts'
export { countsOf, type EpochCounts } from './survey.ts'
