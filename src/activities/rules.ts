/** Every rule of the A-plane. To add one: write it, list it here, say in docs/method/activities.md what it sees. */
import type { Activity } from '../model/activity.ts'
import type { Options, Rule } from './activity.ts'
import { reportedExploit, reportedScan } from './alert-rules.ts'
import { madeUpNames } from './dga-score.ts'
import { executableDownload } from './executable-download.ts'
import { failedConnections } from './failed-connections.ts'
import { flood } from './flood.ts'
import { horizontalScan } from './horizontal-scan.ts'
import { icmpSweep } from './icmp-sweep.ts'
import { manyMailServers } from './many-mail-servers.ts'
import { manySenders } from './many-senders.ts'
import { mxQueries } from './mx-queries.ts'
import { failedNames } from './nxdomain-count.ts'
import { passwordGuessing } from './password-guessing.ts'
import { scanRate } from './scan-rate.ts'
import { subnetSweep } from './subnet-sweep.ts'
import { verticalScan } from './vertical-scan.ts'

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
  typed(failedNames),
  typed(madeUpNames),
]

/** What the host did, as a phrase to be read after it. @throws RangeError for a detector that is no rule. */
export function phraseOf(activity: Activity): string {
  const rule = rules.find(({ name }) => name === activity.detector)
  if (!rule) throw new RangeError(`no rule is called ${activity.detector}`)
  return rule.did(activity)
}
