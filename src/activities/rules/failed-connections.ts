import { sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { attempts, failedServers, insideRemark, leastOf, windows } from '../attempts.ts'
import { failedFlow, onPorts } from '../records.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { countOf, portsOf } from '../traits.ts'

const defaults = {
  /** Servers that did not answer, times the weight of the port. */
  serversIn5Minutes: 20,
  serversInHour: 40,
  serversInEpoch: 80,
  /** s2: weighted failures for each attempt. */
  minFailedRate: 0.4,
  /** s3: 1 when all targets get the same number of attempts. */
  minSpread: 0.8,
}

export const failedConnections: Rule<typeof defaults> = {
  name: 'failed-connections',
  type: 'scan',
  doc: 'Most attempts of one host fail, at ports that are often attacked, spread evenly over many servers.',
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

  query(scope, { serversIn5Minutes, serversInHour, serversInEpoch, minFailedRate, minSpread }) {
    const lines = { in5Minutes: serversIn5Minutes, inHour: serversInHour, inEpoch: serversInEpoch }

    return activityRows(
      failedConnections,
      scope,
      sql`
      WITH tried AS ${attempts(scope)},
      candidate AS (
        SELECT host FROM tried GROUP BY host
        HAVING uniqExactIf(server, failed AND weight >= 0.5) >= ${leastOf(lines)}),
      target AS (
        SELECT host, w.1 AS length, w.2 AS window, w.3 AS line, server, count() AS n,
               sumIf(weight, failed) AS weighed, maxIf(weight, failed AND weight >= 0.5) AS worth
        FROM tried ${windows(scope, lines)}
        WHERE host IN candidate GROUP BY host, length, window, line, server),
      scored AS (
        SELECT host, sum(worth) / any(line) AS score FROM target GROUP BY host, length, window
        HAVING count() > 1 AND sum(weighed) >= ${minFailedRate} * sum(n)
           AND (log(sum(n)) - sum(n * log(n)) / sum(n)) / log(count()) >= ${minSpread}),
      sprayed AS (SELECT host, max(score) AS score FROM scored GROUP BY host HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             any(sprayed.score) AS score,
             arrayConcat(${insideRemark(scope.internal)},
               arraySort(groupUniqArray(concat(proto, '/', toString(port))))) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM tried INNER JOIN sprayed USING (host)
      WHERE failed AND weight >= 0.5 GROUP BY host`,
    )
  },

  counted: (traits) => [{ table: 'flow', where: sql`${failedFlow} AND ${onPorts(traits)}` }],

  did: ({ targets, traits, hosts }) =>
    `got no answer or a refusal in most connections: ${countOf(targets, hosts, 'server')}, on ${portsOf(traits)}`,
}
