/** Threat lists: indicators that the user trusts, matched against the records. */

export type { ThreatMatch, Threats } from './hits.ts'
export { hashesOf } from './lists.ts'
export { matchThreats } from './match.ts'
export { allowedBy, isSharedName } from './trusted.ts'
