/**
 * STIX 2.1 (OASIS Standard, 2021): one bundle.
 *
 * Indicators for addresses and names of command and control, a sighting of each, observed data for each finding, a
 * grouping for each botnet, attack patterns for the techniques, and a note with the doubts of each finding. Ids are of
 * version 5, so that the same answer gives the same bundle.
 */
import { isIPv6 } from 'node:net'
import type { Answer, Botnet } from '../model/answer.ts'
import { type Technique, techniquesOf, techniqueUrl } from '../model/attack.ts'
import type { Finding } from '../model/finding.ts'
import { type Micros, micros } from '../model/units.ts'
import { explain } from '../model/words/explain.ts'
import type { OutputFormat } from '../reports/format.ts'
import { plainJson } from '../reports/plain-json.ts'
import { timestamp } from './alerts.ts'
import { type Indicator, indicatorsIn, plainName, remark } from './indicators.ts'
import { gannetNamespace, stixNamespace, uuid5 } from './uuid.ts'

type StixObject = Readonly<Record<string, unknown>> & { readonly type: string; readonly id: string }

const idOf = (type: string, ...parts: readonly string[]): string =>
  `${type}--${uuid5(gannetNamespace, JSON.stringify([type, ...parts]))}`

const percent = (confidence: number): number => Math.round(confidence * 100)

/** The properties that every domain object has. */
interface Common {
  readonly spec_version: '2.1'
  readonly created_by_ref: string
  readonly created: string
  readonly modified: string
}

const identityId = idOf('identity', 'gannet')

const commonAt = (at: Micros): Common => ({
  spec_version: '2.1',
  created_by_ref: identityId,
  created: timestamp(at),
  modified: timestamp(at),
})

/** An object whose id is made of its value, as section 2.9 has it. */
function observable(type: string, contributing: Readonly<Record<string, unknown>>, rest = {}): StixObject {
  const canonical = JSON.stringify(Object.fromEntries(Object.entries(contributing).toSorted()))
  return {
    type,
    spec_version: '2.1',
    id: `${type}--${uuid5(stixNamespace, canonical)}`,
    ...contributing,
    ...rest,
  }
}

const addressObject = (address: string): StixObject =>
  observable(isIPv6(address) ? 'ipv6-addr' : 'ipv4-addr', { value: address })

/** Text in a pattern: a backslash and a quote are escaped. Names and addresses hold neither; nothing rests on it. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

function patternOf({ type, value, subdomains }: Indicator): string {
  if (type === 'address') return `[${isIPv6(value) ? 'ipv6-addr' : 'ipv4-addr'}:value = ${quoted(value)}]`
  if (!subdomains) return `[domain-name:value = ${quoted(value)}]`
  return `[domain-name:value = ${quoted(value)}] OR [domain-name:value LIKE ${quoted(`%.${value}`)}]`
}

const referOf = (technique: Technique) => ({
  source_name: 'mitre-attack',
  external_id: technique.id,
  url: techniqueUrl(technique),
})

function attackPattern(technique: Technique, common: Common): StixObject {
  return {
    type: 'attack-pattern',
    id: idOf('attack-pattern', technique.id),
    ...common,
    name: technique.name,
    external_references: [referOf(technique)],
    kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: technique.tactic }],
  }
}

/** The indicator, the sighting of it, and what it indicates. */
function indicatorObjects(indicator: Indicator, observed: ReadonlyMap<string, string>): StixObject[] {
  const common = commonAt(indicator.to)
  const id = idOf('indicator', indicator.type, indicator.value)
  const seenIn = indicator.findings.flatMap((each) => observed.get(each.id) ?? [])

  return [
    {
      type: 'indicator',
      id,
      ...common,
      name: `Command and control ${indicator.value}`,
      description: remark(indicator),
      indicator_types: ['malicious-activity'],
      pattern: patternOf(indicator),
      pattern_type: 'stix',
      pattern_version: '2.1',
      valid_from: timestamp(indicator.from),
      confidence: percent(indicator.confidence),
      kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: 'command-and-control' }],
    },
    {
      type: 'sighting',
      id: idOf('sighting', indicator.type, indicator.value),
      ...common,
      sighting_of_ref: id,
      first_seen: timestamp(indicator.from),
      last_seen: timestamp(indicator.to),
      count: Math.max(1, Math.min(999_999_999, indicator.hosts.length)),
      where_sighted_refs: [identityId],
      ...(seenIn.length > 0 ? { observed_data_refs: seenIn } : {}),
    },
    ...indicator.techniques.map((technique) => ({
      type: 'relationship',
      id: idOf('relationship', indicator.type, indicator.value, technique.id),
      ...common,
      relationship_type: 'indicates',
      source_ref: id,
      target_ref: idOf('attack-pattern', technique.id),
    })),
  ]
}

