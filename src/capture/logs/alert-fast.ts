/**
 * One line an alert: Snort's `alert_fast` (2 and 3) and Suricata's `fast.log`, which are alike.
 *
 * `TIME [**] [gid:sid:rev] "message" [**] [Classification: …] [Priority: n] {PROTO} ADDRESS:PORT -> ADDRESS:PORT`;
 * classification, priority and ports may be missing, and so may the stars.
 */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Reader } from '../reader.ts'
import { isoStamp, writtenAt } from './alert-time.ts'
import { take, withLines } from './lines.ts'
import {
  address,
  type Cells,
  compile,
  count,
  lower,
  type Mapping,
  port,
  rejectFirst,
  text,
  time,
} from './mapping.ts'

const fields = [
  'stamp',
  'gid',
  'sid',
  'rev',
  'message',
  'classification',
  'priority',
  'protocol',
  'source',
  'destination',
]

/** Understood by RE2 and by JavaScript alike. */
const begin = ['^([0-9]{2}/[0-9]{2}[0-9/]{0,5}-[0-9:.]{8,20})', '(?: +\\[w?Drop\\])?']
const about = ['(?: +\\[Classification: *([^\\]]*)\\])?', '(?: +\\[Priority: *([0-9]+)\\]:?)?']
const end = '\\{([^}]+)\\} +([^ ]+) +-> +([^ ]+) *$'
/** Sensors with several interfaces name the one before the message. */
const signature = ' +\\[([0-9]+):([0-9]+):([0-9]+)\\] +(?:<[^<> ]+> +)?(.*?)'

const form = [...begin, ' +\\[\\*\\*\\]', signature, ' *\\[\\*\\*\\]', ...about, '[^{]*', end].join('')

/** Without the stars: what comes through syslog, and some configurations. */
const bareForm = [...begin, signature, ...about, '(?: +\\[[^\\]]*\\])*', ' *', end].join('')

/** SQL: the groups of a line. */
const groups: Query = sql`if(position(line, '[**]') > 0,
  extractGroups(line, ${form}), extractGroups(line, ${bareForm}))`

/** Longer lines are looked at so far only: patterns with two ends take the square of a line's length. */
const longestLine = 4096

/** Names under which `cellsOf` gives what the line does not say in one piece. */
const cut = ['time', 'signature', 'quoted', 'sourceAddress', 'destinationAddress', 'destinationPort'] as const

export const alertFast: Mapping = {
  start: { ...time('time'), fields: ['time'], doc: 'UTC; a missing year is that of the file' },
  client: { ...address('sourceAddress'), fields: ['source'] },
  server: { ...address('destinationAddress'), fields: ['destination'] },
  serverPort: { ...port('destinationPort'), fields: ['destination'] },
  proto: lower('protocol'),
  uid: { fields: [], doc: 'unknown', value: () => raw(`''`) },
  engine: {
    fields: ['time'],
    doc: '`suricata` if the year has four digits, as in its fast.log; otherwise `snort`',
    value: (cells) => sql`if(length(${cells.plain('stamp')}) > 24, 'suricata', 'snort')`,
  },
  signature: { ...text('signature'), fields: ['gid', 'sid'], doc: '`sid`; `gid:sid` where gid is not 1' },
  message: { ...text('quoted'), fields: ['message'], doc: 'without quotes' },
  category: text('classification'),
  severity: count('priority'),
}

export const alertFastReader = {
  name: 'alert-fast',
  lines: 'none',
  alone: true,
  doc: 'Snort alert_fast and Suricata fast.log',
  gives: ['alert'],
  accepts: (head) => {
    const line = /^\s*(\S.*)/.exec(head.slice(0, longestLine))?.[1]
    return line !== undefined && [form, bareForm].some((each) => new RegExp(each).test(line.trimEnd()))
  },
  read: (input, sink) =>
    withLines(input, sink, async (lines) => {
      const cells = cellsOf(await writtenAt(input.path))
      const table = sql`(SELECT row, line, ${groups} AS c FROM ${lines} WHERE line != '')`
      const [found] = await sink.rows<{ n: number }>(sql`SELECT toFloat64(count()) AS n FROM ${table}`)
      const compiled = rejectFirst([[sql`empty(c)`, 'truncated']], compile('alert', alertFast, cells))
      await take(sink, { record: 'alert', compiled, table, records: found?.n ?? 0 })
    }),
} as const satisfies Reader

function cellsOf(written: Date): Cells {
  const plain = (field: string): Query => {
    const place = fields.indexOf(field)
    if (place >= 0) return raw(`c[${place + 1}]`)
    if (!(cut as readonly string[]).includes(field)) throw new RangeError(`no field ${field}`)

    switch (field as (typeof cut)[number]) {
      case 'time':
        return isoStamp(plain('stamp'), written)
      case 'signature':
        return sql`if(${plain('gid')} = '1', ${plain('sid')}, concat(${plain('gid')}, ':', ${plain('sid')}))`
      case 'quoted':
        return sql`trimBoth(${plain('message')}, '"')`
      case 'sourceAddress':
        return addressIn(plain('source'))
      case 'destinationAddress':
        return addressIn(plain('destination'))
      case 'destinationPort':
        return portIn(plain('destination'))
    }
  }

  return {
    has: () => true,
    plain,
    asWritten: plain,
    once: (value) => value,
    text: plain,
    list: () => raw('emptyArrayString()'),
  }
}

/**
 * An IPv6 address and its port have the same separator. TCP and UDP always have a port; of others a place that is an
 * address as it stands is one.
 */
const hasPort = (place: Query): Query =>
  sql`(isNotNull(toIPv6OrNull(${before(place)})) AND match(${behind(place)}, '^[0-9]{1,5}$')
       AND (upper(${raw(`c[${fields.indexOf('protocol') + 1}]`)}) IN ('TCP', 'UDP') OR isNull(toIPv6OrNull(${place}))))`
const before = (place: Query): Query =>
  sql`trimBoth(substring(${place}, 1, length(${place}) - length(${behind(place)}) - 1), '[]')`
const behind = (place: Query): Query => sql`arrayElement(splitByChar(':', ${place}), -1)`

const addressIn = (place: Query): Query => sql`if(${hasPort(place)}, ${before(place)}, ${place})`
const portIn = (place: Query): Query => sql`if(${hasPort(place)}, ${behind(place)}, '')`
