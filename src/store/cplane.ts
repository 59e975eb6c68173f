/** Table names of one analysis: its own, so that several may run beside each other on a server. */
import type { Query } from '../model/query.ts'
import { name } from './sql.ts'

/** The flows that passed the C-plane filters in the epoch at hand; dropped when the analysis ends. */
export const cplaneTable = (analysis: string): Query => name(`cplane_${analysis}`)
