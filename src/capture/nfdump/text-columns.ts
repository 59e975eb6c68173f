/**
 * The columns of what nfdump prints, by its header line. `-o fmt:…` puts them in any order, with commas or blanks
 * between; `line`, `long`, `extended`, `biline` and `bilong` are such formats.
 */

/** What a column holds; null for those that a flow is not made of. */
export type Column =
  | 'start'
  | 'end'
  | 'duration'
  | 'proto'
  | 'source'
  | 'target'
  | 'sourceAddress'
  | 'targetAddress'
  | 'sourcePort'
  | 'targetPort'
  | 'packets'
  | 'bytes'
  | 'outPackets'
  | 'outBytes'
  | 'flags'
  | 'icmpType'
  | 'icmpCode'
  | null

/** Titles of columns (nfdump 1.6 and 1.7, `output_fmt.c`), those first that begin as others do. */
const titles: readonly (readonly [title: string, column: Column])[] = [
  ['Date first seen (raw)', 'start'],
  ['Date last seen (raw)', 'end'],
  ['Date flow received (raw)', null],
  ['Date flow received GMT', null],
  ['Date first seen', 'start'],
  ['Date flow start', 'start'],
  ['Date last seen', 'end'],
  ['Date flow received', null],
  ['First seen raw', 'start'],
  ['First seen GMT', 'start'],
  ['Last seen raw', 'end'],
  ['Last seen GMT', 'end'],
  ['Received raw', null],
  ['Duration', 'duration'],
  ['Proto', 'proto'],
  ['Src IP Addr:Port', 'source'],
  ['Dst IP Addr:Port', 'target'],
  ['Src IP Addr(..):Port', 'source'],
  ['Dst IP Addr(..):Port', 'target'],
  ['Src IP Addr(..)', 'sourceAddress'],
  ['Dst IP Addr(..)', 'targetAddress'],
  ['X-late Src IP Addr:Port', null],
  ['X-late Dst IP Addr:Port', null],
  ['X-late Src IP', null],
  ['X-late Dst IP', null],
  ['X-Src IP Addr:Port', null],
  ['X-Dst IP Addr:Port', null],
  ['X-Src IP Addr', null],
  ['X-Dst IP Addr', null],
  ['X-Src Port', null],
  ['X-Dst Port', null],
  ['X-Src Pt', null],
  ['X-Dst Pt', null],
  ['Src IP Addr', 'sourceAddress'],
  ['Dst IP Addr', 'targetAddress'],
  ['Src Pt', 'sourcePort'],
  ['Dst Pt', 'targetPort'],
  ['Src Port', 'sourcePort'],
  ['Dst Port', 'targetPort'],
  ['Packets', 'packets'],
  ['In Pkt', 'packets'],
  ['Out Pkt', 'outPackets'],
  ['Bytes', 'bytes'],
  ['In Byte', 'bytes'],
  ['Out Byte', 'outBytes'],
  ['Flags', 'flags'],
  ['ICMP-T', 'icmpType'],
  ['ICMP-C', 'icmpCode'],
  ['Src AS', null],
  ['Dst AS', null],
  ['Next AS', null],
  ['Prev AS', null],
  ['Src Network', null],
  ['Dst Network', null],
  ['BGP next-hop IP', null],
  ['Next-hop IP', null],
  ['Router IP', null],
  ['Exp ID', null],
  ['Flow Flags', null],
  ['Event time', null],
  ['Src Vlan', null],
  ['Dst Vlan', null],
]

/** The columns of a header line; null when it is none, or lacks what a flow is made of. */
export function columnsOf(header: string): readonly Column[] | null {
  const columns = header.includes(',')
    ? header.split(',').map((cell) => titles.find(([title]) => title === cell.trim())?.[1] ?? null)
    : titlesIn(header)
  const has = (...any: Column[]) => any.some((each) => columns.includes(each))
  const isWhole =
    has('start', 'end') && has('source', 'sourceAddress') && has('target', 'targetAddress') && has('proto')
  return isWhole ? columns : null
}

/** Titles one after the other; a word that is none is a column that is not used. */
function titlesIn(header: string): Column[] {
  const found: Column[] = []
  let rest = header.replace(/<?->/g, ' ').trim()
  while (rest !== '') {
    const known = titles.find(([title]) => rest.startsWith(title) && !/^\S/.test(rest.slice(title.length)))
    const length = known ? known[0].length : rest.split(/\s/, 1)[0]!.length
    found.push(known ? known[1] : null)
    rest = rest.slice(length).trimStart()
  }
  return found
}

/** The cells of a line; dates and shortened counts (`1.2 M`) have a blank within. */
export function cellsOf(line: string): string[] {
  if (line.includes(',')) return line.split(',').map((cell) => cell.trim())
  const cell =
    /\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d(?:\.\d+)?|\d+d \d\d:\d\d:\d\d(?:\.\d+)?|\d+(?:\.\d+)? [KMGT](?!\S)|\S+/g
  return (line.match(cell) ?? []).filter((each) => each !== '->' && each !== '<->')
}

/** A line without a header above it: date, duration, protocol, ends, and what follows. */
export const line =
  /^(\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d\.\d{3})\s+(\S+)\s+(\S+)\s+(\S+)\s+(<?->)\s+(\S+)\s+(.*)$/
