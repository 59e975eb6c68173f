/** Cross-plane correlation. */
export { botnetsIn, type Correlation, correlate } from './correlate.ts'
