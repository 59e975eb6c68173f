/** What the other detectors say of a host, as indicators of a stage. */
import type { Activity } from '../model/activity.ts'
import type { Finding } from '../model/finding.ts'
import { clampRatio } from '../model/units.ts'
import { sayEndpoint } from '../model/words/say.ts'
import type { Indicator } from './life-cycle.ts'
import { between } from './weights.ts'

/** Activities of the A-plane, also those too weak to accuse; `did` is read after the host. */
export function activityIndicators(
  activities: readonly (Activity & { readonly did: string })[],
): Indicator[] {
  return activities.map(({ host, type, detector, first, last, times, score, did }) => ({
    host,
    stage: type === 'download' ? 'download' : type === 'dga' ? 'rally' : 'activity',
    first,
    last,
    times,
    // On the line of its rule a half, from sixteen times the line on whole.
    strength: clampRatio(type === 'download' ? 1 : 0.5 + 0.5 * between(Math.log2(Math.max(1, score)), 0, 4)),
    source: detector,
    what: did,
  }))
}

const rallies: ReadonlySet<Finding['kind']> = new Set([
  'botnet',
  'beacon',
  'family',
  'threat-list',
  'p2p',
  'relay',
])

/** Findings that name command and control, or an overlay; a botnet whose C&C was not seen is none. */
export function rallyIndicators(findings: readonly Finding[]): Indicator[] {
  return findings
    .filter(({ kind, cnc }) => rallies.has(kind) && (kind !== 'botnet' || cnc.length > 0))
    .flatMap(({ kind, hosts, from, to, confidence, cnc, claim }) =>
      hosts.map((host) => ({
        host,
        stage: 'rally' as const,
        first: from,
        last: to,
        times: 1,
        strength: confidence,
        source: kind,
        what: cnc[0]
          ? `called ${sayEndpoint(cnc[0])} (${kind})`
          : claim.replace(`${host} `, '').replace(/\.$/, ''),
      })),
    )
}
