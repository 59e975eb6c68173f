/** Elastic Common Schema 8.17, a document a line: an alert for each accused host of a finding. */

import type { Answer } from '../model/answer.ts'
import { type Technique, techniqueUrl } from '../model/attack.ts'
import type { Severity } from '../model/finding.ts'
import type { OutputFormat } from '../reports/format.ts'
import { plainJson } from '../reports/plain-json.ts'
import { type Alert, alertsIn, timestamp } from './alerts.ts'

/** Elastic's own numbers of severities, https://www.elastic.co/docs/solutions/security/detect-and-alert. */
const severityOf: Readonly<Record<Severity, number>> = { note: 10, low: 21, medium: 47, high: 73 }

export const tacticIds: Readonly<Record<Technique['tactic'], readonly [id: string, name: string]>> = {
  'command-and-control': ['TA0011', 'Command and Control'],
  discovery: ['TA0007', 'Discovery'],
  exfiltration: ['TA0010', 'Exfiltration'],
  impact: ['TA0040', 'Impact'],
  'lateral-movement': ['TA0008', 'Lateral Movement'],
  'resource-development': ['TA0042', 'Resource Development'],
}

/** Techniques without their sub-techniques, each once, and sub-techniques apart: ECS keeps two lists. */
function threatOf(techniques: readonly Technique[]) {
  const refer = ({ id, name }: Pick<Technique, 'id' | 'name'>) => ({
    id,
    name,
    reference: techniqueUrl({ id }),
  })
  const tactics = [...new Set(techniques.map(({ tactic }) => tactic))].map((each) => tacticIds[each])

  return {
    framework: 'MITRE ATT&CK',
    tactic: { id: tactics.map(([id]) => id), name: tactics.map(([, name]) => name) },
    technique: {
      id: [...new Set(techniques.map(({ id }) => id.split('.')[0]!))],
      subtechnique: {
        id: techniques.filter(({ id }) => id.includes('.')).map(({ id }) => id),
        name: techniques.filter(({ id }) => id.includes('.')).map(({ name }) => name),
        reference: techniques.filter(({ id }) => id.includes('.')).map((each) => refer(each).reference),
      },
    },
  }
}

function ecsDocument({ finding, host, verdict, botnet, endpoint, techniques }: Alert, version: string) {
  const ips = [host, ...finding.cnc.map(({ address }) => address)]
  const names = finding.cnc.flatMap(({ name }) => name ?? [])

  return {
    '@timestamp': timestamp(finding.to),
    ecs: { version: '8.17.0' },
    message: finding.claim,
    event: {
      kind: 'alert',
      category: ['threat', 'network'],
      type: ['indicator'],
      module: 'gannet',
      dataset: 'gannet.finding',
      id: `${finding.id}-${host}`,
      severity: severityOf[finding.severity],
      risk_score: Math.round(verdict * 100),
      start: timestamp(finding.from),
      end: timestamp(finding.to),
      reason: finding.claim,
    },
    observer: { vendor: 'Gannet', product: 'gannet', type: 'ids', version },
    rule: {
      id: finding.kind,
      name: `Bot suspected: ${finding.kind}`,
      uuid: finding.id,
      category: finding.kind,
    },
    source: { ip: host },
    host: { ip: [host] },
    ...(endpoint
      ? {
          destination: {
            ip: endpoint.address,
            ...(endpoint.port > 0 ? { port: endpoint.port } : {}),
            ...(endpoint.name === null ? {} : { domain: endpoint.name }),
          },
          ...(endpoint.protocol ? { network: { transport: endpoint.protocol } } : {}),
        }
      : {}),
    related: { ip: [...new Set(ips)], ...(names.length > 0 ? { hosts: [...new Set(names)] } : {}) },
    threat: threatOf(techniques),
    labels: {
      confidence: String(finding.confidence),
      severity: finding.severity,
      ...(botnet ? { botnet } : {}),
    },
  }
}

export const ecs = {
  name: 'ecs',
  doc: 'Elastic Common Schema, a JSON document a line.',
  extension: 'ecs.jsonl',
  render: (answer: Answer) =>
    alertsIn(answer)
      .map((alert) => `${plainJson(ecsDocument(alert, answer.version))}\n`)
      .join(''),
} as const satisfies OutputFormat
