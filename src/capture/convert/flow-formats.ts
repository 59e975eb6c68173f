/** The forms in which flows are written to files. To add one: list it here; flows-file.test.ts reads each back. */
import { outcomes } from '../../model/flow.ts'
import type { Query } from '../../model/query.ts'
import { addressText, join, raw, sql, texts } from '../../store/sql.ts'
import { zeekStates } from '../logs/zeek-outcome.ts'

export interface FlowForm {
  readonly name: 'csv' | 'jsonl' | 'parquet' | 'zeek'
  readonly doc: string
  /** Endings of file names that mean it. */
  readonly endings: readonly string[]
  /** The engine's format, and its settings. */
  readonly format: string
  readonly settings?: Readonly<Record<string, string | number>>
  /** What stands before the first row. */
  readonly head: string
  /** Whether files of it can be put one after the other. */
  readonly joins: boolean
  /** Names and SQL over the columns of a flow. */
  readonly columns: Readonly<Record<string, Query>>
}

const iso = raw("concat(replaceOne(toString(fromUnixTimestamp64Micro(start, 'UTC')), ' ', 'T'), 'Z')")

const columns = {
  start: iso,
  duration: raw('duration / 1e6'),
  proto: raw('proto'),
  client: addressText('client'),
  clientPort: raw('clientPort'),
  server: addressText('server'),
  serverPort: raw('serverPort'),
  packets: raw('packets'),
  bytes: raw('bytes'),
  clientPackets: raw('clientPackets'),
  clientBytes: raw('clientBytes'),
  serverPackets: raw('serverPackets'),
  serverBytes: raw('serverBytes'),
  outcome: raw('outcome'),
  state: raw('state'),
  service: raw('service'),
  uid: raw('uid'),
  label: raw('label'),
  tunnel: raw('tunnel'),
}

/** Whole microseconds as seconds with six digits. */
const seconds = (column: string) =>
  raw(`concat(toString(intDiv(${column}, 1000000)), '.', leftPad(toString(${column} % 1000000), 6, '0'))`)

/** Text as Zeek escapes it: what would break the line or be taken for "not said". */
const escaped = (column: string): Query => {
  const plain = [
    ['\\\\', '\\\\\\\\'],
    ['\\t', '\\\\x09'],
    ['\\n', '\\\\x0a'],
    ['\\r', '\\\\x0d'],
  ].reduce((done, [what, by]) => `replaceAll(${done}, '${what}', '${by}')`, column)
  return raw(
    `multiIf(${column} = '', '-', ${column} = '-', '\\\\x2d', ${column} = '(empty)', '\\\\x28empty)', ${plain})`,
  )
}

const orUnset = (column: string) => raw(`ifNull(toString(${column}), '-')`)
const isIcmp = "proto = 'icmp'"

/** The letters of Zeek that stand for an outcome, for flows of sensors that have others. */
const stateOf: Readonly<Record<(typeof outcomes)[number], string>> = {
  established: 'SF',
  refused: 'REJ',
  unanswered: 'S0',
  reversed: 'SHR',
  unknown: 'OTH',
}
const letters = [...Object.keys(zeekStates), 'RSTO', 'RSTR', 'RSTRH', 'OTH']
const state = sql`if(state IN ${texts(letters)}, state,
  transform(outcome, ${texts(outcomes)}, ${texts(outcomes.map((each) => stateOf[each]))}, 'OTH'))`

const unset = raw("'-'")
const zeekColumns = {
  ts: seconds('start'),
  uid: escaped('uid'),
  'id.orig_h': addressText('client'),
  'id.orig_p': raw(`toString(if(${isIcmp}, intDiv(serverPort, 256), clientPort))`),
  'id.resp_h': addressText('server'),
  'id.resp_p': raw(`toString(if(${isIcmp}, serverPort % 256, serverPort))`),
  proto: escaped('proto'),
  service: escaped('service'),
  duration: seconds('duration'),
  orig_bytes: unset,
  resp_bytes: unset,
  conn_state: state,
  local_orig: unset,
  local_resp: unset,
  missed_bytes: raw("'0'"),
  history: unset,
  orig_pkts: orUnset('clientPackets'),
  orig_ip_bytes: orUnset('clientBytes'),
  resp_pkts: orUnset('serverPackets'),
  resp_ip_bytes: orUnset('serverBytes'),
  tunnel_parents: raw("'(empty)'"),
  outcome: raw('outcome'),
  label: escaped('label'),
}

const zeekTypes =
  'time string addr port addr port enum string interval count count string ' +
  'bool bool count string count count count count set[string] string string'

const zeekHead = [
  '#separator \\x09',
  '#set_separator\t,',
  '#empty_field\t(empty)',
  '#unset_field\t-',
  '#path\tconn',
  `#fields\t${Object.keys(zeekColumns).join('\t')}`,
  `#types\t${zeekTypes.replaceAll(' ', '\t')}`,
  '',
].join('\n')

export const flowForms: readonly FlowForm[] = [
  {
    name: 'csv',
    doc: 'comma-separated, with a header line',
    endings: ['.csv'],
    format: 'CSV',
    // A null is an empty cell: not said.
    settings: { format_csv_null_representation: '' },
    head: `${Object.keys(columns).join(',')}\n`,
    joins: true,
    columns,
  },
  {
    name: 'jsonl',
    doc: 'a JSON object a line',
    endings: ['.jsonl', '.ndjson', '.json'],
    format: 'JSONEachRow',
    settings: { output_format_json_quote_64bit_integers: 0 },
    head: '',
    joins: true,
    columns,
  },
  {
    name: 'parquet',
    doc: 'Parquet',
    endings: ['.parquet'],
    format: 'Parquet',
    head: '',
    joins: false,
    columns: { ...columns, start: raw("fromUnixTimestamp64Micro(start, 'UTC')") },
  },
  {
    name: 'zeek',
    doc: 'Zeek conn.log, tab-separated',
    endings: ['.log'],
    format: 'TSVRaw',
    head: zeekHead,
    joins: true,
    columns: zeekColumns,
  },
]

/** The columns as they stand in a SELECT. */
export const selected = (form: FlowForm): Query =>
  join(
    Object.entries(form.columns).map(([name, value]) => sql`${value} AS ${raw(`\`${name}\``)}`),
    ', ',
  )
