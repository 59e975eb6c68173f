/**
 * How bots are organised, what they do for others, how far each has come: topology, relays, peers, life cycle,
 * threat lists.
 */

export { inboundIndicators } from './inbound.ts'
export { activityIndicators, rallyIndicators } from './indicators.ts'
export { lifeCyclesOf } from './life-cycle.ts'
export { findPeers, fitted as peerLine, type PeerHost } from './peers.ts'
export { findRelays, type Relay } from './relays.ts'
export { type MayHold, structuresMayHold } from './survey.ts'
export { structureOf } from './topology.ts'
