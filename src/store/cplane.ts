/** Table names of one analysis: its own, so that several may run beside each other on a server. */
import type { Query } from '../model/query.ts'
import { addressText, name, sql } from './sql.ts'

/** The flows that passed the C-plane filters in the epoch at hand; dropped when the analysis ends. */
export const cplaneTable = (analysis: string): Query => name(cplaneName(analysis))
export const cplaneName = (analysis: string): string => `cplane_${analysis}`

/** A service as text: `203.0.113.9 443/tcp`; the id of its cluster. */
export const service: Query = sql`concat(${addressText('server')}, ' ', toString(serverPort), '/', proto)`
