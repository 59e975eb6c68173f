/**
 * Suricata EVE: JSON lines of many kinds of event in one file.
 *
 * Meanings are those of the manual's chapter "Eve JSON Format". Kinds that are not used (stats, anomaly, other
 * protocols) are harmless rejects. `netflow` events are one-way halves of what `flow` events say whole: they are
 * joined, and left out where the file has the `flow` event too.
 */
import { raw, sql } from '../../store/sql.ts'
import type { Reader } from '../reader.ts'
import { firstObject, inObjects, type JsonKind, takeJson } from './json.ts'
import { literal, withLines } from './lines.ts'
import { eveFlow, eveNetflow, flowTurned, netflowHalves } from './suricata-mappings.ts'
import {
  eveAlert,
  eveDns,
  eveFile,
  eveHttp,
  eveLease,
  eveMail,
  eveTls,
  isAnswer,
} from './suricata-records.ts'

const event = (type: string, kind: Omit<JsonKind, 'is'>): JsonKind => ({
  ...kind,
  word: type,
  is: (cells) => sql`${cells.plain('event_type')} = ${literal(type)}`,
})

export const eveEvents: Readonly<Record<string, JsonKind>> = {
  flow: event('flow', { record: 'flow', mapping: eveFlow, beside: flowTurned }),
  dns: event('dns', {
    record: 'dns',
    mapping: eveDns,
    rejects: (cells, table, piece) => {
      const given = (field: string) => cells.plain(field)
      const key = sql`(${piece}, ${given('flow_id')}, ${given('dns.id')},
        ${given('dns.rrname')}, ${given('dns.rrtype')})`
      const isAnswerOf = sql`${given('event_type')} = 'dns' AND ${isAnswer(cells)}`
      const answered = sql`${key} IN (SELECT ${key} FROM ${table()} WHERE ${isAnswerOf})`
      return [[sql`NOT ${isAnswer(cells)} AND ${answered}`, 'superseded']]
    },
  }),
  http: event('http', { record: 'http', mapping: eveHttp }),
  tls: event('tls', { record: 'tls', mapping: eveTls }),
  fileinfo: event('fileinfo', { record: 'file', mapping: eveFile }),
  smtp: event('smtp', { record: 'mail', mapping: eveMail }),
  netflow: event('netflow', {
    record: 'flow',
    mapping: eveNetflow,
    beside: netflowHalves,
    rejects: (cells, table, piece) => {
      const [type, flow] = [cells.plain('event_type'), sql`(${piece}, ${cells.plain('flow_id')})`]
      const whole = sql`${flow} IN (SELECT ${flow} FROM ${table()} WHERE ${type} = 'flow')`
      return [
        [whole, 'superseded'],
        [raw('NOT isFirst'), 'superseded'],
      ]
    },
  }),
  dhcp: event('dhcp', { record: 'lease', mapping: eveLease }),
  alert: event('alert', { record: 'alert', mapping: eveAlert }),
}

function firstKind(head: string): number {
  const type = firstObject(head)?.['event_type']
  return typeof type === 'string' ? 1 + Object.keys(eveEvents).indexOf(type) : 0
}

export const suricata = {
  name: 'suricata',
  lines: 'none',
  compares: true,
  doc: 'Suricata EVE (JSON lines)',
  gives: ['flow', 'dns', 'http', 'tls', 'file', 'mail', 'lease', 'alert'],
  accepts: (head) => {
    const first = firstObject(head)
    return first !== null && 'event_type' in first && 'timestamp' in first
  },
  read: (input, sink) =>
    withLines(input, sink, (lines) =>
      takeJson(sink, lines, {
        kinds: Object.values(eveEvents),
        naming: inObjects,
        first: firstKind(input.head),
      }),
    ),
} as const satisfies Reader
