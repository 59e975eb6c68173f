/**
 * Threat lists as JSON.
 *
 * MISP: a warning list (`list` of texts), an event (`Event.Attribute` and those of its `Object`s), a feed (several of
 * them), or the attributes alone (`response.Attribute`). STIX 2.1: the indicators of a bundle whose pattern compares
 * addresses, names, URLs, ports or hashes for equality (or `ISSUBSET`); of observations joined by AND, the first
 * address with its port. Patterns of other kinds are counted.
 */

import { timeOf } from './csv.ts'
import type { Entry } from './indicator.ts'

type JsonEntry = Entry | { readonly reject: string; readonly sample: string }

interface Found {
  readonly format: string
  readonly name: string
  readonly entries: Iterable<JsonEntry>
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** What the parsed file lists; null where it is of no kind that is known. */
export function jsonEntries(parsed: unknown): Found | null {
  if (isObject(parsed)) {
    if (parsed['type'] === 'bundle')
      return { format: 'STIX 2.1', name: '', entries: stixEntries(listOf(parsed['objects'])) }
    if (Array.isArray(parsed['list']))
      return {
        format: 'MISP warning list',
        name: textOf(parsed['name']),
        entries: textEntries(parsed['list']),
      }
  }

  const events = eventsIn(parsed)

  if (events.length > 0)
    return {
      format: 'MISP',
      name: events.length === 1 ? textOf(events[0]!['info']) : '',
      entries: eventEntries(events),
    }

  if (Array.isArray(parsed)) {
    if (parsed.some((each) => isObject(each) && each['type'] === 'indicator'))
      return { format: 'STIX 2.1', name: '', entries: stixEntries(parsed) }
    if (parsed.length > 0 && parsed.every((each) => typeof each === 'string'))
      return { format: 'JSON list', name: '', entries: textEntries(parsed) }
  }

  return null
}

function* textEntries(list: readonly unknown[]): Generator<JsonEntry> {
  for (const each of list) {
    if (typeof each === 'string')
      yield { value: each, description: '', listed: null, until: null, refused: null }
    else yield { reject: 'the entry is no text', sample: JSON.stringify(each) ?? '' }
  }
}

/** MISP events however they are wrapped; a search for attributes gives an event without a name. */
function eventsIn(parsed: unknown): Json[] {
  if (Array.isArray(parsed)) return parsed.flatMap(eventsIn)
  if (!isObject(parsed)) return []
  if (isObject(parsed['Event'])) return [parsed['Event']]
  if (parsed['response'] !== undefined) return eventsIn(parsed['response'])
  return Array.isArray(parsed['Attribute']) || Array.isArray(parsed['Object']) ? [parsed] : []
}

const mispTypes: ReadonlySet<string> = new Set([
  'ip-dst',
  'ip-src',
  'ip-dst|port',
  'ip-src|port',
  'domain',
  'domain|ip',
  'hostname',
  'hostname|port',
  'url',
  'uri',
  'link',
  'md5',
  'sha1',
  'sha256',
  'filename|md5',
  'filename|sha1',
  'filename|sha256',
  'malware-sample',
])

function* eventEntries(events: readonly Json[]): Generator<JsonEntry> {
  for (const event of events) {
    const attributes = [
      ...listOf(event['Attribute']),
      ...listOf(event['Object']).flatMap((each) => (isObject(each) ? listOf(each['Attribute']) : [])),
    ]
    for (const attribute of attributes) yield* attributeEntries(attribute, textOf(event['info']))
  }
}

function* attributeEntries(attribute: unknown, info: string): Generator<JsonEntry> {
  if (!isObject(attribute)) return
  const type = textOf(attribute['type'])
  const value = textOf(attribute['value'])

  if (!mispTypes.has(type)) {
    yield { reject: 'an attribute of a kind that is not matched', sample: `${type}: ${value}` }
    return
  }

  const [left = '', right = ''] = value.split('|')
  const chosen = type.startsWith('filename|') || type === 'malware-sample' ? right : value

  const values =
    type === 'domain|ip'
      ? [left, right]
      : type.endsWith('|port')
        ? [left.includes(':') ? `[${left}]:${right}` : `${left}:${right}`]
        : [chosen]

  for (const each of values)
    yield {
      value: each,
      description: textOf(attribute['comment']) || info,
      listed: timeOf(attribute['last_seen']) ?? timeOf(attribute['timestamp']),
      until: null,
      refused: attribute['to_ids'] === false ? 'not-for-detection' : null,
    }
}

function* stixEntries(objects: readonly unknown[]): Generator<JsonEntry> {
  for (const each of objects) {
    if (!isObject(each) || each['type'] !== 'indicator') continue
    const pattern = textOf(each['pattern'])
    const values =
      each['pattern_type'] === undefined || each['pattern_type'] === 'stix' ? valuesOf(pattern) : []
    if (values.length === 0) yield { reject: 'a pattern of a kind that is not matched', sample: pattern }

    const types = listOf(each['indicator_types']).map(textOf)
    for (const value of values)
      yield {
        value,
        description: textOf(each['name']) || textOf(each['description']),
        listed: timeOf(each['valid_from']) ?? timeOf(each['created']),
        until: timeOf(each['valid_until']),
        refused: each['revoked'] === true ? 'expired' : types.includes('benign') ? 'not-for-detection' : null,
      }
  }
}

/** `type:path operator value`; a value is quoted, a number or a list in parentheses. */
const comparison = new RegExp(
  String.raw`([a-z0-9-]+):([a-z0-9_.'"-]+)\s*` +
    String.raw`(=|ISSUBSET|IN|!=|>|<|>=|<=|LIKE|MATCHES|ISSUPERSET)\s*` +
    String.raw`('(?:[^'\\]|\\.)*'|\d+|\((?:[^)]*)\))`,
  'gi',
)

/** Values that a STIX pattern compares with, where equality with any one of them is what it asks. */
function valuesOf(pattern: string): string[] {
  if (pattern.length > 100_000 || /\bNOT\b|FOLLOWEDBY/i.test(pattern.replaceAll(/'(?:[^'\\]|\\.)*'/g, '')))
    return []
  return pattern
    .replaceAll(/'(?:[^'\\]|\\.)*'/g, (text) => text.replaceAll(']', '\u0001'))
    .split(']')
    .flatMap((observation) => observationValues(observation.replaceAll('\u0001', ']')))
}