/** What was seen: the accused hosts, where they call, and that they do. */
function observedObjects(finding: Finding): { data: StixObject; objects: StixObject[] } {
  const hosts = finding.hosts.map(addressObject)

  const places = finding.cnc.flatMap((endpoint) => {
    const server = addressObject(endpoint.address)
    const name = endpoint.name === null ? null : plainName(endpoint.name)
    const domain =
      name === null ? [] : [observable('domain-name', { value: name }, { resolves_to_refs: [server.id] })]
    if (!endpoint.protocol) return [server, ...domain]
    const protocols = [isIPv6(endpoint.address) ? 'ipv6' : 'ipv4', endpoint.protocol.toLowerCase()]
    const port = endpoint.port > 0 ? { dst_port: endpoint.port } : {}
    const calls = hosts.map((host) =>
      observable('network-traffic', { src_ref: host.id, dst_ref: server.id, protocols, ...port }),
    )
    return [server, ...domain, ...calls]
  })

  const objects = [...hosts, ...places]
  const number = Math.max(1, ...finding.evidence.map((each) => ('calls' in each ? each.calls : 1)))

  return {
    objects,
    data: {
      type: 'observed-data',
      id: idOf('observed-data', finding.id),
      ...commonAt(finding.to),
      first_observed: timestamp(finding.from),
      last_observed: timestamp(finding.to),
      number_observed: Math.min(999_999_999, Math.round(number)),
      object_refs: [...new Set(objects.map(({ id }) => id))],
      confidence: percent(finding.confidence),
      external_references: techniquesOf(finding).map(referOf),
    },
  }
}

/** The claim with its evidence and what speaks against it. */
const noteObject = (finding: Finding): StixObject => ({
  type: 'note',
  id: idOf('note', finding.id),
  ...commonAt(finding.to),
  abstract: finding.claim,
  content: [
    finding.claim,
    ...finding.evidence.map((each) => `Because: ${explain(each)}`),
    ...finding.doubts.map((each) => `Unless: ${each}`),
  ].join('\n'),
  object_refs: [idOf('observed-data', finding.id)],
})

function groupingObject(botnet: Botnet, { findings }: Answer, indicators: readonly Indicator[]): StixObject {
  const about = findings.filter(
    ({ kind, hosts }) => kind === 'botnet' && hosts.some((host) => botnet.hosts.includes(host)),
  )
  const own = indicators.filter(({ botnets }) => botnets.includes(botnet.id))
  const last = micros(Math.max(0, ...about.map(({ to }) => to)))

  return {
    type: 'grouping',
    id: idOf('grouping', botnet.id),
    ...commonAt(last),
    name: `Botnet ${botnet.id} of ${botnet.hosts.length} hosts`,
    context: 'suspicious-activity',
    confidence: percent(botnet.confidence),
    object_refs: [
      ...botnet.hosts.map((host) => addressObject(host).id),
      ...about.map(({ id }) => idOf('observed-data', id)),
      ...own.map(({ type, value }) => idOf('indicator', type, value)),
    ],
  }
}

function stixBundle(answer: Answer) {
  const { indicators } = indicatorsIn(answer)
  const at = commonAt(answer.analysis.to ?? (0 as Micros))
  const observed = answer.findings.map((finding) => ({ finding, ...observedObjects(finding) }))
  const dataOf = new Map(observed.map(({ finding, data }) => [finding.id, data.id]))
  const used = new Map(
    answer.findings.flatMap((finding) => techniquesOf(finding)).map((each) => [each.id, each]),
  )
  const { created_by_ref: _self, ...own } = at

  const objects: StixObject[] = [
    { type: 'identity', id: identityId, ...own, name: 'Gannet', identity_class: 'system' },
    ...[...used.values()].map((technique) => attackPattern(technique, at)),
    ...observed.flatMap(({ objects: parts, data, finding }) => [...parts, data, noteObject(finding)]),
    ...answer.botnets.flatMap(({ hosts }) => hosts.map(addressObject)),
    ...indicators.flatMap((indicator) => indicatorObjects(indicator, dataOf)),
    ...answer.botnets.map((botnet) => groupingObject(botnet, answer, indicators)),
  ]

  return {
    type: 'bundle',
    id: idOf('bundle', answer.analysis.id, ...answer.findings.map(({ id }) => id)),
    objects: [...new Map(objects.map((each) => [each.id, each])).values()],
  }
}

export const stix = {
  name: 'stix',
  doc: 'STIX 2.1: indicators, sightings, observed data, a grouping for each botnet, ATT&CK techniques.',
  extension: 'stix.json',
  render: (answer: Answer) => `${plainJson(stixBundle(answer), 2)}\n`,
} as const satisfies OutputFormat
