/** Everything that was detected, as findings; and findings as the ranked answer. */
export { activityFinding, activityHint, type Verdict } from './activities.ts'
export { aliasesIn, withAliases } from './aliases.ts'
export { type Allowing, allowingBy } from './allowed.ts'
export { assembleAnswer, botnetsOf } from './assemble.ts'
export { type BeaconFacts, beaconFinding } from './beacons.ts'
export { type BotnetFinding, botnetFinding, cncOf, type DoneActivity, type GroupFacts } from './botnets.ts'
export { icmpFinding, stealerFinding } from './channels.ts'
export { type Hint, hintsIn, isAccusing, storedHints } from './combined-signs.ts'
export { compare } from './compare.ts'
export { type At, named } from './endpoints.ts'
export { type FamilyFacts, familyFinding } from './families.ts'
export { botnetFigures } from './figures.ts'
export { seenOf } from './host-summary.ts'
export { identify, withDistinctIds } from './identity.ts'
export { hintsOf, judge, keptHints } from './judge.ts'
export {
  fluxFinding,
  rotationFinding,
  tunnelFinding,
  wildcardFinding,
  withAnswered,
  withRally,
} from './names.ts'
export { newsIn } from './new-findings.ts'
export { sharedContactFinding } from './shared-contacts.ts'
export { type PeerFacts, peerFinding, type RelayFacts, relayFinding } from './structures.ts'
export { type ThreatFacts, threatFindings } from './threats.ts'
