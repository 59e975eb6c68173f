/** A layer for the ATT&CK Navigator (layer format 4.5): techniques by how many hosts are accused of them. */

import type { Answer } from '../model/answer.ts'
import { type Technique, techniquesOf } from '../model/attack.ts'
import type { Finding } from '../model/finding.ts'
import type { OutputFormat } from '../reports/format.ts'
import { plainJson } from '../reports/plain-json.ts'

interface TechniqueCount {
  readonly technique: Technique
  readonly hosts: readonly string[]
  readonly findings: readonly Finding[]
}

/** Techniques of the findings, those of most hosts first. */
export function techniqueCounts(findings: readonly Finding[]): TechniqueCount[] {
  const pairs = findings.flatMap((finding) =>
    finding.hosts.flatMap((host) =>
      techniquesOf(finding, host).map((technique) => ({ technique, finding, host })),
    ),
  )
  return [...Map.groupBy(pairs, ({ technique }) => technique.id).values()]
    .map((all) => ({
      technique: all[0]!.technique,
      hosts: [...new Set(all.map(({ host }) => host))],
      findings: [...new Set(all.map(({ finding }) => finding))],
    }))
    .toSorted((a, b) => b.hosts.length - a.hosts.length || (a.technique.id < b.technique.id ? -1 : 1))
}

function navigatorLayer(answer: Answer) {
  const counts = techniqueCounts(answer.findings)
  const most = Math.max(1, ...counts.map(({ hosts }) => hosts.length))

  return {
    name: 'Gannet: accused hosts',
    versions: { attack: '16', navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: `Analysis ${answer.analysis.id}, gannet ${answer.version}. Score: number of accused hosts.`,
    sorting: 3,
    hideDisabled: false,
    techniques: counts.map(({ technique, hosts, findings }) => ({
      techniqueID: technique.id,
      tactic: technique.tactic,
      score: hosts.length,
      enabled: true,
      showSubtechniques: technique.id.includes('.'),
      comment: `${technique.why}: ${hosts.length} hosts, ${findings.length} findings`,
      metadata: findings.slice(0, 20).map(({ id, claim }) => ({ name: id, value: claim })),
    })),
    gradient: { colors: ['#fff7ec', '#fdbb84', '#b30000'], minValue: 0, maxValue: most },
    legendItems: [],
  }
}

export const navigator = {
  name: 'navigator',
  doc: 'A layer of the ATT&CK Navigator: techniques by accused hosts.',
  extension: 'layer.json',
  render: (answer: Answer) => `${plainJson(navigatorLayer(answer), 2)}\n`,
} as const satisfies OutputFormat
