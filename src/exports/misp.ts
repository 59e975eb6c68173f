/** A MISP event in the core format: https://www.misp-standard.org/rfc/misp-standard-core.html. */

import type { Answer } from '../model/answer.ts'
import { type Technique, techniquesOf } from '../model/attack.ts'
import type { Severity } from '../model/finding.ts'
import { badness } from '../model/rank.ts'
import type { Micros } from '../model/units.ts'
import { sayConfidence } from '../model/words/say.ts'
import type { OutputFormat } from '../reports/format.ts'
import { plainJson } from '../reports/plain-json.ts'
import { printable } from '../reports/printable.ts'
import { timestamp } from './alerts.ts'
import { type Indicator, indicatorsIn, remark } from './indicators.ts'
import { gannetNamespace, uuid5 } from './uuid.ts'

interface Attribute {
  readonly uuid: string
  readonly type: string
  readonly category: 'Network activity'
  readonly value: string
  readonly to_ids: boolean
  readonly comment: string
  readonly distribution: '0'
  readonly timestamp: string
  readonly Tag?: readonly { readonly name: string }[]
}

const attribute = (rest: Omit<Attribute, 'uuid' | 'category' | 'distribution'>): Attribute => ({
  uuid: uuid5(gannetNamespace, JSON.stringify(['misp', rest.type, rest.value, rest.comment])),
  category: 'Network activity',
  distribution: '0',
  ...rest,
})

const inSeconds = (at: Micros): string => String(Math.floor(at / 1e6))

/** The galaxy's own form of a technique's tag. */
const tag = ({ id, name }: Technique) => ({ name: `misp-galaxy:mitre-attack-pattern="${name} - ${id}"` })

/** 1 high, 2 medium, 3 low, 4 undefined. */
const threatLevel: Readonly<Record<Severity, string>> = { high: '1', medium: '2', low: '3', note: '4' }

function attributesOf(indicator: Indicator): Attribute[] {
  const { type, value, services, techniques, confidence, to } = indicator
  const common = {
    to_ids: confidence >= 0.5,
    comment: remark(indicator),
    timestamp: inSeconds(to),
    Tag: techniques.map(tag),
  }
  if (type === 'name') return [attribute({ type: 'domain', value, ...common })]
  const ports = [...new Set(services.map(({ port }) => port).filter((port) => port > 0))]
  if (ports.length === 0) return [attribute({ type: 'ip-dst', value, ...common })]
  return ports.map((port) => attribute({ type: 'ip-dst|port', value: `${value}|${port}`, ...common }))
}

function mispEvent(answer: Answer) {
  const { analysis, findings, hosts, botnets, version } = answer
  const { indicators } = indicatorsIn(answer)
  const at = analysis.to ?? (0 as Micros)
  const worst = findings.reduce<Severity>(
    (most, { severity }) => (badness(severity) > badness(most) ? severity : most),
    'note',
  )

  const accused = hosts.map(({ host, confidence, botnet, kinds }) =>
    attribute({
      type: 'ip-src',
      value: host,
      to_ids: false,
      comment: [
        `accused: ${kinds.join(', ')}`,
        `confidence ${sayConfidence(confidence)}`,
        ...(botnet ? [`botnet ${botnet}`] : []),
      ].join('; '),
      timestamp: inSeconds(at),
    }),
  )

  const claims = findings.map((finding) => ({
    ...attribute({
      type: 'comment',
      value: printable(finding.claim),
      to_ids: false,
      comment: `${finding.kind} ${finding.id}, confidence ${sayConfidence(finding.confidence)}`,
      timestamp: inSeconds(finding.to),

      Tag: techniquesOf(finding).map(tag),
    }),
    category: 'Other' as const,
  }))

  const used = new Map(findings.flatMap((finding) => techniquesOf(finding)).map((each) => [each.id, each]))

  return {
    Event: {
      uuid: uuid5(gannetNamespace, JSON.stringify(['misp', analysis.id])),
      info: `Gannet ${version}: ${hosts.length} hosts accused, ${botnets.length} botnets`,
      date: timestamp(at).slice(0, 10),
      timestamp: inSeconds(at),
      threat_level_id: threatLevel[worst],
      analysis: '1',
      distribution: '0',
      published: false,
      Attribute: [...indicators.flatMap(attributesOf), ...accused, ...claims],
      Tag: [...used.values()].map(tag),
    },
  }
}

export const misp = {
  name: 'misp',
  doc: 'A MISP event: C&C with the flag for detection, accused hosts without, claims as comments.',
  extension: 'misp.json',
  render: (answer: Answer) => `${plainJson(mispEvent(answer), 2)}\n`,
} as const satisfies OutputFormat
