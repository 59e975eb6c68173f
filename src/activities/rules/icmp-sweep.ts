import { inside, isSpecial } from '../../store/networks.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { insideRemark, subnet, windows } from '../attempts.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { countOf } from '../traits.ts'

const defaults = {
  addressesIn5Minutes: 20,
  addressesInHour: 50,
  addressesInEpoch: 120,
  /** Of the addresses pinged in the window whose outcome is known. */
  minFailedShare: 0.5,
}

/** Echo requests: type 8 of ICMP, 128 of ICMPv6. */
const isPing = raw("(proto IN ('icmp', 'icmp6', 'ipv6-icmp') AND serverPort IN (2048, 32768))")

export const icmpSweep: Rule<typeof defaults> = {
  name: 'icmp-sweep',
  type: 'scan',
  doc: 'One host pings many addresses, and half or more do not answer.',
  reads: ['flow'],
  blind: 'scans: there are no flows',
  defaults,

  needs: (_scope, { addressesIn5Minutes, addressesInHour, addressesInEpoch }) => [
    {
      table: 'flow',
      count: sql`uniqExactIf(server, ${isPing})`,
      least: Math.min(addressesIn5Minutes, addressesInHour, addressesInEpoch),
    },
  ],

  query(scope, { addressesIn5Minutes, addressesInHour, addressesInEpoch, minFailedShare }) {
    const { from, to, internal } = scope
    const lines = { in5Minutes: addressesIn5Minutes, inHour: addressesInHour, inEpoch: addressesInEpoch }

    return activityRows(
      icmpSweep,
      scope,
      sql`
      WITH ping AS MATERIALIZED (
        SELECT client AS host, server, start, id, outcome FROM flow
        WHERE start >= ${from} AND start < ${to} AND ${isPing} AND ${inside('client', internal)}
          AND NOT ${isSpecial('server', internal)}),
      door AS (
        SELECT host, server, w.1 AS length, w.2 AS window, w.3 AS line,
               countIf(outcome = 'established') > 0 AS open,
               NOT open AND countIf(outcome IN ('refused', 'unanswered')) > 0 AS shut
        FROM ping ${windows(scope, lines)} GROUP BY host, server, length, window, line),
      scored AS (
        SELECT host, (countIf(shut) + countIf(NOT shut AND NOT open) / 2) / any(line) AS score
        FROM door GROUP BY host, length, window
        HAVING countIf(NOT open) >= ${minFailedShare} * count()),
      swept AS (SELECT host, max(score) AS score FROM scored GROUP BY host HAVING score >= 1),
      net AS (
        SELECT host, groupArray(net) AS nets FROM (
          SELECT host, ${subnet('server')} AS net, uniqExact(server) AS n FROM ping
          GROUP BY host, net HAVING n >= 8 ORDER BY n DESC, net LIMIT 50 BY host)
        GROUP BY host)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             any(swept.score) AS score, arrayConcat(${insideRemark(internal)}, any(net.nets), ['icmp/echo']) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM ping INNER JOIN swept USING (host) LEFT JOIN net USING (host)
      GROUP BY host`,
    )
  },

  counted: () => [{ table: 'flow', where: isPing }],

  did: ({ targets, hosts }) =>
    `pinged ${countOf(targets, hosts, 'address', 'addresses')}; at least half did not answer`,
}
