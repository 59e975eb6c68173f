/**
 * Knowledge of the benign world, and of what in it can be rented: as evidence, never as a filter. Each question is
 * answered from lists in the package, which are read at the first call; nothing is fetched.
 */
export { type NamedThreat, namedThreatOf } from './named-threats.ts'
export { type Owner, type OwnerKind, ownerOf, ownerOfSystem, systemOf, useSystems } from './owners.ts'
export { type Popularity, popularityOf, usePopularity } from './popularity.ts'
export { type Rented, type RentedKind, rentedKinds, rentedOf } from './rented.ts'
export {
  type Basis,
  type Contact,
  type Service,
  type ServiceKind,
  serviceKinds,
  serviceOf,
} from './services.ts'
