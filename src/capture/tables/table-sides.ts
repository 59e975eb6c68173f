/** Rows whose source is the server: of sensors that take the sender of the first packet for the client. */
import type { Query } from '../../model/query.ts'
import { join, raw, sql, texts } from '../../store/sql.ts'
import { isServerFirst } from '../protocols/unseen-start.ts'
import type { Profile } from './profile.ts'
import { portNumber, protoOf, wholeOf } from './profile-ends.ts'
import { lettersOf, zeekLetters } from './table-outcome.ts'

type Fields = Readonly<Record<string, unknown>>

const counts = ['serverPackets', 'serverBytes', 'packets', 'bytes']
const ports = ['clientPort', 'serverPort', 'proto']

/** Whether rows of the table may be turned round: they have the signs, and whoever wrote them did not look at these. */
export const mayTurn = ({ oriented, fixed }: Profile, fields: Fields): boolean =>
  !oriented &&
  counts.some((each) => each in fields) &&
  (ports.every((each) => each in fields || fixed?.[each] !== undefined) || 'direction' in fields)

/** The same column of the other side. */
export const exchanged = (column: string): string =>
  column.startsWith('client')
    ? column.replace('client', 'server')
    : column.startsWith('server')
      ? column.replace('server', 'client')
      : column

/** The profile of rows whose source is the server. */
export const turnedRound = (profile: Profile): Profile => ({
  ...profile,
  columns: Object.fromEntries(
    Object.entries(profile.columns).map(([name, value]) => [exchanged(name), value]),
  ),
  fixed: Object.fromEntries(
    Object.entries(profile.fixed ?? {}).map(([name, value]) => [exchanged(name), value]),
  ),
})

/**
 * SQL: 1 where the source of a row is the server: Argus' `dir` says so, or both sides are counted and the ports say so
 * (see `isServerFirst`). What Zeek said of a connection holds.
 */
export function isTurned(given: (column: string) => Query, hasFlags: boolean): Query {
  const proto = protoOf(given('proto'))
  const counted = (side: string) =>
    sql`isNotNull(coalesce(${wholeOf(given(`${side}Packets`))}, ${wholeOf(given(`${side}Bytes`))}))`
  const noSyn = hasFlags
    ? sql`if(${given('flags')} = '', NULL, position(${lettersOf(given('flags'))}, 'S') = 0)`
    : raw("CAST(NULL, 'Nullable(UInt8)')")
  const byPorts = isServerFirst({
    isTcp: sql`${proto} = 'tcp'`,
    isUdp: sql`${proto} = 'udp'`,
    source: sql`ifNull(${portNumber(given('clientPort'))}, 0)`,
    target: sql`ifNull(${portNumber(given('serverPort'))}, 0)`,
    targetAddress: given('server'),
    noSyn,
  })

  const isSaid = sql`(${given('outcome')} != '' OR ${given('state')} IN ${texts(zeekLetters)})`
  const isBack = sql`trimBoth(${given('direction')}) IN ('<-', '<|', '<o')`
  const signs = join([counted('client'), counted('server'), sql`NOT ${isSaid}`, byPorts], ' AND ')
  return sql`ifNull(${isBack} OR (${signs}), 0)`
}
