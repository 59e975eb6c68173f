/**
 * The Zeek logs that are read, and how: path -> record, fields -> columns.
 *
 * Field meanings are those of Zeek's own scripts (the main.zeek of each protocol, and of the frameworks files,
 * notice and weird).
 */
import type { Query } from '../../model/query.ts'
import type { RecordName } from '../../model/records.ts'
import { sql } from '../../store/sql.ts'
import { badCount, type Cells, countIn, fixed, type Mapping, type Reading, span, text } from './mapping.ts'
import { client, clientPort, id, label, server, serverPort } from './zeek-fields.ts'
import { miscounted, zeekOutcome } from './zeek-outcome.ts'
import { zeekProto } from './zeek-proto.ts'
import { alert, dns, file, http, lease, mail, tls, weird } from './zeek-records.ts'

export interface ZeekLog {
  /** As `#path` and `_path` name it. */
  readonly path: string
  readonly record: RecordName
  /** Fields without which the log is of no use. */
  readonly needs: readonly string[]
  /**
   * Fields that only this log always has, by which JSON without `_path` is recognised; and fields that it never
   * has.
   */
  readonly marks: readonly string[]
  readonly never: readonly string[]
  readonly mapping: Mapping
  /** Fields that name one record, of which an `open_` log holds several snapshots. */
  readonly snapshotOf?: readonly string[]
}

const ofSide = (cells: Cells, side: 'orig' | 'resp', what: 'pkts' | 'bytes'): Query => {
  const bytes = sql`coalesce(${countIn(cells, `${side}_ip_bytes`)}, ${countIn(cells, `${side}_bytes`)})`
  const count = what === 'pkts' ? countIn(cells, `${side}_pkts`) : bytes
  // Packets of a wrong checksum are not counted: of a side that sent no others nothing is known.
  const uncounted = miscounted(cells.plain('history'), side === 'orig' ? 'C' : 'c')
  return sql`if(${uncounted} AND ${countIn(cells, `${side}_pkts`)} = 0, NULL, ${count})`
}

const counted = (side: 'orig' | 'resp', what: 'pkts' | 'bytes'): Reading => {
  const fields = what === 'pkts' ? [`${side}_pkts`] : [`${side}_ip_bytes`, `${side}_bytes`]
  return {
    fields,
    doc: what === 'pkts' ? '' : 'IP bytes if given, otherwise payload bytes',
    value: (cells) => ofSide(cells, side, what),
    reject: badCount(fields),
  }
}

export const both = (what: 'pkts' | 'bytes'): Reading => ({
  fields: what === 'pkts' ? ['orig_pkts', 'resp_pkts'] : ['orig_ip_bytes', 'resp_ip_bytes'],
  doc: 'sum; unknown unless both are given',
  value: (cells) => sql`${ofSide(cells, 'orig', what)} + ${ofSide(cells, 'resp', what)}`,
})

const flow: Mapping = {
  ...id,
  duration: span('duration'),
  proto: zeekProto,
  client,
  clientPort,
  server,
  serverPort,
  packets: both('pkts'),
  bytes: both('bytes'),
  clientPackets: counted('orig', 'pkts'),
  clientBytes: counted('orig', 'bytes'),
  serverPackets: counted('resp', 'pkts'),
  serverBytes: counted('resp', 'bytes'),
  outcome: zeekOutcome,
  state: text('conn_state'),
  service: text('service'),
  label,
  tunnel: fixed(''),
}

const endpoints = ['ts', 'id.orig_h', 'id.resp_h']

export const zeekLogs: readonly ZeekLog[] = [
  {
    path: 'conn',
    record: 'flow',
    needs: endpoints,
    marks: ['conn_state'],
    never: [],
    mapping: flow,
    snapshotOf: ['uid'],
  },
  { path: 'dns', record: 'dns', needs: endpoints, marks: ['RD', 'RA'], never: [], mapping: dns },
  {
    path: 'http',
    record: 'http',
    needs: endpoints,
    marks: ['trans_depth', 'response_body_len'],
    never: ['call_id', 'helo'],
    mapping: http,
    snapshotOf: ['uid', 'ts', 'trans_depth'],
  },
  {
    path: 'ssl',
    record: 'tls',
    needs: endpoints,
    marks: ['established', 'resumed'],
    never: [],
    mapping: tls,
    snapshotOf: ['uid', 'ts'],
  },
  { path: 'files', record: 'file', needs: ['ts', 'fuid'], marks: ['seen_bytes'], never: [], mapping: file },
  { path: 'notice', record: 'alert', needs: ['ts', 'note'], marks: ['note'], never: [], mapping: alert },
  {
    path: 'smtp',
    record: 'mail',
    needs: endpoints,
    marks: ['helo', 'trans_depth'],
    never: [],
    mapping: mail,
  },
  {
    path: 'weird',
    record: 'alert',
    needs: ['ts', 'name'],
    marks: ['name', 'notice', 'peer'],
    never: [],
    mapping: weird,
  },
  {
    path: 'dhcp',
    record: 'lease',
    needs: ['ts', 'mac'],
    marks: ['mac', 'msg_types'],
    never: [],
    mapping: lease,
  },
]

/** The log of this path; `open_` logs have the form of the logs that they become. */
export const zeekLog = (path: string): ZeekLog | null =>
  zeekLogs.find((log) => log.path === path.replace(/^open_/, '')) ?? null
