/** Records of one connection, told by its five-tuple. */
import { sql } from '../sql.ts'

/** SQL: the columns of a five-tuple. */
export const fiveTuple = sql`client, server, serverPort, proto, clientPort`

/** SQL: a number that tells five-tuples apart; two may share one. */
export const fiveTupleHash = sql`cityHash64(${fiveTuple})`

/** Up to so many flows, all are sorted to join records of one connection: to tell which need it would take longer. */
export const allSortedUpTo = 200_000
