/** Names: what hosts ask of the DNS, taken apart; tunnels, flux, wildcards; where generated names led; how bots rally. */
export { type AnsweredName, answeredLike } from './answered.ts'
export { type Flux, fluxesIn } from './flux.ts'
export { type NameKind, nameKinds } from './name.ts'
export { openPlaces, type Places } from './networks.ts'
export { fillQueried, questionsByKind } from './queried.ts'
export { type RallyFacts, rallyOf } from './rally.ts'
export { resolverOf, type Tunnel, tunnelsIn } from './tunnels.ts'
export { type Wildcard, wildcardsIn } from './wildcards.ts'
