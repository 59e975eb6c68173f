/** The A-plane: what hosts do that bots are made to do, grouped and judged. The list of rules is rules.ts. */
export { type ACluster, type AClusterOptions, type AClusters, clusterActivities } from './acluster.ts'
export { type ActivityTraffic, activityTrafficOf } from './activity-traffic.ts'
export { exploitClasses, exploitNotices } from './alerts.ts'
export { type BusySlots, busySlotsOf } from './busy-slots.ts'
export {
  checkThresholds,
  type Excuses,
  excuse,
  type FoundActivities,
  findActivities,
  surveyActivities,
} from './find.ts'
export { type MinHashes, minHashesOf } from './min-hashes.ts'
export { countedRecords, phraseOf, rules } from './rules.ts'
export { scannedPortsOf } from './scanned-ports.ts'
export type { Survey } from './survey.ts'
export {
  type ActivityIndicator,
  type ActivityVerdict,
  activityVerdicts,
  type Population,
  weakActivities,
} from './verdicts.ts'
