/** OCSF 1.3 Detection Finding (class 2004), a finding a line. https://schema.ocsf.io/1.3.0/classes/detection_finding */

import type { Answer } from '../model/answer.ts'
import { type Technique, techniques, techniquesOf } from '../model/attack.ts'
import type { Finding, Severity } from '../model/finding.ts'
import type { OutputFormat } from '../reports/format.ts'
import { plainJson } from '../reports/plain-json.ts'
import { milliseconds } from './alerts.ts'
import { tacticIds } from './ecs.ts'

const severities: Readonly<Record<Severity, readonly [id: number, name: string]>> = {
  note: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
}

/** 1 low, 2 medium, 3 high, as the schema has it. */
const confidenceOf = (share: number): readonly [id: number, name: string] => {
  if (share >= 0.8) return [3, 'High']
  return share >= 0.5 ? [2, 'Medium'] : [1, 'Low']
}

/** The table holds the parent of each sub-technique that it holds. */
const parentName = (id: string): string =>
  Object.values(techniques).find((each) => each.id === id)?.name ?? id

const attackOf = ({ id, name, tactic }: Technique) => {
  const [parent = id] = id.split('.')
  const [uid, tacticName] = tacticIds[tactic]
  return {
    version: '16.0',
    tactic: { uid, name: tacticName },
    technique: parent === id ? { uid: id, name } : { uid: parent, name: parentName(parent) },
    ...(parent === id ? {} : { sub_technique: { uid: id, name } }),
  }
}

const evidencesOf = ({ hosts, cnc }: Finding) =>
  hosts.map((host) => ({
    src_endpoint: { ip: host },
    ...(cnc[0]
      ? {
          dst_endpoint: {
            ip: cnc[0].address,
            ...(cnc[0].port > 0 ? { port: cnc[0].port } : {}),
            ...(cnc[0].name === null ? {} : { hostname: cnc[0].name }),
          },
        }
      : {}),
  }))

function ocsfFinding(finding: Finding, version: string) {
  const [severityId, severity] = severities[finding.severity]
  const [confidenceId, confidence] = confidenceOf(finding.confidence)
  const addresses = [...new Set([...finding.hosts, ...finding.cnc.map(({ address }) => address)])]

  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    activity_id: 1,
    activity_name: 'Create',
    type_uid: 200_401,
    type_name: 'Detection Finding: Create',
    time: milliseconds(finding.to),
    start_time: milliseconds(finding.from),
    end_time: milliseconds(finding.to),
    severity_id: severityId,
    severity,
    confidence_id: confidenceId,
    confidence,
    confidence_score: Math.round(finding.confidence * 100),
    status_id: 1,
    status: 'New',
    message: finding.claim,
    metadata: {
      version: '1.3.0',
      product: { name: 'Gannet', vendor_name: 'Gannet', version },
      profiles: ['security_control'],
    },
    finding_info: {
      uid: finding.id,
      title: finding.claim,
      desc: finding.doubts.map((each) => `Unless ${each}.`).join(' '),
      types: [finding.kind],
      first_seen_time: milliseconds(finding.from),
      last_seen_time: milliseconds(finding.to),
      attacks: techniquesOf(finding).map(attackOf),
    },
    evidences: evidencesOf(finding),
    observables: addresses.map((value) => ({ name: 'ip', type_id: 2, type: 'IP Address', value })),
  }
}

export const ocsf = {
  name: 'ocsf',
  doc: 'OCSF Detection Finding, a JSON object a line.',
  extension: 'ocsf.jsonl',
  render: (answer: Answer) =>
    answer.findings.map((finding) => `${plainJson(ocsfFinding(finding, answer.version))}\n`).join(''),
} as const satisfies OutputFormat
