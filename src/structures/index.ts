/** How bots are organised and what they do for others: threat lists. */

export { hashesOf } from './threat-lists.ts'
export { matchThreats, type ThreatMatch, type Threats } from './threats.ts'
export { allowedBy, isSharedName } from './trusted.ts'
