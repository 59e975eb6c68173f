/** A host whose calls are like those of a known family, as a finding. */

import type { FamilyMatch } from '../model/evidence.ts'
import type { Finding } from '../model/finding.ts'
import { clampRatio, type Micros } from '../model/units.ts'
import { identify } from './identity.ts'

/** What the traces stage says of one trace that matches a model. */
export interface FamilyFacts {
  readonly host: string
  readonly from: Micros
  readonly to: Micros
  readonly evidence: FamilyMatch
  /** Score over the most that the model could give, 0 to 1. Not a probability. */
  readonly likeness: number
  /** Other families over the line. */
  readonly also: readonly string[]
  /** Whether alpha was set on clean traffic of this network. */
  readonly calibrated: boolean
  /** Traces that the model was trained on. */
  readonly trainedOn: number
}

/** Where alpha is the paper's and not the network's own, a match is no more than a hint. */
export function familyFinding({ host, from, to, evidence, likeness, ...facts }: FamilyFacts): Finding {
  const { endpoint, family } = evidence
  const address = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address
  const at = `${endpoint.name ? `${endpoint.name} (${address})` : address}:${endpoint.port}`
  const { port, protocol } = endpoint

  return {
    id: identify('f', ['family', family, host, endpoint.name ?? endpoint.address, port, protocol]),
    kind: 'family',
    hosts: [host],
    from,
    to,
    severity: facts.calibrated ? 'high' : 'medium',
    confidence: clampRatio(Math.round(likeness * 1e3) / 1e3),
    claim: `${host} behaves like the family ${family} towards ${at}.`,
    cnc: [endpoint],
    rally: null,
    evidence: [evidence],
    doubts: doubtsOf(facts),
  }
}

function doubtsOf({
  also,
  calibrated,
  trainedOn,
}: Pick<FamilyFacts, 'also' | 'calibrated' | 'trainedOn'>): [string, ...string[]] {
  const doubts: [string, ...string[]] = [
    'an honest program keeps the same pace and sizes, such as a mail client or an update check',
  ]
  if (!calibrated)
    doubts.push('the threshold was not set on clean traffic of this network (gannet calibrate)')
  if (trainedOn < 5)
    doubts.push(`the model rests on ${trainedOn} ${trainedOn === 1 ? 'trace' : 'traces'}, which is few`)
  if (also.length > 0) doubts.push(`it is of another family: ${also.join(', ')} match too`)
  return doubts
}
