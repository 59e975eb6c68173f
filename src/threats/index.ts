/** Threat lists: indicators that the user trusts, matched against the records. */
export { hashesOf } from './lists.ts'
export { matchThreats, type ThreatMatch, type Threats } from './match.ts'
export { allowedBy, isSharedName } from './trusted.ts'
