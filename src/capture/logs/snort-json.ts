/**
 * Snort 3's `alert_json`: one object an alert, with the fields that its configuration names.
 *
 * Read are `seconds` or `timestamp`; `src_addr` or `src_ap`, `dst_addr` or `dst_ap`; `gid` and `sid`, or `rule`;
 * `msg`, `class`, `priority`, `proto`, `dst_port`. Field meanings: snort3 src/loggers/alert_json.cc.
 */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Reader } from '../reader.ts'
import { isoStamp, writtenAt } from './alert-time.ts'
import { byName, firstObject, type JsonKind, takeJson } from './json.ts'
import { withLines } from './lines.ts'
import {
  type Cells,
  count,
  fixed,
  instant,
  lower,
  type Mapping,
  portOf,
  type Reading,
  text,
} from './mapping.ts'

const given = (cells: Cells, first: string, other: Query): Query =>
  sql`if(${cells.plain(first)} != '', ${cells.plain(first)}, ${other})`

/** `src_ap` is an address, a colon and a port; 0 where there is none. */
const apart = (cells: Cells, field: string) => {
  const place = cells.plain(field)
  const port = sql`arrayElement(splitByChar(':', ${place}), -1)`
  return { port, address: sql`substring(${place}, 1, length(${place}) - length(${port}) - 1)` }
}

const side = (which: 'src' | 'dst'): Reading => {
  const value = (cells: Cells) =>
    sql`toIPv6OrNull(${given(cells, `${which}_addr`, apart(cells, `${which}_ap`).address)})`
  return {
    fields: [`${which}_addr`, `${which}_ap`],
    doc: 'the first that is given',
    value: (cells) => sql`assumeNotNull(${value(cells)})`,
    reject: { reason: 'bad-address', when: (cells) => sql`isNull(${value(cells)})` },
  }
}

const rulePart = (cells: Cells, n: number): Query =>
  sql`arrayElement(splitByChar(':', ${cells.plain('rule')}), ${raw(String(n))})`
const gid = (cells: Cells) => given(cells, 'gid', rulePart(cells, 1))
const sid = (cells: Cells) => given(cells, 'sid', rulePart(cells, 2))

export const snortAlert = (written: Date): Mapping => {
  // A stamp has parts of a second, `seconds` has none: the stamp is taken where there is one.
  const start = (cells: Cells) =>
    sql`if(
      ${cells.plain('timestamp')} != '',
      ${instant(isoStamp(cells.plain('timestamp'), written))},
      ${instant(cells.plain('seconds'))})`
  const port = (cells: Cells) => given(cells, 'dst_port', apart(cells, 'dst_ap').port)

  return {
    start: {
      fields: ['timestamp', 'seconds'],
      doc: 'the first that is given; UTC; a missing year is that of the file',
      value: (cells) => sql`ifNull(${start(cells)}, 0)`,
      reject: {
        reason: 'bad-time',
        when: (cells) => sql`NOT ifNull(${start(cells)} >= 0 AND ${start(cells)} < 8583840000000000, 0)`,
      },
    },
    client: side('src'),
    server: side('dst'),
    serverPort: {
      fields: ['dst_port', 'dst_ap'],
      doc: '0 if unknown',
      value: (cells) => portOf(port(cells)),
      reject: { reason: 'bad-field', when: (cells) => sql`${portOf(port(cells))} > 65535` },
    },
    proto: lower('proto'),
    uid: fixed(''),
    engine: fixed('snort'),
    signature: {
      fields: ['gid', 'sid', 'rule'],
      doc: '`sid`; `gid:sid` where gid is not 1',
      value: (cells) =>
        sql`if(${gid(cells)} IN ('1', ''), ${sid(cells)}, concat(${gid(cells)}, ':', ${sid(cells)}))`,
    },
    message: text('msg'),
    category: {
      fields: ['class'],
      doc: '`none` means unknown',
      value: (cells) => sql`if(${cells.text('class')} = 'none', '', ${cells.text('class')})`,
    },
    severity: count('priority'),
  }
}

const kind = (written: Date): JsonKind => ({
  record: 'alert',
  mapping: snortAlert(written),
  is: (cells) =>
    sql`(${cells.plain('rule')} != '' OR ${cells.plain('sid')} != '')
      AND (${cells.plain('src_ap')} != '' OR ${cells.plain('src_addr')} != '')`,
})

export const snortJson = {
  name: 'snort-json',
  lines: 'none',
  alone: true,
  doc: 'Snort 3 alert_json (JSON lines)',
  gives: ['alert'],
  accepts: (head) => {
    const first = firstObject(head)
    if (!first || 'event_type' in first || 'ts' in first) return false
    return (
      ('rule' in first || 'sid' in first) &&
      ('src_ap' in first || 'src_addr' in first) &&
      ('timestamp' in first || 'seconds' in first)
    )
  },
  read: (input, sink) =>
    withLines(input, sink, async (lines) =>
      takeJson(sink, lines, { kinds: [kind(await writtenAt(input.path))], naming: byName }),
    ),
} as const satisfies Reader
