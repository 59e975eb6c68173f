/** Lines whose header went missing, told by what stands in their cells: a header is put before them. */
import type { Envelope, Opened } from './envelopes.ts'
import { firstLines } from './envelopes.ts'
import { type LineMap, mapLines } from './line-filter.ts'

const under = (what: string, header: string, map: LineMap | null = null): Opened => ({
  what,
  grows: true,
  through: async function* (chunks) {
    yield Buffer.from(header)
    yield* map ? mapLines(chunks, map) : chunks
  },
})

const address = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)`
const proto = '(?:tcp|udp|icmp|sctp|unknown_transport)'
const zeekBegin = new RegExp(
  String.raw`^\d{9,10}\.\d+\t[\w-]+\t${address}\t\d{1,5}\t${address}\t\d{1,5}\t${proto}\t`,
)
const isState = (cell: string | undefined) => /^(?:S[0123HF]|SHR|REJ|RST[OR]\w*|OTH|-)$/.test(cell ?? '')
const isFlag = (cell: string | undefined) => /^[TF-]$/.test(cell ?? '')

const endpoints = ['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p', 'proto']
const counts = [
  'missed_bytes',
  'history',
  'orig_pkts',
  'orig_ip_bytes',
  'resp_pkts',
  'resp_ip_bytes',
  'tunnel_parents',
]
const question = [
  'query',
  'qclass',
  'qclass_name',
  'qtype',
  'qtype_name',
  'rcode',
  'rcode_name',
  'AA',
  'TC',
  'RD',
  'RA',
  'Z',
]

/** Names of the columns of a Zeek log in the order of Zeek's own scripts; null where the cells are of another log. */
function zeekColumns(cells: readonly string[]): { path: string; fields: string[] } | null {
  const more = (fields: string[]) => [
    ...fields,
    ...cells
      .slice(fields.length)
      .map((cell, i) => (/^\d{1,3}$/.test(cell) && i === 0 ? 'ip_proto' : `more_${i + 1}`)),
  ]

  if (cells.length >= 19 && isState(cells[11]) && isFlag(cells[12])) {
    const local = isFlag(cells[13]) ? ['local_orig', 'local_resp'] : ['local_orig']
    const fields = [
      ...endpoints,
      'service',
      'duration',
      'orig_bytes',
      'resp_bytes',
      'conn_state',
      ...local,
      ...counts,
    ]
    return { path: 'conn', fields: more(fields).slice(0, cells.length) }
  }

  // Before 2.5 there was no round trip time.
  const rtt = cells.length >= 24 ? ['rtt'] : []
  const at = 7 + 1 + rtt.length + 7

  if (cells.length >= 22 && /^\d+$/.test(cells[7] ?? '') && cells.slice(at, at + 4).every(isFlag)) {
    const fields = [...endpoints, 'trans_id', ...rtt, ...question, 'answers', 'TTLs', 'rejected']
    return { path: 'dns', fields: more(fields).slice(0, cells.length) }
  }

  return null
}

const zeek: Envelope = (head) => {
  const [first = ''] = firstLines(head, 1)
  if (!zeekBegin.test(first)) return null
  const found = zeekColumns(first.split('\t'))
  if (!found) return null
  const lines = [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    `#path\t${found.path}`,
    `#fields\t${found.fields.join('\t')}`,
  ]
  return under(`a Zeek ${found.path} log without its header`, `${lines.join('\n')}\n`)
}

const vpcHeader =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n'
const vpcLine = /^(?:2 )(?:\d{12}|unknown|-) (?:eni-[0-9a-f]+|-) (?:\S+ ){10}(?:OK|NODATA|SKIPDATA)\s*$/
/** CloudWatch puts the time of ingestion before each line, or writes a table of times and messages. */
const stamp = /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z[ \t]+|"?\d{13}"?,"?)/
const tableTitle = /^"?(?:@?timestamp|time)"?,"?@?message"?\s*$/

const vpc: Envelope = (head) => {
  const lines = firstLines(head, 5)
  const bare = lines.map((line) => line.replace(stamp, '').replace(/"$/, ''))
  const stamped = bare.some((line, i) => line !== lines[i])

  const strip: LineMap = (line) => {
    const text = line.toString('latin1', 0, 64)
    if (tableTitle.test(text)) return null
    const found = stamp.exec(text)?.[0]
    if (!found) return line
    return line.subarray(found.length, found.endsWith('"') && line.at(-1) === 34 ? -1 : line.length)
  }

  if (bare.some((line) => vpcLine.test(line)))
    return under('VPC flow logs without their header', vpcHeader, stamped ? strip : null)

  const titled = stamped && bare.some((line) => /\bsrcaddr\b/.test(line) && /\bdstaddr\b/.test(line))

  return titled
    ? {
        what: 'VPC flow logs as CloudWatch exports them',
        grows: true,
        through: (chunks) => mapLines(chunks, strip),
      }
    : null
}

const dateTime = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?`
/** CSV of nfdump 1.6 and 1.7, and of 1.7.5 and later, both printed with -q. */
const nfdumpForms = [
  [
    new RegExp(
      String.raw`^${dateTime},${dateTime},\s*\d+\.\d+,${address},${address},` +
        String.raw`\d{1,5},[\d.]{1,7},[\w-]+\s*,[.UAPRSFEWC0-9x]+,(?:\d+,){6}`,
    ),
    'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt',
  ],
  [
    new RegExp(
      String.raw`^${dateTime},\s*[\d:.]+,[\w-]+\s*,${address},\d{1,5},${address},[\d.]{1,7},\d+,\d+,\d+\s*$`,
    ),
    'firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows',
  ],
] as const

const nfdump: Envelope = (head) => {
  const [first = ''] = firstLines(head, 1)
  const [, names] = nfdumpForms.find(([form]) => form.test(first)) ?? []
  if (names === undefined) return null
  const cells = first.split(',').length
  const more = Array.from({ length: cells - names.split(',').length }, (_, i) => `,more_${i + 1}`)
  return under('CSV of nfdump without its header', `${names}${more.join('')}\n`)
}

export const headerless: readonly Envelope[] = [zeek, vpc, nfdump]
