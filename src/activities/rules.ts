/** Every rule of the A-plane. To add one: write it, list it here, say in docs/method/activities.md what it sees. */
import type { Activity } from '../model/activity.ts'
import type { Query } from '../model/query.ts'
import type { Options, Rule } from './activity.ts'
import { recordsOf } from './records.ts'
import { reportedExploit, reportedScan } from './rules/alert-rules.ts'
import { dgaScore } from './rules/dga-score.ts'
import { executableDownload } from './rules/executable-download.ts'
import { failedConnections } from './rules/failed-connections.ts'
import { flood } from './rules/flood.ts'
import { horizontalScan } from './rules/horizontal-scan.ts'
import { icmpSweep } from './rules/icmp-sweep.ts'
import { manyMailServers } from './rules/many-mail-servers.ts'
import { manySenders } from './rules/many-senders.ts'
import { mxQueries } from './rules/mx-queries.ts'
import { nxdomainCount } from './rules/nxdomain-count.ts'
import { passwordGuessing } from './rules/password-guessing.ts'
import { scanRate } from './rules/scan-rate.ts'
import { subnetSweep } from './rules/subnet-sweep.ts'
import { verticalScan } from './rules/vertical-scan.ts'

const typed = <O extends Options>(rule: Rule<O>): Rule<Options> => rule as unknown as Rule<Options>

export const rules: readonly Rule<Options>[] = [
  typed(horizontalScan),
  typed(verticalScan),
  typed(subnetSweep),
  typed(icmpSweep),
  typed(failedConnections),
  typed(scanRate),
  typed(flood),
  typed(reportedScan),
  typed(manyMailServers),
  typed(manySenders),
  typed(mxQueries),
  typed(executableDownload),
  typed(reportedExploit),
  typed(passwordGuessing),
  typed(nxdomainCount),
  typed(dgaScore),
]

/**
 * What was done, as a phrase to be read after the host, or after `hosts` hosts of which this one did most.
 * @throws RangeError for a detector that is no rule.
 */
export const phraseOf = (activity: Activity, hosts = 1): string =>
  ruleNamed(activity.detector).did({ ...activity, hosts })

/**
 * The records that the activities counted, as a statement.
 * @throws RangeError for a detector that is no rule.
 */
export const countedRecords = (activities: readonly Activity[]): Query =>
  recordsOf(activities, (detector) => (traits) => ruleNamed(detector).counted(traits))

function ruleNamed(name: string): Rule<Options> {
  const rule = rules.find((each) => each.name === name)
  if (!rule) throw new RangeError(`no rule is called ${name}`)
  return rule
}
