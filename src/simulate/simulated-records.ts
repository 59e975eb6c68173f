import type { Truth } from '../model/truth.ts'
import type { Exchange } from './exchange.ts'

/** What a scenario makes: its connections in order, and who is a bot. */
export interface Records {
  readonly records: Iterable<Exchange>
  readonly truth: Truth
  /** Answers tell their name servers; see `Scenario.authorities`. */
  readonly authorities?: true
}
