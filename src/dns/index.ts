/**
 * Names: what hosts ask of the DNS, taken apart; tunnels, flux, wildcards; where generated names led; how bots
 * rally.
 */

export { openPlaces, type Places } from './asn.ts'
export { type CheckIn, checkInsIn } from './check-ins.ts'
export { type AnsweredName, answeredLike } from './dga-rendezvous.ts'
export { type NameKind, nameKinds } from './domain-name.ts'
export { type Flux, fluxesIn } from './fast-flux.ts'
export { fillQueried, questionsByKind } from './queried-names.ts'
export { type RallyFacts, rallyOf } from './rally.ts'
export { tunnelEnd } from './tunnel-end.ts'
export { type Tunnel, type TunnelContext, tunnelsIn } from './tunnels.ts'
export { type Wildcard, wildcardsIn } from './wildcards.ts'
export { type ZoneRotation, zoneRotationsIn } from './zone-rotation.ts'
