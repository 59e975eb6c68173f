import { inside } from '../../store/networks.ts'
import { sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { attackedPorts, attempts, leastOf, windows } from '../attempts.ts'
import { onPorts } from '../records.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { countOf, portsOf } from '../traits.ts'

const defaults = {
  /** Distinct outside servers on TCP ports of weight 1. */
  serversIn5Minutes: 50,
  serversInHour: 100,
  serversInEpoch: 300,
}

export const scanRate: Rule<typeof defaults> = {
  name: 'scan-rate',
  type: 'scan',
  doc: 'One host visits very many outside servers on ports such as 22, 23, 445 or 3389.',
  reads: ['flow'],
  readsAttempts: true,
  blind: 'scans: there are no flows',
  defaults,

  needs: (_scope, { serversIn5Minutes, serversInHour, serversInEpoch }) => [
    {
      table: 'flow',
      count: sql`uniqExactIf(server, proto = 'tcp' AND serverPort IN ${attackedPorts})`,
      least: Math.min(serversIn5Minutes, serversInHour, serversInEpoch),
    },
  ],

  query(scope, { serversIn5Minutes, serversInHour, serversInEpoch }) {
    const lines = { in5Minutes: serversIn5Minutes, inHour: serversInHour, inEpoch: serversInEpoch }

    return activityRows(
      scanRate,
      scope,
      sql`
      WITH tried AS (
        SELECT * FROM ${attempts(scope)}
        WHERE proto = 'tcp' AND weight = 1 AND NOT ${inside('server', scope.internal)}),
      candidate AS (
        SELECT host, proto, port FROM tried GROUP BY host, proto, port HAVING uniqExact(server) >= ${leastOf(lines)}),
      scored AS (
        SELECT host, proto, port, uniqExact(server) / any(w.3) AS score
        FROM tried ${windows(scope, lines)}
        WHERE (host, proto, port) IN candidate GROUP BY host, proto, port, w.1, w.2),
      visited AS (
        SELECT host, proto, port, max(score) AS score FROM scored GROUP BY host, proto, port HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             max(visited.score) AS score,
             arraySort(groupUniqArray(concat(proto, '/', toString(port)))) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM tried INNER JOIN visited USING (host, proto, port) GROUP BY host`,
    )
  },

  counted: (traits) => [{ table: 'flow', where: onPorts(traits) }],

  did: ({ targets, traits, hosts }) =>
    `contacted ${countOf(targets, hosts, 'outside server')} on ${portsOf(traits)}`,
}
