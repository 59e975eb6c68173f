/** A host that calls out by itself, as a finding. */

import type { Endpoint } from '../model/endpoint.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Finding, Severity } from '../model/finding.ts'
import { clampRatio, type Micros } from '../model/units.ts'
import { identify } from './identity.ts'

/** What the traces stage says of one beacon. */
export interface BeaconFacts {
  readonly host: string
  readonly endpoint: Endpoint
  /** Where it moved on to, in order. */
  readonly movedTo: readonly Endpoint[]
  /** Calibrated: the share of such beacons that are C&C on the ground it was fitted on. */
  readonly confidence: number
  readonly from: Micros
  readonly to: Micros
  readonly claim: string
  readonly evidence: readonly Evidence[]
  readonly doubts: readonly [string, ...string[]]
}

/** Confidence from which a beacon is taken for as bad as a known bot. */
const highFrom = 0.9

export function beaconFinding({
  host,
  endpoint,
  movedTo,
  confidence,
  from,
  to,
  claim,
  evidence,
  doubts,
}: BeaconFacts): Finding {
  const severity: Severity = confidence >= highFrom ? 'high' : 'medium'

  return {
    id: identify('f', ['beacon', host, endpoint.name ?? endpoint.address, endpoint.port, endpoint.protocol]),
    kind: 'beacon',
    hosts: [host],
    from,
    to,
    severity,
    confidence: clampRatio(Math.round(confidence * 1e3) / 1e3),
    claim,
    cnc: [endpoint, ...movedTo],
    rally: null,
    evidence,
    doubts,
  }
}
