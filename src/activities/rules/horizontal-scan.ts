import { sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { attempts, failedServers, insideRemark, leastOf, subnet, windows } from '../attempts.ts'
import { failedFlow, onPorts } from '../records.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { countOf, portsOf } from '../traits.ts'

const defaults = {
  /** Servers that did not answer, times the weight of the port. */
  serversIn5Minutes: 20,
  serversInHour: 30,
  serversInEpoch: 60,
  /** Of the servers tried in the window whose outcome is known. */
  minFailedShare: 0.8,
  /** For a port without a listed weight: its share of the host's failures on all such ports. */
  minPortShare: 0.5,
}

export const horizontalScan: Rule<typeof defaults> = {
  name: 'horizontal-scan',
  type: 'scan',
  doc: 'One host tries one port of many servers, inside or outside, and few answer.',
  reads: ['flow'],
  readsAttempts: true,
  blind: 'scans: there are no flows',
  defaults,

  needs: (_scope, { serversIn5Minutes, serversInHour, serversInEpoch }) => [
    {
      table: 'flow',
      count: failedServers,
      least: Math.min(serversIn5Minutes, serversInHour, serversInEpoch),
    },
  ],

  query(scope, { serversIn5Minutes, serversInHour, serversInEpoch, minFailedShare, minPortShare }) {
    const lines = { in5Minutes: serversIn5Minutes, inHour: serversInHour, inEpoch: serversInEpoch }

    return activityRows(
      horizontalScan,
      scope,
      sql`
      WITH tried AS ${attempts(scope)},
      failing AS (
        SELECT host, proto, port, any(weight) AS portWeight, uniqExactIf(server, failed) AS shut,
               sum(if(portWeight < 0.5, shut, 0)) OVER (PARTITION BY host) AS shutOnOthers
        FROM tried GROUP BY host, proto, port),
      candidate AS MATERIALIZED (
        SELECT host, proto, port FROM failing
        WHERE shut * portWeight >= ${leastOf(lines)}
          AND (portWeight >= 0.5 OR shut >= ${minPortShare} * shutOnOthers)),
      door AS (
        SELECT host, proto, port, w.1 AS length, w.2 AS window, w.3 AS line, server, any(weight) AS portWeight,
               max(failed) AND NOT max(answered) AS shut, max(answered) AS open
        FROM tried ${windows(scope, lines)}
        WHERE (host, proto, port) IN candidate
        GROUP BY host, proto, port, length, window, line, server),
      scored AS (
        SELECT host, proto, port, countIf(shut) * any(portWeight) / any(line) AS score
        FROM door GROUP BY host, proto, port, length, window
        HAVING countIf(shut) >= ${minFailedShare} * countIf(shut OR open)),
      knocked AS MATERIALIZED (
        SELECT host, proto, port, max(score) AS score FROM scored GROUP BY host, proto, port HAVING score >= 1),
      net AS (
        SELECT host, groupArray(net) AS nets FROM (
          SELECT host, ${subnet('server')} AS net, uniqExact(server) AS n
          FROM tried WHERE failed AND (host, proto, port) IN (SELECT host, proto, port FROM knocked)
          GROUP BY host, net HAVING n >= 8 ORDER BY n DESC, net LIMIT 20 BY host)
        GROUP BY host)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             max(knocked.score) AS score,
             arrayConcat(${insideRemark(scope.internal)}, any(net.nets),
               arraySort(groupUniqArray(concat(proto, '/', toString(port))))) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM tried INNER JOIN knocked USING (host, proto, port) LEFT JOIN net USING (host)
      WHERE failed GROUP BY host`,
    )
  },

  counted: (traits) => [{ table: 'flow', where: sql`${failedFlow} AND ${onPorts(traits)}` }],

  did: ({ targets, traits, hosts }) =>
    `tried ${countOf(targets, hosts, 'server')} on ${portsOf(traits)} that did not answer or refused`,
}