function observationValues(observation: string): string[] {
  const found = [...observation.matchAll(comparison)].map(
    ([, object = '', path = '', operator = '', literal = '']) => ({
      object,
      path,
      operator: operator.toUpperCase(),
      values: [...literal.matchAll(/'((?:[^'\\]|\\.)*)'|(\d+)/g)].map((each) =>
        (each[1] ?? each[2] ?? '').replaceAll(/\\(.)/g, '$1'),
      ),
    }),
  )

  const bare = observation.replaceAll(/'(?:[^'\\]|\\.)*'/g, '')
  const usable = found.filter(
    ({ operator }) => operator === '=' || operator === 'IN' || operator === 'ISSUBSET',
  )

  // AND narrows: what is asked beside the value must be the port of the address, or the value alone says too much.
  if (/\bAND\b/i.test(bare)) return withPort(usable, found.length)

  return usable.flatMap(({ object, path, values }) => (isValue(object, path) ? values : []))
}

const isValue = (object: string, path: string): boolean =>
  (/^(ipv4-addr|ipv6-addr|domain-name|url)$/i.test(object) && path === 'value') ||
  (/^network-traffic$/i.test(object) && /^(dst|src)_ref\.value$/i.test(path)) ||
  (/^file$/i.test(object) && /^hashes\.['"]?(md5|sha-?1|sha-?256)['"]?$/i.test(path))

function withPort(
  usable: readonly { object: string; path: string; values: readonly string[] }[],
  all: number,
): string[] {
  const addresses = usable.filter(({ object, path }) => isValue(object, path) && !/^file$/i.test(object))
  const ports = usable.filter(({ path }) => path.toLowerCase() === 'dst_port')
  const refs = usable.filter(({ path }) => /_ref\.type$|^protocols/i.test(path))
  if (addresses.length !== 1 || addresses.length + ports.length + refs.length !== all || ports.length > 1)
    return []
  const [port] = ports[0]?.values ?? []
  return addresses[0]!.values.map((each) =>
    port === undefined ? each : each.includes(':') ? `[${each}]:${port}` : `${each}:${port}`,
  )
}
