/** Who spoke first in an Argus record, and how it went. */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import { type Cells, countIn, portIn } from './mapping.ts'

const has = (flags: Query, flag: string): Query => sql`position(${flags}, ${raw(`'${flag}'`)}) > 0`

/** TCP flags of each side, as in `FSPA_FSRPA`; other states (CON, INT …) have none. */
function flagsOf(cells: Cells): { known: Query; source: Query; destination: Query } {
  const state = cells.plain('State')
  const at = cells.once(sql`position(${state}, '_')`)
  return {
    known: sql`${at} > 0`,
    source: cells.once(sql`substring(${state}, 1, ${at} - 1)`),
    destination: cells.once(sql`substring(${state}, ${at} + 1)`),
  }
}

export const isTcp = (cells: Cells): Query => sql`lower(${cells.plain('Proto')}) = 'tcp'`

/**
 * SQL: 1 where the destination of the record is the client.
 *
 * - `<-` (also `<|`, `<o`): Argus itself says so.
 * - TCP whose source sent nothing but a SYN-ACK (`SA_`, `SA_R`): the answer to a SYN that was not seen, or forged.
 *   `SA_` of several packets may also be SYN then ACK; then the lower port is taken for the server's.
 * - TCP with a `?` in `Dir` and no SYN either way: the side with a port below 1024 is the server, if only one is.
 *
 * Everything else is kept as Argus has it: UDP with `<->` or `<?>` began with the packet that was seen first.
 */
export function turned(cells: Cells): Query {
  const { known, source, destination } = flagsOf(cells)
  const direction = sql`trimBoth(${cells.plain('Dir')})`
  const [from, to] = [portIn(cells, 'Sport'), portIn(cells, 'Dport')]
  const single = sql`${cells.plain('TotPkts')} = '1'`
  const answer = sql`${source} = 'SA'
    AND (${destination} IN ('R', 'RA') OR (${destination} = '' AND (${single} OR ${from} < ${to})))`
  const unsure = sql`position(${direction}, '?') > 0 AND NOT (${has(source, 'S')}) AND NOT (${has(destination, 'S')})`
  return sql`multiIf(${direction} IN ('<-', '<|', '<o'), 1,
    NOT (${isTcp(cells)}) OR NOT (${known}), 0,
    ${answer}, 1,
    ${unsure} AND ${from} < 1024 AND ${from} > 0 AND ${to} >= 1024, 1,
    0)`
}

const protocolsBelowIp = sql`('arp', 'rarp', 'llc', 'man', 'loop', 'stp', 'lldp', 'eapol',
  'ipx', 'ipx/spx', 'decnet', 'aarp', 'atalk', 'isis', 'clns')`

/** SQL: whether the record is about something below IP. */
export const belowIp = (cells: Cells): Query =>
  sql`lower(${cells.plain('Proto')}) IN ${protocolsBelowIp}
      OR position(${cells.plain('SrcAddr')}, ':') > 0
        AND match(${cells.plain('SrcAddr')}, '^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$')`

/** ICMP types that ask for an answer, of both versions. */
const asking = [8, 10, 13, 15, 17, 128, 133, 135]

/** The ICMP type that Argus keeps in the low byte of `Sport`. */
export const icmpType = (cells: Cells): Query => sql`bitAnd(${hexIn(cells, 'Sport')}, 255)`

/** A port as Argus prints it: decimal, or hexadecimal after 0x. 0 where there is none. */
export function hexIn(cells: Cells, field: string): Query {
  const text = cells.plain(field)
  return cells.once(sql`if(startsWith(${text}, '0x') AND length(${text}) <= 6,
    reinterpretAsUInt16(reverse(unhex(leftPad(substring(${text}, 3), 4, '0')))), ${portIn(cells, field)})`)
}

/**
 * SQL: the outcome, over a table with `turned`.
 *
 * Bytes of data are distinguished from bare headers by size: 78 bytes a packet are more than any header with options.
 */
export function argusOutcome(cells: Cells): Query {
  const { known, source, destination } = flagsOf(cells)
  const state = cells.plain('State')
  const client = sql`if(turned = 1, ${destination}, ${source})`
  const server = sql`if(turned = 1, ${source}, ${destination})`
  const number = (field: string) => countIn(cells, field)
  const total = (what: string) =>
    sql`coalesce(${number(`Tot${what}`)}, ${number(`Src${what}`)} + ${number(`Dst${what}`)})`
  const nothingBack = sql`(ifNull(${number('SrcBytes')} = ${total('Bytes')}, 0)
    OR ifNull(${number('SrcPkts')} = ${total('Pkts')}, 0))`
  const silent = sql`${nothingBack} AND turned = 0`
  const withData = sql`ifNull(${total('Bytes')} > 78 * ${total('Pkts')}, 0)`
  const isIcmp = sql`lower(${cells.plain('Proto')}) IN ('icmp', 'ipv6-icmp')`
  // Nobody goes on sending after a SYN that was not answered: then one direction was captured only.
  const heard = sql`ifNull(${total('Pkts')} > 2, 0) AND ${has(client, 'S')} AND ${has(client, 'A')}
    AND (${has(client, 'P')} OR ${withData})`
  const unreachable = sql`startsWith(${state}, 'UR')`

  return sql`multiIf(
    ${isIcmp}, multiIf(
      position(${cells.plain('Dir')}, '<->') > 0, 'established',
      NOT has(${asking}, toFloat64(${icmpType(cells)})), 'unknown',
      ${unreachable}, 'refused',
      ${state} IN ('ECO', 'REQ', 'INT', 'NRS', 'NNS'), 'unanswered',
      'unknown'),
    ${known}, multiIf(
      ${server} = '', if(${heard}, 'established', 'unanswered'),
      ${client} = '', 'reversed',
      ${has(client, 'S')} AND ${has(server, 'S')} AND ${has(server, 'A')}, 'established',
      ${has(client, 'A')} AND ${has(server, 'A')}
        AND (${has(client, 'P')} OR ${has(server, 'P')} OR ${withData}), 'established',
      ${has(server, 'R')} AND NOT (${has(server, 'S')}) AND ${has(client, 'S')}, 'refused',
      'unknown'),
    ${unreachable}, 'refused',
    ${state} IN ('INT', 'REQ', 'S0'), if(${silent} OR isNull(${number('SrcBytes')})
      OR ${state} = 'S0', 'unanswered', 'unknown'),
    ${state} = 'RSP', 'unanswered',
    ${silent} AND ${state} != '', 'unanswered',
    ${state} IN ('CON', 'EST', 'ACC', 'FIN', 'CLO'), 'established',
    ${state} = 'RST', if(${withData}, 'established', 'refused'),
    'unknown')`
}
