import { sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { attempts, failedServers, insideRemark, leastOf, subnet, windows } from '../attempts.ts'
import { failedFlow, toNetworks } from '../records.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { countOf, networksOf } from '../traits.ts'

const defaults = {
  /** Addresses of one network that did not answer on any port. */
  addressesIn5Minutes: 30,
  addressesInHour: 40,
  addressesInEpoch: 60,
  /** Of the addresses of that network tried in the window. */
  minFailedShare: 0.5,
}

export const subnetSweep: Rule<typeof defaults> = {
  name: 'subnet-sweep',
  type: 'scan',
  doc: 'One host tries many addresses of one /24, and half or more do not answer.',
  reads: ['flow'],
  readsAttempts: true,
  blind: 'scans: there are no flows',
  defaults,

  needs: (_scope, { addressesIn5Minutes, addressesInHour, addressesInEpoch }) => [
    {
      table: 'flow',
      count: failedServers,
      least: Math.min(addressesIn5Minutes, addressesInHour, addressesInEpoch),
    },
  ],

  query(scope, { addressesIn5Minutes, addressesInHour, addressesInEpoch, minFailedShare }) {
    const lines = { in5Minutes: addressesIn5Minutes, inHour: addressesInHour, inEpoch: addressesInEpoch }

    return activityRows(
      subnetSweep,
      scope,
      sql`
      WITH tried AS (SELECT *, ${subnet('server')} AS net FROM ${attempts(scope)}),
      candidate AS (
        SELECT host, net FROM tried GROUP BY host, net HAVING uniqExactIf(server, failed) >= ${leastOf(lines)}),
      door AS (
        SELECT host, net, w.1 AS length, w.2 AS window, w.3 AS line, server,
               max(failed) AND NOT max(answered) AS shut, max(answered) AS open
        FROM tried ${windows(scope, lines)}
        WHERE (host, net) IN candidate
        GROUP BY host, net, length, window, line, server),
      scored AS (
        SELECT host, net, countIf(shut) / any(line) AS score FROM door GROUP BY host, net, length, window
        HAVING countIf(shut) >= ${minFailedShare} * countIf(shut OR open)),
      swept AS (SELECT host, net, max(score) AS score FROM scored GROUP BY host, net HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             max(swept.score) AS score,
             arrayConcat(${insideRemark(scope.internal)},
               arraySlice(arraySort(groupUniqArray(net)), 1, 95),
               arraySlice(arraySort(groupUniqArray(concat(proto, '/', toString(port)))), 1, 100)) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM tried INNER JOIN swept USING (host, net)
      WHERE failed GROUP BY host`,
    )
  },

  counted: (traits) => [{ table: 'flow', where: sql`${failedFlow} AND ${toNetworks(traits)}` }],

  did: ({ targets, traits, hosts }) =>
    `swept ${networksOf(traits)}: ${countOf(targets, hosts, 'address', 'addresses')} did not answer`,
}
