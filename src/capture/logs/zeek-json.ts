/**
 * Zeek logs written as JSON, one object a line (`LogAscii::use_json=T`, or the json-streaming-logs package).
 *
 * Fields that say nothing are absent. `ts` is a number (of seconds, or JSON::TS_MILLIS) or an ISO 8601 text. The
 * log is named by `_path` where it is there, else told from fields that only one log has; lines of several logs may
 * be mixed.
 */
import type { Query } from '../../model/query.ts'
import { sql } from '../../store/sql.ts'
import type { Input, Reader } from '../reader.ts'
import { firstObject, type JsonCells, type JsonKind, takeJson } from './json.ts'
import { literal, withLines } from './lines.ts'
import { isOpenLog, notLast } from './open-logs.ts'
import { type ZeekLog, zeekLog, zeekLogs } from './zeek-mappings.ts'
import { zeekPaths } from './zeek-names.ts'

export const zeekJson = {
  name: 'zeek-json',
  lines: 'none',
  doc: 'Zeek logs (conn, dns, http, ssl, files, notice, smtp, weird) as JSON lines',
  gives: [...new Set(zeekLogs.map(({ record }) => record))],
  accepts: (head) => {
    const first = firstObject(head)
    if (!first) return false
    const names = new Set([...Object.keys(first), ...zeekPaths(first).keys()])
    if (!names.has('ts')) return false
    const { _path: path } = first
    if (typeof path === 'string') return zeekLog(path) !== null
    return zeekLogs.some(
      ({ marks, never, needs }) =>
        [...marks, ...needs].every((mark) => names.has(mark)) && !never.some((mark) => names.has(mark)),
    )
  },
  read: (input, sink) =>
    withLines(input, sink, (lines) => {
      // As the first object has its fields, so have the others.
      const paths = zeekPaths(firstObject(input.head) ?? {})
      const naming = (field: string) => paths.get(field) ?? [field]
      const kinds = zeekLogs.map((log) => kindOf(log, input))
      return takeJson(sink, lines, { kinds, naming, first: firstKind(input.head) })
    }),
} as const satisfies Reader

/** By `_path` only: without it the names in one line say too little. */
function firstKind(head: string): number {
  const path = firstObject(head)?.['_path']
  return typeof path === 'string' ? 1 + zeekLogs.findIndex((log) => log === zeekLog(path)) : 0
}

function kindOf(log: ZeekLog, input: Input): JsonKind {
  const { record, mapping, snapshotOf } = log
  const open = snapshotOf !== undefined && isOpenLog(input.name)
  return {
    record,
    mapping,
    is: (cells) => isOf(log, cells),
    rejects: (cells, table, piece) => {
      if (!open) return []
      const [key, ours] = [[piece, ...snapshotOf.map(cells.plain)], isOf(log, cells)]
      return [[notLast(sql`(SELECT * FROM ${table()} WHERE ${ours})`, key), 'superseded']]
    },
  }
}

function isOf({ path, marks, never }: ZeekLog, cells: JsonCells): Query {
  const given = (field: string) => sql`${cells.plain(field)} != ''`
  const byMarks = [...marks.map(given), ...never.map((field) => sql`NOT (${given(field)})`)].reduce(
    (all, each) => sql`${all} AND ${each}`,
  )
  const named = cells.plain('_path')
  return sql`if(${named} != '', ${named} IN (${literal(path)}, ${literal(`open_${path}`)}), ${byMarks})`
}
