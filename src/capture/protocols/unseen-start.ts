/**
 * Records of sensors that take the sender of the first packet for the client, also in mid-stream. Of a connection that
 * was open before the sensor began, or that it had given up, that is the server as often as not.
 */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import { servicePorts } from './service-ports.ts'

interface FirstSeen {
  readonly isTcp: Query
  readonly isUdp: Query
  /** Ports of who was seen first, and of the other. */
  readonly source: Query
  readonly target: Query
  /** Text of the other's address. */
  readonly targetAddress: Query
  /** Whether no SYN was seen; null where nothing is known of flags. */
  readonly noSyn: Query
}

const list = (ports: readonly number[]): Query => raw(`(${ports.join(', ')})`)
const serves = (port: Query): Query =>
  sql`((${port} > 0 AND ${port} < 1024) OR ${port} IN ${list(servicePorts.tcp)})`
const servesDatagrams = (port: Query): Query => sql`${port} IN ${list(servicePorts.udp)}`

/** Nobody is called from a group, or from all. */
const isGroup = (address: Query): Query =>
  sql`match(${address}, '^(22[4-9]|23[0-9])[.]|^255[.]255[.]255[.]255$|^[fF][fF]')`

/**
 * SQL: 1 where by its port only who was seen first can be the server. TCP: in mid-stream; without flags only ports
 * below 1024 count, 20 excepted (FTP's data come from there).
 */
export function isServerFirst({ isTcp, isUdp, source, target, targetAddress, noSyn }: FirstSeen): Query {
  const low = sql`${source} > 0 AND ${source} < 1024 AND ${source} != 20`
  const midStream = sql`if(isNull(${noSyn}), ${low}, ${noSyn} AND ${serves(source)})`
  return sql`(
    (${isTcp} AND ${midStream} AND ${target} > 0 AND NOT ${serves(target)})
    OR (${isUdp} AND ${servesDatagrams(source)} AND ${target} > 0 AND NOT ${servesDatagrams(target)})
  ) AND NOT ${isGroup(targetAddress)}`
}
